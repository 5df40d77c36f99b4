import cv2
import numpy as np
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


def test_a_seam_goes_where_least_ink_is_crossed() -> None:
    piece = touching()
    best = min(find_seams(piece, 42.0), key=lambda seam: abs(float(seam.columns.mean()) - 44))
    assert best.crossed < 2
    assert 36 < best.columns.mean() < 50


def test_seams_are_in_order_and_parts_add_up_to_the_piece() -> None:
    piece = touching()
    seams = find_seams(piece, 42.0)
    assert [seam.columns.mean() for seam in seams] == sorted(seam.columns.mean() for seam in seams)
    whole = np.zeros((80, 120), np.int64)
    for each in part(piece, seams):
        whole[each.top : each.bottom, each.left : each.right] += each.mask
    np.testing.assert_array_equal(whole[10:70, 20:110], piece.mask)
    assert whole.sum() == piece.area
