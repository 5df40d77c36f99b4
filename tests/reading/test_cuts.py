import cv2
import numpy as np
import pytest
from tests.reading_cases import FONT

from inkwise.reading.cuts import find_seams, part
from inkwise.reading.pieces import Piece


def touching() -> Piece:
    """Return a 3 whose middle bar runs into a 5: one piece."""
    page = np.zeros((60, 90), np.uint8)
    cv2.putText(page, "3", (4, 52), FONT, 2.0, 1, 4)
    cv2.putText(page, "5", (44, 52), FONT, 2.0, 1, 4)
    cv2.line(page, (34, 40), (50, 42), 1, 3)
    return Piece(page > 0, 10, 20)


def overhanging() -> Piece:
    """Return a bar above a post, hanging on a post left of it: apart but for one pixel's width at the foot."""
    mask = np.zeros((40, 40), np.bool_)
    mask[:4, 4:36] = True
    mask[:, 4:8] = True
    mask[12:, 26:30] = True
    mask[38:, 4:30] = True
    return Piece(mask, 0, 0)


def test_a_seam_goes_where_least_ink_is_crossed() -> None:
    piece = touching()
    best = min(find_seams([piece], [42.0])[0], key=lambda seam: abs(float(seam.columns.mean()) - 44))
    assert best.crossed < 2
    assert 36 < best.columns.mean() < 50


def test_seams_are_in_order_and_parts_add_up_to_the_piece() -> None:
    piece = touching()
    (seams,) = find_seams([piece], [42.0])
    assert [seam.columns.mean() for seam in seams] == sorted(seam.columns.mean() for seam in seams)
    whole = np.zeros((80, 120), np.int64)
    for each in part(piece, seams):
        whole[each.top : each.bottom, each.left : each.right] += each.mask
    np.testing.assert_array_equal(whole[10:70, 20:110], piece.mask)
    assert whole.sum() == piece.area


def test_a_seam_goes_round_a_bar_that_reaches_over_the_next_digit() -> None:
    piece = overhanging()
    (seams,) = find_seams([piece], [40.0])
    parts = [part(piece, [seam]) for seam in seams]
    # One of them leaves the bar with the left post, whole, and the right one without it.
    assert any(len(each) == 2 and each[0].mask[:4, :32].all() and each[1].top >= 10 for each in parts)


@pytest.mark.parametrize("height", [12, 40, 160])
def test_seams_do_not_depend_on_the_pieces_that_they_are_sought_with(height: int) -> None:
    piece = touching()
    other = Piece(np.ones((height, 3 * height), np.bool_), 0, 0)
    (alone,) = find_seams([piece], [42.0])
    together = find_seams([other, piece, other], [float(height), 42.0, float(height)])[1]
    assert len(alone) == len(together) > 0
    for a, b in zip(alone, together, strict=True):
        np.testing.assert_array_equal(a.columns, b.columns)
        assert a.crossed == pytest.approx(b.crossed)


def test_nothing_is_sought_in_nothing() -> None:
    assert find_seams([], []) == []
