"""The view Stress: a drawing turned, moved, scaled, thickened and made noisy, and how the answer stands it."""

from typing import Annotated

from fastapi import APIRouter, Query
from fastapi.responses import JSONResponse

from inkwise.studio.given import Model, Picture
from inkwise.studio.routes.errors import packed_image
from inkwise.studio.view import View

_POINTS = 49  # of a curve

router = APIRouter(prefix="/api/stress")
VIEW = View(
    "stress",
    "Stress",
    "Turn, move and blot a digit, and see how the answer stands it",
    "M4 6h9 M17 6h3 M15 4v4 M4 12h3 M11 12h9 M9 10v4 M4 18h11 M19 18h1 M17 16v4",
    router,
)

Amount = Annotated[float, Query()]


@router.post("/answer")
def answer(
    recognizer: Model,
    picture: Picture,
    rotation: Amount = 0.0,
    right: Amount = 0.0,
    down: Amount = 0.0,
    scale: Amount = 1.0,
    thickness: Amount = 0.0,
    noise: Amount = 0.0,
    along: str = "rotation",
) -> JSONResponse:
    """Answer a strained digit, and the same with one amount going through its whole range."""
    from dataclasses import replace

    import numpy as np
    import torch

    from inkwise.data.image import load_grey
    from inkwise.data.normaliser import normalise
    from inkwise.errors import UnknownName
    from inkwise.evaluation.phrases import chance
    from inkwise.evaluation.strain import RANGES, Strain, strain

    if along not in RANGES:
        raise UnknownName("strain", along, RANGES)
    form = normalise(load_grey(picture))
    image = torch.from_numpy(form.image)[None]  # (H, W) -> (1, H, W)
    here = Strain(rotation, right, down, scale, thickness, noise)
    amounts = np.linspace(*RANGES[along], _POINTS).tolist()
    strained = strain(image, [here, Strain(), *(replace(here, **{along: amount}) for amount in amounts)])
    judgement = recognizer.judge(strained)
    said, before, *_ = recognizer.answer(strained[:2])
    chances = judgement.probabilities
    if recognizer.recipe.binary:
        chances = torch.cat([1 - chances, chances], dim=1)
    chances = chances * judgement.kinds[:, :1]
    first = recognizer.classes.index(before.label)
    others = chances.clone()
    others[:, first] = -1
    strongest = others.max(dim=1)
    return JSONResponse(
        {
            "pixels": packed_image(strained[0]),
            "label": said.label,
            "said": chance(said.confidence),
            "accepted": said.accepted and form.reason is None,
            "reason": form.reason or said.reason,
            "before": {"label": before.label, "said": chance(before.confidence)},
            "classes": [
                {"name": name, "probability": p, "said": chance(p)}
                for name, p in zip(recognizer.classes, chances[0].tolist(), strict=True)
            ],
            "curve": {
                "along": along,
                "at": getattr(here, along),
                "amounts": amounts,
                "same": chances[2:, first].tolist(),
                "other": strongest.values[2:].tolist(),
                "kept": int((chances[2:, first] > strongest.values[2:]).sum()),
                "others": [recognizer.classes[index] for index in strongest.indices[2:].tolist()],
            },
        }
    )


@router.get("/ranges")
def ranges() -> JSONResponse:
    """Return from where to where each amount goes, and where it changes nothing."""
    from dataclasses import asdict

    from inkwise.evaluation.strain import RANGES, Strain

    rest = asdict(Strain())
    return JSONResponse(
        {
            "ranges": [
                {"name": name, "low": low, "high": high, "rest": rest[name]} for name, (low, high) in RANGES.items()
            ]
        }
    )
