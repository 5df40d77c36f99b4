"""The surface draws values in colours that say their sign, and text that fits."""

import numpy as np
import pytest

from inkwise.explain.demonstration.board import SMALLEST, Board, Spot, fitting, text_width


def pixels(board: Board) -> "np.ndarray[tuple[int, ...], np.dtype[np.uint8]]":
    return np.asarray(board.image)


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
def test_above_zero_is_red_and_below_is_blue(dark: bool) -> None:
    below, zero, above = Board(4, 4, dark=dark).signed(np.array([-2.0, 0.0, 1.0]), 1.0).astype(int)
    assert above[0] > max(above[1], above[2])
    assert below[2] > max(below[0], below[1])
    assert zero.max() - zero.min() < 16


def test_colours_go_evenly_from_the_paper_to_the_full_colour() -> None:
    none, half, full = Board(4, 4).signed(np.array([0.0, 0.5, 1.0]), 1.0).astype(int)
    assert np.abs(none + full - 2 * half).max() <= 1
    assert none.tolist() == [255, 255, 255]


def test_grey_is_dark_ink_or_white_light() -> None:
    board, values = Board(4, 4), np.array([0.0, 1.0])
    assert board.grey(values, 0.0, 1.0, light=False)[:, 0].tolist() == [255, 0]
    assert board.grey(values, 0.0, 1.0, light=True)[:, 0].tolist() == [0, 255]


def test_all_values_alike_are_drawn() -> None:
    board = Board(4, 4)
    assert board.grey(np.zeros(3), 0.0, 0.0, light=False).shape == (3, 3)
    assert board.signed(np.zeros(3), 0.0).tolist() == [[255] * 3] * 3


def test_a_picture_has_a_square_for_each_value_and_means_where_there_is_no_room() -> None:
    board = Board(8, 8)
    colours = np.zeros((2, 2, 3), np.uint8)
    colours[0, 0] = 200
    board.picture(Spot(0, 0, 8, 8), colours)
    assert pixels(board)[:4, :4].min() == 200
    assert pixels(board)[4:].max() == 0
    board.picture(Spot(0, 0, 1, 1), colours)
    assert pixels(board)[0, 0].tolist() == [50, 50, 50]


def test_bars_stand_on_zero_and_reach_their_value() -> None:
    board = Board(4, 10)
    board.bars(Spot(0, 0, 4, 10), np.array([1.0, 0.0, -1.0, 0.5]), -1.0, 1.0, (1, 2, 3))
    drawn = (pixels(board) == (1, 2, 3)).all(-1)
    assert drawn.sum(0).tolist() == [5, 0, 5, 3]
    assert drawn[:5, 0].all()
    assert drawn[5:, 2].all()


def test_of_more_values_than_pixels_the_extremes_are_seen() -> None:
    board = Board(4, 10)
    values = np.zeros(4000)
    values[2500] = 1.0
    board.bars(Spot(0, 0, 4, 10), values, 0.0, 1.0, (1, 2, 3))
    assert (pixels(board) == (1, 2, 3)).all(-1).sum(0).tolist() == [0, 0, 10, 0]


def test_a_scale_draws_the_same_larger() -> None:
    small, large = Board(30, 20), Board(30, 20, scale=2)
    for board in (small, large):
        board.fill(Spot(10, 5, 10, 10), "#000000")
    assert large.image.size == (60, 40)
    assert np.array_equal(pixels(large)[::2, ::2], pixels(small))


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
def test_a_number_stands_out_from_its_cell(dark: bool) -> None:
    for value in (-1.0, 0.0, 1.0):
        board = Board(40, 40, dark=dark)
        red, green, blue = (int(level) for level in board.signed(np.array([value]), 1.6)[0])
        board.cell(Spot(0, 0, 40, 40), "8", size=20, paper=(red, green, blue))
        light = pixels(board).astype(float) @ (0.2126, 0.7152, 0.0722)
        assert light.max() - light.min() > 80


def test_text_that_cannot_be_read_is_not_written() -> None:
    size = fitting(["-1.234"], 46, 46)
    assert SMALLEST <= size <= 17
    assert text_width("-1.234", size) <= 46
    assert fitting(["-1.234"], 20, 20) == 0
    assert fitting([], 46, 46) > 0
    board = Board(20, 20)
    board.cell(Spot(0, 0, 20, 20), "-1.234", size=0, paper="#ffffff")
    assert np.array_equal(pixels(board)[2:-2, 2:-2], np.full((16, 16, 3), 255))


def test_the_minus_that_is_drawn_is_the_one_that_is_measured() -> None:
    size = fitting(["-0.868"], 46, 46)
    assert text_width("\N{MINUS SIGN}0.868", size) <= 0.845 * 46
