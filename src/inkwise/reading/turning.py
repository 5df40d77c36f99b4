"""A page turned by quarters; and which way up it is where single pieces do not tell, because digits touch.

Some pieces are then read each way up as if each were a line, and the page is turned as most of their ink reads best.
"""

import numpy as np

from inkwise.reading.ink import Grey, Ink
from inkwise.reading.lines import Row
from inkwise.reading.pieces import Piece, typical_size
from inkwise.reading.readings import Reading, read_rows
from inkwise.reading.scores import Judge, Scores

_ASKED = 16  # pieces that are read, the largest ones
_AS_GIVEN = 0.05  # how much better than as it was given a turned page must read


def turned(ink: Ink, turn: int) -> Ink:
    """Return the page after `turn` quarter turns counter-clockwise."""
    if not turn:
        return ink
    levels, mask = np.ascontiguousarray(np.rot90(ink.levels, turn)), np.ascontiguousarray(np.rot90(ink.mask, turn))
    return Ink(levels, mask, ink.factor, ink.light, ink.noise)


def turned_piece(piece: Piece, turn: int, shape: tuple[int, ...]) -> Piece:
    """Return the piece after `turn` quarter turns counter-clockwise; `shape` is the turned page's."""
    if not turn:
        return piece
    mask = np.ascontiguousarray(np.rot90(piece.mask, turn))
    if turn == 1:
        return Piece(mask, shape[0] - piece.right, piece.top)
    if turn == 2:
        return Piece(mask, shape[0] - piece.bottom, shape[1] - piece.right)
    return Piece(mask, piece.left, shape[1] - piece.bottom)


def turn_by_reading(pieces: list[Piece], ink: Ink, judge: Judge) -> tuple[int, float]:
    """Return by how many quarter turns, counter-clockwise, the page comes upright, and how it then reads.

    The second is the share of ink that is read as digits, each counted by its chance.

    Args:
        pieces: of the page, without dirt.
        ink: of the page.
        judge: scores pictures.
    """

    def upside_down(forms: Grey) -> Scores:
        return judge(np.ascontiguousarray(forms[:, :, ::-1, ::-1]))

    asked = sorted(pieces, key=lambda piece: -piece.area)[:_ASKED]
    qualities = np.zeros(4)
    for axis in (0, 1):
        lying = turned(ink, axis)
        own = [turned_piece(piece, axis, lying.mask.shape) for piece in asked]
        size = typical_size(own, upright=True)
        rows = [Row((piece,), size) for piece in own]
        for turn, each in ((axis, judge), (axis + 2, upside_down)):
            qualities[turn] = _quality(read_rows(rows, lying, each))
    turn = int(np.argmax(qualities + np.array([_AS_GIVEN, 0, 0, 0])))
    return turn, float(qualities[turn])


def _quality(readings: list[Reading]) -> float:
    """The share of ink that is read as digits, each counted by its chance."""
    ink = good = 0.0
    for reading in readings:
        chances = reading.scores.digits.max(axis=1) * reading.scores.kinds[:, 0]
        for choice, chance in zip(reading.choices, chances.tolist(), strict=True):
            ink += choice.span.piece.area
            good += choice.span.piece.area * chance * choice.digit
    return good / max(ink, 1)
