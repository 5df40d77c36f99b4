import numpy as np
import pytest
from tests.reading_cases import write_lines

from inkwise.reading.ink import find_ink
from inkwise.reading.pieces import find_pieces
from inkwise.reading.scores import Judge
from inkwise.reading.turning import turn_by_reading, turned, turned_piece

PAGE = write_lines("7434", "3747")


@pytest.mark.parametrize("turn", range(4))
def test_pieces_lie_on_the_turned_page_where_their_ink_does(turn: int) -> None:
    ink = find_ink(PAGE)
    lying = turned(ink, turn)
    for piece in find_pieces(ink):
        there = turned_piece(piece, turn, lying.mask.shape)
        assert (lying.mask[there.top : there.bottom, there.left : there.right] & there.mask).sum() == piece.area


@pytest.mark.parametrize("turn", range(4))
def test_the_page_is_turned_as_it_reads_best(judge: Judge, turn: int) -> None:
    ink = find_ink(np.ascontiguousarray(np.rot90(PAGE, -turn)))
    found, quality = turn_by_reading(find_pieces(ink), ink, judge)
    assert found == turn
    assert quality > 0.5
