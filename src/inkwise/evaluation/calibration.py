"""Temperature: the one number by which a network's outputs are divided, so that it is as sure as it is right.

    p = softmax(outputs / T)

T > 1 takes confidence away, T < 1 adds some; no answer changes. T is the most likely one on images that were held out
of training, after a normal prior on ln T: with few images, or none that is wrong, it stays near 1 instead of running
away. Nothing here knows networks or files. Guo, Pleiss, Sun and Weinberger, ICML 2017, arXiv:1706.04599.
"""

import numpy as np

from inkwise.errors import DataError
from inkwise.evaluation.answers import Array, Floats, check_labels, to_numpy

_SPREAD = 0.5  # standard deviation of the prior on ln T
_WIDEST = 3.0  # of ln T: temperatures from 0.05 to 20


def fit_temperature(logits: Array, labels: Array) -> float:
    """Return the temperature for `logits`.

    Args:
        logits: Finite (N, C), of the classes alone; or (N, 1), the logit of "yes".
        labels: Whole numbers (N,) in [0, C); 0 for "no" and 1 for "yes" where there is one column.

    Returns:
        From 0.05 to 20, to three decimals of its logarithm; 1 where there are no images.

    Raises:
        DataError: The logits are of another shape or not finite, or a label is outside the classes.
    """
    array = to_numpy(logits).astype(np.float64)
    if array.ndim != 2 or array.shape[1] == 0 or len(array) != len(labels):
        raise DataError(
            f"The logits have shape {array.shape} for {len(labels):,} labels; (N, C), a row for each label, is "
            "accepted."
        )
    if not np.isfinite(array).all():
        raise DataError("Some logits are nan or infinite; look for a loss that diverged before calibrating.")
    if array.shape[1] == 1:
        array = np.concatenate([np.zeros_like(array), array], axis=1)  # (N, 1) -> (N, 2)
    true = check_labels(labels, array.shape[1])
    highest = array.max(axis=1)
    short = array - highest[:, None]  # (N, C), at most 0
    lead = highest - array[np.arange(len(true)), true]  # (N,), of the highest over the true one
    best, reach = 0.0, _WIDEST
    for _ in range(3):  # each look is twenty times finer than the one before
        around = np.clip(best + np.linspace(-reach, reach, 61), -_WIDEST, _WIDEST)
        best = float(min(around, key=lambda log_t: _cost(lead, short, log_t)))
        reach /= 20
    return float(np.exp(round(best, 3)))


def tempered(probabilities: Floats, temperature: float) -> Floats:
    """Return probabilities (N, C >= 2) as they are after their logits were divided by `temperature`.

    By its inverse, calibrated probabilities become the network's own again.
    """
    powered = probabilities ** (1 / temperature)
    result: Floats = powered / powered.sum(axis=1, keepdims=True)
    return result


def _cost(lead: Floats, short: Floats, log_t: float) -> float:
    """The negative log likelihood of all labels, and of ln T under its prior."""
    factor = np.exp(-log_t)
    losses = factor * lead + np.log(np.exp(factor * short).sum(axis=1))
    return float(losses.sum()) + (log_t / _SPREAD) ** 2 / 2
