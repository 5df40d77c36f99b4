"""Which answers are accepted, and why the others are not: two thresholds, chosen for a stated risk.

An answer is accepted where the picture is likely enough one digit, and one class likely enough of all. The thresholds
are chosen on held-out digits and on drawn pictures that are no digit, never on a test split. What is known of a
picture: `probabilities` (N, C) among the classes, and `kinds` (N, 1 + R), the chance that it is one digit and the
chance of each way to be none. Nothing here knows networks or files.

Selective classification by a risk: Geifman and El-Yaniv 2017, arXiv:1705.08500.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import floor

import numpy as np

from inkwise.errors import DataError
from inkwise.evaluation.answers import Array, Floats, check_answers, to_numpy
from inkwise.evaluation.metrics import weighted_auc

RISK = 0.001  # share of accepted held-out digits that may be answered wrongly
ACCEPTED = 0.995  # share of held-out digits that is accepted at least, whatever the risk: strangers' come out lower
_LIKELIER = 0.5  # below this an answer is more likely wrong than right
_CLEAR = 1e-6  # a chance nearer to 0 or 1 than this counts as this where a middle is sought


@dataclass(frozen=True)
class Rejection:
    """Thresholds: the least chance of being one digit, and the least confidence in a class, both in [0, 1].

    `risk` is the share of wrong answers among the accepted held-out digits, and `accepted` the share of held-out
    digits that is accepted; both are as they were when the thresholds were chosen.
    """

    digit: float = 0.5
    confidence: float = 0.0
    risk: float | None = None
    accepted: float | None = None

    def to_dict(self) -> dict[str, float]:
        """Return what is known, as the model card keeps it."""
        return {name: value for name, value in vars(self).items() if value is not None}

    @classmethod
    def from_dict(cls, values: Mapping[str, float]) -> "Rejection":
        """Take back what `to_dict` gave; DataError names what is missing or unknown."""
        try:
            return cls(**values)
        except TypeError as error:
            raise DataError(f"These are no thresholds ({error}); what Rejection.to_dict gave is accepted.") from error

    def reasons(
        self, probabilities: Array, kinds: Array, classes: Sequence[str], rejects: Sequence[str]
    ) -> list[str | None]:
        """Return why each answer is not accepted, None where it is.

        Args:
            probabilities: (N, C) among the classes.
            kinds: (N, 1 + R).
            classes: The C names.
            rejects: The R names of what is no single digit.
        """
        rows, sorts = (to_numpy(each).astype(np.float64) for each in (probabilities, kinds))
        found: list[str | None] = [None] * len(rows)
        for index in np.flatnonzero(rows.max(axis=1, initial=0.0) < self.confidence):
            first, second = np.argsort(-rows[index], kind="stable")[:2]
            found[index] = f"unsure between {classes[first]} and {classes[second]}"
        for index in np.flatnonzero(sorts[:, 0] < self.digit):
            found[index] = rejects[int(sorts[index, 1:].argmax())]
        return found


def choose(
    probabilities: Array,
    kinds: Array,
    labels: Array,
    negatives: Array | None = None,
    *,
    risk: float = RISK,
    accepted: float = ACCEPTED,
) -> Rejection:
    """Return thresholds by which at most `risk` of the accepted digits are wrong and at least `accepted` are accepted.

    The chance of being one digit is cut where most negatives and fewest digits lie below, at the cost of at most half
    of the digits that may be turned away. Confidence is then cut as low as the risk allows, and not below one half.
    Where both cannot be had, `accepted` holds and the risk is the least there is; the result tells it.

    Args:
        probabilities: (N, C) of held-out digits, among the classes.
        kinds: (N, 1 + R) of the same.
        labels: Their true classes, (N,).
        negatives: (M, 1 + R), the kinds of held-out pictures that are no digit; None for a model that has no output
            for them.
        risk: In [0, 1].
        accepted: In [0, 1].

    Raises:
        DataError: The inputs do not fit each other.
    """
    answers = check_answers(probabilities, labels)
    one = to_numpy(kinds)[:, 0].astype(np.float64)
    if len(one) != len(answers):
        raise DataError(
            f"There are {len(answers):,} rows of probabilities but {len(one):,} of kinds; each image needs one of each."
        )
    spare = floor(len(answers) * (1 - accepted) + 1e-9)  # digits that may be turned away
    digit = 0.0
    if negatives is not None and len(negatives):
        digit = _digit_threshold(one, to_numpy(negatives)[:, 0].astype(np.float64), spare // 2)
    kept = one >= digit
    sure = answers.probabilities.max(axis=1)
    wrong = answers.decide() != answers.labels
    confidence = _confidence_threshold(sure[kept], wrong[kept], risk, spare - int((~kept).sum()))
    taken = kept & (sure >= confidence)
    return Rejection(digit, confidence, float(wrong[taken].mean()) if taken.any() else 0.0, float(taken.mean()))


def acceptance(probabilities: Array, kinds: Array) -> Floats:
    """Return the one score by which answers are accepted: the chance that the best class is right, float64 (N,)."""
    scores: Floats = to_numpy(kinds)[:, 0].astype(np.float64) * to_numpy(probabilities).max(axis=1, initial=0.0)
    return scores


def auroc(digits: Floats, negatives: Floats, families: Sequence[str]) -> dict[str, float]:
    """Return, by family of negatives, the chance that a digit has a higher score than one of these.

    Args:
        digits: Scores of digits, (N,).
        negatives: Scores of pictures that are no digit, (M,).
        families: The family of each, (M,).
    """
    names = np.asarray(families)
    found = {}
    for family in dict.fromkeys(families):
        scores = np.concatenate([digits, negatives[names == family]])
        labels = (np.arange(len(scores)) < len(digits)).astype(np.int64)
        found[family] = float(weighted_auc(scores, labels, np.ones((1, len(scores)), np.int64))[0])
    return found


def _digit_threshold(digits: Floats, negatives: Floats, spare: int) -> float:
    """Return the threshold below which the share of negatives exceeds that of digits most; at most `spare` digits."""
    values = np.unique(np.concatenate([[0.0], digits, negatives]))
    lost = np.searchsorted(np.sort(digits), values)  # those below each value: a threshold between it and the one before
    gain = np.searchsorted(np.sort(negatives), values) / len(negatives) - lost / len(digits)
    best = int(np.where(lost <= spare, gain, -1.0).argmax())
    if best == 0:
        return 0.0
    low, high = np.clip(values[best - 1 : best + 1], _CLEAR, 1 - _CLEAR)
    middle = (np.log(low / (1 - low)) + np.log(high / (1 - high))) / 2  # half way as a network's outputs go
    return float(np.clip(1 / (1 + np.exp(-middle)), values[best - 1], values[best]))


def _confidence_threshold(sure: Floats, wrong: Array, risk: float, spare: int) -> float:
    """Return the lowest confidence from which at most `risk` are wrong, turning away at most `spare`."""
    order = np.argsort(-sure, kind="stable")
    falling = np.append(sure[order], 0.0)
    counts = np.arange(1, len(sure) + 1)
    rates = np.cumsum(to_numpy(wrong)[order]) / counts
    # Only between different confidences can be cut.
    possible = np.flatnonzero((counts >= len(sure) - spare) & (falling[:-1] > falling[1:]))
    if not len(possible):
        return 0.0
    fine = possible[rates[possible] <= risk]
    last = int(fine[-1]) if len(fine) else int(possible[::-1][rates[possible[::-1]].argmin()])
    chosen = 0.0 if last + 1 == len(sure) else float(falling[last] + falling[last + 1]) / 2
    likelier = int((sure >= _LIKELIER).sum())
    return max(chosen, _LIKELIER) if likelier >= len(sure) - spare else chosen
