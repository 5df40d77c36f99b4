"""The picture of a place over two axes shows the input, the window and the output up to it."""

import numpy as np
import pytest
import torch

from inkwise.evaluation.canvas import DARK, LIGHT
from inkwise.explain.demonstration.board import Board, Spot
from inkwise.explain.demonstration.image_scene import ImageScene
from inkwise.explain.demonstration.operation import operate

SMALL = torch.tensor([[1, 0, 2, 3], [4, 1, 0, 2], [0, 2, 5, 1], [3, 1, 0, 2]])
KERNEL = torch.tensor([[1, 0], [0, -1]])


def crop(scene: ImageScene, place: int, spot: Spot) -> "np.ndarray[tuple[int, ...], np.dtype[np.uint8]]":
    picture = np.asarray(scene.draw(place))
    return picture[round(spot.y) : round(spot.bottom), round(spot.x) : round(spot.right)]


def test_cells_of_input_and_output_are_alike_and_nothing_overlaps() -> None:
    scene = ImageScene(operate(SMALL, KERNEL))
    assert scene.input.width / 4 == scene.output.width / 3 == scene.cell
    assert scene.input.right < scene.weights.x
    assert scene.weights.bottom < scene.below.y
    assert scene.weights.right < scene.output.x
    assert scene.output.right < scene.width
    assert max(scene.below.bottom, scene.input.bottom) < scene.height


def test_the_output_fills_up_place_by_place() -> None:
    scene = ImageScene(operate(SMALL, KERNEL))
    for place in range(9):
        drawn = crop(scene, place, scene.output)
        filled = 0
        for i, j in np.ndindex(3, 3):
            cell = drawn[round(i * scene.cell) + 6 : round((i + 1) * scene.cell) - 6]
            cell = cell[:, round(j * scene.cell) + 6 : round((j + 1) * scene.cell) - 6]
            filled += bool((cell != 255).any())  # a number, on its colour
        assert filled == place + 1


def test_the_window_is_marked_where_it_stands() -> None:
    scene = ImageScene(operate(SMALL, KERNEL))
    for place in (0, 4, 8):
        drawn = crop(scene, place, scene.input)
        marked = (drawn == Board(1, 1).rgb(LIGHT.series[1])).all(-1)
        rows, columns = np.nonzero(marked)
        top, left = divmod(place, 3)
        assert abs(rows.min() - top * scene.cell) <= 3
        assert abs(columns.min() - left * scene.cell) <= 3
        assert abs(rows.max() - (top + 2) * scene.cell) <= 3


@pytest.mark.parametrize("light", [False, True], ids=["ink", "light"])
def test_a_large_image_is_a_picture_of_ink_on_paper_or_of_light(light: bool) -> None:
    image = torch.zeros(28, 28, dtype=torch.float64)
    image[10:18, 10:18] = 1
    scene = ImageScene(operate(image, torch.ones(3, 3), light=light))
    drawn = crop(scene, 0, scene.input)
    middle = drawn[drawn.shape[0] // 2, drawn.shape[1] // 2]
    assert middle.tolist() == ([255] * 3 if light else [0] * 3)


def test_an_output_below_zero_is_in_red_and_blue_and_one_above_in_grey() -> None:
    image = torch.zeros(28, 28, dtype=torch.float64)
    image[10:18, 10:18] = 1
    edges = ImageScene(operate(image, torch.tensor([[-1.0, 0.0, 1.0]]), rotate=False))
    signed = crop(edges, 28 * 26 - 1, edges.output).astype(int)
    assert (signed[..., 0] - signed[..., 2]).max() > 100
    assert (signed[..., 2] - signed[..., 0]).max() > 100
    blurred = ImageScene(operate(image, torch.ones(3, 3)))
    grey = crop(blurred, 26 * 26 - 3, blurred.output)[:-20].astype(int)
    assert (grey[..., 0] - grey[..., 2]).max() < 10


@pytest.mark.parametrize(
    ("image", "kernel"),
    [((3, 200), (1, 3)), ((900, 700), (3, 3)), ((1, 1), (1, 1)), ((28, 28), (28, 28)), ((40, 2), (9, 2))],
    ids=str,
)
def test_every_size_is_drawn(image: tuple[int, int], kernel: tuple[int, int]) -> None:
    scene = ImageScene(operate(torch.rand(image), torch.rand(kernel)), dark=True)
    drawn = scene.draw(0, note="a note")
    assert 600 <= drawn.width <= 1100
    assert 300 <= drawn.height <= 650
    assert drawn.getpixel((0, 0)) == Board(1, 1).rgb(DARK.paper)


@pytest.mark.parametrize("place", [0, 30, 100, 675])
def test_what_a_picture_has_not_reached_yet_is_left_empty(place: int) -> None:
    scene = ImageScene(operate(torch.ones(28, 28, dtype=torch.float64), torch.ones(3, 3)))
    drawn = crop(scene, place, scene.output)
    cell = round(scene.cell)
    middles = drawn[cell // 2 :: cell, cell // 2 :: cell].reshape(-1, 3)
    empty = (middles == Board(1, 1).rgb(LIGHT.ramp[0])).all(-1)
    assert empty.tolist() == [order > place for order in range(26 * 26)]


def test_products_are_numbers_in_every_picture_of_a_film_or_in_none() -> None:
    image = torch.zeros(6, 6, dtype=torch.float64)
    image[3:, 3:] = 123.45678
    operation = operate(image, torch.full((5, 5), 0.123))
    alone, among = ImageScene(operation), ImageScene(operation, [0, 3])
    grid = Board(1, 1).rgb(LIGHT.grid)

    def cells(scene: ImageScene, place: int) -> bool:
        drawn = crop(scene, place, scene.below)
        return bool((drawn[:, round(scene.small)] == grid).all(-1).mean() > 0.5)

    assert not cells(among, 0)
    assert not cells(among, 3)
    blank = operate(torch.zeros(6, 6), torch.full((5, 5), 0.5))
    assert cells(ImageScene(blank, [0, 3]), 0)
    assert alone.products_form(operation.step(0)).values != among.products_form(operation.step(0)).values


def test_the_output_may_be_filled_beyond_the_place() -> None:
    scene = ImageScene(operate(torch.ones(28, 28, dtype=torch.float64), torch.ones(3, 3)))
    whole = np.asarray(scene.draw(10, filled=675))
    end = np.asarray(scene.draw(675))
    bottom = slice(round(scene.output.y + scene.output.height / 2), round(scene.output.bottom) - round(2 * scene.cell))
    across = slice(round(scene.output.x), round(scene.output.right))
    assert np.array_equal(whole[bottom, across], end[bottom, across])
