"""The view Errors: what a model gets wrong on a split, and for any image of it why, by saliency and by likeness."""

from base64 import b64encode
from typing import TYPE_CHECKING, Annotated, Any

from fastapi import APIRouter, Depends, Query, Request
from fastapi.responses import JSONResponse

from inkwise.studio.appraisals import Answered, Appraisals, datasets, split_of
from inkwise.studio.given import Model
from inkwise.studio.view import View

if TYPE_CHECKING:
    from collections.abc import Callable

    from torch import Tensor

_NEAREST = 12
_MOST = 120  # images of a gallery that are sent at a time

router = APIRouter(prefix="/api/errors")
VIEW = View(
    "errors",
    "Errors",
    "See what a model gets wrong, how sure it was, and what it looked at",
    "M4 4h16v16H4z M4 12h16 M12 4v16 M14.5 14.5l3 3 M17.5 14.5l-3 3",
    router,
)


def appraisals(request: Request) -> Appraisals:
    """The answers to splits of this server, made when first asked for."""
    state = request.app.state
    if not hasattr(state, "appraisals"):
        state.appraisals = Appraisals()
    kept: Appraisals = state.appraisals
    return kept


def _answers(
    recognizer: Model, kept: Annotated[Appraisals, Depends(appraisals)], dataset: str = "mnist", split: str = "test"
) -> Answered:
    return kept.get(recognizer, dataset, split)


Kept = Annotated[Appraisals, Depends(appraisals)]
Answers = Annotated[Answered, Depends(_answers)]
Index = Annotated[int, Query(ge=0)]


@router.get("/datasets")
def list_datasets() -> dict[str, Any]:
    """List the datasets with a name, and whether they are on this machine."""
    return {"datasets": datasets()}


@router.get("/overview")
def overview(answers: Answers) -> JSONResponse:
    """Return the evaluation of a model on a split, with its sentence."""
    from inkwise.evaluation.phrases import headline, percent

    evaluation = answers.evaluation
    told = evaluation.to_dict()
    return JSONResponse({**told, "headline": headline(evaluation), "said_ece": percent(evaluation.ece)})


@router.get("/gallery")
def show_gallery(
    answers: Answers,
    by: str = "loss",
    label: int | None = None,
    answered: int | None = None,
    right: bool = False,
    start: Annotated[int, Query(ge=0)] = 0,
    count: Annotated[int, Query(ge=1, le=_MOST)] = 60,
) -> JSONResponse:
    """Return images of the split in order, with the two classes that matter and their probabilities."""
    from dataclasses import asdict

    from inkwise.evaluation.gallery import gallery
    from inkwise.evaluation.phrases import chance

    found = gallery(
        answers.probabilities,
        answers.split.labels,
        answers.predicted,
        by=by,
        label=label,
        answered=answered,
        right=right,
    )
    return JSONResponse(
        {
            "of": len(found),
            "start": start,
            "images": [
                {
                    **asdict(each),
                    "said": chance(each.predicted_probability),
                    "other_said": chance(each.other_probability),
                    "pixels": packed_image(answers.split.images[each.index]),
                }
                for each in found[start : start + count]
            ],
        }
    )


@router.get("/image")
def image(answers: Answers, index: Index) -> JSONResponse:
    """Return what a model says of one image."""
    from inkwise.evaluation.phrases import chance

    recognizer, pixels = answers.recognizer, _image(answers, index)
    said = recognizer.answer(pixels[None])[0]
    pairs = zip(recognizer.classes, said.probabilities, strict=True)
    return JSONResponse(
        {
            "index": index,
            "truth": recognizer.classes[int(answers.split.labels[index])],
            "label": said.label,
            "said": chance(said.confidence),
            "accepted": said.accepted,
            "reason": said.reason,
            "classes": [{"name": name, "probability": p, "said": chance(p)} for name, p in pairs],
            "pixels": packed_image(pixels),
        }
    )


@router.get("/saliency")
def saliency(answers: Answers, index: Index, kind: str = "gradient", target: int | None = None) -> JSONResponse:
    """Return which pixels an answer hangs on: by gradient, occlusion or Grad-CAM; of an ensemble's first network."""
    from inkwise.errors import UnknownName
    from inkwise.explain.saliency import grad_cam, gradient, occlusion
    from inkwise.studio.explained import packed

    kinds: dict[str, Callable[..., Tensor]] = {"gradient": gradient, "occlusion": occlusion, "grad-cam": grad_cam}
    if kind not in kinds:
        raise UnknownName("saliency", kind, kinds)
    recognizer, pixels = answers.recognizer, _image(answers, index)
    network = recognizer.members[0].network if recognizer.members else recognizer.network
    chosen = 0 if recognizer.recipe.binary else int(answers.predicted[index]) if target is None else target
    found = kinds[kind](network, pixels, chosen).double().numpy()
    return JSONResponse(
        {
            "kind": kind,
            "target": chosen,
            "values": packed(found),
            "low": float(found.min()),
            "high": float(found.max()),
            "width": found.shape[1],
        }
    )


@router.get("/nearest")
def nearest_images(answers: Answers, index: Index) -> JSONResponse:
    """Return the images that the model was trained on which are most like this one, pixel by pixel."""
    from inkwise.data.nearest import nearest

    pixels = _image(answers, index)
    trained, _ = split_of(answers.recognizer, answers.dataset.name, "train")
    classes = answers.recognizer.classes
    return JSONResponse(
        {
            "images": [
                {
                    "label": classes[int(trained.labels[at])],
                    "distance": distance,
                    "pixels": packed_image(trained.images[at]),
                }
                for at, distance in nearest(trained.images, pixels, _NEAREST)
            ],
        }
    )


def packed_image(pixels: "Tensor") -> str:
    """Return the bytes of an image (1, H, W), row by row, in base64."""
    return b64encode(pixels.numpy().tobytes()).decode()


def _image(answers: Answered, index: int) -> "Tensor":
    from inkwise.errors import UsageError

    images = answers.split.images
    if index >= len(images):
        raise UsageError(
            f"The {answers.split.name} split of {answers.dataset.name} has the images 0 to {len(images) - 1:,}; "
            f"there is no {index:,}."
        )
    return images[index]
