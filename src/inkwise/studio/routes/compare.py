"""The view Compare: two models on the same images, who fixes what, and whether that may be chance.

What each says of a drawing is asked of the view Draw, model by model.
"""

from typing import TYPE_CHECKING, Any

from fastapi import APIRouter
from fastapi.responses import JSONResponse

from inkwise.studio.appraisals import Answered
from inkwise.studio.given import Model, Models
from inkwise.studio.routes.errors import Kept, packed_image
from inkwise.studio.view import View

if TYPE_CHECKING:
    from collections.abc import Sequence

_SHOWN = 60  # images of each kind

router = APIRouter(prefix="/api/compare")
VIEW = View(
    "compare",
    "Compare",
    "Put two models side by side, on a drawing and on a dataset",
    "M4 5h7v14H4z M13 5h7v14h-7z M7.5 9v6 M16.5 12v3",
    router,
)


@router.get("/dataset")
def dataset(
    recognizer: Model, models: Models, kept: Kept, other: str, dataset: str = "mnist", split: str = "test",
    model: str = "",
) -> JSONResponse:  # fmt: skip
    """Compare the model with another on a split: counts, exact McNemar p, interval, and where they differ."""
    from inkwise.errors import UsageError
    from inkwise.evaluation.comparison import compare
    from inkwise.evaluation.phrases import percent
    from inkwise.evaluation.table import verdict

    second = models.get(other)
    if recognizer.classes != second.classes:
        raise UsageError(
            f"The models answer different questions ({', '.join(recognizer.classes)} and "
            f"{', '.join(second.classes)}); compare two of the same classes."
        )
    if split != "test" and recognizer.recipe.validation != second.recipe.validation:
        raise UsageError(
            f"The models hold {recognizer.recipe.validation:,} and {second.recipe.validation:,} images out of train, "
            "so one has learned from what the other has not; compare them on the test split."
        )
    a, b = kept.get(recognizer, dataset, split), kept.get(second, dataset, split)
    names = _names(model or models.default(), other)
    found = compare(a.split.labels, a.predicted, b.predicted, names=names)
    return JSONResponse(
        {
            **found.to_dict(),
            "accuracies": [percent(each.evaluation.accuracy) for each in (a, b)],
            "verdict": verdict(found),
            "dataset": a.dataset.name,
            "split": a.split.name,
            "fixed_by_a": _images(a, b, found.fixed_by_a),
            "fixed_by_b": _images(a, b, found.fixed_by_b),
        }
    )


def _names(first: str, second: str) -> tuple[str, str]:
    """What to call two models: by their names, or by their kinds too where these are the same."""
    short = first.partition(":")[2], second.partition(":")[2]
    return (first, second) if short[0] == short[1] else short


def _images(a: Answered, b: Answered, indices: "Sequence[int]") -> list[dict[str, Any]]:
    """What both say of these images."""
    from inkwise.evaluation.answers import check_answers
    from inkwise.evaluation.phrases import chance

    classes, labels = a.recognizer.classes, a.split.labels
    both = [check_answers(each.probabilities, labels).probabilities for each in (a, b)]
    return [
        {
            "index": index,
            "truth": classes[int(labels[index])],
            "pixels": packed_image(a.split.images[index]),
            "answers": [
                {
                    "label": classes[int(each.predicted[index])],
                    "said": chance(float(p[index, int(each.predicted[index])])),
                }
                for each, p in zip((a, b), both, strict=True)
            ],
        }
        for index in indices[:_SHOWN]
    ]
