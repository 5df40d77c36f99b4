"""Why a page has no numbers, in words that help: what it looks like instead.

Print stands on level lines, closer than hands write; a photograph of something
else has much that is neither bare ground nor stroke. Knows nothing of networks.
"""

import numpy as np
from numpy.typing import NDArray

from inkwise.reading.ink import Ink
from inkwise.reading.pieces import Piece

NO_DIGITS = "no digits found"
PRINT = f"{NO_DIGITS}: the page looks like print"
NO_PAGE = f"{NO_DIGITS}: this does not look like a page with writing"
OTHER = f"{NO_DIGITS}: what is written does not look like digits"

Floats = NDArray[np.float64]
_MANY = 60  # pieces from which there may be a page of print
_ASKED = 1500  # pieces that are looked at: pairs grow with the square
_LEVEL = 0.07  # sizes by which the feet of neighbours in print differ, at most
_PRINTED = 0.4  # share of pieces level with the next at feet and heads: of print 0.46 to 0.63, of hands 0.10 to 0.30
_BETWEEN = 0.04  # share of the picture that is neither ground nor stroke, from which it shows something else
_GROUND = 16.0  # light that is missing, of 255, from which the ground is not bare; or in deviations of the noise:
_NOISY = 5.0


def why_empty(ink: Ink, pieces: list[Piece], size: float) -> str:
    """Return why nothing may have been read from a page with ink.

    Args:
        ink: of the page, without rules.
        pieces: of it, without dirt.
        size: the usual one of its pieces.
    """
    if is_print(pieces, size):
        return PRINT
    if not is_page(ink):
        return NO_PAGE
    return OTHER


def is_print(pieces: list[Piece], size: float) -> bool:
    """Return whether feet and heads of many pieces are level with the next, as of no hand; whichever side is up."""
    near = [piece for piece in pieces if 0.4 * size <= piece.longer <= 2.5 * size][:_ASKED]
    if len(near) < _MANY:
        return False
    boxes = np.array([piece.box for piece in near], np.float64)
    starts, ends = boxes[:, :2], boxes[:, :2] + boxes[:, 2:]
    levels = [
        min(_level(starts[:, axis], ends[:, axis], side[:, 1 - axis], size) for side in (starts, ends))
        for axis in (0, 1)
    ]
    return max(levels) >= _PRINTED


def _level(starts: Floats, ends: Floats, feet: Floats, size: float) -> float:
    """The share of pieces whose feet are level with those of the next one along an axis."""
    gap, down = starts[None] - ends[:, None], abs(feet[None] - feet[:, None])
    beside = (gap > -0.2 * size) & (gap < size) & (down < 0.5 * size)
    np.fill_diagonal(beside, val=False)
    nearest = np.where(beside, gap + 2 * down, np.inf).argmin(axis=1)
    level = down[np.arange(len(feet)), nearest] <= max(1.0, _LEVEL * size)
    return float((level & beside.any(axis=1)).mean())


def is_page(ink: Ink) -> bool:
    """Return whether nearly all of a picture is bare ground or stroke."""
    bare = ink.levels <= max(_GROUND, _NOISY * ink.noise)
    return bool(1 - (bare | ink.mask).mean() < _BETWEEN)
