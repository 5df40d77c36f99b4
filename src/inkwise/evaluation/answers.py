"""What a model answered: probabilities and true labels, checked once for the whole room.

Everything here works on float64 and int64 numpy arrays; torch tensors are taken as they come. A yes-or-no model
gives one column, the probability of "yes"; it is widened to two, ("no", "yes"), so that nothing after this
needs to know the difference. What is wrong with the input is told as a DataError in one sentence.
"""

from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import numpy.typing as npt
from torch import Tensor

from inkwise.errors import DataError

Array = npt.NDArray[Any] | Tensor
Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Decision = Literal["argmax", "threshold", "argmax-of-one-column"]

ABSTAINED = -1  # stands in `predicted` where the model gave no answer
SUM_TOLERANCE = 1e-2  # bfloat16 rounds a probability to 3 significant digits, and a row adds ten of them
RANGE_TOLERANCE = 1e-6


@dataclass(frozen=True)
class Answers:
    """Checked answers: `probabilities` float64 (N, C) with C >= 2, `labels` int64 (N,) in [0, C).

    `binary` says that the model gave one column; then column 0 is "no" and column 1 is "yes".
    """

    probabilities: Floats
    labels: Ints
    binary: bool

    def __len__(self) -> int:
        return len(self.labels)

    @property
    def classes(self) -> int:
        """Number of classes; 2 for a yes-or-no question."""
        return int(self.probabilities.shape[1])

    @property
    def positive(self) -> Floats:
        """Probability of "yes", (N,); DataError if the model was asked for more than yes or no."""
        if not self.binary:
            raise DataError(
                f"The probabilities have {self.classes} columns, but a yes-or-no score takes one column: the "
                "probability of the class that is asked for."
            )
        return self.probabilities[:, 1]

    def decide(self, threshold: float = 0.5) -> Ints:
        """Return the class answered for each row, int64 (N,).

        Of several classes the most probable one, the first where some are equal; of yes or no "yes" where its
        probability is at least `threshold`.
        """
        if self.binary:
            return (self.positive >= threshold).astype(np.int64)
        best: Ints = self.probabilities.argmax(axis=1).astype(np.int64)
        return best

    def probability_of(self, labels: Ints) -> Floats:
        """Return the probability that each row gives to its entry of `labels`, float64 (N,)."""
        chosen: Floats = self.probabilities[np.arange(len(self)), labels]
        return chosen


def to_numpy(values: Array) -> npt.NDArray[Any]:
    """Return an array or a tensor, from whichever device, as a numpy array."""
    if isinstance(values, Tensor):
        values = values.detach().cpu()
        return np.asarray(values.double() if values.is_floating_point() else values)
    return np.asarray(values)


def check_labels(labels: Array, classes: int, name: str = "labels") -> Ints:
    """Return whole-numbered labels as int64 (N,), each in [0, classes); DataError tells what is wrong."""
    array = to_numpy(labels)
    if array.ndim != 1:
        raise DataError(f"The {name} have shape {array.shape}; one whole number per image, shape (N,), is accepted.")
    if array.dtype.kind not in "biu":
        raise DataError(f"The {name} are of type {array.dtype}; whole numbers that index the classes are accepted.")
    array = array.astype(np.int64)
    outside = np.flatnonzero((array < 0) | (array >= classes))
    if len(outside):
        raise DataError(
            f"The {name} hold {array[outside[0]]} at row {outside[0]}, outside the {classes} classes; "
            f"0 to {classes - 1} are accepted."
        )
    return array


def check_predicted(predicted: Array, n: int, classes: int) -> Ints:
    """Return given answers as int64 (N,): a class each, or -1 for an abstention."""
    array = to_numpy(predicted)
    if len(array) != n:
        raise DataError(f"There are {n:,} labels but {len(array):,} predicted classes; each image needs one of each.")
    if array.dtype.kind in "iu" and array.ndim == 1:
        answered = array[array != ABSTAINED]
        check_labels(answered, classes, "predicted classes")
        return array.astype(np.int64)
    return check_labels(array, classes, "predicted classes")


def check_answers(probabilities: Array, labels: Array) -> Answers:
    """Check a model's probabilities against the true labels.

    Args:
        probabilities: Real (N, C), each row in [0, 1] with sum 1; or (N, 1) or (N,), the probability of "yes".
        labels: Whole numbers (N,), each in [0, C); 0 for "no" and 1 for "yes" where there is one column.

    Raises:
        DataError: Nothing to judge, different lengths, a wrong shape or type, a value that is not finite or outside
            [0, 1], a row that does not sum to 1, or a label outside the classes.
    """
    array = to_numpy(probabilities)
    if array.ndim == 1:
        array = array[:, None]
    if array.ndim != 2 or array.shape[1] == 0:
        raise DataError(f"The probabilities have shape {array.shape}; (N, C), a row for each image, is accepted.")
    if array.dtype.kind != "f":
        raise DataError(f"The probabilities are of type {array.dtype}; real numbers from 0 to 1 are accepted.")
    if len(array) != len(labels):
        raise DataError(
            f"There are {len(array):,} rows of probabilities but {len(labels):,} labels; each image needs one of each."
        )
    if len(array) == 0:
        raise DataError("There are no images to evaluate; at least one row of probabilities is needed.")
    array = _check_values(array.astype(np.float64))
    binary = array.shape[1] == 1
    if binary:
        array = np.concatenate([1 - array, array], axis=1)  # (N, 1) -> (N, 2)
    return Answers(array, check_labels(labels, array.shape[1]), binary)


def _check_values(array: Floats) -> Floats:
    bad = np.flatnonzero(~np.isfinite(array).all(axis=1))
    if len(bad):
        raise DataError(
            f"{len(bad):,} of {len(array):,} rows of probabilities hold nan or infinity (the first is row {bad[0]}); "
            "look for a loss that diverged before evaluating."
        )
    bad = np.flatnonzero(((array < -RANGE_TOLERANCE) | (array > 1 + RANGE_TOLERANCE)).any(axis=1))
    if len(bad):
        raise DataError(
            f"Row {bad[0]} of the probabilities reaches from {array[bad[0]].min():.4g} to {array[bad[0]].max():.4g}; "
            "0 to 1 is accepted: pass logits through a softmax or sigmoid first."
        )
    if array.shape[1] > 1:
        sums = array.sum(axis=1)
        bad = np.flatnonzero(np.abs(sums - 1) > SUM_TOLERANCE)
        if len(bad):
            raise DataError(
                f"Row {bad[0]} of the probabilities sums to {sums[bad[0]]:.4g}; each row must sum to 1: "
                "pass logits through a softmax first."
            )
    return np.clip(array, 0.0, 1.0)
