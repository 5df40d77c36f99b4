import numpy as np
import pytest

from inkwise.data.grey import flatten, from_depth, from_range, from_unit
from inkwise.errors import ImageError


def u8(*levels: int) -> np.ndarray:
    return np.array([levels], np.uint8)


@pytest.mark.parametrize("dtype", [np.float16, np.float32, np.float64])
def test_zero_to_one_becomes_zero_to_255(dtype: type) -> None:
    found = from_unit(np.array([[0, 0.5, 1]], dtype), "It")
    np.testing.assert_array_equal(found, u8(0, 128, 255))
    assert found.dtype == np.uint8


@pytest.mark.parametrize(
    ("levels", "expected"),
    [
        ([0, 65535, 32768], [0, 255, 128]),  # 16 bits
        ([0, 4095, 2048], [0, 255, 128]),  # 12 bits kept in 16
        ([0, 255, 128], [0, 255, 128]),  # 8 bits kept in 16
        ([0, 0, 0], [0, 0, 0]),
    ],
)
def test_16_bit_samples_are_scaled_by_their_depth_and_not_clipped(levels: list[int], expected: list[int]) -> None:
    np.testing.assert_array_equal(from_depth(np.array([levels], np.uint16)), u8(*expected))


def test_16_bit_samples_keep_their_order() -> None:
    ramp = from_depth(np.arange(2**16, dtype=np.uint16)[None])
    assert (np.diff(ramp.astype(int)) >= 0).all()
    assert len(np.unique(ramp)) == 256


@pytest.mark.parametrize(
    ("samples", "expected"),
    [
        (np.array([[0, 0.5, 1]], np.float32), [0, 128, 255]),
        (np.array([[0, 128, 255]], np.float32), [0, 128, 255]),
        (np.array([[-1, 0, 1]], np.float32), [0, 128, 255]),
        (np.array([[1000, 1500, 2000]], np.float32), [0, 128, 255]),
        (np.array([[0, 32768, 65535]], np.int32), [0, 128, 255]),
        (np.array([[-(2**31), 0, 2**31 - 1]], np.int32), [0, 128, 255]),
        (np.array([[7, 7, 7]], np.float32) * 1000, [0, 0, 0]),
    ],
)
def test_32_bit_samples_are_scaled_by_what_they_fit(samples: np.ndarray, expected: list[int]) -> None:
    np.testing.assert_array_equal(from_range(samples, "It"), u8(*expected))


@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf])
def test_nan_and_infinity_are_refused(value: float) -> None:
    samples = np.array([[0, value, value, 1]], np.float32)
    for convert in (from_unit, from_range):
        with pytest.raises(ImageError, match=r"^It has 2 values that are nan or infinite; replace them with numbers"):
            convert(samples, "It")


def test_floating_point_outside_zero_to_one_is_refused() -> None:
    with pytest.raises(ImageError, match=r"The values of It go from -0.5 to 254; .* from 0 to 1 is accepted: scale"):
        from_unit(np.array([[-0.5, 254]]), "It")


def test_pictures_with_alpha_are_laid_on_white() -> None:
    np.testing.assert_array_equal(flatten(u8(0, 0, 0, 200), u8(255, 51, 0, 255)), u8(0, 204, 255, 200))
    np.testing.assert_array_equal(flatten(u8(100, 0), u8(10, 255)), u8(249, 0))  # 248.9, rounded


def test_light_ink_drawn_on_transparency_is_laid_on_black() -> None:
    np.testing.assert_array_equal(flatten(u8(255, 255, 255, 0), u8(255, 128, 0, 0)), u8(255, 128, 0, 0))
    np.testing.assert_array_equal(flatten(u8(255, 255), u8(100, 0)), u8(100, 0))  # nowhere opaque


def test_light_pictures_with_shades_of_their_own_stay_on_white() -> None:
    np.testing.assert_array_equal(flatten(u8(255, 140, 255), u8(255, 255, 0)), u8(255, 140, 255))


def test_what_is_wholly_transparent_is_a_blank_page() -> None:
    np.testing.assert_array_equal(flatten(u8(3, 200), u8(0, 0)), u8(255, 255))


def test_what_is_wholly_opaque_is_itself() -> None:
    levels = np.arange(256, dtype=np.uint8)[None]
    np.testing.assert_array_equal(flatten(levels, np.full_like(levels, 255)), levels)
