"""Pages tell the truth about themselves: boxes hold their digit, text is what is written, seeds decide."""

from dataclasses import fields, replace
from typing import Any

import numpy as np
import pytest
import torch
from numpy.typing import NDArray

from inkwise.data.dataset import Split
from inkwise.data.uci import read_uci_digits
from inkwise.errors import DataError
from inkwise.synthesis.page_style import PageStyle, draw_style
from inkwise.synthesis.pages import DrawnPage, draw_page

CLEAN = PageStyle(
    width=220, height=260, capture="scan", digit_height=0.12, gap=0.5, leading=2.8, wander=0.0, pen="gel", ink="black"
)
CLEAN = replace(CLEAN, strength=1.0, shade=0.0, noise=0.0, blur=0.0, fibre=0.0, uneven=0.0)


@pytest.fixture(scope="module")
def digits() -> Split:
    return read_uci_digits().split("train")


def ink(page: DrawnPage) -> NDArray[np.bool_]:
    """Where the upright page is dark."""
    return np.asarray(page.upright.max(axis=2) < 150)


@pytest.mark.parametrize(
    "style",
    [
        CLEAN,
        replace(CLEAN, skew=4.0, perspective=0.04, capture="photo"),
        replace(CLEAN, rotation=90, descend=0.4, small_zeros=True),
        replace(CLEAN, desk="light", skew=-3.0, rotation=180),
        replace(CLEAN, layout="scattered", pen="marker"),
    ],
    ids=["clean", "skewed", "turned", "desk", "marker"],
)
def test_boxes_hold_the_ink_of_their_digit_and_little_else(digits: Split, style: PageStyle) -> None:
    page = draw_page(digits, 3, style)
    dark = ink(page)
    area = np.zeros_like(dark)  # not the desk
    for line in page.lines:
        x, y, width, height = line.box
        area[max(y - 9, 0) : y + height + 9, max(x - 9, 0) : x + width + 9] = True
    left_over = dark & area
    boxes = [digit.box for line in page.lines for digit in line.digits]
    assert boxes
    for x, y, width, height in boxes:
        inside = dark[y : y + height, x : x + width]
        rows, columns = np.flatnonzero(inside.any(axis=1)), np.flatnonzero(inside.any(axis=0))
        assert rows[0] <= 3
        assert height - rows[-1] <= 4
        assert columns[0] <= 3
        assert width - columns[-1] <= 4
        left_over[max(y - 1, 0) : y + height + 1, max(x - 1, 0) : x + width + 1] = False
    assert left_over.sum() <= (dark & area).sum() * 0.01


def test_lines_hold_their_digits_in_order(digits: Split) -> None:
    page = draw_page(digits, 5, replace(CLEAN, layout="rows", width=500))
    assert [line.box[1] for line in page.lines] == sorted(line.box[1] for line in page.lines)
    assert any(" " in line.text for line in page.lines)
    for line in page.lines:
        assert line.text.replace(" ", "") == "".join(str(digit.label) for digit in line.digits)
        x, y, width, height = line.box
        assert [digit.box[0] for digit in line.digits] == sorted(digit.box[0] for digit in line.digits)
        for digit in line.digits:
            assert x <= digit.box[0]
            assert digit.box[0] + digit.box[2] <= x + width
            assert y <= digit.box[1]
            assert digit.box[1] + digit.box[3] <= y + height


def test_signs_are_told_apart_from_digits(digits: Split) -> None:
    pages = [draw_page(digits, seed, replace(CLEAN, layout="dates", width=500)) for seed in range(3)]
    signs = [sign for page in pages for sign in page.signs]
    assert {sign.text for sign in signs} & set("./-")
    assert not any(sign.text.isdigit() for sign in signs)
    for page in pages:  # a gap in the text for / and -, none for a point
        assert not any(set(line.text) - set("0123456789 ") for line in page.lines)


def test_the_same_seed_gives_the_same_page_and_another_another(digits: Split) -> None:
    style = replace(CLEAN, noise=3.0, fibre=0.5, dirt=0.5)
    first, again, other = (draw_page(digits, seed, style) for seed in (1, 1, 2))
    assert first.image.tobytes() == again.image.tobytes()
    assert first.lines == again.lines
    assert first.lines != other.lines


def test_the_rotation_is_what_turns_the_page_upright(digits: Split) -> None:
    straight = draw_page(digits, 4, CLEAN)
    for rotation in (90, 180, 270):
        page = draw_page(digits, 4, replace(CLEAN, rotation=rotation))
        assert page.rotation == rotation
        assert page.lines == straight.lines
        assert (page.upright == straight.image).all()
        assert (np.rot90(page.image, rotation // 90) == straight.image).all()
    assert page.image.shape == (CLEAN.width, CLEAN.height, 3)


OTHER: dict[str, Any] = {
    "width": 400, "height": 170, "rotation": 90, "capture": "photo", "layout": "scattered", "digit_height": 0.1,
    "gap": 0.2, "uneven": 0.3, "small_zeros": True, "european": True,
    "slashed_zeros": True, "wander": 0.2, "leading": 2.0, "slant": 30.0, "descend": 0.5,
    "signs": 1.0, "pen": "pencil", "ink": "red", "strength": 0.6, "paper": "yellow", "ruling": "ruled",
    "margin": True, "header": True, "back": 0.8, "dirt": 0.8, "folds": 2, "fibre": 1.0, "desk": "wood", "shade": 0.4,
    "shadow": "hard", "skew": 3.0, "perspective": 0.03, "edges": 1.0, "blur": 1.0, "noise": 4.0, "sharpen": 0.5,
    "jpeg": 40,
}  # fmt: skip


@pytest.mark.parametrize("name", [field.name for field in fields(PageStyle)])
def test_every_field_of_the_style_changes_the_picture(digits: Split, name: str) -> None:
    style = replace(CLEAN, width=420, height=160)  # one line, with room for signs
    only = {"small_zeros": 0, "slashed_zeros": 0, "european": 7}.get(name)
    if only is not None:
        digits = Split("train", digits.images[digits.labels == only], digits.labels[digits.labels == only])
    one = draw_page(digits, 6, style)
    other = draw_page(digits, 6, replace(style, **{name: OTHER[name]}))
    assert one.image.shape != other.image.shape or not np.array_equal(one.image, other.image)


def test_without_a_style_one_is_drawn_from_the_seed(digits: Split) -> None:
    seed = next(n for n in range(99) if draw_style(n).width == 400)  # a small one
    page = draw_page(digits, seed)
    assert page.image.dtype == np.uint8
    shape = (page.style.height, page.style.width, 3)
    assert page.upright.shape == shape
    assert page.lines


def test_only_digits_that_are_there_are_written(digits: Split) -> None:
    keep = digits.labels == 7
    page = draw_page(Split("train", digits.images[keep], digits.labels[keep]), 1, CLEAN)
    assert set("".join(line.text for line in page.lines)) == {"7"}


def test_no_digits_or_none_with_ink_are_an_error(digits: Split) -> None:
    with pytest.raises(DataError, match=r"has images of shape \(0, 1, 28, 28\); a page is written with at least one"):
        draw_page(Split("train", digits.images[:0], digits.labels[:0]), 1, CLEAN)
    blank = Split("train", torch.zeros_like(digits.images[:2]), torch.tensor([1, 2]))
    with pytest.raises(DataError, match=r"Images of the digit \d have no ink; a page is written with digits"):
        draw_page(blank, 1, CLEAN)
