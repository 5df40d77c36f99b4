"""How well the models that come with Inkwise read, turn away what is no digit, and know when they are right.

    python -m benchmarks.shipped [MODEL ...] [--out docs/results]

Digits are MNIST's test split, Semeion and the UCI digits (`benchmarks/digit_sets.py`); pages those of
`$INKWISE_DATA/pages`, scored by `benchmarks/page_scores.py`; pictures that are no digit are drawn with a seed that no
training uses, of the families learned from and of those held out. Nothing is chosen here. Needs MNIST; what else is
missing is left out and said. Writes shipped.json and shipped.md.
"""

import argparse
import json
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from benchmarks.digit_sets import Say, data_folder, digit_sets
from benchmarks.page_scores import score_folder, total
from benchmarks.shipped_page import page
from inkwise import files
from inkwise.data.dataset import Dataset, Split
from inkwise.errors import DataError
from inkwise.evaluation.evaluation import Evaluation
from inkwise.evaluation.robustness import Robustness
from inkwise.experiment.appraisal import endure
from inkwise.experiment.assessment import evaluate_split
from inkwise.experiment.environment import machine
from inkwise.experiment.negatives import Negatives
from inkwise.experiment.settling import rejection_figures
from inkwise.models.shipped import NAMES
from inkwise.recognizer import Recognizer
from inkwise.synthesis.negatives import draw_held_out, draw_negatives

RESULTS = Path(__file__).parent.parent / "docs" / "results"
DRAWN = 6_000  # pictures of the families learned from, and half as many of those held out
SEED = 20_261_122
# Families as a reader asks for them; one that is not here stands for itself.
GROUPS = {
    "printed letters": "letters",
    "written letters": "letters",
    "printed signs": "signs",
    "written signs": "signs",
    "noise": "blank and noise patches",
    "blank": "blank and noise patches",
    "two digits": "two digits at once",
    "three digits": "two digits at once",
}
_KEPT = ("n", "errors", "accuracy", "nll", "ece", "abstained", "answered_errors")


@dataclass(frozen=True)
class Material:
    """What models are measured on: digits by "name/split", pictures that are none by kind, the folder of pages."""

    sets: Mapping[str, tuple[Dataset, Split]]
    negatives: Mapping[str, Negatives]
    pages: Path | None

    @property
    def test(self) -> Split:
        """MNIST's test split, against which everything else is held."""
        return self.sets["mnist/test"][1]


def gather(say: Say) -> Material:
    """Return what there is to measure on, telling what is missing.

    Raises:
        DataError: MNIST is not on this machine.
    """
    sets = digit_sets(say)
    if "mnist/test" not in sets:
        raise DataError("Everything is measured against MNIST's test split; run `inkwise data fetch mnist`.")
    say("Drawing pictures that are no digit")
    return Material(sets, drawn(sets["mnist/test"][1]), _pages(say))


def measure(recognizer: Recognizer, material: Material, say: Say) -> dict[str, Any]:
    """Return every figure of a model as plain values."""
    say("Digits")
    sets = material.sets.items()
    found: dict[str, Any] = {
        "digits": {key: brief(evaluate_split(recognizer, split, its, "argmax")[0]) for key, (its, split) in sets}
    }
    say("Pictures that are no digit")
    for name, negatives in material.negatives.items():
        figures = rejection_figures(recognizer, material.test, negatives)
        found[name] = {key: rounded(value) for key, value in figures.items()}
    say("Pages")
    found["pages"] = None if material.pages is None else total(score_folder(recognizer, material.pages))
    found["robustness"] = endured(endure(recognizer, material.test, "mnist", say=say))
    return found


def brief(evaluation: Evaluation) -> dict[str, Any]:
    """Return the figures that a card keeps of an evaluation, with the share of images that were accepted."""
    values = evaluation.to_dict()
    kept = {name: rounded(values[name]) for name in _KEPT}
    return kept | {"accepted": rounded(evaluation.answered / evaluation.n)}


def endured(table: Robustness) -> dict[str, Any]:
    """Return a robustness table in short: for each corruption its strengths, accuracies and calibration errors."""
    return {
        "n": table.n,
        "clean": rounded(table.clean.accuracy),
        "accuracy": rounded(table.accuracy),
        "ece": rounded(table.ece),
        "corruptions": {
            name: {
                "unit": table.of(name)[0].unit,
                "strengths": [level.strength for level in table.of(name)],
                "accuracy": [rounded(level.accuracy) for level in table.of(name)],
                "ece": [rounded(level.ece) for level in table.of(name)],
            }
            for name in table.corruptions
        },
    }


def drawn(digits: Split) -> dict[str, Negatives]:
    """Return pictures that are no digit: of the families learned from, by group, and of those held out."""
    learned = draw_negatives(digits.images.numpy(), DRAWN, SEED)
    return {"negatives": _grouped(*learned), "held_out": _grouped(*draw_held_out(DRAWN // 2, SEED))}


def rounded(value: Any) -> Any:
    """Return a number to five decimals, and what holds numbers with each so."""
    if isinstance(value, Mapping):
        return {name: rounded(each) for name, each in value.items()}
    return round(value, 5) if isinstance(value, float) else value


def _grouped(images: Any, kinds: Any, families: Sequence[str]) -> Negatives:
    tensors: tuple[Tensor, Tensor] = (torch.from_numpy(images), torch.from_numpy(kinds))
    return Negatives(*tensors, tuple(GROUPS.get(family, family) for family in families))


def _pages(say: Say) -> Path | None:
    try:
        folder = data_folder("pages")
    except DataError as error:
        say(f"Left out: {error}")
        return None
    if (folder / "truth.json").is_file():
        return folder
    say(f"Left out: there is no {folder / 'truth.json'}, so no page is read.")
    return None


def write(models: Mapping[str, Mapping[str, Any]], command: str, out: Path = RESULTS) -> None:
    """Write shipped.json and shipped.md for the figures of each model."""
    result = {"command": command, **machine(), "drawn": DRAWN, "seed": SEED, "models": dict(models)}
    files.make_folder(out)
    files.write(out / "shipped.json", json.dumps(result, indent=2) + "\n")
    files.write(out / "shipped.md", page(result))


def main() -> None:
    """Measure, print and write."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("models", nargs="*", metavar="MODEL", help="models (those that are shipped)")
    parser.add_argument("--out", type=Path, default=RESULTS, help="the folder to write into (docs/results)")
    given = parser.parse_args()
    say: Callable[[str], None] = lambda text: print(text, file=sys.stderr)  # noqa: E731
    material, models = gather(say), {}
    for name in given.models or NAMES:
        say(name)
        models[name] = measure(Recognizer.load(name), material, say)
    write(models, "python -m " + " ".join(["benchmarks.shipped", *sys.argv[1:]]), given.out)
    print((given.out / "shipped.md").read_text(encoding="utf-8"))


if __name__ == "__main__":
    main()
