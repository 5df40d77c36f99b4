"""Pieces to lines of writing, under skew and drifting baselines; knows nothing of digits.

Neighbours in a line are found first, the skew of the page from them, and lines as chains of neighbours; chains of one
row that lie apart, as columns do, become one line. A piece that reaches over two lines is parted between them.
"""

from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from inkwise.reading.cuts import Seam, find_seams, part
from inkwise.reading.pieces import Piece

_NEAR = 2.5  # sizes within which neighbours of a line usually lie
_BESIDE = 0.6  # sizes by which near neighbours may lie higher or lower
_ACROSS = 0.4  # and far ones
_WHOLE = 0.45  # sizes from which a piece tells where its line is
_TALL = 1.75  # and from which it may reach over two lines
_FEW = 3  # pieces from which a line does not become part of another
_SLACK = 0.15  # sizes by which a line reaches farther up and down for strays of which half lies within
_MARK = 0.75  # sizes of a mark that is no digit by itself where it lies beside a line
_BY = 1.3  # sizes from a line's nearest piece within which strays are its
_ALONE = 0.45  # sizes from which a piece is a line by itself
_STEEP = 0.35  # tangent of the largest skew that is sought


@dataclass(frozen=True)
class Row:
    """A line of writing: its pieces from left to right, and the height of its digits in pixels."""

    pieces: tuple[Piece, ...]
    size: float


def find_slope(pieces: list[Piece], size: float) -> float:
    """Return by how many rows lines sink per column: the tangent of the page's skew; 0 where nothing tells."""
    whole = [piece for piece in pieces if 0.5 * size <= piece.longer <= 2 * size]
    if len(whole) < 4:
        return 0.0
    x, y = _middles(whole)
    right, down = x[None] - x[:, None], y[None] - y[:, None]
    fits = (right > 0.2 * size) & (right < 4 * size) & (abs(down) < _STEEP * right + 0.3 * size)
    fits &= abs(down) < 0.9 * size
    away = np.where(fits, right + 2 * abs(down), np.inf)
    nearest = away.argmin(axis=1)
    rows = np.flatnonzero(np.isfinite(away[np.arange(len(whole)), nearest]))
    if len(rows) < 3:
        return 0.0
    slopes = down[rows, nearest[rows]] / right[rows, nearest[rows]]
    slope = float(np.median(slopes))
    fitted: list[tuple[float, float]] = []
    for chain in _chains(whole, size, slope):
        if len(chain) >= 4:
            at = np.array(chain)
            spread = x[at] - x[at].mean()
            fitted.append((float((spread * y[at]).sum() / (spread**2).sum()), float((spread**2).sum())))
    if not fitted:
        return slope
    order = sorted(fitted)
    weight = np.cumsum([each[1] for each in order])
    return order[int(np.searchsorted(weight, weight[-1] / 2))][0]


def find_rows(pieces: list[Piece], size: float) -> list[Row]:
    """Return the lines of a page from top to bottom.

    Args:
        pieces: without dirt, of a page whose lines are about level.
        size: the page's digits' height in pixels.
    """
    whole = [piece for piece in pieces if _WHOLE * size <= piece.height <= _TALL * size]
    if not whole:
        whole = pieces
    chains = _one_per_row([[whole[index] for index in chain] for chain in _chains(whole, size, 0.0)], size)
    bands = [_Band(tuple(chain)) for chain in chains]
    taken = {id(piece) for piece in whole}
    for piece in pieces:
        if id(piece) not in taken:
            _attach(piece, chains, bands, size)
    return [_row(chain, size) for chain in sorted(_without_strays(chains, size), key=_level)]


@dataclass(frozen=True)
class _Band:
    """Where a line's digits stand, by those that are neither tall nor small."""

    pieces: tuple[Piece, ...]

    def reach(self, x: float) -> float:
        """How far the nearest of them is, in columns."""
        return min(abs(piece.x - x) for piece in self.pieces)

    def at(self, x: float) -> tuple[float, float]:
        """The rows at which digits around a column begin and end."""
        near = sorted(self.pieces, key=lambda piece: abs(piece.x - x))[:4]
        return float(np.mean([piece.top for piece in near])), float(np.mean([piece.bottom for piece in near]))


