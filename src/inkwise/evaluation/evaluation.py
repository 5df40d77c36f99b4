"""An evaluation: everything that is said about one model on one split, as one value that JSON can hold.

It is made from probabilities, labels and class names by `evaluate`, shown by the tables and the report, and written
to `evaluation.json`, from which `from_dict` takes it back. Numbers are plain floats; what is undefined is None,
never nan. It knows the names of the dataset and split only to repeat them.
"""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, fields, replace
from math import isnan
from typing import Any, cast, get_args

import numpy as np

from inkwise.errors import DataError
from inkwise.evaluation.answers import Answers, Array, Decision, Ints, check_answers, to_numpy
from inkwise.evaluation.calibration import tempered
from inkwise.evaluation.intervals import Interval, bootstrap_counts, wilson
from inkwise.evaluation.metrics import brier, published_argmax_accuracy, roc_auc
from inkwise.evaluation.mistakes import Mistake, worst
from inkwise.evaluation.tally import BINS, Tally, class_scores

__all__ = ["Bin", "ClassRow", "Disputes", "Evaluation", "Mistake", "evaluate", "evaluation_of", "worst"]


@dataclass(frozen=True)
class ClassRow:
    """Scores of one class; None where there is nothing to divide by. `support` counts its images."""

    name: str
    support: int
    precision: float | None
    recall: float | None
    f1: float | None


@dataclass(frozen=True)
class Bin:
    """Answers with a confidence from `low` to `high`: how many, their mean confidence and the share that is right."""

    low: float
    high: float
    count: int
    confidence: float | None
    accuracy: float | None


@dataclass(frozen=True)
class Disputes:
    """Errors on labels that people do not uphold: the images' indices, and `of` how many such labels of the split."""

    errors: tuple[int, ...]
    of: int


@dataclass(frozen=True)
class Evaluation:
    """One model on one split of one dataset.

    `errors` counts wrong answers where every image is answered; `accuracy` is the share of all n images answered
    rightly, and `interval` its 95 % Wilson interval. `abstained` counts the images whose answer the model does not
    accept, and `answered_errors` the errors among the others, None where it accepts all. `nll` is in nats, `ece` in
    [0, 1] over 15 bins; `uncalibrated_ece` is that of the network's own probabilities where these are calibrated.
    `confusion[t][p]` counts images of class t answered p. From `threshold` on, the fields are those of a yes-or-no
    question and None otherwise; `f1_interval` is a 95 % bootstrap; where `roc_auc` is None, `roc_auc_reason` says
    why. `published_accuracy` is what the matched-filter tutorial would print. `disputed` tells the errors on labels
    that people do not uphold, None where it is not known which these are; they count as errors all the same.
    """

    dataset: str
    split: str
    classes: tuple[str, ...]
    decision: Decision
    n: int
    errors: int
    abstained: int
    accuracy: float
    interval: Interval
    nll: float
    ece: float
    brier: float
    macro_precision: float
    macro_recall: float
    macro_f1: float
    per_class: tuple[ClassRow, ...]
    confusion: tuple[tuple[int, ...], ...]
    calibration: tuple[Bin, ...]
    threshold: float | None = None
    precision: float | None = None
    recall: float | None = None
    f1: float | None = None
    f1_interval: Interval | None = None
    roc_auc: float | None = None
    roc_auc_reason: str | None = None
    published_accuracy: float | None = None
    disputed: Disputes | None = None
    answered_errors: int | None = None
    uncalibrated_ece: float | None = None

    @property
    def binary(self) -> bool:
        """Whether the question was one class against all others."""
        return self.threshold is not None

    @property
    def correct(self) -> int:
        """Number of images answered rightly, where every one is answered."""
        return self.n - self.errors

    @property
    def answered(self) -> int:
        """Number of images whose answer the model accepts."""
        return self.n - self.abstained

    @property
    def answered_accuracy(self) -> float | None:
        """Share of these answers that is right; None where there are none."""
        wrong = self.errors if self.answered_errors is None else self.answered_errors
        return 1 - wrong / self.answered if self.answered else None

    def to_dict(self) -> dict[str, Any]:
        """Return the fields as lists, dicts and plain numbers, for JSON."""
        return cast("dict[str, Any]", _plain(asdict(self)))

    @classmethod
    def from_dict(cls, values: Mapping[str, Any]) -> "Evaluation":
        """Take back what `to_dict` gave, also by way of JSON; DataError names what is missing or malformed."""
        known = {field.name for field in fields(cls)}
        try:
            given = {name: value for name, value in values.items() if name in known}
            given["classes"] = tuple(str(name) for name in given["classes"])
            given["per_class"] = tuple(ClassRow(**row) for row in given["per_class"])
            given["calibration"] = tuple(Bin(**row) for row in given["calibration"])
            given["confusion"] = tuple(tuple(int(count) for count in row) for row in given["confusion"])
            given["interval"] = _pair(given["interval"])
            given["f1_interval"] = _pair(given["f1_interval"]) if given.get("f1_interval") else None
            if given.get("disputed"):
                told = given["disputed"]
                given["disputed"] = Disputes(tuple(int(index) for index in told["errors"]), int(told["of"]))
            return cls(**given)
        except (KeyError, TypeError, ValueError, AttributeError) as error:
            raise DataError(
                f"This is not an evaluation ({error}); what Evaluation.to_dict wrote is accepted."
            ) from error


