import io
import re

import numpy as np
import pytest
import torch
from PIL import Image
from torch import Tensor, nn

from inkwise.errors import DataError, ShapeError
from inkwise.explain.exciting import Exciting, most_exciting
from inkwise.explain.field import Box, Unseen
from inkwise.explain.figure.overlays import exciting_sheet, saliency_sheet

DIGIT = torch.zeros(8, 8, dtype=torch.uint8)
DIGIT[2:6, 3:5] = 255
GREEN = (0x00, 0x9E, 0x73)


def pixels(png: bytes) -> np.ndarray:
    return np.asarray(Image.open(io.BytesIO(png)).convert("RGB")).astype(int)


def green(png: bytes) -> np.ndarray:
    found: np.ndarray = (pixels(png) == GREEN).all(axis=-1)
    return found


# Saliency.


def test_the_digit_stands_first_and_each_map_beside_it() -> None:
    saliency = {"gradient": torch.rand(8, 8), "occlusion": torch.randn(8, 8)}
    one, two = (pixels(saliency_sheet(DIGIT, dict(list(saliency.items())[:n]))).shape for n in (1, 2))
    assert two[1] - one[1] == 336 + 36
    assert two[0] == one[0]
    six = pixels(saliency_sheet(DIGIT, {str(n): torch.rand(8, 8) for n in range(6)})).shape
    assert six[0] > 1.7 * one[0]  # a second row after five pictures


def test_signs_have_their_colours_and_nothing_leaves_the_digit_grey() -> None:
    saliency = torch.zeros(8, 8)
    saliency[0, 0], saliency[7, 7] = 1.0, -1.0
    drawn = pixels(saliency_sheet(DIGIT, {"map": saliency}))
    left = 44 + 336 + 36  # the second picture
    top = next(row for row in range(200) if (drawn[row, left + 60 : left + 300] == 255).all() and row > 80)
    red, blue = drawn[top + 10, left + 10], drawn[top + 336 - 20, left + 336 - 20]
    assert red[0] > red[2] + 60
    assert blue[2] > blue[0] + 60
    stroke = drawn[top + 4 * 42, left + 3 * 42 + 20]
    assert stroke[0] == stroke[1] == stroke[2]
    assert 120 < stroke[0] < 200


def test_a_coarse_map_is_spread_over_the_image() -> None:
    coarse = torch.tensor([[1.0, 0.0], [0.0, -2.0]])
    spread = coarse.repeat_interleave(4, 0).repeat_interleave(4, 1)
    assert saliency_sheet(DIGIT, {"map": coarse}) == saliency_sheet(DIGIT, {"map": spread})


def test_the_same_input_gives_the_same_bytes() -> None:
    saliency = {"map": torch.rand(8, 8)}
    assert saliency_sheet(DIGIT, saliency) == saliency_sheet(DIGIT[None, None], saliency)
    assert saliency_sheet(DIGIT, saliency) == saliency_sheet(DIGIT / 255, saliency)
    assert saliency_sheet(DIGIT, saliency) != saliency_sheet(DIGIT, saliency, dark=True)


@pytest.mark.parametrize(
    ("image", "maps", "error", "message"),
    [
        (DIGIT, {}, DataError, "There are no maps to draw; give at least one by its name."),
        (DIGIT, {"a": torch.zeros(1, 8, 8)}, ShapeError, "The map 'a' has shape (1, 8, 8); give (height, width)."),
        (DIGIT, {"a": torch.full((8, 8), float("inf"))}, DataError, "The map 'a' holds nan or infinity; give finite"),
        (torch.zeros(3, 8, 8), {"a": torch.zeros(8, 8)}, ShapeError, "The image has shape (3, 8, 8); give one of one"),
        (torch.zeros(8), {"a": torch.zeros(8, 8)}, ShapeError, "The image has shape (8,); give one of one channel"),
    ],
    ids=["none", "three axes", "infinity", "colour", "one axis"],
)
def test_what_cannot_be_drawn_is_told(
    image: Tensor, maps: dict[str, Tensor], error: type[Exception], message: str
) -> None:
    with pytest.raises(error, match=re.escape(message)):
        saliency_sheet(image, maps)


# What excites a channel.


def found(count: int, box: Box | Unseen) -> list[Exciting]:
    return [Exciting(index, 1.5, (0, 1, 1), box) for index in range(count)]


def test_the_receptive_field_is_framed_in_each_digit() -> None:
    images = DIGIT.repeat(3, 1, 1, 1)
    box = Box(2, 1, 4, 3, (2, 1, 4, 3))
    rows, columns = np.nonzero(green(exciting_sheet(images, found(1, box))))
    cell = 168 // 8
    assert columns.max() - columns.min() + 1 == 4 * cell + 2 * 4  # a frame of four dots around it
    assert rows.max() - rows.min() + 1 == 3 * cell + 2 * 4
    assert columns.min() == 44 + 2 * cell - 4
    one, three = (green(exciting_sheet(images, found(count, box))).sum() for count in (1, 3))
    assert three == 3 * one
    assert not green(exciting_sheet(images, found(2, Unseen("a reason")))).any()


def test_pictures_wrap_at_the_columns_and_may_have_a_title() -> None:
    images = DIGIT.repeat(12, 1, 1, 1)
    seen = found(12, Unseen(""))
    one, two = (Image.open(io.BytesIO(exciting_sheet(images, seen, columns=n))).size for n in (12, 6))
    assert one[0] > 1.8 * two[0]
    assert two[1] > 1.7 * one[1]
    titled = Image.open(io.BytesIO(exciting_sheet(images, seen, columns=6, title="Channel 0 of conv1"))).size
    assert titled[1] > two[1]


def test_what_was_found_can_be_drawn_as_it_is() -> None:
    torch.manual_seed(0)
    images = torch.randint(256, (5, 1, 8, 8), dtype=torch.uint8)
    seen = most_exciting(nn.Sequential(nn.Conv2d(1, 2, 3), nn.ReLU(), nn.Flatten()), images, "1", 1, count=3)
    png = exciting_sheet(images, seen, dark=True)
    assert png == exciting_sheet(images, seen, dark=True)
    assert green(png).any()


def test_nothing_found_and_images_that_are_not_there_are_told() -> None:
    with pytest.raises(DataError, match="There are no exciting images to draw"):
        exciting_sheet(DIGIT[None, None], [])
    with pytest.raises(DataError, match="Image 1 was asked for, but there are 1; give the images that were looked"):
        exciting_sheet(DIGIT[None, None], found(2, Unseen("")))
