"""Lines read by a network: the pieces of all lines are asked in one batch, what could be one digit in a second.

Knows how proposals are made and chosen (`lattice`); nothing of pages, words or what is accepted.
"""

from dataclasses import dataclass

import numpy as np

from inkwise.reading.forms import to_forms
from inkwise.reading.ink import Ink
from inkwise.reading.lattice import Choice, best_reading, digit_share, primitives, spans
from inkwise.reading.lines import Row
from inkwise.reading.pieces import Piece
from inkwise.reading.scores import Judge, Scores


@dataclass(frozen=True)
class Reading:
    """The best reading of a line: its parts from left to right, and the scores of each.

    `share` is how likely a piece of this line is a digit before it is looked at.
    """

    choices: tuple[Choice, ...]
    scores: Scores
    share: float


def read_rows(rows: list[Row], ink: Ink, judge: Judge) -> list[Reading]:
    """Return the best reading of each line.

    Args:
        rows: of one page.
        ink: of that page.
        judge: scores pictures.
    """

    def ask(pieces: list[Piece]) -> Scores:
        return judge(to_forms(pieces, ink.levels, ink.mask, ink.noise))

    whole = [piece for row in rows for piece in row.pieces]
    first = ask(whole)
    ends = np.cumsum([len(row.pieces) for row in rows]).tolist()
    own = [first[list(range(end - len(row.pieces), end))] for row, end in zip(rows, ends, strict=True)]
    shares = [digit_share(row, each) for row, each in zip(rows, own, strict=True)]
    lines = primitives(rows, own, shares)
    found = [spans(row, line, share) for row, line, share in zip(rows, lines, shares, strict=True)]
    known = {id(piece): index for index, piece in enumerate(whole)}
    new = [span.piece for each in found for span in each if id(span.piece) not in known]
    second = ask(new)
    known |= {id(piece): len(whole) + index for index, piece in enumerate(new)}
    every = Scores(np.concatenate([first.digits, second.digits]), np.concatenate([first.kinds, second.kinds]))
    readings = []
    for row, line, each, share in zip(rows, lines, found, shares, strict=True):
        scores = every[[known[id(span.piece)] for span in each]]
        chosen = best_reading(row, len(line), each, scores, share)
        # Cut as it reads best, a line tells better what it is made of.
        parts = Row(tuple(choice.span.piece for choice in chosen), row.size)
        again = digit_share(parts, scores[[choice.index for choice in chosen]])
        chosen = best_reading(row, len(line), each, scores, again)
        readings.append(Reading(tuple(chosen), scores[[choice.index for choice in chosen]], again))
    return readings