def evaluate(
    probabilities: Array,
    labels: Array,
    classes: Sequence[str],
    *,
    dataset: str,
    split: str,
    decision: Decision = "argmax",
    threshold: float = 0.5,
    abstain: Array | None = None,
    disputed: Sequence[int] | None = None,
    temperature: float | None = None,
) -> Evaluation:
    """Evaluate a model's probabilities against the true labels.

    Args:
        probabilities: Real (N, C) in [0, 1], rows with sum 1; or (N, 1), the probability of "yes". numpy or torch.
        labels: Whole numbers (N,) in [0, C); 0 for "no" and 1 for "yes" where there is one column.
        classes: A name for each label; ("no", "yes") in this order where there is one column.
        dataset: Name of the dataset, repeated in the result.
        split: Name of the split, repeated in the result.
        decision: "argmax" of several columns; "threshold" on one; "argmax-of-one-column" for the published defect,
            which adds `published_accuracy` and otherwise judges as "threshold".
        threshold: From which probability on "yes" is answered.
        abstain: True where the model does not accept its answer, (N,); None for a model that accepts all.
        disputed: Indices of the images whose labels people do not uphold, where that is known.
        temperature: What the logits were divided by before they became these probabilities, if by anything.

    Raises:
        DataError: The inputs do not fit each other, or hold values that are not accepted.
    """
    answers = check_answers(probabilities, labels)
    _check_request(answers, classes, decision, threshold)
    predicted = answers.decide(threshold)
    abstained, answered_errors = 0, None
    if abstain is not None:
        mask = to_numpy(abstain)
        if mask.dtype != np.bool_ or mask.shape != predicted.shape:
            raise DataError(
                f"The abstentions are {mask.dtype} {mask.shape}; true or false for each of {len(answers):,} images "
                "is accepted."
            )
        abstained = int(mask.sum())
        answered_errors = int((predicted != answers.labels)[~mask].sum())
    tally = Tally.of(probabilities, labels, predicted)
    auc = roc_auc(answers.positive, answers.labels) if answers.binary else None
    evaluation = evaluation_of(
        tally,
        classes,
        dataset=dataset,
        split=split,
        brier=brier(probabilities, labels),
        threshold=float(threshold) if answers.binary else None,
        decision=decision,
        abstained=abstained,
        answered_errors=answered_errors,
    )
    published = published_argmax_accuracy(answers.labels) if decision == "argmax-of-one-column" else None
    one_sided = answers.binary and auc is None
    return replace(
        evaluation,
        disputed=None if disputed is None else _disputes(disputed, predicted, answers.labels),
        uncalibrated_ece=None if temperature is None else _uncalibrated_ece(answers, predicted, temperature),
        roc_auc=auc,
        roc_auc_reason=f"all {tally.n:,} labels are {answers.labels[0]}" if one_sided else None,
        published_accuracy=published,
    )


