import numpy as np
import pytest
from tests.reading_cases import write_lines

from inkwise.reading.ink import find_ink
from inkwise.reading.level import make_level
from inkwise.reading.pieces import find_pieces

INK = find_ink(write_lines("2753  94", "68245"))
PIECES = find_pieces(INK)


@pytest.mark.parametrize("slope", [-0.3, -0.05, 0.1])
def test_boxes_lead_back_to_the_page(slope: float) -> None:
    level = make_level(INK, PIECES, slope)
    assert len(level.pieces) == len(PIECES)
    for piece, before in zip(level.pieces, PIECES, strict=True):
        assert np.abs(np.array(level.box(piece)) - before.box).max() <= 2
        assert piece.area == pytest.approx(before.area, rel=0.15)


def test_what_sinks_comes_level() -> None:
    level = make_level(INK, PIECES, 0.1)
    sinking = np.array([(piece.x, piece.y) for piece in level.pieces if piece.y < 150])
    assert np.polyfit(sinking[:, 0], sinking[:, 1], 1)[0] == pytest.approx(-0.1, abs=0.02)


def test_ink_is_turned_with_its_pieces() -> None:
    level = make_level(INK, PIECES, 0.1)
    for piece in level.pieces:
        inside = level.ink.mask[piece.top : piece.bottom, piece.left : piece.right]
        assert (inside & piece.mask).sum() > 0.95 * piece.area


def test_a_page_that_is_level_stays_as_it_is() -> None:
    level = make_level(INK, PIECES, 0.005)
    assert level.ink is INK
    assert level.box(PIECES[0]) == PIECES[0].box
