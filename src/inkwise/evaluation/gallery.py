"""The images of a split in the order in which they are worth looking at: by loss, confidence or margin.

Every entry names two classes with their probabilities: the one answered, and what the label says; where these are the
same, the runner-up instead. The loss is -ln(probability of the true class), as in the tally.
"""

from dataclasses import dataclass
from typing import Final, Literal

import numpy as np

from inkwise.errors import UnknownName
from inkwise.evaluation.answers import Array, check_answers, check_predicted
from inkwise.evaluation.tally import EPSILON

By = Literal["loss", "confidence", "margin"]
ORDERS: Final[tuple[By, ...]] = ("loss", "confidence", "margin")


@dataclass(frozen=True)
class Picture:
    """Image `index` of class `label`, answered `predicted`; probabilities in [0, 1], loss in nats.

    `other` is the label's class, or where the answer is right the next likely one. `margin` is by how much the most
    likely class is likelier than the second.
    """

    index: int
    label: int
    predicted: int
    predicted_probability: float
    other: int
    other_probability: float
    loss: float
    margin: float


def gallery(
    probabilities: Array,
    labels: Array,
    predicted: Array,
    *,
    by: str = "loss",
    label: int | None = None,
    answered: int | None = None,
    right: bool = False,
) -> list[Picture]:
    """Return images in order: the highest loss first, the surest answer first, or the smallest margin first.

    Args:
        probabilities: Real (N, C) in [0, 1], or (N, 1), the probability of "yes".
        labels: Whole numbers (N,) in [0, C), or 0 and 1.
        predicted: Classes answered, (N,).
        by: "loss", "confidence" or "margin".
        label: Only images of this class.
        answered: Only images answered with this class.
        right: Whether images answered rightly are among them.

    Raises:
        DataError: See `check_answers`.
        UnknownName: There is no such order.
    """
    if by not in ORDERS:
        raise UnknownName("order", by, ORDERS)
    answers = check_answers(probabilities, labels)
    given = check_predicted(predicted, len(answers), answers.classes)
    ranked = np.sort(answers.probabilities, axis=1)
    margin = ranked[:, -1] - ranked[:, -2]
    said, true = answers.probability_of(given), answers.probability_of(answers.labels)
    loss = -np.log(np.maximum(true, EPSILON))
    chosen = np.ones(len(answers), np.bool_)
    if not right:
        chosen &= given != answers.labels
    if label is not None:
        chosen &= answers.labels == label
    if answered is not None:
        chosen &= given == answered
    key = {"loss": -loss, "confidence": -said, "margin": margin}[by]
    found = np.flatnonzero(chosen)
    others = answers.probabilities.copy()
    others[np.arange(len(answers)), given] = -1
    other = np.where(given == answers.labels, others.argmax(axis=1), answers.labels)
    second = answers.probability_of(other)
    return [
        Picture(
            int(i), int(answers.labels[i]), int(given[i]), float(said[i]), int(other[i]), float(second[i]),
            float(loss[i]), float(margin[i]),
        )
        for i in found[np.argsort(key[found], kind="stable")]
    ]  # fmt: skip