def evaluation_of(
    tally: Tally,
    classes: Sequence[str],
    *,
    dataset: str,
    split: str,
    brier: float,
    threshold: float | None = None,
    decision: Decision = "argmax",
    abstained: int = 0,
    answered_errors: int | None = None,
) -> Evaluation:
    """Return what is known from counts alone, where the answers are no longer there.

    Args:
        tally: Of at least one image, all of them answered.
        classes: A name for each class; ("no", "yes") for a yes-or-no question.
        dataset: Name of the dataset, repeated in the result.
        split: Name of the split, repeated in the result.
        brier: Their Brier score.
        threshold: From which probability on "yes" was answered, None where there was no such question.
        decision: How answers were chosen, repeated in the result.
        abstained: How many answers the model does not accept.
        answered_errors: How many of the others are wrong, None for a model that accepts all.
    """
    scores, macro = tally.by_class, tally.macro
    rows = zip(classes, tally.support.tolist(), *(score.tolist() for score in scores), strict=True)
    return Evaluation(
        dataset=dataset,
        split=split,
        classes=tuple(classes),
        decision=decision,
        n=tally.n,
        errors=tally.errors,
        abstained=abstained,
        accuracy=tally.accuracy,
        interval=wilson(tally.correct, tally.n),
        nll=tally.nll,
        ece=tally.ece,
        brier=brier,
        macro_precision=macro.precision,
        macro_recall=macro.recall,
        macro_f1=macro.f1,
        per_class=tuple(ClassRow(name, n, _known(p), _known(r), _known(f)) for name, n, p, r, f in rows),
        confusion=tally.confusion,
        calibration=_bins(tally),
        answered_errors=answered_errors,
        **({} if threshold is None else _yes_or_no(tally, threshold)),
    )


def _check_request(answers: Answers, classes: Sequence[str], decision: str, threshold: float) -> None:
    if decision not in get_args(Decision):
        raise DataError(f"There is no decision {decision!r}; {', '.join(get_args(Decision))} are accepted.")
    if answers.binary != (decision != "argmax"):
        columns = 1 if answers.binary else answers.classes
        accepted = "threshold" if answers.binary else "argmax"
        raise DataError(
            f"The decision {decision} does not fit probabilities of {columns} "
            f"column{'' if columns == 1 else 's'}; {accepted} does."
        )
    if len(classes) != answers.classes:
        raise DataError(
            f"{len(classes)} class names were given for {answers.classes} classes; "
            f"{'two, for no and yes, are' if answers.binary else 'one for each column is'} accepted."
        )
    if not 0 <= threshold <= 1:
        raise DataError(f"A threshold of {threshold} was given; a probability from 0 to 1 is accepted.")


def _yes_or_no(tally: Tally, threshold: float) -> dict[str, Any]:
    f1 = tally.f1[1]
    interval = None
    if not isnan(f1):
        generator = np.random.default_rng(0)  # the same interval each time
        interval = bootstrap_counts(tally.counts, lambda counts: class_scores(counts).f1[:, 1], generator)
    return {
        "threshold": threshold,
        "precision": _known(tally.precision[1]),
        "recall": _known(tally.recall[1]),
        "f1": _known(f1),
        "f1_interval": interval,
    }


def _disputes(disputed: Sequence[int], predicted: Ints, labels: Ints) -> Disputes:
    outside = [index for index in disputed if not 0 <= index < len(labels)]
    if outside:
        raise DataError(f"Image {outside[0]:,} is called disputed; indices from 0 to {len(labels) - 1:,} are accepted.")
    wrong = (i for i in sorted(disputed) if predicted[i] != labels[i])
    return Disputes(tuple(wrong), len(disputed))


def _uncalibrated_ece(answers: Answers, predicted: Ints, temperature: float) -> float:
    own = tempered(answers.probabilities, 1 / temperature)
    return Tally.of(own[:, 1:] if answers.binary else own, answers.labels, predicted).ece


def _bins(tally: Tally) -> tuple[Bin, ...]:
    rows = zip(tally.bin_counts, tally.bin_confidence.tolist(), tally.bin_correct, strict=True)
    return tuple(
        Bin(k / BINS, (k + 1) / BINS, n, sure / n if n else None, right / n if n else None)
        for k, (n, sure, right) in enumerate(rows)
    )


def _known(value: float) -> float | None:
    return None if isnan(value) else float(value)


def _pair(values: Sequence[float]) -> Interval:
    low, high = values
    return float(low), float(high)


def _plain(value: object) -> object:
    """Turn tuples into lists, and what JSON cannot hold (nan, infinity) into None."""
    if isinstance(value, dict):
        return {name: _plain(item) for name, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [_plain(item) for item in value]
    if isinstance(value, float) and not np.isfinite(value):
        return None
    return value
