"""Which way up a page is: the quarter turn in which a sample of its pieces reads best as digits.

A digit's form turned by 90 degrees is the form of the turned digit, so that one cutting-out serves all four. Where
digits do not tell (a page of 0 and 8), the page is taken to be as it was given.
"""

import numpy as np
from numpy.typing import NDArray

from inkwise.reading.ink import Grey
from inkwise.reading.pieces import Piece
from inkwise.reading.scores import Judge, Scores

SAMPLE = 32  # pieces that are asked; more do not change the answer, and each costs four readings
_UPRIGHT = 1.5  # how much better, in natural logarithms, a turned page must read
_WORST = 0.02  # one piece that is no digit does not decide: no chance counts as less than this


def sample(pieces: list[Piece], size: float) -> list[int]:
    """Return the indices of the pieces that are asked: those whose size is nearest to the page's digits'."""
    away = [abs(np.log(max(piece.longer, 1) / size)) for piece in pieces]
    return sorted(int(index) for index in np.argsort(away, kind="stable")[:SAMPLE])


def find_turn(forms: Grey, judge: Judge) -> tuple[int, float]:
    """Return by how many quarter turns, counter-clockwise, the page comes upright, and how it then reads.

    The first is 0 to 3, the second the mean chance that a piece is one digit, and the one that it looks like most.

    Args:
        forms: uint8 (N, 1, 28, 28), the sample as it stands on the page.
        judge: scores pictures.
    """
    if not len(forms):
        return 0, 0.0
    turned = [np.rot90(forms, turn, axes=(2, 3)) for turn in range(4)]
    scores = judge(np.ascontiguousarray(np.concatenate(turned)))
    count = len(forms)
    totals = [evidence(scores[turn * count : (turn + 1) * count]) for turn in range(4)]
    totals[0] += _UPRIGHT
    turn = int(np.argmax(totals))
    return turn, float(_chances(scores[turn * count : (turn + 1) * count]).mean())


def evidence(scores: Scores) -> float:
    """Return the sum of the logarithms of the chances that each is one digit, and the digit it looks like most."""
    return float(np.log(np.maximum(_chances(scores), _WORST)).sum())


def _chances(scores: Scores) -> NDArray[np.float64]:
    return np.asarray(scores.digits.max(axis=1) * scores.kinds[:, 0], np.float64)
