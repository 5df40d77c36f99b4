"""Where touching digits may part: the ways from top to bottom of a piece that cross the least ink.

A way is a seam as in Avidan & Shamir, doi:10.1145/1275808.1276390, that may also run along a row: it goes under the
bar of a 7 that reaches over its neighbour. The least sum of ink is found by dynamic programming. Straight cuts,
slanted ones and the drop fall of a marble along a contour are among the ways. Which of the proposals part digits, the
network decides.
"""

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from inkwise.reading.pieces import Piece, trimmed

_ROWS = 32  # height at which seams are sought
_FULL = 1000  # what a pixel of full ink costs; costs are whole numbers, so that equal ways are equal
_SLANT = 50  # what a step down and to the side costs
_ASIDE = 120  # and one along the row
_NEAR = 0.07  # least distance of two seams that each cross less ink than the ways beside them, in sizes
_APART = 0.16  # and of others
_PER_SIZE = 5  # seams of a piece for each size of its width
_MOST = 24  # and of all of it
_WALL = 1000 * _FULL  # what crossing from piece to piece costs
_SAME = 0.004  # ink between two seams, in squares of the size, below which they are one

Costs = NDArray[np.int64]
Places = NDArray[np.intp]


@dataclass(frozen=True)
class Seam:
    """A way through a piece: the first column right of it for each of its rows, and the strokes it crosses."""

    columns: Places
    crossed: float


@dataclass(frozen=True)
class _Ways:
    """The cheapest ways from above to each pixel of a picture.

    `sums` is their cost with the pixel's own ink. `entries` is the column in which each enters its row, and `above`
    the column of the row before that it comes from, for each column of entry.
    """

    sums: Costs
    entries: Places
    above: Places

    def of(self, start: int, ink: Costs) -> "_Ways":
        """Those through one piece, whose first column is `start`."""
        inside = (slice(None), slice(len(ink)), slice(start, start + ink.shape[1]))
        return _Ways(self.sums[inside], self.entries[inside], self.above[inside])


def find_seams(pieces: list[Piece], sizes: list[float]) -> list[list[Seam]]:
    """Return, for each piece, proposals of where to part it, from left to right.

    Args:
        pieces: at least 3 pixels wide.
        sizes: the height of digits on the line of each, in pixels.
    """
    if not pieces:
        return []
    small = [_shrunk(piece, size) for piece, size in zip(pieces, sizes, strict=True)]
    # Side by side, so that one pass over the rows serves all; what is between them is too dear to be crossed.
    starts = np.cumsum([1, *(ink.shape[1] + 1 for ink in small)])
    sheet = np.zeros((2, max(len(ink) for ink in small), starts[-1]), np.int64)
    sheet[:, :, starts - 1] = _WALL
    for ink, start in zip(small, starts[:-1], strict=True):
        sheet[0, : len(ink), start : start + ink.shape[1]] = ink
        sheet[1, : len(ink), start : start + ink.shape[1]] = ink[::-1]
    ways = _ways(sheet)
    return [
        _of_piece(piece, size, ink, ways.of(start, ink), start)
        for piece, size, ink, start in zip(pieces, sizes, small, starts[:-1].tolist(), strict=True)
    ]


def _shrunk(piece: Piece, size: float) -> Costs:
    """The piece's ink at the height at which seams are sought, 0 to `_FULL`."""
    scale = _ROWS / max(piece.height, 0.7 * size)
    shape = max(3, round(piece.width * scale)), max(3, round(piece.height * scale))
    ink = cv2.resize(piece.mask.astype(np.float32), shape, interpolation=cv2.INTER_AREA)
    return np.asarray(np.rint(ink * _FULL), np.int64)


def _of_piece(piece: Piece, size: float, ink: Costs, ways: _Ways, start: int) -> list[Seam]:
    """The seams of one piece; its columns begin at `start` of those that the ways name."""
    tall, wide = ink.shape
    scale = tall / piece.height
    middle = tall // 2
    through = ways.sums[0, middle] + ways.sums[1, tall - 1 - middle] - ink[middle]
    unit = size * scale
    gates = _gates(through, unit)
    if not len(gates):
        return []
    upper = _back(ways.entries[0] - start, ways.above[0] - start, middle, gates)[::-1]
    lower = _back(ways.entries[1] - start, ways.above[1] - start, tall - 1 - middle, gates)[1:]
    columns = np.maximum.accumulate(np.concatenate([upper, lower]), axis=1)  # (rows, ways), which do not cross
    kept = _different(columns, through[gates], ink, _SAME * _FULL * unit**2)
    rows = (np.arange(piece.height) + 0.5) * tall / piece.height - 0.5
    stroke = _FULL * max(1.0, piece.stroke * scale)
    found = []
    for index in kept:
        path = np.interp(rows, np.arange(tall), columns[:, index])
        path = np.rint((path + 0.5) * piece.width / wide).astype(np.intp)
        found.append(Seam(path, float(through[gates[index]]) / stroke))
    return found


