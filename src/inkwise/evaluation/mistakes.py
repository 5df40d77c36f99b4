"""The mistakes of a model, the costliest first: what it said, what the label says, and how sure it was.

A mistake is a wrong answer; an abstention is none. Its loss is -ln(probability of the true class), as in the tally.
"""

from dataclasses import asdict, dataclass

import numpy as np

from inkwise.evaluation.answers import ABSTAINED, Array, check_answers, check_predicted
from inkwise.evaluation.tally import EPSILON


@dataclass(frozen=True)
class Mistake:
    """Image `index` of class `label`, answered `predicted`; probabilities in [0, 1], loss in nats."""

    index: int
    label: int
    predicted: int
    predicted_probability: float
    label_probability: float
    loss: float

    def to_dict(self) -> dict[str, int | float]:
        """Return the fields by name, for JSON and CSV."""
        return asdict(self)


def worst(
    probabilities: Array,
    labels: Array,
    k: int | None = None,
    *,
    threshold: float = 0.5,
    predicted: Array | None = None,
) -> list[Mistake]:
    """Return the k mistakes with the highest loss, or all; of equal losses the smaller index comes first.

    Args:
        probabilities: Real (N, C) in [0, 1], or (N, 1), the probability of "yes".
        labels: Whole numbers (N,) in [0, C), or 0 and 1.
        k: How many at most; None for all.
        threshold: From which probability on "yes" is answered, where there is one column.
        predicted: Classes answered, (N,), -1 for an abstention, where they are not the most probable ones.

    Raises:
        DataError: See `check_answers`.
    """
    answers = check_answers(probabilities, labels)
    given = (
        answers.decide(threshold) if predicted is None else check_predicted(predicted, len(answers), answers.classes)
    )
    wrong = np.flatnonzero((given != answers.labels) & (given != ABSTAINED))
    true = answers.probability_of(answers.labels)
    said = answers.probability_of(np.maximum(given, 0))
    loss = -np.log(np.maximum(true, EPSILON))
    return [
        Mistake(int(i), int(answers.labels[i]), int(given[i]), float(said[i]), float(true[i]), float(loss[i]))
        for i in wrong[np.argsort(-loss[wrong], kind="stable")][:k]
    ]
