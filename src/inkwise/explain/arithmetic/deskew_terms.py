"""The terms of deskewing: the slope of the ink from its moments, and the two neighbours that a value lies between.

Everything is computed anew in float64, by the textbook's moments about the ink's centre; the network sums float32
moments about the middle of the image and moves them to the centre. A value that is read at a whole column, or nearly,
may have the next pair of neighbours there: interpolation is continuous, so the value is the same.
"""

from math import floor
from typing import Final

import numpy as np

from inkwise.explain.activations import Call
from inkwise.explain.arithmetic.terms import Numbers, Sheared, common, numbers
from inkwise.models.deskewing import LEAST, STEEPEST, Deskewing
from inkwise.models.shape import Shape

# A float32 sum is off by a few of its steps, and TOLERANCE is 84 of them; twelve are left.
_SHARE: Final = 1 / 7


def deskew_step(call: Call, at: Shape) -> Sheared:
    """Return the step of a deskewing."""
    assert isinstance(call.module, Deskewing)
    image = numbers(call.given[0, 0])  # (H, W)
    middle_y, middle_x = ((size - 1) / 2 for size in image.shape)
    y, x = np.arange(image.shape[0]) - middle_y, np.arange(image.shape[1]) - middle_x
    by_row, by_column = image.sum(axis=1), image.sum(axis=0)
    mass = float(image.sum())
    ink = max(mass, LEAST)  # without ink nothing is divided by zero
    centre_y, centre_x = float(by_row @ y) / ink, float(by_column @ x) / ink
    s_yy = float(by_row @ y**2) - float(by_row @ y) * centre_y
    s_xy = float(y @ image @ x) - float(by_column @ x) * centre_y
    steep = s_xy / s_yy if s_yy > LEAST else None
    slope = min(STEEPEST, max(-STEEPEST, steep or 0.0))
    _, row, column = at
    shift = slope * (float(y[row]) - centre_y)
    left = floor(column + shift)
    pair = (_pixel(image, row, left), _pixel(image, row, left + 1))
    weight = column + shift - left
    # What rounding may do: to the sum of the two, and to the shift, by as much as the row changes around.
    rough = _spread(image[row], left) * _sums(image, y, x, mass=ink, height=max(s_yy, LEAST), row=float(y[row]))
    return Sheared(
        **common(call, at),
        kind="deskewing",
        scale=abs((1 - weight) * pair[0]) + abs(weight * pair[1]) + _SHARE * rough,
        mass=mass,
        centre=(centre_y + middle_y, centre_x + middle_x),
        s_xy=s_xy,
        s_yy=s_yy,
        steep=steep,
        slope=slope,
        shift=shift,
        columns=(left, left + 1),
        pair=pair,
        width=image.shape[1],
    )


def _pixel(image: Numbers, row: int, column: int) -> float:
    """Return a pixel; background, 0, beyond the sides."""
    return float(image[row, column]) if 0 <= column < image.shape[1] else 0.0


def _spread(row: Numbers, left: int) -> float:
    """Return the largest difference among the pair at `left` and the neighbours on either side of it."""
    padded = np.pad(row, 3)
    around = padded[np.clip(np.arange(left - 1, left + 3) + 3, 0, padded.size - 1)]
    return float(np.ptp(around))


def _sums(image: Numbers, y: Numbers, x: Numbers, *, mass: float, height: float, row: float) -> float:
    """Return the size of what was added up to the shift of `row`: every term of the moments without its sign."""
    ink = np.abs(image)
    far_y, far_x = float(ink.sum(axis=1) @ np.abs(y)), float(ink.sum(axis=0) @ np.abs(x))
    cross = float(np.abs(y) @ ink @ np.abs(x)) + far_y * far_x / mass
    square = float(ink.sum(axis=1) @ y**2) + far_y**2 / mass
    slope = (cross + STEEPEST * square) / height
    return slope * (abs(row) + far_y / mass) + STEEPEST * far_y / mass
