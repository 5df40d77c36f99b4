"""Where touching digits may part: the ways from top to bottom of a piece that cross the least ink.

A way is a seam as in Avidan & Shamir, doi:10.1145/1275808.1276390: one column for each row, moving by at most one
column from row to row, with the least sum of ink, found by dynamic programming. It includes straight cuts, slanted
ones and the drop fall of a marble along a contour. Which of the proposals part digits, the network decides.
"""

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from inkwise.reading.pieces import Piece, trimmed

_ROWS = 36  # height at which seams are sought
_MOVE = 0.06  # what a step to the side costs, full ink being 1
_APART = 0.16  # least distance of two seams, in heights
_MOST = 7  # seams of one piece


@dataclass(frozen=True)
class Seam:
    """A way through a piece: the first column right of it for each of its rows, and the strokes it crosses."""

    columns: NDArray[np.intp]
    crossed: float


def find_seams(piece: Piece, size: float) -> list[Seam]:
    """Return proposals of where to part a piece, from left to right.

    Args:
        piece: at least 3 pixels wide.
        size: the height of digits on its line, in pixels.
    """
    scale = _ROWS / max(piece.height, 0.7 * size)
    wide, tall = max(3, round(piece.width * scale)), max(3, round(piece.height * scale))
    ink = np.asarray(cv2.resize(piece.mask.astype(np.float32), (wide, tall), interpolation=cv2.INTER_AREA), np.float32)
    there, back = _sums(ink), _sums(ink[::-1])[::-1]
    middle = tall // 2
    through = there[middle] + back[middle] - ink[middle]
    chosen = _minima(through, max(2, round(_APART * _ROWS)))
    stroke = max(1.0, piece.stroke * scale)
    return [_seam(piece, there, back, middle, column, float(through[column]) / stroke) for column in chosen]


def part(piece: Piece, seams: list[Seam]) -> list[Piece]:
    """Return what lies left of, between and right of the seams; parts without ink are left out."""
    columns = np.arange(piece.width)[None]
    side = np.zeros(piece.mask.shape, np.int8)
    for seam in seams:
        side += columns >= seam.columns[:, None]
    found = [trimmed(piece.mask & (side == index), piece.top, piece.left) for index in range(len(seams) + 1)]
    return [each for each in found if each is not None]


def _sums(ink: NDArray[np.float32]) -> NDArray[np.float32]:
    """The least ink on any way from the first row to each pixel, that pixel's included."""
    sums = ink.copy()
    for row in range(1, len(ink)):
        above = np.pad(sums[row - 1], 1, constant_values=np.inf)
        sums[row] += np.minimum(above[1:-1], np.minimum(above[:-2], above[2:]) + _MOVE)
    return sums


def _minima(through: NDArray[np.float32], apart: int) -> list[int]:
    """The columns of least ink, each the least within `apart`, the least first to be taken; from left to right."""
    inner = np.arange(max(2, apart // 2), len(through) - max(2, apart // 2))
    chosen: list[int] = []
    for column in inner[np.argsort(through[inner], kind="stable")]:
        if all(abs(column - other) >= apart for other in chosen):
            chosen.append(int(column))
        if len(chosen) == _MOST:
            break
    return sorted(chosen)


def _seam(
    piece: Piece, there: NDArray[np.float32], back: NDArray[np.float32], middle: int, column: int, crossed: float
) -> Seam:
    """The way through a pixel of the middle row, on the piece's own rows."""
    tall, wide = there.shape
    path = np.zeros(tall, np.float64)
    path[middle] = column
    for rows, sums, step in ((range(middle - 1, -1, -1), there, 1), (range(middle + 1, tall), back, -1)):
        for row in rows:
            at = int(path[row + step])
            start = max(at - 1, 0)
            options = sums[row, start : at + 2] + _MOVE * (np.arange(start, min(at + 2, wide)) != at)
            path[row] = start + int(options.argmin())
    rows = (np.arange(piece.height) + 0.5) * tall / piece.height - 0.5
    columns = (np.interp(rows, np.arange(tall), path) + 0.5) * piece.width / wide
    return Seam(np.rint(columns).astype(np.intp), crossed)
