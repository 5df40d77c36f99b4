import math

import numpy as np
import pytest
import torch
from torch import Tensor

from inkwise.data.warping import affine_matrix, elastic_field, thicken, warp

GENERATOR = torch.Generator().manual_seed(0)
IMAGES = torch.rand(3, 1, 28, 28, generator=GENERATOR)
# A digit-like blob with room around it: smooth, so that bilinear sampling is nearly exact.
ROWS, COLUMNS = torch.meshgrid(torch.arange(28.0), torch.arange(28.0), indexing="ij")
BLOB = torch.exp(-((ROWS - 11) ** 2 / 18 + (COLUMNS - 15) ** 2 / 8))[None, None]


def matrix(
    n: int = 1,
    rotate: float = 0,
    shift: tuple[float, float] = (0, 0),
    scale: tuple[float, float] = (1, 1),
    shear: float = 0,
) -> Tensor:
    return affine_matrix(
        torch.full((n,), float(rotate)),
        torch.tensor([shift] * n, dtype=torch.float32),
        torch.tensor([scale] * n, dtype=torch.float32),
        torch.full((n,), float(shear)),
    )


def close(a: Tensor, b: Tensor, atol: float = 2e-5) -> bool:
    return a.shape == b.shape and torch.allclose(a, b, atol=atol)


def moments(image: Tensor) -> tuple[float, float, float, float, float]:
    """Centre x, y from the image's centre, then variances xx, yy and covariance xy."""
    weight = (image[0, 0] / image.sum()).double()
    x, y = COLUMNS - 13.5, ROWS - 13.5
    mx, my = float((weight * x).sum()), float((weight * y).sum())
    return (
        mx,
        my,
        float((weight * (x - mx) ** 2).sum()),
        float((weight * (y - my) ** 2).sum()),
        float((weight * (x - mx) * (y - my)).sum()),
    )


def test_no_change_gives_the_image() -> None:
    assert close(warp(IMAGES, matrix(3)), IMAGES)


@pytest.mark.parametrize(("right", "down"), [(3, 0), (0, 2), (-5, 4), (13, -13), (28, 0)])
def test_a_shift_by_whole_pixels_moves_them_and_fills_with_background(right: int, down: int) -> None:
    padded = torch.nn.functional.pad(IMAGES, (28, 28, 28, 28))
    expected = padded[..., 28 - down : 56 - down, 28 - right : 56 - right]
    assert close(warp(IMAGES, matrix(3, shift=(right, down))), expected)


def test_a_shift_by_half_a_pixel_is_the_mean_of_neighbours() -> None:
    expected = torch.nn.functional.pad((IMAGES[..., 1:] + IMAGES[..., :-1]) / 2, (1, 0))
    expected[..., 0] = IMAGES[..., 0] / 2  # the neighbour outside is background
    assert close(warp(IMAGES, matrix(3, shift=(0.5, 0))), expected)


@pytest.mark.parametrize("quarters", [1, 2, -1, -2])
def test_rotation_by_quarter_turns_is_exact_and_counter_clockwise(quarters: int) -> None:
    assert close(warp(IMAGES, matrix(3, rotate=90 * quarters)), torch.rot90(IMAGES, quarters, dims=(2, 3)))


def test_rotation_is_about_the_centre_and_keeps_distance() -> None:
    x, y, *_ = moments(BLOB)
    turned_x, turned_y, *_ = moments(warp(BLOB, matrix(rotate=30)))
    cosine, sine = math.cos(math.pi / 6), math.sin(math.pi / 6)
    assert turned_x == pytest.approx(cosine * x + sine * y, abs=0.01)  # y points down
    assert turned_y == pytest.approx(-sine * x + cosine * y, abs=0.01)


def test_doubling_the_size_repeats_pixels_between_interpolated_ones() -> None:
    # Pixel centres of the result lie a quarter of a source pixel either side of the source's.
    doubled = warp(IMAGES, matrix(3, scale=(2, 2)))
    inner = torch.nn.functional.interpolate(IMAGES[..., 6:22, 6:22], scale_factor=2, mode="bilinear")
    assert close(doubled[..., 2:26, 2:26], inner[..., 4:28, 4:28])


@pytest.mark.parametrize("scale", [(1.3, 0.8), (0.9, 1.05)])
def test_scale_stretches_each_axis_by_its_factor(scale: tuple[float, float]) -> None:
    x, y, xx, yy, _ = moments(BLOB)
    got = moments(warp(BLOB, matrix(scale=scale)))
    wide, high = scale
    # Linear interpolation is a blur by a triangle of one pixel, whose variance is 1/6.
    expected = (x * wide, y * high, (xx + 1 / 6) * wide**2, (yy + 1 / 6) * high**2)
    assert got[:4] == pytest.approx(expected, rel=0.01, abs=0.02)


def test_shear_leans_the_top_to_the_right_by_its_angle() -> None:
    _, _, xx, yy, _ = moments(BLOB)
    *_, sheared_xx, sheared_yy, sheared_xy = moments(warp(BLOB, matrix(shear=20)))
    slant = math.tan(math.radians(20))
    assert sheared_yy == pytest.approx(yy, rel=0.02)
    assert sheared_xy == pytest.approx(-slant * yy, rel=0.02)  # up, thus y below 0, is right
    assert sheared_xx == pytest.approx(xx + slant**2 * yy, rel=0.05)


