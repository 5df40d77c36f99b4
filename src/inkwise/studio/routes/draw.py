"""The view Draw: a picture to an answer, to the stages on its way, and a test digit to begin with."""

import random
import time
from base64 import b64encode
from dataclasses import replace
from typing import TYPE_CHECKING, Annotated, Any

from fastapi import APIRouter, Query
from fastapi.responses import JSONResponse

from inkwise.errors import UsageError
from inkwise.studio.digits import find_digits
from inkwise.studio.given import Model, Picture
from inkwise.studio.view import View

if TYPE_CHECKING:
    from inkwise.data.grey import Grey
    from inkwise.recognizer import Prediction, Recognizer

_SHOWN = 512  # longer side of a stage as it is shown, at most

router = APIRouter(prefix="/api/draw")
VIEW = View(
    "draw",
    "Draw",
    "Draw a digit and see what a network makes of it",
    "M4 20l1-4.5L16.5 4a2 2 0 0 1 3 0l.5.5a2 2 0 0 1 0 3L8.5 19z M14.5 6l3.5 3.5",
    router,
)


@router.post("/answer")
def answer(recognizer: Model, picture: Picture) -> JSONResponse:
    """Answer a picture of one digit: the class, every probability, how sure, and what the network saw."""
    import torch

    from inkwise.data.image import load_grey
    from inkwise.data.normaliser import normalise
    from inkwise.evaluation.phrases import chance

    began = time.perf_counter()
    form = normalise(load_grey(picture))
    image = torch.from_numpy(form.image)[None, None]  # (H, W) -> (1, 1, H, W)
    said = recognizer.answer(image)[0]
    if form.reason:
        said = replace(said, accepted=False, reason=form.reason)
    kinds = recognizer.judge(image).kinds[0].tolist() if recognizer.rejects else []
    names = ("one digit", *recognizer.rejects)
    return JSONResponse(
        {
            "label": said.label,
            "confidence": said.confidence,
            "said": chance(said.confidence),
            "accepted": said.accepted,
            "reason": said.reason,
            "because": _because(recognizer, said, kinds),
            "blank": form.reason is not None,
            "classes": [_share(*pair) for pair in zip(recognizer.classes, said.probabilities, strict=True)],
            "kinds": [_share(*pair) for pair in zip(names, kinds, strict=False)],
            "seen": {"width": 28, "height": 28, "pixels": b64encode(form.image.tobytes()).decode()},
            "why": form.why,
            "seconds": time.perf_counter() - began,
        }
    )


@router.post("/stages")
def stages(picture: Picture) -> JSONResponse:
    """Return every picture on the way from what was drawn to what the network sees."""
    from inkwise.data import normaliser
    from inkwise.data.image import load_grey
    from inkwise.data.normalising.light import shrink

    found = normaliser.stages(load_grey(picture))
    shown = [shrink(stage.image, _SHOWN) for stage in found]
    return JSONResponse(
        {
            "stages": [
                {
                    "name": stage.name,
                    "text": stage.text,
                    "width": image.shape[1],
                    "height": image.shape[0],
                    "png": _png(image),
                }
                for stage, image in zip(found, shown, strict=True)
            ]
        }
    )


@router.get("/digit")
def digit(dataset: Annotated[str, Query()] = "", index: Annotated[int | None, Query(ge=0)] = None) -> dict[str, Any]:
    """Return an image of a test split with its label: the one asked for, or one at random."""
    found = find_digits(dataset)
    split = found.split("test")
    if index is None:
        index = random.randrange(len(split))  # noqa: S311  # nothing depends on it
    if index >= len(split):
        raise UsageError(
            f"The test split of {found.name} has the images 0 to {len(split) - 1:,}; there is no {index:,}."
        )
    return {
        "dataset": found.name,
        "index": index,
        "label": found.classes[int(split.labels[index])],
        "of": len(split),
        "png": _png(255 - split.images[index, 0].numpy()),  # ink dark, as on paper
    }


def _because(recognizer: "Recognizer", said: "Prediction", kinds: list[float]) -> str:
    """Return in a sentence by which threshold an answer is not accepted; "" where it is, or where there is no ink."""
    from inkwise.data.normaliser import NO_INK
    from inkwise.evaluation.phrases import chance

    limits = recognizer.rejection
    if said.accepted or limits is None or said.reason == NO_INK:
        return ""
    if said.reason in recognizer.rejects:
        return (
            f"The chance that this is one digit is {chance(kinds[0])}; from {chance(limits.digit)} on it would be "
            f"answered, with {said.label}."
        )
    best = max(said.probabilities)
    return f"The likeliest digit has {chance(best)}; from {chance(limits.confidence)} on it would be answered."


def _share(name: str, probability: float) -> dict[str, Any]:
    from inkwise.evaluation.phrases import chance

    return {"name": name, "probability": probability, "said": chance(probability)}


def _png(image: "Grey") -> str:
    """Return a grey picture as PNG in base64, quickly rather than small."""
    import cv2

    done, data = cv2.imencode(".png", image, [cv2.IMWRITE_PNG_COMPRESSION, 1])
    assert done
    return b64encode(data.tobytes()).decode()
