"""A page read: from a picture to lines of digits with their boxes and confidences.

`read_page` runs the room's stages in order: ink, rules, pieces, orientation, lines, spans, the best reading of each
line. Proposals of a page go through the network in a few large batches. A page without a number is a result with a
reason, not an error. Knows nothing of files beyond what it is given, and nothing of how a reading is shown.
"""

from dataclasses import asdict, dataclass
from itertools import pairwise
from typing import Any

import numpy as np

from inkwise.reading.forms import to_forms
from inkwise.reading.ink import Grey, Ink, find_ink
from inkwise.reading.lattice import Choice, best_reading, digit_share, primitives, spans
from inkwise.reading.lines import Row, find_rows, find_slope
from inkwise.reading.orientation import find_turn, sample
from inkwise.reading.pieces import Piece, find_pieces, typical_size, without_dirt
from inkwise.reading.rules import without_rules
from inkwise.reading.scores import Judge, Scores

Box = tuple[int, int, int, int]

NO_INK = "no ink found"
NO_DIGITS = "no digits found"
_BLANK = 0.55  # gap, in sizes of the line's digits, from which numbers are told apart
_WIDER = 1.9  # and in usual gaps of the line
_FOREIGN = 0.9  # chance of being no digit from which a sign is left out; below, it is abstained from
_HOPELESS = 0.12  # mean chance of a sample of the pieces, best side up, below which a page is not read
_WORTH = 0.12  # share of digits among a page's marks below which they are taken for chance
_LEFT_OUT = 0.6  # sizes of the line's digits below which what is no digit is dirt or punctuation


@dataclass(frozen=True)
class Digit:
    """One digit. `box` is left, top, width and height in pixels of the page turned upright.

    `confidence` is the chance that `label` is right; where it is not `accepted`, `reason` says why.
    """

    label: str
    confidence: float
    accepted: bool
    box: Box
    reason: str | None = None


@dataclass(frozen=True)
class Line:
    """A line of writing. `text` has a blank at a wide gap and ? for a digit abstained from.

    `confidence` is the chance that all its digits are right.
    """

    text: str
    box: Box
    confidence: float
    digits: tuple[Digit, ...]


@dataclass(frozen=True)
class Page:
    """What a page says. `rotation` is by how many degrees, clockwise, it lay turned from upright: 0, 90, 180 or 270.

    `size` is width and height in pixels once turned upright. `reason` says why there are no lines, else it is None.
    """

    rotation: int
    size: tuple[int, int]
    lines: tuple[Line, ...]
    reason: str | None = None

    def to_dict(self) -> dict[str, Any]:
        """Return it as JSON has it."""
        return asdict(self)


@dataclass(frozen=True)
class _Mark:
    """What stands at one place of a line; `sign` says that it is no digit."""

    piece: Piece
    digit: Digit
    sign: bool


def read_page(picture: Grey, judge: Judge, *, threshold: float = 0.5) -> Page:
    """Return what a page says.

    Args:
        picture: uint8 (H, W) grey or (H, W, 3) colour.
        judge: what scores pictures in MNIST's form.
        threshold: the confidence from which a digit is accepted.
    """
    height, width = picture.shape[:2]
    ink = without_rules(find_ink(picture))
    pieces = find_pieces(ink)
    if not pieces:
        return Page(0, (width, height), (), NO_INK)
    size = typical_size(pieces)
    pieces = without_dirt(pieces, size)
    asked = [pieces[index] for index in sample(pieces, size)]
    turn, chance = find_turn(to_forms(asked, ink.levels, ink.mask, ink.noise), judge)
    if chance < _HOPELESS:
        return Page(0, (width, height), (), NO_DIGITS)
    if turn:
        ink = _turned(ink, turn)
        pieces = [_turned_piece(piece, turn, ink.mask.shape) for piece in pieces]
    upright = (height, width) if turn % 2 else (width, height)
    rows = find_rows(pieces, size, find_slope(pieces, size))
    readings = _read_rows(rows, ink, judge)
    lines = tuple(line for row in readings if (line := _line(row, ink.factor, threshold)) is not None)
    read = sum(digit.accepted for line in lines for digit in line.digits)
    if read < _WORTH * sum(len(reading) for reading in readings):
        return Page(90 * turn, upright, (), NO_DIGITS)
    return Page(90 * turn, upright, lines, None if lines else NO_DIGITS)