def test_the_matrix_inverts_scale_then_shear_then_rotation_then_shift() -> None:
    rotate, shear, scale, shift = 25.0, -12.0, (1.2, 0.7), (3.0, -1.5)
    angle, slant = math.radians(rotate), math.tan(math.radians(shear))
    turn = np.array([[math.cos(angle), math.sin(angle)], [-math.sin(angle), math.cos(angle)]])
    forward = turn @ np.array([[1, -slant], [0, 1]]) @ np.diag(scale)
    inverse = np.linalg.inv(forward)
    expected = np.column_stack([inverse, -inverse @ np.array(shift)])
    np.testing.assert_allclose(matrix(1, rotate, shift, scale, shear)[0].numpy(), expected, atol=2e-6)


@pytest.mark.parametrize("degrees", [-180, -179.5, -90, -45, -1e-3, 0, 1e-3, 17, 60, 135, 180])
def test_rotation_matrices_are_accurate_over_the_whole_turn(degrees: float) -> None:
    found = matrix(rotate=degrees)[0, :, :2].double()
    angle = math.radians(degrees)
    expected = [[math.cos(angle), -math.sin(angle)], [math.sin(angle), math.cos(angle)]]
    assert torch.allclose(found, torch.tensor(expected, dtype=torch.float64), atol=5e-7)


def test_a_constant_field_is_a_shift_the_other_way() -> None:
    field = torch.zeros(3, 2, 28, 28)
    field[:, 0], field[:, 1] = 2, -3
    assert close(warp(IMAGES, matrix(3), field), warp(IMAGES, matrix(3, shift=(-2, 3))))


def test_images_need_not_be_square() -> None:
    images = IMAGES[..., :20]
    assert close(warp(images, matrix(3, shift=(0, 4)))[..., 4:, :], images[..., :-4, :])
    assert elastic_field(torch.zeros(3, 2, 7, 7), 28, 20).shape == (3, 2, 28, 20)


def test_the_elastic_field_has_the_controls_standard_deviation_at_every_pixel() -> None:
    control = 1.5 * torch.randn(4000, 2, 7, 7, generator=torch.Generator().manual_seed(1))
    field = elastic_field(control, 28, 28)
    assert torch.allclose(field.std(dim=0), torch.tensor(1.5), atol=0.1)
    assert field.std() == pytest.approx(1.5, abs=0.02)
    assert field.mean().abs() < 0.02


def test_the_elastic_field_is_smooth_and_its_axes_independent() -> None:
    control = torch.randn(4000, 2, 7, 7, generator=torch.Generator().manual_seed(2))
    field = elastic_field(control, 28, 28)
    assert field.diff(dim=3).std() < 0.3
    assert field.diff(dim=2).std() < 0.3
    assert abs(float((field[:, 0] * field[:, 1]).mean())) < 0.03


def test_the_elastic_field_equals_the_matrix_product_of_its_splines() -> None:
    control = torch.randn(5, 2, 7, 7, generator=torch.Generator().manual_seed(3))
    unit = torch.zeros(7, 2, 7, 7)
    unit[range(7), :, range(7), 3] = 1  # the response to one control is the outer product of two rows of weights
    columns = elastic_field(unit, 28, 28)[:, 0]  # (7, 28, 28)
    weights = torch.linalg.svd(columns[3])[0][:, :1]
    assert torch.linalg.matrix_rank(columns[3], rtol=1e-4) == 1
    assert weights.shape == (28, 1)
    total = sum(control[:, 0, i, 3, None, None] * columns[i] for i in range(7))
    only = torch.zeros_like(control)
    only[..., 3] = control[..., 3]
    assert close(elastic_field(only, 28, 28)[:, 0], torch.as_tensor(total), atol=1e-5)


def bar(width: int) -> Tensor:
    image = torch.zeros(1, 1, 28, 28)
    image[..., 8:20, 10 : 10 + width] = 1
    return image


@pytest.mark.parametrize(("amount", "width"), [(2, 6), (0, 4), (-2, 2), (1, 5), (-1, 3), (0.5, 4.5), (3, 7), (-3, 1)])
def test_a_stroke_grows_or_shrinks_by_the_amount(amount: float, width: float) -> None:
    result = thicken(bar(4), torch.tensor([float(amount)]))
    assert result[0, 0, 14].sum() == pytest.approx(width, abs=1e-5)
    assert 0 <= result.min() <= result.max() <= 1


def test_whole_steps_are_pooling_with_the_maximum_or_minimum() -> None:
    pooled = torch.nn.functional.max_pool2d(IMAGES, 3, 1, 1)
    twice = torch.nn.functional.max_pool2d(pooled, 3, 1, 1)
    eroded = -torch.nn.functional.max_pool2d(-IMAGES, 3, 1, 1)
    found = thicken(IMAGES, torch.tensor([2.0, 4.0, -2.0]))
    assert torch.equal(found[0], pooled[0])
    assert torch.equal(found[1], twice[1])
    assert torch.equal(found[2], eroded[2])


def test_thickness_is_each_samples_own() -> None:
    amounts = torch.tensor([0.0, 2.7, -1.3])
    together = thicken(IMAGES, amounts)
    for i in range(3):
        assert torch.equal(together[i], thicken(IMAGES[i : i + 1], amounts[i : i + 1])[0])
    assert torch.equal(together[0], IMAGES[0])


def test_thickening_no_images_gives_none() -> None:
    assert thicken(IMAGES[:0], torch.zeros(0)).shape == (0, 1, 28, 28)
