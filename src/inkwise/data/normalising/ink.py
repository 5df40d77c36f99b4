"""Ink: whether there is any, from which level it begins, and ink as grey from 0 to 255.

It takes what `light.even` gives: 0 on the background, up to 255 on black, noise either side of 0. Knows nothing of
shapes.
"""

from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from inkwise.data.normalising.light import Floats, Grey, otsu, shrink

_CONTRAST = 24.0  # least difference of ink and background, in grey levels of an evenly lit page
_UNLIKE = 0.85  # share of white noise's difference between neighbours from which a picture is noise


@dataclass(frozen=True)
class Levels:
    """`low`, where ink begins; `threshold`, between background and ink; `high`, full ink; `noise`, a deviation."""

    low: float
    threshold: float
    high: float
    noise: float


def has_ink(ink: Floats) -> bool:
    """Return whether there are marks: enough contrast, and neighbours that are alike.

    In white noise the mean squared difference of neighbours is twice the variance (von Neumann's ratio,
    doi:10.1214/aoms/1177731677); in digits, from 8x8 pixels up, it was at most 0.75 of that. Large pictures are
    averaged first, which takes noise away and leaves strokes.
    """
    small = shrink(to_grey(ink), 128).astype(np.float64)
    bottom, top = np.percentile(small, [1, 99.9], method="nearest")
    if top - bottom < _CONTRAST:
        return False
    squares = [np.diff(small, axis=axis) ** 2 for axis in (0, 1) if small.shape[axis] > 1]
    unlike = sum(float(square.mean()) for square in squares) / len(squares)
    return unlike < _UNLIKE * 2 * float(small.var())


def find_levels(ink: Floats) -> Levels:
    """Return the levels of a picture that has ink.

    The threshold is Otsu's, moved half way between the levels either side of it. Background reaches to its median
    plus three standard deviations of its noise (by the median deviation, which the grey rim of strokes does not
    disturb), at most half way to the threshold. Full ink is what a tenth of the pixels above the threshold exceed.

    Args:
        ink: (H, W), from `even`, with at least two different levels from 0 up.
    """
    levels = np.arange(-255, 256)
    counts = np.bincount(np.rint(ink).clip(-255, 255).astype(np.int64).ravel() + 255, minlength=511)
    dark = levels > otsu(to_grey(ink))
    above, below = np.where(dark, counts, 0), np.where(dark, 0, counts)
    threshold = max(0.0, (float(levels[np.flatnonzero(below)[-1]]) + float(levels[np.flatnonzero(above)[0]])) / 2)
    middle = _quantile(levels, below, 0.5)
    noise = 1.4826 * _quantile(np.abs(levels - middle), below, 0.5)
    low = max(0.0, min(middle + 3 * noise, (middle + threshold) / 2))
    return Levels(low, threshold, _quantile(levels, above, 0.9), noise)


def soften(ink: Floats, low: float, high: float) -> Grey:
    """Return ink stretched so that `low` and below become 0, `high` and above 255, with the grey between kept."""
    return np.asarray(np.rint(np.clip((ink - low) * (255 / (high - low)), 0, 255)), np.uint8)


def calm(ink: Floats, levels: Levels) -> Floats:
    """Return the picture averaged over a pixel or two where its noise could be taken for ink; else as it was."""
    if levels.noise < 0.04 * (levels.high - levels.low) or min(ink.shape) < 64:
        return ink
    return np.asarray(cv2.GaussianBlur(ink, (0, 0), max(ink.shape) / 200), np.float32)


def to_grey(ink: Floats) -> Grey:
    """Return ink cut off at 0 and 255, as uint8."""
    return np.asarray(np.rint(ink.clip(0, 255)), np.uint8)


def _quantile(values: NDArray[Any], counts: NDArray[Any], share: float) -> float:
    """The least value that `share` of all reach or stay below, each value occurring as often as counted."""
    order = np.argsort(values, kind="stable")
    total = np.cumsum(counts[order])
    return float(values[order[np.searchsorted(total, share * total[-1])]])