def _read_rows(rows: list[Row], ink: Ink, judge: Judge) -> list[list[tuple[Choice, Scores]]]:
    """The best reading of each line, its spans with their scores."""

    def ask(pieces: list[Piece]) -> Scores:
        return judge(to_forms(pieces, ink.levels, ink.mask, ink.noise))

    whole = [piece for row in rows for piece in row.pieces]
    first = ask(whole)
    known = {id(piece): index for index, piece in enumerate(whole)}
    lines, shares, start = [], [], 0
    for row in rows:
        own = first[start : start + len(row.pieces)]
        shares.append(digit_share(own))
        lines.append(primitives(row, own, shares[-1]))
        start += len(row.pieces)
    found = [spans(row, line, share) for row, line, share in zip(rows, lines, shares, strict=True)]
    new = [span.piece for each in found for span in each if id(span.piece) not in known]
    second = ask(new)
    known |= {id(piece): len(whole) + index for index, piece in enumerate(new)}
    digits, kinds = np.concatenate([first.digits, second.digits]), np.concatenate([first.kinds, second.kinds])
    readings = []
    for row, line, each, share in zip(rows, lines, found, shares, strict=True):
        at = [known[id(span.piece)] for span in each]
        scores = Scores(digits[at], kinds[at])
        chosen = best_reading(row, len(line), each, scores, share)
        readings.append([(choice, scores[choice.index : choice.index + 1]) for choice in chosen])
    return readings


def _line(reading: list[tuple[Choice, Scores]], factor: float, threshold: float) -> Line | None:
    """A line of the result; None where it has no digit."""
    sizes = [choice.span.piece.longer for choice, _ in reading if choice.digit]
    if not sizes:
        return None
    least = _LEFT_OUT * float(np.median(sizes))
    marks = [
        _Mark(choice.span.piece, _digit(choice.span.piece, scores, factor, threshold), _is_sign(choice, scores))
        for choice, scores in reading
        if choice.digit or choice.span.piece.longer >= least
    ]
    words = [word for word in _words(marks) if _is_number(word)]
    digits = tuple(mark.digit for word in words for mark in word)
    if not digits:
        return None
    text = " ".join("".join(mark.digit.label if mark.digit.accepted else "?" for mark in word) for word in words)
    left, top = min(digit.box[0] for digit in digits), min(digit.box[1] for digit in digits)
    right = max(digit.box[0] + digit.box[2] for digit in digits)
    bottom = max(digit.box[1] + digit.box[3] for digit in digits)
    confidence = float(np.prod([digit.confidence for digit in digits]))
    return Line(text, (left, top, right - left, bottom - top), confidence, digits)


def _is_sign(choice: Choice, scores: Scores) -> bool:
    """Whether it is left out as a letter or a sign, rather than abstained from."""
    return not choice.digit and float(scores.kinds[0, 1]) >= _FOREIGN


def _words(marks: list[_Mark]) -> list[list[_Mark]]:
    """The marks of a line, parted at wide gaps."""
    gaps = [b.piece.left - a.piece.right for a, b in pairwise(marks)]
    size = float(np.median([mark.piece.height for mark in marks]))
    wide = max(_BLANK * size, _WIDER * float(np.median(gaps)) if len(gaps) > 2 else 0.0)
    words = [[marks[0]]]
    for gap, mark in zip(gaps, marks[1:], strict=True):
        if gap > wide:
            words.append([])
        words[-1].append(mark)
    return [kept for word in words if (kept := _without_signs(word))]


def _without_signs(word: list[_Mark]) -> list[_Mark]:
    """A word's digits; none where half of it or more are letters or signs."""
    digits = [mark for mark in word if not mark.sign]
    return digits if 2 * len(digits) > len(word) else []


def _is_number(word: list[_Mark]) -> bool:
    """Whether at least half of its digits were accepted."""
    return 2 * sum(mark.digit.accepted for mark in word) >= len(word)


def _digit(piece: Piece, scores: Scores, factor: float, threshold: float) -> Digit:
    chances = scores.digits[0]
    best, second = (int(index) for index in np.argsort(-chances)[:2])
    one, none, several = (float(value) for value in scores.kinds[0])
    confidence = float(chances[best]) * one
    reason = None
    if confidence < threshold:
        reason = f"unsure between {best} and {second}"
        if one < max(none, several):
            reason = "two digits" if several > none else "not a digit"
    box = tuple(round(value * factor) for value in piece.box)
    return Digit(str(best), confidence, reason is None, (box[0], box[1], box[2], box[3]), reason)


def _turned(ink: Ink, turn: int) -> Ink:
    levels, mask = np.ascontiguousarray(np.rot90(ink.levels, turn)), np.ascontiguousarray(np.rot90(ink.mask, turn))
    return Ink(levels, mask, ink.factor, ink.light, ink.noise)


def _turned_piece(piece: Piece, turn: int, shape: tuple[int, ...]) -> Piece:
    """The piece on the page after `turn` quarter turns counter-clockwise; `shape` is the turned page's."""
    mask = np.ascontiguousarray(np.rot90(piece.mask, turn))
    if turn == 1:
        return Piece(mask, shape[0] - piece.right, piece.top)
    if turn == 2:
        return Piece(mask, shape[0] - piece.bottom, shape[1] - piece.right)
    return Piece(mask, piece.left, shape[1] - piece.bottom)
