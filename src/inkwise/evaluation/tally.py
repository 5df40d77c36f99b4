"""The tally: everything that accuracy, F1, log likelihood and calibration need, as whole numbers that add.

Tallies of shards, added in any order and grouping, equal the tally of the whole to the last bit: real-valued sums
are kept in fixed point, in units of 2**-32 (2.3e-10), where addition is exact. Nothing here knows class names,
datasets or intervals. Calibration: M. P. Naeini et al., "Obtaining well calibrated probabilities using Bayesian
binning", AAAI 2015 (expected calibration error, ECE), with 15 equal-width bins as in arXiv:1706.04599.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from inkwise.errors import DataError
from inkwise.evaluation.answers import ABSTAINED, Array, Floats, Ints, check_answers, check_predicted

EPSILON = 1e-12  # a probability below this counts as this in the log likelihood: one row costs at most 27.6
BINS = 15
UNIT = 2.0**32  # the fixed point of real-valued sums


class ClassScores(NamedTuple):
    """Precision, recall and F1 by class, float64 (..., C), nan where nothing is there to divide by."""

    precision: Floats
    recall: Floats
    f1: Floats


class Macro(NamedTuple):
    """Unweighted means over the classes that occur, as truth or as answer; an undefined score counts as 0."""

    precision: float
    recall: float
    f1: float


def class_scores(counts: Ints) -> ClassScores:
    """Score each class from counts.

    Args:
        counts: Whole numbers (..., C, C + 1): true class by answered class, and a last column of abstentions.
    """
    right = np.diagonal(counts[..., :-1], axis1=-2, axis2=-1).astype(np.float64)
    support = counts.sum(axis=-1)
    answered = counts[..., :-1].sum(axis=-2)
    return ClassScores(_share(right, answered), _share(right, support), _share(2 * right, support + answered))


def macro_f1(counts: Ints) -> Floats:
    """Return the macro F1 of counts shaped as in `class_scores`, float64 (...)."""
    f1 = class_scores(counts).f1
    occurs = (~np.isnan(f1)).sum(axis=-1, keepdims=True)
    mean: Floats = _share(np.nansum(f1, axis=-1, keepdims=True), occurs)[..., 0]
    return mean


@dataclass(frozen=True)
class Tally:
    """Counts over N answers of a model with C classes.

    `confusion[t][p]` counts images of class t answered p; `abstentions[t]` those of class t left unanswered. Bin b
    of 15 holds confidences from b / 15 up to, not including, (b + 1) / 15 (the last one includes 1). Confidence
    is the probability of the class answered, and for an abstention that of the most probable class. `loss_units`
    is the sum of -ln(probability of the true class), and `bin_confidence_units` of confidences, times 2**32.
    """

    confusion: tuple[tuple[int, ...], ...]
    abstentions: tuple[int, ...]
    bin_counts: tuple[int, ...]
    bin_correct: tuple[int, ...]
    bin_confidence_units: tuple[int, ...]
    loss_units: int

    @classmethod
    def zero(cls, classes: int) -> "Tally":
        """Return the tally of nothing, which changes no tally that it is added to."""
        none = (0,) * BINS
        return cls(((0,) * classes,) * classes, (0,) * classes, none, none, none, 0)

    @classmethod
    def of(cls, probabilities: Array, labels: Array, predicted: Array | None = None) -> "Tally":
        """Count one shard of answers.

        Args:
            probabilities: Real (N, C) in [0, 1], or (N, 1), the probability of "yes"; numpy or torch.
            labels: Whole numbers (N,) in [0, C), or 0 and 1.
            predicted: The class answered for each image, (N,), -1 for an abstention; by default the most probable
                class, and "yes" from a probability of 0.5.

        Raises:
            DataError: No rows, different lengths, or values outside what is accepted.
        """
        answers = check_answers(probabilities, labels)
        n, classes = len(answers), answers.classes
        best = answers.decide()
        given = best if predicted is None else check_predicted(predicted, n, classes)
        judged = np.where(given == ABSTAINED, best, given)  # calibration is asked of the model, answered or not

        column = np.where(given == ABSTAINED, classes, given)
        counts = np.bincount(answers.labels * (classes + 1) + column, minlength=classes * (classes + 1))
        counts = counts.reshape(classes, classes + 1)  # (C, C + 1), abstentions last

        confidence = answers.probability_of(judged)
        bins = np.minimum((confidence * BINS).astype(np.int64), BINS - 1)
        confidence_units = np.zeros(BINS, dtype=np.int64)
        np.add.at(confidence_units, bins, np.rint(confidence * UNIT).astype(np.int64))
        loss = -np.log(np.maximum(answers.probability_of(answers.labels), EPSILON))
        return cls(
            tuple(tuple(row) for row in counts[:, :-1].tolist()),
            tuple(counts[:, -1].tolist()),
            tuple(np.bincount(bins, minlength=BINS).tolist()),
            tuple(np.bincount(bins[judged == answers.labels], minlength=BINS).tolist()),
            tuple(confidence_units.tolist()),
            int(np.rint(loss * UNIT).astype(np.int64).sum()),
        )

    def __add__(self, other: "Tally") -> "Tally":
        if self.classes != other.classes:
            raise DataError(
                f"A tally of {self.classes} classes and one of {other.classes} cannot be added; "
                "both must come from models with the same classes."
            )
        return Tally(
            tuple(_sum(a, b) for a, b in zip(self.confusion, other.confusion, strict=True)),
            _sum(self.abstentions, other.abstentions),
            _sum(self.bin_counts, other.bin_counts),
            _sum(self.bin_correct, other.bin_correct),
            _sum(self.bin_confidence_units, other.bin_confidence_units),
            self.loss_units + other.loss_units,
        )

    @property
    def classes(self) -> int:
        """Number of classes."""
        return len(self.confusion)

    @property
    def counts(self) -> Ints:
        """Confusion counts with the abstentions as a last column, int64 (C, C + 1)."""
        rows = [(*row, left) for row, left in zip(self.confusion, self.abstentions, strict=True)]
        return np.array(rows, dtype=np.int64)

    @property
    def n(self) -> int:
        """Number of images, abstentions included."""
        return sum(map(sum, self.confusion)) + self.abstained

    @property
    def abstained(self) -> int:
        """Number of images left unanswered."""
        return sum(self.abstentions)

    @property
    def correct(self) -> int:
        """Number of images answered rightly."""
        return sum(row[label] for label, row in enumerate(self.confusion))

    @property
    def errors(self) -> int:
        """Number of images answered wrongly; an abstention is no error."""
        return self.n - self.abstained - self.correct

    @property
    def accuracy(self) -> float:
        """Share of all images answered rightly, in [0, 1]; an abstention is not right. nan for an empty tally."""
        return self.correct / self.n if self.n else float("nan")

    @property
    def support(self) -> Ints:
        """Images of each true class, int64 (C,)."""
        support: Ints = self.counts.sum(axis=1)
        return support

    @property
    def by_class(self) -> ClassScores:
        """Precision, recall and F1 of each class; an abstention lowers recall."""
        return class_scores(self.counts)

    @property
    def precision(self) -> Floats:
        """Of the answers "this class", the share that is right, float64 (C,); nan where it was never answered."""
        return self.by_class.precision

    @property
    def recall(self) -> Floats:
        """Of the images of this class, the share answered so, float64 (C,); nan where there are none."""
        return self.by_class.recall

    @property
    def f1(self) -> Floats:
        """Harmonic mean of precision and recall, float64 (C,); nan where the class does not occur at all."""
        return self.by_class.f1

    @property
    def macro(self) -> Macro:
        """Precision, recall and F1 averaged over the classes that occur, each weighing the same."""
        scores = self.by_class
        occurs = ~np.isnan(scores.f1)
        if not occurs.any():
            return Macro(float("nan"), float("nan"), float("nan"))
        return Macro(*(float(np.nan_to_num(score[occurs]).mean()) for score in scores))

    @property
    def nll(self) -> float:
        """Mean negative log likelihood of the true class, in nats; nan for an empty tally."""
        return self.loss_units / UNIT / self.n if self.n else float("nan")

    @property
    def bin_confidence(self) -> Floats:
        """Sum of the confidences in each bin, float64 (15,)."""
        return np.array([units / UNIT for units in self.bin_confidence_units])

    @property
    def ece(self) -> float:
        """Expected calibration error: mean distance of confidence and share right, by bin, weighed by its count."""
        gaps = np.abs(self.bin_confidence - np.array(self.bin_correct))
        return float(gaps.sum() / self.n) if self.n else float("nan")

    def to_dict(self) -> dict[str, object]:
        """Return the counts as plain lists and numbers, for JSON; `from_dict` takes them back without loss."""
        return {
            "confusion": [list(row) for row in self.confusion],
            "abstentions": list(self.abstentions),
            "bin_counts": list(self.bin_counts),
            "bin_correct": list(self.bin_correct),
            "bin_confidence_units": list(self.bin_confidence_units),
            "loss_units": self.loss_units,
        }

    @classmethod
    def from_dict(cls, values: Mapping[str, object]) -> "Tally":
        """Take back what `to_dict` gave; DataError names what is missing or of the wrong form."""
        try:
            tally = cls(
                tuple(_ints(row) for row in _items(values["confusion"])),
                _ints(values["abstentions"]),
                _ints(values["bin_counts"]),
                _ints(values["bin_correct"]),
                _ints(values["bin_confidence_units"]),
                *_ints([values["loss_units"]]),
            )
        except (KeyError, TypeError) as error:
            raise DataError(f"This is not a tally ({error}); what Tally.to_dict wrote is accepted.") from error
        if {len(row) for row in tally.confusion} | {len(tally.abstentions)} != {tally.classes}:
            raise DataError("This is not a tally (the confusion counts are not square); each class needs a row.")
        if {len(tally.bin_counts), len(tally.bin_correct), len(tally.bin_confidence_units)} != {BINS}:
            raise DataError(f"This is not a tally (not {BINS} confidence bins); what Tally.to_dict wrote is accepted.")
        return tally


def _share(part: Floats, whole: Ints) -> Floats:
    """Divide, nan where the whole is 0."""
    share: Floats = np.divide(part, whole, out=np.full(np.shape(part), np.nan), where=whole != 0)
    return share


def _sum(a: tuple[int, ...], b: tuple[int, ...]) -> tuple[int, ...]:
    return tuple(left + right for left, right in zip(a, b, strict=True))


def _items(value: object) -> list[object]:
    if not isinstance(value, (list, tuple)):
        raise TypeError(f"a list was expected, not {value!r}")
    return list(value)


def _ints(value: object) -> tuple[int, ...]:
    items = _items(value)
    whole = tuple(item for item in items if isinstance(item, int) and not isinstance(item, bool))
    if len(whole) != len(items):
        raise TypeError(f"whole numbers were expected, not {value!r}")
    return whole
