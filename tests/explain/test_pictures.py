"""The guide's figures: their size, what can be read off them, and what cannot be drawn."""

from collections.abc import Callable, Mapping
from io import BytesIO
from typing import Any

import numpy as np
import pytest
import torch
from PIL import Image

from inkwise.errors import DataError, ShapeError
from inkwise.evaluation.canvas import DPI, LIGHT
from inkwise.explain.pictures import WIDTH, grids, heat, images, lines, stems

RAMP = torch.arange(12.0).reshape(3, 4)
DRAWN: dict[str, Callable[[], bytes]] = {
    "stems": lambda: stems({"x": [1, -2, 0.5], "w": torch.ones(1, 1, 3)}, starts={"w": 2}),
    "lines": lambda: lines({"f": ([0, 1, 2], [1.0, 0.5, 0.25]), "g": ([0, 1], [0, 1])}, x="time, s", y="value"),
    "grids": lambda: grids({"image": RAMP, "row": [1, 2]}, windows={"image": (0, 1, 2, 2)}),
    "heat": lambda: heat(RAMP, title="matrix"),
    "images": lambda: images({"digit": RAMP[None, None], "signed": -RAMP}),
}


def pixels(png: bytes) -> Any:
    return np.asarray(Image.open(BytesIO(png)).convert("RGB"), dtype=int)


def of_colour(png: bytes, colour: str) -> int:
    """Number of pixels of exactly a colour."""
    wanted = [int(colour[i : i + 2], 16) for i in (1, 3, 5)]
    return int((pixels(png) == wanted).all(axis=2).sum())


@pytest.mark.parametrize("name", DRAWN)
def test_every_picture_is_as_wide_as_a_page_and_on_white_paper(name: str) -> None:
    drawn = pixels(DRAWN[name]())
    assert drawn.shape[1] == round(WIDTH * DPI)
    assert drawn[0].min() == drawn[-1].min() == 255
    assert drawn.min() < 100


@pytest.mark.parametrize("name", DRAWN)
def test_the_same_picture_is_the_same_bytes(name: str) -> None:
    assert DRAWN[name]() == DRAWN[name]()


def test_a_number_stands_at_each_value_of_a_short_signal_alone() -> None:
    short, long = stems({"x": [0.0] * 16}), stems({"x": [0.0] * 40})
    plain = stems({"x": [0.0] * 17})
    assert of_colour(short, LIGHT.ink) > of_colour(plain, LIGHT.ink)
    assert of_colour(long, LIGHT.ink) <= of_colour(plain, LIGHT.ink)


def test_a_signal_starts_where_it_is_told() -> None:
    def place(start: int) -> Any:
        drawn = pixels(stems({"x": [0] * 10, "w": [1.0]}, starts={"w": start}))
        return np.argwhere((drawn == [0xD5, 0x5E, 0x00]).all(axis=2))[:, 1].mean() / drawn.shape[1]

    assert place(7) - place(1) == pytest.approx(6 * (place(2) - place(1)), abs=0.02)


def test_rows_have_a_scale_of_their_own_unless_told_otherwise() -> None:
    def height(one_scale: bool) -> int:
        drawn = pixels(stems({"x": [1.0], "y": [4.0]}, one_scale=one_scale))
        return int((drawn == [0x00, 0x72, 0xB2]).all(axis=2).any(axis=1).sum())

    assert height(False) > 2 * height(True)


def test_measurements_can_be_dots() -> None:
    curve = {"seen": ([0, 1, 2], [0, 1, 0])}
    inked = [(pixels(lines(curve, dots=dots)) < 200).any(axis=2).sum() for dots in ((), ("seen",))]
    assert inked[0] > inked[1]


def test_a_window_is_marked_where_it_is_told() -> None:
    colour = LIGHT.series[1]
    plain = grids({"image": RAMP})
    marked = grids({"image": RAMP}, windows={"image": (1, 2, 2, 1)})
    larger = grids({"image": RAMP}, windows={"image": (0, 0, 3, 4)})
    assert of_colour(plain, colour) == 0 < of_colour(marked, colour) < of_colour(larger, colour)


def test_zeros_of_a_matrix_are_blank() -> None:
    eye = torch.eye(8)
    assert of_colour(heat(eye), "#ffffff") > of_colour(heat(eye + 0.5), "#ffffff")
    sparse = torch.sparse_coo_tensor(eye.nonzero().T, torch.ones(8), (8, 8), check_invariants=True)
    assert heat(sparse) == heat(eye)


def test_signed_images_have_red_above_zero_and_blue_below() -> None:
    drawn = pixels(images({"x": [[1.0, -1.0]]}))
    red, blue = drawn[..., 0] - drawn[..., 2] > 50, drawn[..., 2] - drawn[..., 0] > 50
    assert np.argwhere(red)[:, 1].mean() < np.argwhere(blue)[:, 1].mean()


def test_what_correlate_returns_can_be_drawn_as_it_is() -> None:
    assert images({"x": RAMP[None, None].requires_grad_()}) == images({"x": RAMP})
    assert stems({"x": RAMP[:1, None]}) == stems({"x": [0, 1, 2, 3]})


WRONG: Mapping[str, tuple[Callable[[], bytes], type[Exception], str]] = {
    "nothing": (lambda: stems({}), DataError, "There is nothing to draw; give at least one"),
    "empty": (lambda: images({"x": torch.zeros(0, 3)}), DataError, "'x' is empty or holds nan"),
    "nan": (lambda: heat([[float("nan")]], title="A"), DataError, "'A' is empty or holds nan"),
    "axes": (lambda: stems({"x": RAMP}), ShapeError, r"'x' has shape \(3, 4\); at most 1 of its axes"),
    "deep": (lambda: grids({"x": torch.ones(2, 2, 2)}), ShapeError, "at most 2 of its axes"),
    "lengths": (lambda: lines({"f": ([0, 1], [1.0])}), ShapeError, "'f' has 2 places and 1 values"),
    "wide": (lambda: grids({"x": torch.ones(2, 41)}), ShapeError, "41 columns together; numbers can be read"),
    "many": (lambda: images({f"{i}": RAMP for i in range(7)}), DataError, "7 images were given; at most 6"),
}


@pytest.mark.parametrize("fault", WRONG)
def test_what_cannot_be_drawn_is_said(fault: str) -> None:
    draw, error, message = WRONG[fault]
    with pytest.raises(error, match=message):
        draw()
