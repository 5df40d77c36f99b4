"""A page read: from a picture to lines of digits with their boxes and confidences.

`read_page` runs the room's stages in order: ink, rules, pieces, orientation, lines, spans, the best reading of each
line. Proposals of a page go through the network in a few large batches. A page without a number is a result with a
reason, not an error. Knows nothing of files beyond what it is given, and nothing of how a reading is shown.
"""

from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from inkwise.evaluation.rejection import Rejection
from inkwise.reading.forms import to_forms
from inkwise.reading.ink import Grey, find_ink
from inkwise.reading.level import Level, make_level
from inkwise.reading.lines import find_rows, find_slope
from inkwise.reading.orientation import find_turn, sample
from inkwise.reading.pieces import find_pieces, typical_size, without_dirt
from inkwise.reading.readings import read_rows
from inkwise.reading.rules import without_rules
from inkwise.reading.scores import Judge
from inkwise.reading.turning import turn_by_reading, turned, turned_piece
from inkwise.reading.words import Mark, find_words

Box = tuple[int, int, int, int]

NO_INK = "no ink found"
NO_DIGITS = "no digits found"
ACCEPT = Rejection(digit=0.5, confidence=0.5)  # what is more likely right than wrong
_TELLING = 0.9  # mean chance of a sample of the pieces, best side up, below which they do not tell how a page lies
_HOPELESS = 0.12  # and below which a page is not read
_WORTH = 0.12  # share of digits among a page's marks below which they are taken for chance


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


def read_page(picture: Grey, judge: Judge, *, rejection: Rejection = ACCEPT) -> Page:
    """Return what a page says.

    Args:
        picture: uint8 (H, W) grey or (H, W, 3) colour.
        judge: what scores pictures in MNIST's form.
        rejection: which digits are accepted.
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
    if chance < _TELLING:
        turn, chance = turn_by_reading(pieces, ink, judge)
    if chance < _HOPELESS:
        return Page(0, (width, height), (), NO_DIGITS)
    ink = turned(ink, turn)
    pieces = [turned_piece(piece, turn, ink.mask.shape) for piece in pieces]
    size = typical_size(pieces, upright=True)
    level = make_level(ink, pieces, find_slope(pieces, size))
    readings = read_rows(find_rows(level.pieces, size), level.ink, judge)
    lines = tuple(line for reading in readings if (line := _line(find_words(reading, rejection), level)) is not None)
    read = sum(digit.accepted for line in lines for digit in line.digits)
    upright = (height, width) if turn % 2 else (width, height)
    if read < _WORTH * sum(len(reading.choices) for reading in readings):
        return Page(90 * turn, upright, (), NO_DIGITS)
    return Page(90 * turn, upright, lines, None if lines else NO_DIGITS)


def _line(words: list[list[Mark]], level: Level) -> Line | None:
    """A line of the result; None where it has no word."""
    if not words:
        return None
    text = " ".join("".join("?" if mark.reason else mark.label for mark in word) for word in words)
    digits = tuple(_digit(mark, level) for word in words for mark in word)
    left, top = min(digit.box[0] for digit in digits), min(digit.box[1] for digit in digits)
    right = max(digit.box[0] + digit.box[2] for digit in digits)
    bottom = max(digit.box[1] + digit.box[3] for digit in digits)
    confidence = float(np.prod([digit.confidence for digit in digits]))
    return Line(text, (left, top, right - left, bottom - top), confidence, digits)


def _digit(mark: Mark, level: Level) -> Digit:
    left, top, width, height = (round(value * level.ink.factor) for value in level.box(mark.piece))
    return Digit(mark.label, mark.confidence, mark.reason is None, (left, top, width, height), mark.reason)
