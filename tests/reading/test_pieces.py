import numpy as np
import pytest
from tests.reading_cases import write_lines

from inkwise.reading.ink import find_ink
from inkwise.reading.pieces import Piece, find_pieces, trimmed, typical_size, union, without_dirt


def block(height: int, width: int, top: int = 0, left: int = 0) -> Piece:
    """Return the outline of a box, two pixels thick."""
    mask = np.ones((height, width), np.bool_)
    mask[2:-2, 2:-2] = False
    return Piece(mask, top, left)


def test_pieces_are_what_hangs_together() -> None:
    pieces = find_pieces(find_ink(write_lines("27 5", shape=(150, 300))))
    assert len(pieces) == 3
    assert {piece.height for piece in pieces} <= set(range(40, 50))


def test_specks_frames_and_edges_are_no_pieces() -> None:
    page = write_lines("27 5", shape=(150, 300))
    page[20:22, 20:22] = 30
    page[:, :4] = 30  # the edge of the desk
    assert len(find_pieces(find_ink(page))) == 3


def test_a_union_has_the_ink_of_both_and_the_smallest_box() -> None:
    one, other = block(10, 6, top=5, left=3), block(4, 20, top=12, left=1)
    both = union([one, other])
    assert both.box == (1, 5, 20, 11)
    assert both.mask[0:10, 2:8][one.mask].all()
    assert both.area <= one.area + other.area
    assert union([one]) is one


def test_a_piece_is_trimmed_to_its_ink() -> None:
    mask = np.zeros((9, 9), np.bool_)
    mask[2:5, 3:4] = True
    piece = trimmed(mask, 10, 20)
    assert piece is not None
    assert piece.box == (23, 12, 1, 3)
    assert trimmed(np.zeros((3, 3), np.bool_), 0, 0) is None


@pytest.mark.parametrize("thick", [6, 9, 14])
def test_a_stroke_is_as_wide_as_it_was_drawn(thick: int) -> None:
    assert Piece(np.ones((60, thick), np.bool_), 0, 0).stroke == pytest.approx(thick, rel=0.2)


def test_dirt_does_not_decide_the_size_nor_do_frames() -> None:
    digits, dirt = [block(40, 25)] * 8, [block(6, 6)] * 30
    assert typical_size([*digits, *dirt, block(400, 300)]) == 40
    assert without_dirt([*digits, *dirt], 40.0) == digits


def test_digits_that_touch_do_not_make_the_size_larger() -> None:
    strings = [block(40, 120), block(38, 200), block(42, 90)]
    assert typical_size(strings) <= 84
    assert typical_size(strings, upright=True) == 40
