"""Slanting strokes are set upright, upright ones are left alone, and nothing else happens to them."""

from math import floor

import numpy as np
import pytest
import torch
from torch import Tensor

from inkwise.models.deskewing import STEEPEST, Deskewing
from inkwise.models.shear import Shear


def stroke(slope: float, *, rows: range = range(5, 23), middle: float = 13.5) -> Tensor:
    """A stroke two pixels wide whose column changes by `slope` a row: (1, 1, 28, 28)."""
    image = torch.zeros(1, 1, 28, 28)
    for y in rows:
        x = middle + slope * (y - 13.5)
        left = int(x)
        image[0, 0, y, left] += 1 - (x - left)
        image[0, 0, y, left + 1] += x - left
    return image


@pytest.mark.parametrize("slope", [-0.9, -0.3, 0.0, 0.25, 0.7])
def test_the_slope_of_a_straight_stroke_is_found_and_taken_out(slope: float) -> None:
    deskew = Deskewing(28, 28)
    slopes, centre = deskew.slopes(stroke(slope))
    assert slopes.item() == pytest.approx(slope, abs=1e-4)
    assert centre.item() == pytest.approx(0.0, abs=1e-4)
    upright = deskew(stroke(slope))
    assert deskew.slopes(upright)[0].item() == pytest.approx(0.0, abs=1e-3)
    columns = (upright[0, 0] * torch.arange(28)).sum(1)[5:23] / upright[0, 0].sum(1)[5:23]
    torch.testing.assert_close(columns, torch.full((18,), 13.5), atol=1e-3, rtol=0)


@pytest.mark.parametrize("rows", [range(2, 11), range(14, 27)])
def test_the_slope_does_not_depend_on_where_the_stroke_stands(rows: range) -> None:
    slopes, centre = Deskewing(28, 28).slopes(stroke(0.4, rows=rows))
    assert slopes.item() == pytest.approx(0.4, abs=1e-4)
    assert centre.item() == pytest.approx((rows[0] + rows[-1]) / 2 - 13.5, abs=1e-4)


def test_ink_is_neither_made_nor_lost_within_the_image() -> None:
    torch.manual_seed(0)
    image = torch.zeros(3, 1, 28, 28)
    image[:, :, 8:20, 8:20] = torch.rand(3, 1, 12, 12)
    after = Deskewing(28, 28)(image)
    torch.testing.assert_close(after.sum((1, 2, 3)), image.sum((1, 2, 3)))
    torch.testing.assert_close(after.sum(3), image.sum(3))  # each row keeps its own
    assert after.min() >= 0
    assert after.max() <= 1


def test_an_image_that_stands_upright_is_unchanged() -> None:
    image = torch.zeros(1, 1, 28, 28)
    image[0, 0, 4:24, 10:18] = torch.rand(20, 1)
    torch.testing.assert_close(Deskewing(28, 28)(image), image, atol=1e-5, rtol=0)


def test_images_without_ink_or_without_height_are_left_alone() -> None:
    flat = torch.zeros(2, 1, 28, 28)
    flat[1, 0, 13, 5:22] = 1.0
    assert torch.equal(Deskewing(28, 28)(flat), flat)


def test_no_slope_is_steeper_than_the_steepest() -> None:
    image = torch.zeros(1, 1, 28, 28)
    for x in range(28):
        image[0, 0, 13 + (x > 13), x] = 1.0  # nearly flat: two rows, far apart
    slopes, _ = Deskewing(28, 28).slopes(image)
    assert slopes.item() == STEEPEST


def test_each_image_has_its_own_slope_whatever_stands_beside_it() -> None:
    both = torch.cat([stroke(0.5), stroke(-0.4)])
    deskew = Deskewing(28, 28)
    assert torch.equal(deskew(both)[:1], deskew(both[:1]))
    assert torch.equal(deskew(both)[1:], deskew(both[1:]))


def test_other_sizes_than_squares_are_deskewed_too() -> None:
    image = torch.zeros(1, 1, 12, 20)
    for y in range(12):
        image[0, 0, y, 4 + y] = 1.0
    after = Deskewing(12, 20)(image)
    assert (after[0, 0].sum(0) > 0).sum() <= 2


def slowly(image: Tensor, slope: float, centre: float) -> Tensor:
    """Pixel by pixel; beyond the sides is background."""
    height, width = image.shape
    after = torch.zeros(height, width)
    for y in range(height):
        moved = slope * (y - (height - 1) / 2 - centre)
        whole = floor(moved)
        for x in range(width):
            left, right = (image[y, at].item() if 0 <= at < width else 0.0 for at in (x + whole, x + whole + 1))
            after[y, x] = left + (right - left) * (moved - whole)
    return after


@pytest.mark.parametrize(("height", "width"), [(60, 8), (40, 6), (28, 28)])
@pytest.mark.parametrize("falls", [1, -1])
def test_rows_that_move_further_than_the_width_show_background_alone(height: int, width: int, falls: int) -> None:
    """A steep stroke in the middle, and a little ink in two corners, which a wrong side would show again."""
    image, side = torch.zeros(height, width), min(height, width)
    for step in range(side):
        image[(height - side) // 2 + step, (width - side) // 2 + step] = 1.0
    image[0, 0] = image[-1, -1] = 0.05
    if falls < 0:
        image = image.flip(1)
    deskew = Deskewing(height, width)
    slope, centre = (part.item() for part in deskew.slopes(image[None, None]))
    assert slope * falls * height / 2 > min(width, 12)
    expected = slowly(image, slope, centre)
    torch.testing.assert_close(deskew(image[None, None])[0, 0], expected, atol=1e-4, rtol=0)
    torch.testing.assert_close(Shear(deskew)(image[None, None])[0, 0], expected, atol=1e-4, rtol=0)


@pytest.mark.parametrize("wrong", [float("nan"), float("inf"), 1e38])
def test_numbers_that_are_none_read_nothing_from_outside(wrong: float) -> None:
    image = stroke(0.4)
    image[0, 0, 4, 4] = wrong
    deskew = Deskewing(28, 28)
    with np.errstate(all="ignore"):
        assert deskew(image).shape == Shear(deskew)(image).shape == image.shape


def test_the_ink_gets_its_gradient() -> None:
    image = stroke(0.4).requires_grad_()
    Deskewing(28, 28)(image).square().sum().backward()
    assert image.grad is not None
    assert torch.isfinite(image.grad).all()
    assert image.grad.abs().sum() > 0


@pytest.mark.parametrize("dtype", [torch.float64, torch.bfloat16, torch.float16])
def test_it_works_in_other_precisions(dtype: torch.dtype) -> None:
    expected = Deskewing(28, 28)(stroke(0.4))
    given = stroke(0.4).to(dtype)
    after = Deskewing(28, 28).to(dtype)(given)
    assert after.dtype == dtype
    torch.testing.assert_close(after.float(), expected, atol=1e-4 if dtype == torch.float64 else 0.2, rtol=0)


def test_autocast_does_not_coarsen_the_slope() -> None:
    torch.manual_seed(0)
    image = torch.zeros(4, 1, 28, 28)
    image[:, :, 4:24, 6:22] = torch.rand(4, 1, 20, 16)
    deskew = Deskewing(28, 28)
    with torch.autocast("cpu", torch.bfloat16):
        slopes, _ = deskew.slopes(image)
    assert torch.equal(slopes, deskew.slopes(image)[0])
