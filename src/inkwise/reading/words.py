"""The words of a line: its digits parted at wide gaps, without letters and signs, and which of them are accepted.

Alone, a bracket is a 1: a pair is told by being taller than the digits between, and bent away from them.
"""

from dataclasses import dataclass, replace
from itertools import combinations, pairwise

import numpy as np

from inkwise.evaluation.rejection import Rejection
from inkwise.reading.lattice import in_context
from inkwise.reading.pieces import Piece
from inkwise.reading.readings import Reading

_DIGITS = tuple("0123456789")
_REJECTS = ("not a digit", "two digits")
_BLANK = 0.55  # gap, in sizes of the line's digits, from which numbers are told apart
_WIDER = 1.9  # and in usual gaps of the line
_FOREIGN = 0.9  # chance of being no digit from which a sign is left out; below, it is abstained from
_LEFT_OUT = 0.6  # sizes of the line's digits below which what is no digit is dirt or punctuation
_TALLER = 1.15  # height of brackets in those of the digits between them
_BENT = 0.06  # by which share of its height a bracket is bent at least
_WITHIN = 8  # digits between brackets, at most
_LETTERS = 0.35  # share of a line's marks that are no digits, from which it is one of writing
_MANY = 8  # marks from which a line may be one of writing


@dataclass(frozen=True)
class Mark:
    """What stands at one place of a line. `reason` says why the label is not accepted; `sign` that it is no digit."""

    piece: Piece
    label: str
    confidence: float
    reason: str | None
    sign: bool


def find_words(reading: Reading, rejection: Rejection) -> list[list[Mark]]:
    """Return the words of a line, each of digits alone; none where nothing is a number.

    Args:
        reading: of the line.
        rejection: what is accepted.
    """
    marks = _without_brackets(_marks(reading, rejection))
    if not any(not mark.sign for mark in marks):
        return []
    foreign = sum(mark.sign for mark in marks)
    written = len(marks) >= _MANY and foreign > _LETTERS * len(marks)
    words = []
    for word in _parted(marks):
        digits = [mark for mark in word if not mark.sign]
        accepted = sum(mark.reason is None for mark in digits)
        # Within a line of writing only what is a number throughout counts.
        if accepted == len(word) if written else 2 * len(digits) > len(word) and 2 * accepted >= len(digits):
            words.append(digits)
    return words


def _marks(reading: Reading, rejection: Rejection) -> list[Mark]:
    sizes = [choice.span.piece.longer for choice in reading.choices if choice.digit]
    if not sizes:
        return []
    least = _LEFT_OUT * float(np.median(sizes))
    scores = reading.scores
    kinds = in_context(scores.kinds, reading.share)
    reasons = rejection.reasons(scores.digits, kinds, _DIGITS, _REJECTS)
    best = scores.digits.argmax(axis=1)
    chances = scores.digits.max(axis=1) * kinds[:, 0]
    found = []
    for index, choice in enumerate(reading.choices):
        if choice.digit or choice.span.piece.longer >= least:
            sign = not choice.digit and float(scores.kinds[index, 1]) >= _FOREIGN
            reason = reasons[index] if choice.digit else reasons[index] or _REJECTS[0]
            found.append(Mark(choice.span.piece, _DIGITS[best[index]], float(chances[index]), reason, sign))
    return found


def _without_brackets(marks: list[Mark]) -> list[Mark]:
    """The marks, pairs of brackets being signs."""
    bends = [_bend(mark.piece) if mark.label == "1" else 0.0 for mark in marks]
    found = list(marks)
    for first, last in combinations(range(len(marks)), 2):
        between = [mark.piece.height for mark in marks[first + 1 : last]]
        if not 1 <= len(between) <= _WITHIN or bends[first] > -_BENT or bends[last] < _BENT:
            continue
        if min(marks[first].piece.height, marks[last].piece.height) >= _TALLER * float(np.median(between)):
            for index in (first, last):
                found[index] = replace(marks[index], sign=True)
    return found


def _bend(piece: Piece) -> float:
    """By which share of its height the middle of a stroke lies right of the line between its ends."""
    rows, columns = np.nonzero(piece.mask)
    down = (rows + 0.5) / piece.height

    def column(low: float, high: float) -> float:
        inside = columns[(down >= low) & (down <= high)]
        return float(inside.mean()) if len(inside) else piece.width / 2

    return (column(0.4, 0.6) - (column(0.0, 0.15) + column(0.85, 1.0)) / 2) / piece.height


def _parted(marks: list[Mark]) -> list[list[Mark]]:
    """The marks of a line, parted at wide gaps."""
    gaps = [b.piece.left - a.piece.right for a, b in pairwise(marks)]
    size = float(np.median([mark.piece.height for mark in marks]))
    # Where half of the gaps are between words, the median is one of neither kind.
    usual = float(np.percentile(gaps, 40, method="lower")) if len(gaps) > 2 else 0.0
    wide = max(_BLANK * size, _WIDER * usual)
    words = [[marks[0]]]
    for gap, mark in zip(gaps, marks[1:], strict=True):
        if gap > wide:
            words.append([])
        words[-1].append(mark)
    return words
