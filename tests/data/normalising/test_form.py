import cv2
import numpy as np
import pytest

from inkwise.data.normalising.form import crop, fit, place, unstretch


def centre(image: np.ndarray) -> tuple[float, float]:
    mass = image.astype(float)
    total = mass.sum()
    return float(mass.sum(1) @ np.arange(28) / total), float(mass.sum(0) @ np.arange(28) / total)


def ring(width: int, height: int, pen: int) -> np.ndarray:
    """A 0 drawn with a round pen, cut out tightly."""
    ink = np.zeros((height, width), np.uint8)
    half = pen // 2
    cv2.ellipse(ink, (width // 2, height // 2), (width // 2 - half, height // 2 - half), 0, 0, 360, 255, pen)
    box = crop(ink)
    assert box is not None
    return box


def test_cropping_finds_the_box_of_the_ink() -> None:
    ink = np.zeros((9, 9), np.uint8)
    assert crop(ink) is None
    ink[2, 3] = ink[6, 5] = 1
    box = crop(ink)
    assert box is not None
    assert box.shape == (5, 3)


@pytest.mark.parametrize(("width", "height"), [(120, 200), (150, 200), (200, 200)])
@pytest.mark.parametrize("side", [16, 100])
def test_a_stretched_digit_gets_its_width_back(width: int, height: int, side: int) -> None:
    square = cv2.resize(ring(width, height, 24), (side, side), interpolation=cv2.INTER_AREA)
    if side == 16:
        square = np.where(square > 127, 255, 0).astype(np.uint8)  # as Semeion's digits are
    result = unstretch(np.asarray(square, np.uint8))
    assert result.shape[1] / result.shape[0] == pytest.approx(width / height, rel=0.17)
    assert 0.3 < (result > 127).mean() / (square > 127).mean() < 1.3


def test_unstretching_nothing_is_nothing() -> None:
    empty = np.zeros((16, 16), np.uint8)
    assert unstretch(empty) is empty


@pytest.mark.parametrize(("shape", "expected"), [((10, 5), (20, 10)), ((40, 80), (10, 20)), ((300, 1), (20, 1))])
def test_fitting_brings_the_longer_side_to_20(shape: tuple[int, int], expected: tuple[int, int]) -> None:
    assert fit(np.full(shape, 255, np.uint8)).shape == expected


@pytest.mark.parametrize("longer", [19, 20, 21])
def test_fitting_does_not_blur_what_fits(longer: int) -> None:
    digit = np.full((longer, 12), 200, np.uint8)
    assert fit(digit) is digit


def test_an_enlarged_digit_has_edges_as_sharp_as_mnists() -> None:
    small = cv2.resize(ring(160, 200, 30), (8, 10), interpolation=cv2.INTER_AREA)
    grey = fit(np.asarray(small, np.uint8))
    between = ((grey > 40) & (grey < 215)).mean()
    blurred = cv2.resize(small, (16, 20), interpolation=cv2.INTER_CUBIC)
    assert between < 0.8 * ((blurred > 40) & (blurred < 215)).mean()


def test_hairlines_are_widened_to_two_pixels_and_pens_are_left() -> None:
    thin = fit(ring(150, 200, 2))
    assert 2.0 < thin[10].astype(float).sum() / 255 < 6  # two strokes cross each row
    pen = ring(150, 200, 24)
    assert fit(pen).mean() == pytest.approx(pen.mean(), rel=0.02)


def test_placing_puts_the_centre_of_mass_in_the_middle() -> None:
    rng = np.random.default_rng(0)
    for _ in range(20):
        digit = rng.integers(1, 256, (20, int(rng.integers(3, 21))), np.uint8)
        placed = place(digit)
        assert centre(placed) == pytest.approx((14, 14), abs=0.51)
        assert placed.sum() == digit.sum()


def test_placing_cuts_nothing_off() -> None:
    digit = np.full((21, 20), 1, np.uint8)
    digit[0] = 255
    assert place(digit).sum() == digit.sum()
    assert place(digit)[7].max() == 255
