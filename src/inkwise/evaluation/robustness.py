"""Robustness: how accuracy and calibration fall when images go wrong, as one table that JSON can hold.

`measure` asks a model for its probabilities on every corruption of `evaluation.corruptions` at every strength. The
model is a function from images to probabilities; nothing else of it is known here. What a model's own augmentation
contains it will stand better: the table shows that, and does not correct for it.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from jaxtyping import UInt8
from torch import Tensor

from inkwise.errors import DataError, UnknownName
from inkwise.evaluation.answers import Array, check_answers
from inkwise.evaluation.corruptions import CORRUPTIONS, corrupt
from inkwise.evaluation.intervals import Interval, wilson
from inkwise.evaluation.phrases import percent
from inkwise.evaluation.tally import Tally


@dataclass(frozen=True)
class Level:
    """One corruption at one strength, each image answered.

    `errors` are wrong answers, `accuracy` is the share right with its 95 % interval, `ece` the expected calibration
    error. `abstained` counts the images for which the model would rather not have answered.
    """

    corruption: str
    unit: str
    strength: float
    errors: int
    accuracy: float
    interval: Interval
    ece: float
    abstained: int = 0


Judge = Callable[[UInt8[Tensor, "n 1 h w"]], tuple[Array, int]]


@dataclass(frozen=True)
class Robustness:
    """One model on the first `n` images of a split, clean and corrupted; `clean` has the strength 0."""

    dataset: str
    split: str
    n: int
    seed: int
    clean: Level
    levels: tuple[Level, ...]

    @property
    def accuracy(self) -> float:
        """Mean accuracy over all corruptions and strengths, each weighing the same."""
        return _mean([level.accuracy for level in self.levels])

    @property
    def ece(self) -> float:
        """Mean expected calibration error over all corruptions and strengths."""
        return _mean([level.ece for level in self.levels])

    def of(self, corruption: str) -> tuple[Level, ...]:
        """Return the levels of one corruption, from mild to hard."""
        return tuple(level for level in self.levels if level.corruption == corruption)

    @property
    def corruptions(self) -> tuple[str, ...]:
        """Return the names of the corruptions, in the table's order."""
        return tuple(dict.fromkeys(level.corruption for level in self.levels))

    def to_dict(self) -> dict[str, Any]:
        """Return the fields as lists, dicts and plain numbers, for JSON, with the two means."""
        values = asdict(self) | {"accuracy": self.accuracy, "ece": self.ece}
        return values | {"levels": list(values["levels"])}

    @classmethod
    def from_dict(cls, values: Mapping[str, Any]) -> "Robustness":
        """Take back what `to_dict` gave, also by way of JSON; DataError names what is missing or malformed."""
        try:
            clean, *levels = (_level(row) for row in [values["clean"], *values["levels"]])
            return cls(
                str(values["dataset"]), str(values["split"]), int(values["n"]), int(values["seed"]), clean,
                tuple(levels),
            )  # fmt: skip
        except (KeyError, TypeError, ValueError) as error:
            raise DataError(
                f"This is not a robustness table ({error}); what Robustness.to_dict wrote is accepted."
            ) from error

    def rows(self) -> list[tuple[str, ...]]:
        """Return the table as texts: a row for each corruption, with its strengths, percent right at each, mean ECE."""
        width = max(len(self.of(name)) for name in self.corruptions)
        return [
            (
                f"{name}, {levels[0].unit}",
                *(f"{level.strength:g}: {_short(level.accuracy)}" for level in levels),
                *[""] * (width - len(levels)),
                f"{100 * _mean([level.ece for level in levels]):.1f}",
            )
            for name, levels in ((name, self.of(name)) for name in self.corruptions)
        ]

    @property
    def head(self) -> tuple[str, ...]:
        """The titles of the columns of `rows`."""
        width = max(len(self.of(name)) for name in self.corruptions)
        return ("corruption, unit", *("right %" if not place else "" for place in range(width)), "ECE")

    def markdown(self) -> str:
        """Return the table in Markdown, with a sentence above it."""
        lines = [self.head, ("---", *["---:"] * (len(self.head) - 1)), *self.rows()]
        return f"{self.sentence}\n\n" + "\n".join(f"| {' | '.join(line)} |" for line in lines) + "\n"

    @property
    def sentence(self) -> str:
        """The table in one sentence."""
        return (
            f"{percent(self.clean.accuracy)} of {self.n:,} {self.split} images are read as they are, "
            f"{percent(self.accuracy)} on average over {len(self.levels)} corruptions and strengths; the calibration "
            f"error goes from {percent(self.clean.ece)} to {percent(self.ece)}. "
            "A cell has the strength and what is right."
        )


def measure(
    judge: Judge,
    images: UInt8[Tensor, "n 1 h w"],
    labels: Array,
    *,
    dataset: str,
    split: str,
    threshold: float = 0.5,
    seed: int = 0,
    corruptions: Sequence[str] = tuple(CORRUPTIONS),
    say: Callable[[str], None] = lambda _: None,
) -> Robustness:
    """Measure a model on clean and on corrupted images.

    Args:
        judge: The model: from images to real probabilities (N, C), or (N, 1), the probability of "yes"; and of how
            many images it would abstain.
        images: In MNIST's form; at least one.
        labels: Whole numbers (N,).
        dataset: Name of the dataset, repeated in the result.
        split: Name of the split, repeated in the result.
        threshold: From which probability on "yes" is answered, where there is one column.
        seed: Of the corruptions.
        corruptions: Which ones, by name.
        say: Told each corruption as it begins.

    Raises:
        DataError: There are no images, or labels and probabilities do not fit them.
        UnknownName: There is no such corruption.
    """
    if not len(images) or not corruptions:
        raise DataError("Robustness needs at least one image and one corruption.")

    def level(name: str, unit: str, strength: float, given: Tensor) -> Level:
        said, abstained = judge(given)
        tally = Tally.of(said, labels, check_answers(said, labels).decide(threshold))
        return Level(
            name, unit, strength, tally.errors, tally.accuracy, wilson(tally.correct, tally.n), tally.ece, abstained
        )

    unknown = [name for name in corruptions if name not in CORRUPTIONS]
    if unknown:
        raise UnknownName("corruption", unknown[0], CORRUPTIONS)
    levels = []
    for kind in (CORRUPTIONS[name] for name in corruptions):
        say(f"Measuring {kind.name} ...")
        changed = ((strength, corrupt(images, kind.name, strength, seed=seed)) for strength in kind.strengths)
        levels += [level(kind.name, kind.unit, strength, given) for strength, given in changed]
    clean = level("none", "", 0.0, images)
    return Robustness(dataset, split, len(images), seed, clean, tuple(levels))


def _short(share: float) -> str:
    """A share in percent in at most four characters, as the table has to fit into a terminal."""
    return "100" if share > 0.9995 else f"{100 * share:.1f}"


def _mean(values: Sequence[float]) -> float:
    return sum(values) / len(values)


def _level(row: Mapping[str, Any]) -> Level:
    low, high = row["interval"]
    return Level(
        str(row["corruption"]), str(row["unit"]), float(row["strength"]), int(row["errors"]), float(row["accuracy"]),
        (float(low), float(high)), float(row["ece"]), int(row["abstained"]),
    )  # fmt: skip
