import numpy as np
import pytest
from tests.reading_cases import template, write_lines

from inkwise.reading.forms import to_form, to_forms
from inkwise.reading.ink import find_ink
from inkwise.reading.pieces import Piece, find_pieces


@pytest.mark.parametrize("zoom", [1, 3])
def test_a_piece_comes_to_the_form_that_its_digit_has(zoom: int) -> None:
    page = np.repeat(np.repeat(write_lines("5", shape=(150, 120)), zoom, axis=0), zoom, axis=1)
    ink = find_ink(page)
    (piece,) = find_pieces(ink)
    form = to_form(piece, ink.levels, ink.mask, ink.noise).astype(float)
    assert form.shape == (28, 28)
    assert form.max() == 255
    away = [abs(form - template(digit)).mean() for digit in "0123456789"]
    assert int(np.argmin(away)) == 5
    assert away[5] < 18


def test_neighbours_do_not_leak_into_a_form() -> None:
    levels = np.zeros((60, 60), np.uint8)
    levels[10:50, 10:14] = 200
    levels[10:50, 16:40] = 200  # two columns beside it
    mask = levels > 0
    alone = to_form(Piece(mask[10:50, 10:14], 10, 10), levels, mask, 0.0)
    levels[:, 16:] = 0
    np.testing.assert_array_equal(alone, to_form(Piece(mask[10:50, 10:14], 10, 10), levels, levels > 0, 0.0))


def test_pieces_at_the_rim_of_the_page_have_a_form() -> None:
    levels = np.full((12, 9), 180, np.uint8)
    mask = np.ones((12, 9), np.bool_)
    assert to_form(Piece(mask, 0, 0), levels, mask, 1.0).any()


def test_no_pieces_are_no_forms() -> None:
    empty = np.zeros((5, 5), np.uint8)
    assert to_forms([], empty, empty > 0, 0.0).shape == (0, 1, 28, 28)
