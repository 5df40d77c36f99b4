"""Scores of a yes-or-no question: ROC AUC, ROC curve, precision and recall at a threshold, and the Brier score.

Each takes the probability of "yes", (N,) or (N, 1), and labels 0 and 1. "Yes" is answered where the probability is
at least the threshold. What is undefined (nothing answered "yes", only one class present) is None, never nan.
Sources: J. A. Hanley and B. J. McNeil, Radiology 143 (1982), doi:10.1148/radiology.143.1.7063747 (AUC as a rank
statistic); G. W. Brier, Monthly Weather Review 78 (1950).
"""

from dataclasses import dataclass

import numpy as np

from inkwise.errors import DataError
from inkwise.evaluation.answers import Answers, Array, Floats, Ints, check_answers, check_labels


@dataclass(frozen=True)
class AtThreshold:
    """Scores of the answers "yes" from `threshold` up; None where there is nothing to divide by."""

    threshold: float
    precision: float | None
    recall: float | None
    f1: float | None


@dataclass(frozen=True)
class Roc:
    """Points of the ROC curve, from (0, 0) to (1, 1), each float64 (P,): rates and the threshold that gives them."""

    false_positive_rate: Floats
    true_positive_rate: Floats
    thresholds: Floats


def at_threshold(probabilities: Array, labels: Array, threshold: float = 0.5) -> AtThreshold:
    """Return precision, recall and F1 of answering "yes" where the probability is at least `threshold`."""
    answers = _yes_or_no(probabilities, labels)
    yes = answers.decide(threshold) == 1
    hits = int((yes & (answers.labels == 1)).sum())
    answered, asked = int(yes.sum()), int(answers.labels.sum())
    return AtThreshold(
        threshold=float(threshold),
        precision=hits / answered if answered else None,
        recall=hits / asked if asked else None,
        f1=2 * hits / (answered + asked) if answered + asked else None,
    )


def choose_threshold(probabilities: Array, labels: Array) -> float:
    """Return the threshold that maximises F1; choose it on validation, never on test.

    Candidates lie half-way between neighbouring probabilities, so that a change in the last bit turns no answer.
    Where several have the best F1, the one nearest to 0.5 is taken, and of two as near the larger.

    Raises:
        DataError: There is no "yes" among the labels, so that F1 says nothing; or see `check_answers`.
    """
    answers = _yes_or_no(probabilities, labels)
    asked = int(answers.labels.sum())
    if asked == 0:
        raise DataError(
            "None of the labels is 1, so no threshold can be chosen by F1; give a split that holds the class asked for."
        )
    scores, hits, answered = _cumulative(answers.positive, answers.labels)
    below = np.append(scores[1:], 0.0)  # scores fall; the last candidate answers "yes" to everything
    middle = (scores + below) / 2
    candidates = np.where(middle > below, middle, scores)  # between neighbours in float64 there is no middle
    f1 = 2 * hits / (answered + asked)
    best = candidates[f1 == f1.max()]
    return float(max(best, key=lambda threshold: (-abs(threshold - 0.5), threshold)))


def roc_auc(probabilities: Array, labels: Array) -> float | None:
    """Return the area under the ROC curve, or None where only one class is present.

    It is the probability that a random "yes" image gets a higher probability than a random "no" image, a tie
    counting one half: the Mann-Whitney U statistic over the number of pairs.
    """
    answers = _yes_or_no(probabilities, labels)
    weights = np.ones((1, len(answers)), dtype=np.int64)
    auc = float(weighted_auc(answers.positive, answers.labels, weights)[0])
    return None if np.isnan(auc) else auc


def weighted_auc(scores: Floats, labels: Ints, weights: Ints) -> Floats:
    """Return the ROC AUC of many reweighted samples at once: the inner loop of the bootstrap.

    Args:
        scores: Float64 (N,), higher for "yes".
        labels: 0 and 1, (N,).
        weights: How often each row counts, (R, N).

    Returns:
        Float64 (R,), nan where a sample holds only one class.
    """
    order = np.argsort(scores, kind="stable")
    starts = np.flatnonzero(np.diff(scores[order], prepend=-np.inf))  # first row of each run of equal scores
    yes = np.add.reduceat(weights[:, order] * labels[order], starts, axis=1)  # (R, distinct scores)
    no = np.add.reduceat(weights[:, order] * (1 - labels[order]), starts, axis=1)
    won = (yes * (np.cumsum(no, axis=1) - no / 2)).sum(axis=1)
    pairs = (yes.sum(axis=1) * no.sum(axis=1)).astype(np.float64)
    auc: Floats = np.divide(won, pairs, out=np.full(len(weights), np.nan), where=pairs > 0)
    return auc


def roc_curve(probabilities: Array, labels: Array) -> Roc:
    """Return a point for each distinct probability, strictest first; DataError where only one class is present."""
    answers = _yes_or_no(probabilities, labels)
    asked = int(answers.labels.sum())
    if asked in {0, len(answers)}:
        raise DataError(
            f"All {len(answers):,} labels are {answers.labels[0]}, so there is no ROC curve; "
            "give a split that holds both classes."
        )
    scores, hits, answered = _cumulative(answers.positive, answers.labels)
    return Roc(
        np.append(0.0, (answered - hits) / (len(answers) - asked)),
        np.append(0.0, hits / asked),
        np.append(np.inf, scores),
    )


def brier(probabilities: Array, labels: Array) -> float:
    """Return the Brier score: mean squared distance of probabilities from the truth, lower is better.

    Yes or no: of the one probability, in [0, 1]. Several classes: summed over them as Brier did, in [0, 2].
    """
    answers = check_answers(probabilities, labels)
    if answers.binary:
        return float(np.mean((answers.positive - answers.labels) ** 2))
    squared = (answers.probabilities**2).sum(axis=1)
    true = answers.probability_of(answers.labels)
    return float(np.mean(squared - 2 * true + 1))  # sum of (p - y)^2 with y one-hot


def published_argmax_accuracy(labels: Array) -> float:
    """Return the accuracy that the matched-filter tutorial prints, whatever its network has learned.

    The network has one output, the probability of "it is a 3", and the tutorial takes the argmax over that single
    column. The largest of one number is always number 0, so every image is answered "not a 3" and the score is the
    share of other digits. It also counts one image too many in the denominator. On MNIST's test split 8,990 of
    10,000 digits are no 3: 8,990 / 10,001 = 89.891 %, before training and after.

    Args:
        labels: 0 for "not the class asked for" and 1 for "the class", (N,).

    Returns:
        Number of labels 0, divided by N + 1.
    """
    checked = check_labels(labels, 2)
    if len(checked) == 0:
        raise DataError("There are no labels to count; at least one is needed.")
    return float((checked == 0).sum() / (len(checked) + 1))


def _yes_or_no(probabilities: Array, labels: Array) -> Answers:
    answers = check_answers(probabilities, labels)
    _ = answers.positive  # refuses several columns
    return answers


def _cumulative(scores: Floats, labels: Ints) -> tuple[Floats, Ints, Ints]:
    """Return distinct scores, falling, with the hits and the answers "yes" from each of them up."""
    distinct, place = np.unique(-scores, return_inverse=True)
    hits = np.bincount(place, weights=labels, minlength=len(distinct)).astype(np.int64)
    return -distinct, np.cumsum(hits), np.cumsum(np.bincount(place, minlength=len(distinct)))
