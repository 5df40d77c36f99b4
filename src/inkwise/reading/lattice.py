"""The best reading of a line: which parts of its ink are one digit each, chosen by what the network says of them.

A line is a row of primitives, pieces or parts of pieces between seams. Every short run of primitives that could be a
digit is a span; a reading is a way through the line by spans, each read as one digit or left out as none, and the
best has the largest product of chances. Source: Matan, Burges, LeCun & Denker, "Multi-digit recognition using a
space displacement neural network", NIPS 1991; LeCun et al. 1998, doi:10.1109/5.726791, section VI.
"""

from dataclasses import dataclass

import numpy as np

from inkwise.reading.cuts import Seam, find_seams, part
from inkwise.reading.lines import Row
from inkwise.reading.pieces import Piece, union
from inkwise.reading.scores import Floats, Scores

WRITTEN = 0.5  # share of digits from which a line is taken for one of numbers
LONGEST = 7  # primitives of one span
_WIDEST = 1.25  # width of a digit, in its height or that of the line's digits
_SURE = 0.97  # chance of one digit from which a piece is not cut, unless it is wide
_WHOLE = 0.55  # in sizes: a sure digit at least as high is complete
_CUT = 0.8  # what a cut costs, in natural logarithms, and for each stroke crossed
_CROSSED = 0.1
_JOIN = 0.05  # what joining two pieces costs, and for each size of gap between them
_GAP = 1.5
_PART = 0.6  # in sizes: marks that belong to a digit are not larger
_STROKE = 1  # the digit that is part of others: of 4, 5 and 7
_LEFT_OUT = 0.6  # what leaving ink out costs
_SMALL = 0.5  # in sizes of the line's digits: smaller pieces are less likely digits
_LEAST = 1e-4  # no chance counts as less
_ODD = 0.05  # what an unusual width costs, for each square of standard deviations beyond the first
_USUAL = 0.6  # width of a digit in sizes: what a span is worth counts by its width in these

# Logarithm of width by height of MNIST's training digits 0 to 9: mean and standard deviation.
_RATIO = np.array([-0.11, -0.91, -0.07, -0.23, -0.24, -0.07, -0.34, -0.27, -0.28, -0.39])
_SPREAD = np.array([0.20, 0.47, 0.23, 0.22, 0.21, 0.27, 0.22, 0.22, 0.23, 0.21])


@dataclass(frozen=True)
class Primitive:
    """The least ink that a reading takes as a whole. `crossed` counts the strokes of the cut on its right, or None.

    `digit` says that the network took it for one complete digit as it stands, and none that is part of others.
    """

    piece: Piece
    crossed: float | None = None
    digit: bool = False


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


def primitives(rows: list[Row], scores: list[Scores], shares: list[float]) -> list[list[Primitive]]:
    """Return the pieces of lines, cut where they may hold several digits.

    Args:
        rows: the lines.
        scores: of the pieces of each.
        shares: from `digit_share`; on a line of letters only what looks like several digits is cut.
    """
    asked: dict[int, float] = {}
    pieces: list[Piece] = []
    for row, own, share in zip(rows, scores, shares, strict=True):
        for index, piece in enumerate(row.pieces):
            likely = share >= WRITTEN or float(own.kinds[index, 2]) > 0.5
            if likely and _may_hold_several(piece, row.size, _chance(own, index)):
                asked[id(piece)] = row.size
                pieces.append(piece)
    seams = dict(zip(asked, find_seams(pieces, list(asked.values())), strict=True))
    return [_primitives(row, own, seams) for row, own in zip(rows, scores, strict=True)]


def _primitives(row: Row, scores: Scores, seams: dict[int, list[Seam]]) -> list[Primitive]:
    """The primitives of one line, given the seams of its pieces by identity."""
    found: list[Primitive] = []
    for index, piece in enumerate(row.pieces):
        own = seams.get(id(piece), [])
        parts = part(piece, own)
        # Seams that leave nothing between them count as one.
        if not own or len(parts) != len(own) + 1:
            whole = _chance(scores, index) >= _SURE and piece.height >= _WHOLE * row.size
            found.append(Primitive(piece, digit=whole and int(scores.digits[index].argmax()) != _STROKE))
            continue
        found += [Primitive(each, seam.crossed) for each, seam in zip(parts[:-1], own, strict=True)]
        found.append(Primitive(parts[-1]))
    return sorted(found, key=lambda each: each.piece.x)


