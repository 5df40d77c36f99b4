"""Make the models that come with Inkwise: train, measure, write their files, cards and pages.

    python -m scripts.ship                                      # `make models`: trains both, for hours
    python -m scripts.ship --run FOLDER --small-run FOLDER      # packages runs that are trained already

A model is its recipe trained with the seed below on MNIST's training images, and nothing else: a run of another
recipe, seed or dataset is refused. Its temperature and thresholds were chosen on held-out training images when the
run ended; here it is measured and nothing is chosen. Writes src/inkwise/models/packaged/, docs/results/shipped.json
and .md, and docs/models.md. Needs MNIST; Semeion and the real pages are measured where they are.
"""

import argparse
import sys
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from benchmarks.shipped import Material, brief, gather, measure, rounded, write

from inkwise.cli.console import TrainingBar
from inkwise.errors import InkwiseError, RunError
from inkwise.evaluation.evaluation import Evaluation
from inkwise.experiment.experiment import train
from inkwise.files import make_folder
from inkwise.models.file import Card, read_model, write_model
from inkwise.models.shipped import DEFAULT, SMALL, file_of
from inkwise.recipes import registry
from inkwise.recipes.recipe import Recipe
from inkwise.recognizer import Recognizer
from inkwise.runs.run import Run
from scripts import model_cards

COMMAND = "python -m scripts.ship"
SMALLEST = 200_000  # bytes that the file of the small model may have
_WORDS = {"title", "source", "claim", "defects"}  # fields of a recipe that decide nothing

_LIMITS = (
    "It knows the digits 0 to 9 alone, and no other numerals.",
    "Letters, signs and scribbles are meant to be turned away, and a few are not: O may be a 0 to it, l or I a 1.",
    "It learned from digits that Americans wrote around 1990, and from these written anew.",
    "A 7 with a bar, a 1 with a flag, an open 4 and a slashed 0 come from synthesis alone.",
    "One picture is one digit; a page is read with `inkwise read`, which cuts it up first.",
    "Its confidence was set right on held-out digits of that origin; on other handwriting it is less exact.",
    "It was not made to judge people, nor for uses where a wrong digit that nobody checks does harm.",
)


@dataclass(frozen=True)
class Order:
    """How a shipped model is made."""

    recipe: str
    purpose: str
    seed: int = 0
    most: int | None = None  # bytes of its file


ORDERS: dict[str, Order] = {
    DEFAULT: Order(
        "robust",
        "Reads single handwritten digits of any origin, and with `inkwise read` numbers on pages; says how sure it is, "
        "and abstains from what is no digit. It is what `predict` and `read` use where no other model is named.",
    ),
    SMALL: Order(
        "robust-small",
        "The same in less than 200 kB, for where room or time is short. It errs more often than `inkwise`.",
        most=SMALLEST,
    ),
}


def recipe_of(order: Order) -> Recipe:
    """Return the recipe of a shipped model, with its seed."""
    return registry.get(order.recipe).model_copy(update={"seed": order.seed})


def require_ordered(run: Run, recipe: Recipe) -> None:
    """Check that a run is finished and was trained by this very recipe.

    Raises:
        RunError: It is not finished, or a field of its recipe is another; the message names these fields.
    """
    if not run.finished:
        raise RunError(f"{run.folder} is not finished; finish it with `inkwise resume {run.folder}`.")
    asked, given = (each.model_dump(mode="json", exclude=_WORDS) for each in (recipe, run.recipe()))
    different = [f"{name} ({given[name]!r} for {asked[name]!r})" for name in asked if given[name] != asked[name]]
    if different:
        raise RunError(
            f"{run.folder} is no run of {recipe.name} with seed {recipe.seed}: it differs in {', '.join(different)}; "
            "give a run of that recipe, or train one."
        )


def package(name: str, run: Run, material: Material) -> dict[str, Any]:
    """Measure the model of a run, write its file, and return its figures.

    Raises:
        RunError: Its file is too large.
    """
    order = ORDERS[name]
    weights, card = read_model(run.model_file)
    figures = measure(Recognizer.load(run.folder), material, lambda text: print(f"{name}: {text}", file=sys.stderr))
    target = file_of(name)
    make_folder(target.parent)
    write_model(target, weights, shipped_card(name, order, card, run.evaluation(), figures))
    if order.most is not None and target.stat().st_size > order.most:
        size = target.stat().st_size
        target.unlink()
        raise RunError(f"The file of {name} has {size:,} bytes and may have {order.most:,}; make its network smaller.")
    return figures


def shipped_card(
    name: str, order: Order, card: Card, evaluation: Mapping[str, Any], figures: Mapping[str, Any]
) -> Card:
    """Return the card of a run's model as it is shipped: with what it is for, and figures in short."""
    validation = f"{card.data['name']}/validation"
    metrics = {
        validation: brief(Evaluation.from_dict(card.metrics[validation])),
        **figures["digits"],
        "drawn pictures of no digit": _families(figures["negatives"]),
        "families held out": _families(figures["held_out"]),
        "robustness": figures["robustness"],
    }
    if figures["pages"]:
        metrics["real pages"] = {key: value for key, value in figures["pages"].items() if key != "each"}
    training = {"epochs": evaluation["epochs"], "seconds": evaluation["train_seconds"]}
    return card.model_copy(
        update={
            "name": name,
            "purpose": order.purpose,
            "limits": _LIMITS,
            "made_by": COMMAND,
            "calibration": rounded(card.calibration),
            "metrics": metrics | {"training": training},
        }
    )


def _families(figures: Mapping[str, Any]) -> dict[str, Any]:
    kept = {"n": figures["n"], "rejected": figures["rejected"]}
    return kept | {
        name: {"auroc": auroc, "rejected": figures["rejected_share"][name]} for name, auroc in figures["auroc"].items()
    }


def main() -> None:
    """Train what is not given, package both models, and write the pages."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--run", type=Path, help=f"a finished run of {ORDERS[DEFAULT].recipe}")
    parser.add_argument("--small-run", type=Path, help=f"a finished run of {ORDERS[SMALL].recipe}")
    given = parser.parse_args()
    runs: dict[str, Run] = {}
    for name, folder in ((DEFAULT, given.run), (SMALL, given.small_run)):
        if folder is not None:
            runs[name] = Run.open(folder)
            require_ordered(runs[name], recipe_of(ORDERS[name]))
    material, found = gather(lambda text: print(text, file=sys.stderr)), {}
    with tempfile.TemporaryDirectory() as scratch, TrainingBar(quiet=False) as bar:
        for name, order in ORDERS.items():
            run = runs.get(name) or train(recipe_of(order), out=Path(scratch) / name, observer=bar).run
            found[name] = package(name, run, material)
    write(found, "python -m benchmarks.shipped")
    model_cards.write()


if __name__ == "__main__":
    try:
        main()
    except InkwiseError as error:
        sys.exit(f"inkwise: {error}")