def _middles(pieces: list[Piece]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    return np.array([piece.x for piece in pieces]), np.array([piece.y for piece in pieces])


def _chains(pieces: list[Piece], size: float, slope: float) -> list[list[int]]:
    """Pieces by chains of neighbours: each is linked to the nearest on its right whose nearest on the left it is."""
    x, y = _middles(pieces)
    y = y - slope * x
    right, down = x[None] - x[:, None], abs(y[None] - y[:, None])
    allowed = np.where(right < _NEAR * size, _BESIDE, _ACROSS) * size
    away = np.where((right > 0) & (down < allowed), right + 2 * down, np.inf)
    after, before = away.argmin(axis=1), away.argmin(axis=0)
    owner = list(range(len(pieces)))

    def find(index: int) -> int:
        while owner[index] != index:
            owner[index] = owner[owner[index]]
            index = owner[index]
        return index

    for index in range(len(pieces)):
        other = int(after[index])
        if np.isfinite(away[index, other]) and int(before[other]) == index:
            owner[find(other)] = find(index)
    groups: dict[int, list[int]] = {}
    for index in range(len(pieces)):
        groups.setdefault(find(index), []).append(index)
    return list(groups.values())


def _one_per_row(chains: list[list[Piece]], size: float) -> list[list[Piece]]:
    """Chains joined where one continues the other on the same row."""
    chains = sorted(chains, key=len, reverse=True)
    rows: list[list[Piece]] = []
    levels: list[float] = []
    for chain in chains:
        best, least, level = None, 0.45 * size, _level(chain)
        for row, other in zip(rows, levels, strict=True):
            if abs(level - other) > 2.5 * size:
                continue
            away = _height_off(chain, row)
            if away < least and not _overlap(chain, row, size):
                best, least = row, away
        if best is None:
            rows.append(list(chain))
            levels.append(level)
        else:
            best.extend(chain)
    return rows


def _height_off(chain: list[Piece], row: list[Piece]) -> float:
    """By how much a chain lies above or below a row, compared with the row's nearest pieces."""
    middle = float(np.mean([piece.x for piece in chain]))
    near = sorted(row, key=lambda piece: abs(piece.x - middle))[:4]
    return abs(_level(chain) - _level(near))


def _level(pieces: list[Piece]) -> float:
    return float(np.median([piece.y for piece in pieces]))


def _overlap(chain: list[Piece], row: list[Piece], size: float) -> bool:
    """Whether a piece of one lies above a piece of the other."""
    return any(
        min(a.right, b.right) - max(a.left, b.left) > 0.5 * min(a.width, b.width, size)
        and abs(a.y - b.y) > 0.5 * size
        and min(a.height, b.height) > _WHOLE * size
        for a in chain
        for b in row
    )


def _attach(piece: Piece, chains: list[list[Piece]], bands: list[_Band], size: float) -> None:
    """Give a small or tall piece to the line that it lies in; part it where it reaches over two; or start one."""
    reached = []
    for chain, band in zip(chains, bands, strict=False):  # lines started by other such pieces have no band
        if band.reach(piece.x) > 6 * size + piece.width:
            continue
        top, bottom = band.at(piece.x)
        shared = min(bottom, piece.bottom) - max(top, piece.top)
        if shared > 0.35 * min(bottom - top, piece.height):
            reached.append((top, bottom, shared, chain))
    reached.sort(key=lambda each: each[0])
    if not reached:
        chains.append([piece])
    elif len(reached) == 1 or piece.height < 1.4 * size:
        max(reached, key=lambda each: each[2])[3].append(piece)
    else:
        for chain, share in zip((each[3] for each in reached), _layers(piece, reached, size), strict=False):
            chain.append(share)


def _without_strays(chains: list[list[Piece]], size: float) -> list[list[Piece]]:
    """The lines, with what stands a little high or low among the pieces of a longer one, and marks beside lines.

    A mark is a single small piece, such as the bar of a 5 that does not touch it.
    """
    marks = [chain for chain in chains if len(chain) == 1 and chain[0].longer < _MARK * size]
    strays = [chain for chain in chains if len(chain) < _FEW and not any(chain is mark for mark in marks)]
    lines = [chain for chain in chains if not any(chain is other for other in (*marks, *strays))]
    for stray in strays:
        if not _absorbed(stray, lines, size, _SLACK):
            lines.append(stray)
    for mark in marks:
        if not _absorbed(mark, lines, size, 2 * _SLACK) and mark[0].longer >= _ALONE * size:
            lines.append(mark)
    return lines


def _absorbed(stray: list[Piece], lines: list[list[Piece]], size: float, slack: float) -> bool:
    """Whether one of the lines, extended up and down by `slack` sizes, took the stray in."""
    top, bottom = min(piece.top for piece in stray), max(piece.bottom for piece in stray)
    middle = (min(piece.left for piece in stray) + max(piece.right for piece in stray)) / 2
    best, most = None, 0.5 * (bottom - top)
    for line in lines:
        band = _Band(tuple(line))
        above, below = band.at(middle)
        shared = min(below + slack * size, bottom) - max(above - slack * size, top)
        if shared > most and band.reach(middle) < _BY * size and not _overlap(stray, line, size):
            best, most = line, shared
    if best is not None:
        best.extend(stray)
    return best is not None


def _layers(piece: Piece, reached: list[tuple[float, float, float, list[Piece]]], size: float) -> list[Piece]:
    """A piece parted between lines, from top to bottom, each time where a way across it crosses the least ink."""
    lying = Piece(np.ascontiguousarray(piece.mask.T), piece.left, piece.top)
    seams = find_seams([lying], [size])[0]
    chosen: list[Seam] = []
    for above, below in pairwise(reached):
        between = (above[1] + below[0]) / 2 - piece.top
        near = [seam for seam in seams if abs(float(seam.columns.mean()) - between) < 0.5 * size]
        if near:
            chosen.append(min(near, key=lambda seam: seam.crossed))
    return [Piece(np.ascontiguousarray(each.mask.T), each.left, each.top) for each in part(lying, chosen)]


def _row(chain: list[Piece], size: float) -> Row:
    heights = np.sort([piece.height for piece in chain])
    tall = heights[heights > 0.4 * heights[-1]]
    return Row(tuple(sorted(chain, key=lambda piece: piece.x)), float(np.median(tall)) if tall.size else size)