def _chance(scores: Scores, index: int) -> float:
    """The chance that a piece is one digit and the one that it looks like most."""
    return float(scores.digits[index].max() * scores.kinds[index, 0])


def spans(row: Row, line: list[Primitive], share: float) -> list[Span]:
    """Return every run of primitives that could be one digit; on a line of letters pieces are not joined."""
    found = []
    for first in range(len(line)):
        cost = 0.0
        for last in range(first, min(first + LONGEST, len(line))):
            if last > first:
                if share < WRITTEN and line[last - 1].crossed is None:
                    break
                if not _may_join(line[first : last + 1], row.size):
                    break
                step = _join_cost(line, last, row.size)
                if step is None:
                    break
                cost += step
            together = union([each.piece for each in line[first : last + 1]])
            if last > first and together.width > _WIDEST * max(row.size, together.height):
                break
            edges = [line[first - 1].crossed if first else None, line[last].crossed]
            cuts = sum((_CUT + _CROSSED * crossed) / 2 for crossed in edges if crossed is not None)
            found.append(Span(first, last, together, cost + cuts))
    return found


def digit_share(row: Row, scores: Scores) -> float:
    """Return how likely a piece of a line is a digit before it is looked at, by what the others on the line are.

    Args:
        row: the line.
        scores: of its pieces; those of two digits count as digits, and what is wider than any digit tells nothing.
    """
    asked = [not _is_wide(piece, row.size) for piece in row.pieces]
    hits = float((1 - scores.kinds[asked, 1]).sum())
    return min(max((hits + 1) / (sum(asked) + 2), 0.1), 0.95)


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
    values = _values(row, found, scores, share)
    for index, span in enumerate(found):  # by their first primitive, so that all ways to it are known
        for digit in (True, False):
            value = total[span.first] + values[index, 0 if digit else 1] - span.cost
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


def _values(row: Row, found: list[Span], scores: Scores, share: float) -> Floats:
    """What each span is worth as one digit, and as none: the logarithms of their chances, (spans, 2)."""
    if not found:
        return np.zeros((0, 2))
    width, height = np.array([(span.piece.width, span.piece.height) for span in found], np.float64).T
    size = np.maximum(width, height) / row.size
    one, none, _ = in_context(scores.kinds, share).T
    best = scores.digits.argmax(axis=1)
    odd = ((np.log(width / height) - _RATIO[best]) / _SPREAD[best]) ** 2
    read = np.log(np.maximum(scores.digits.max(axis=1) * one, _LEAST))
    read -= _ODD * np.clip(odd - 1, 0, 12) + 2 * np.maximum(np.log(_SMALL / size), 0)
    left = np.log(np.maximum(none, np.where(size >= _SMALL, _LEAST, 0.1))) - _LEFT_OUT * np.minimum(1, size)
    # A way of more spans is not worse for it: each counts by the part of the line that it explains.
    weight = np.minimum(width / (_USUAL * row.size), 2)
    return np.stack([read * weight, left * weight], axis=1)


def in_context(kinds: Floats, share: float) -> Floats:
    """Return the chances to be one digit, none and several, (N, 3), on a line of which that share is digits.

    By Bayes: the network was taught with as many of one as of the other.
    """
    weighed = kinds * np.array([share, 1 - share, 1])
    return np.asarray(weighed / np.maximum(weighed.sum(axis=1, keepdims=True), _LEAST))


def _may_hold_several(piece: Piece, size: float, chance: float) -> bool:
    if piece.width < 0.35 * size or piece.width < 6:
        return False
    return chance < _SURE or _is_wide(piece, size)


def _is_wide(piece: Piece, size: float) -> bool:
    return piece.width > 1.15 * max(size, 0.8 * piece.height)


def _may_join(run: list[Primitive], size: float) -> bool:
    """Whether primitives may be one digit: what is a digit by itself takes small marks in and nothing else."""
    sure = [index for index, each in enumerate(run) if each.digit]
    if len(sure) != 1:
        return not sure
    return all(_longer(side) <= _PART * size for side in (run[: sure[0]], run[sure[0] + 1 :]))


def _longer(run: list[Primitive]) -> float:
    """The longer side of the box around primitives; 0 for none."""
    if not run:
        return 0.0
    boxes = np.array([(each.piece.left, each.piece.top, each.piece.right, each.piece.bottom) for each in run])
    return float((boxes[:, 2:].max(axis=0) - boxes[:, :2].min(axis=0)).max())


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