def part(piece: Piece, seams: list[Seam]) -> list[Piece]:
    """Return what lies left of, between and right of the seams; parts without ink are left out."""
    columns = np.arange(piece.width)[None]
    side = np.zeros(piece.mask.shape, np.int8)
    for seam in seams:
        side += columns >= seam.columns[:, None]
    found = [trimmed(piece.mask & (side == index), piece.top, piece.left) for index in range(len(seams) + 1)]
    return [each for each in found if each is not None]


def _ways(ink: Costs) -> _Ways:
    """The cheapest ways of several pictures, (N, rows, columns)."""
    count, tall, wide = ink.shape
    place = np.arange(wide)
    sums = np.empty_like(ink)
    entries, above = np.zeros(ink.shape, np.intp), np.zeros(ink.shape, np.intp)
    padded = np.full((count, wide + 2), _WALL * _ROWS, np.int64)
    padded[:, 1:-1] = 0
    for row in range(tall):
        straight, left, right = padded[:, 1:-1], padded[:, :-2] + _SLANT, padded[:, 2:] + _SLANT
        least = np.minimum(straight, np.minimum(left, right))
        above[:, row] = np.where(least == straight, place, np.where(least == left, place - 1, place + 1))
        entered = least + ink[:, row]
        # Along the row: each step to the right costs the ink that it reaches, one to the left as well.
        cost = ink[:, row] + _ASIDE
        until = np.cumsum(cost, axis=1)
        before = until - cost
        right, from_left = _least(entered - until)
        left, from_right = _least((entered + before)[:, ::-1])
        right, left, from_right = right + until, left[:, ::-1] - before, wide - 1 - from_right[:, ::-1]
        sums[:, row] = padded[:, 1:-1] = np.minimum(right, left)
        entries[:, row] = np.where(right <= left, from_left, from_right)
    return _Ways(sums, entries, above)


def _least(values: Costs) -> tuple[Costs, Places]:
    """The least value up to each place of a row, and where it is."""
    least = np.minimum.accumulate(values, axis=1)
    found = np.where(values == least, np.arange(values.shape[1]), 0)
    return least, np.maximum.accumulate(found, axis=1)


def _back(entries: Places, above: Places, row: int, columns: Places) -> Places:
    """The columns of the cheapest ways to places of a row, (row + 1, ways), from that row to the first."""
    path = np.empty((row + 1, len(columns)), np.intp)
    path[0] = columns
    for step, at in enumerate(range(row, 0, -1)):
        columns = above[at, entries[at, columns]]
        path[step + 1] = entries[at - 1, columns]
    return path


def _gates(through: Costs, unit: float) -> Places:
    """The columns of the middle row that ways lead through, from left to right.

    Args:
        through: the cost of the cheapest way through each column.
        unit: the size of digits, in columns.
    """
    wide = len(through)
    rim = max(2, round(_NEAR * unit))
    around = np.pad(through, 2, mode="edge")
    lowest = through <= np.lib.stride_tricks.sliding_window_view(around, 5).min(axis=1)
    most = min(_MOST, max(2, round(_PER_SIZE * wide / unit)))
    order = np.lexsort((through, ~lowest))
    chosen: list[int] = []
    for column in order:
        apart = (_NEAR if lowest[column] else _APART) * unit
        if rim <= column < wide - rim and all(abs(column - other) >= apart for other in chosen):
            chosen.append(int(column))
            if len(chosen) == most:
                break
    return np.array(sorted(chosen), np.intp)


def _different(columns: Places, costs: Costs, ink: Costs, least: float) -> list[int]:
    """The indices of the ways that have ink between them: of two with less than `least`, the cheaper."""
    left = np.cumsum(np.pad(ink, ((0, 0), (1, 0))), axis=1)  # ink left of each column
    shares = np.take_along_axis(left, columns, axis=1).sum(axis=0)
    kept: list[int] = []
    for index in range(columns.shape[1]):
        if shares[index] < least or shares[index] > left[:, -1].sum() - least:
            continue
        if kept and shares[index] - shares[kept[-1]] < least:
            if costs[index] < costs[kept[-1]]:
                kept[-1] = index
            continue
        kept.append(index)
    return kept
