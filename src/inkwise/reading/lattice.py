"""The best reading of a line: which parts of its ink are one digit each, chosen by what the network says of them.

A line is a row of primitives, pieces or parts of pieces between seams. Every short run of primitives that could be a
digit is a span; a reading is a way through the line by spans, each read as one digit or left out as none, and the
best has the largest product of chances. Source: Matan, Burges, LeCun & Denker, "Multi-digit recognition using a
space displacement neural network", NIPS 1991; LeCun et al. 1998, doi:10.1109/5.726791, section VI.
"""

from dataclasses import dataclass
from math import log

import numpy as np

from inkwise.reading.cuts import find_seams, part
from inkwise.reading.lines import Row
from inkwise.reading.pieces import Piece, union
from inkwise.reading.scores import Scores

WRITTEN = 0.5  # share of digits from which a line is taken for one of numbers
LONGEST = 5  # primitives of one span
_SURE = 0.97  # chance of one digit from which a piece is not cut, unless it is wide
_CUT = 0.2  # what a cut costs, in natural logarithms, and for each stroke crossed
_CROSSED = 0.25
_JOIN = 0.15  # what joining two pieces costs, and for each size of gap between them
_GAP = 1.5
_LEFT_OUT = 0.7  # what leaving ink out costs
_SMALL = 0.5  # in sizes of the line's digits: smaller pieces are less likely digits
_LEAST = 1e-4  # no chance counts as less


@dataclass(frozen=True)
class Primitive:
    """The least ink that a reading takes as a whole. `crossed` counts the strokes of the cut on its right, or None."""

    piece: Piece
    crossed: float | None = None


@dataclass(frozen=True)
class Span:
    """Primitives `first` to `last` of a line as one piece, and what building it costs besides the network's score."""

    first: int
    last: int
    piece: Piece
    cost: float


@dataclass(frozen=True)
class Choice:
    """A span of the best reading and where its scores stand; `digit` says whether it is read or taken for none."""

    span: Span
    index: int
    digit: bool


def primitives(row: Row, scores: Scores, share: float) -> list[Primitive]:
    """Return a line's pieces, cut where they may hold several digits.

    Args:
        row: the line.
        scores: of each of its pieces.
        share: from `digit_share`; on a line of letters only what looks like several digits is cut.
    """
    found: list[Primitive] = []
    for index, piece in enumerate(row.pieces):
        chance = float(scores.digits[index].max() * scores.kinds[index, 0])
        likely = share >= WRITTEN or float(scores.kinds[index, 2]) > 0.5
        if not likely or not _may_hold_several(piece, row.size, chance):
            found.append(Primitive(piece))
            continue
        seams = find_seams(piece, row.size)
        parts = part(piece, seams)
        crossed = [seam.crossed for seam in seams]
        # Seams that leave nothing between them count as one.
        if len(parts) == len(seams) + 1:
            found += [Primitive(each, cost) for each, cost in zip(parts[:-1], crossed, strict=True)]
            found.append(Primitive(parts[-1]))
        else:
            found.append(Primitive(piece))
    return sorted(found, key=lambda each: each.piece.x)


def spans(row: Row, line: list[Primitive], share: float) -> list[Span]:
    """Return every run of primitives that could be one digit; on a line of letters pieces are not joined."""
    found = []
    for first in range(len(line)):
        cost = 0.0
        for last in range(first, min(first + LONGEST, len(line))):
            if last > first:
                if share < WRITTEN and line[last - 1].crossed is None:
                    break
                step = _join_cost(line, last, row.size)
                if step is None:
                    break
                cost += step
            together = union([each.piece for each in line[first : last + 1]])
            if last > first and together.width > 1.6 * max(row.size, together.height):
                break
            edges = [line[first - 1].crossed if first else None, line[last].crossed]
            cuts = sum((_CUT + _CROSSED * crossed) / 2 for crossed in edges if crossed is not None)
            found.append(Span(first, last, together, cost + cuts))
    return found


def digit_share(scores: Scores) -> float:
    """Return how likely a piece of a line is a digit before it is looked at, by what the others on the line are.

    Args:
        scores: of the line's pieces; those of two digits count as digits.
    """
    hits = float((1 - scores.kinds[:, 1]).sum())
    return min(max((hits + 1) / (len(scores) + 2), 0.1), 0.95)


def best_reading(row: Row, count: int, found: list[Span], scores: Scores, share: float) -> list[Choice]:
    """Return the spans of the best reading, from left to right.

    Args:
        row: the line.
        count: its primitives.
        found: from `spans`.
        scores: of each span.
        share: from `digit_share`.
    """
    total = np.full(count + 1, -np.inf)
    total[0] = 0
    way: list[Choice | None] = [None] * (count + 1)
    for index, span in enumerate(found):  # by their first primitive, so that all ways to it are known
        for digit in (True, False):
            value = total[span.first] + _value(row, span, scores, index, share, digit=digit) - span.cost
            if value > total[span.last + 1]:
                total[span.last + 1], way[span.last + 1] = value, Choice(span, index, digit)
    chosen: list[Choice] = []
    at = count
    while at > 0:
        choice = way[at]
        assert choice is not None  # single primitives are always spans
        chosen.append(choice)
        at = choice.span.first
    return chosen[::-1]


def _value(row: Row, span: Span, scores: Scores, index: int, share: float, *, digit: bool) -> float:
    """The logarithm of the chance that a span is one digit, or that it is none."""
    one, none, several = (float(value) for value in scores.kinds[index])
    size = span.piece.longer / row.size
    # By Bayes: the network was taught with as many of one as of the other.
    scale = share * one + (1 - share) * none + 0.5 * several
    one, none = share * one / max(scale, _LEAST), (1 - share) * none / max(scale, _LEAST)
    if digit:
        small = max(0.0, log(_SMALL / size)) if size < _SMALL else 0.0
        return log(max(float(scores.digits[index].max()) * one, _LEAST)) - 2 * small
    return log(max(none, _LEAST if size >= _SMALL else 0.1)) - _LEFT_OUT * min(1.0, size)


def _may_hold_several(piece: Piece, size: float, chance: float) -> bool:
    if piece.width < 0.35 * size or piece.width < 6:
        return False
    return chance < _SURE or piece.width > 1.15 * max(size, 0.8 * piece.height)


def _join_cost(line: list[Primitive], last: int, size: float) -> float | None:
    """What it costs to join a primitive with the one before; None where they lie too far apart."""
    before, here = line[last - 1], line[last].piece
    if before.crossed is not None:
        return 0.0  # nothing was cut after all
    gap = max(here.left - before.piece.right, 0)
    rows = max(max(here.top, before.piece.top) - min(here.bottom, before.piece.bottom), 0)
    if gap > 0.4 * size or rows > 0.6 * size:
        return None
    return _JOIN + _GAP * (gap + rows) / size
