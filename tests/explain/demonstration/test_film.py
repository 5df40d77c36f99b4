"""A film goes through a convolution from the first place to the last, in one look, and stays small."""

from io import BytesIO
from itertools import pairwise
from typing import Any

import numpy as np
import pytest
import torch
from PIL import Image

from inkwise.data.uci import read_uci_digits
from inkwise.explain.demonstration.film import PICTURES, chosen, film, keys, shown, strip
from inkwise.explain.demonstration.image_scene import ImageScene
from inkwise.explain.demonstration.operation import Operation, operate

SMALL = torch.tensor([[1, 0, 2, 3], [4, 1, 0, 2], [0, 2, 5, 1], [3, 1, 0, 2]])
KERNEL = torch.tensor([[1, 0], [0, -1]])


@pytest.fixture(scope="module")
def digit() -> Operation:
    """A digit and a Sobel kernel."""
    image = read_uci_digits().split("test").images[3, 0].double() / 255
    return operate(image, torch.tensor([[-1, 0, 1], [-2, 0, 2], [-1, 0, 1]]), rotate=False, mode="same")


def opened(content: bytes) -> Any:
    return Image.open(BytesIO(content))


def test_a_film_has_a_picture_for_each_place_and_starts_again() -> None:
    moving = opened(film(operate(SMALL, KERNEL)))
    assert (moving.format, moving.n_frames, moving.info["loop"]) == ("GIF", 9, 0)
    durations = []
    for frame in range(moving.n_frames):
        moving.seek(frame)
        durations.append(moving.info["duration"])
    assert len(set(durations[:-1])) == 1
    assert durations[-1] >= durations[0] + 2000


def test_every_frame_is_the_scenes_picture_up_to_a_few_grey_levels(digit: Operation) -> None:
    moving, scene, places = opened(film(digit)), ImageScene(digit, shown(digit)), shown(digit)
    for frame in (0, 30, len(places) - 1):
        moving.seek(frame)
        drawn = np.asarray(scene.draw(places[frame], note="60 of 784 places are shown"), int)
        off = np.abs(np.asarray(moving.convert("RGB"), int) - drawn).max(-1)
        assert off.mean() < 0.5
        assert off.max() < 25
        assert moving.convert("RGB").getpixel((2, 2)) == (255, 255, 255)


def test_a_film_of_a_digit_is_small_and_says_what_it_leaves_out(digit: Operation) -> None:
    content = film(digit, dark=True)
    assert len(content) < 1_000_000
    assert opened(content).n_frames == len(shown(digit)) <= PICTURES


def test_the_same_operation_gives_the_same_bytes() -> None:
    assert film(operate(SMALL, KERNEL)) == film(operate(SMALL, KERNEL))
    assert strip(operate(SMALL, KERNEL)) == strip(operate(SMALL, KERNEL))
    assert film(operate(SMALL, KERNEL)) != film(operate(SMALL, KERNEL), dark=True)


@pytest.mark.parametrize("length", [5, 200], ids=["cells", "bars"])
def test_signals_are_filmed(length: int) -> None:
    moving = opened(film(operate(torch.arange(float(length)), torch.tensor([1.0, -1.0]), mode="full")))
    assert moving.n_frames == min(length + 1, PICTURES)


def test_a_single_place_is_a_film_of_one_picture() -> None:
    assert getattr(opened(film(operate(SMALL, SMALL))), "n_frames", 1) == 1
    assert opened(strip(operate(SMALL, SMALL))).height < 1200


def test_a_strip_has_the_key_pictures_under_each_other() -> None:
    operation = operate(SMALL, KERNEL)
    picture = opened(strip(operation))
    (place, end), *_, (final, whole) = keys(operation)
    note = "the strongest place of each quarter of 9"
    first = np.asarray(ImageScene(operation).draw(place, note=note, scale=2, filled=end))
    assert (picture.format, picture.width) == ("PNG", first.shape[1])
    assert np.array_equal(np.asarray(picture)[: len(first)], first)
    last = np.asarray(ImageScene(operation).draw(final, scale=2, filled=8))
    assert whole == 8
    assert np.array_equal(np.asarray(picture)[-400:], last[-400:])
    assert 3 * len(first) < picture.height < 4 * len(first)


def test_of_each_quarter_of_the_places_the_strongest_is_the_key() -> None:
    operation = operate(torch.tensor([0, 1, 0, -5, 2, 0, 0, 0, 3, 1]), torch.tensor([1]))
    assert keys(operation) == [(1, 1), (3, 4), (5, 6), (8, 9)]
    assert keys(operation, range(3, 9)) == [(3, 3), (4, 5), (6, 6), (8, 8)]
    assert keys(operation, range(7, 9)) == [(7, 7), (8, 8)]


def test_a_film_stops_where_it_is_asked_to(digit: Operation) -> None:
    assert opened(film(digit, range(300, 307))).n_frames == 7
    assert opened(film(operate(SMALL, KERNEL), [])).n_frames == 9


@pytest.mark.parametrize("size", [(28, 28), (3, 500), (500, 3), (61, 1), (1, 61), (1000, 1000)], ids=str)
def test_places_are_left_out_evenly_row_by_row(size: tuple[int, int]) -> None:
    places = shown(operate(torch.ones(size), torch.ones(1, 1)))
    assert 50 <= len(places) <= PICTURES
    assert places[0] == 0
    assert places[-1] == size[0] * size[1] - 1
    assert all(a < b for a, b in pairwise(places))


@pytest.mark.parametrize(("places", "most", "expected"), [(3, 4, [0, 1, 2]), (9, 4, [0, 3, 5, 8]), (10, 2, [0, 9])])
def test_chosen_places_have_the_first_and_the_last_among_them(places: int, most: int, expected: list[int]) -> None:
    assert chosen(places, most) == expected
