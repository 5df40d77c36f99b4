import gzip
from pathlib import Path

import cv2
import numpy as np
import pytest

from inkwise.data.normaliser import (
    Normalised,
    crop,
    drop_specks,
    even,
    find_levels,
    find_polarity,
    fit,
    has_ink,
    normalise,
    place,
    shrink,
    soften,
)


def seven(side: int = 28, stroke: float = 0.09) -> np.ndarray:
    """A 7, light on dark, drawn with smooth edges in the middle 60 % of a square."""
    big = np.zeros((8 * 64, 8 * 64), np.uint8)
    corners = np.array([[0.25, 0.2], [0.7, 0.2], [0.45, 0.8]]) * big.shape[0]
    cv2.polylines(big, [corners.astype(np.int32)], False, 255, max(1, round(stroke * big.shape[0])), cv2.LINE_AA)
    kind = cv2.INTER_AREA if side <= big.shape[0] else cv2.INTER_LINEAR
    return np.asarray(cv2.resize(big, (side, side), interpolation=kind), np.uint8)


SEVEN = seven()
FORM = normalise(SEVEN).image


def difference(a: np.ndarray, b: np.ndarray) -> float:
    return float(np.abs(a.astype(float) - b).mean())


def centre(image: np.ndarray) -> tuple[float, float]:
    mass = image.astype(float)
    total = mass.sum()
    return float(mass.sum(1) @ np.arange(28) / total), float(mass.sum(0) @ np.arange(28) / total)


def assert_in_form(result: Normalised) -> None:
    assert result.reason is None
    assert result.image.dtype == np.uint8
    assert result.image.shape == (28, 28)
    rows, columns = np.flatnonzero(result.image.any(1)), np.flatnonzero(result.image.any(0))
    longer = max(rows[-1] - rows[0], columns[-1] - columns[0]) + 1
    assert 18 <= longer <= 21
    assert result.image.max() >= 250
    assert centre(result.image) == pytest.approx((14, 14), abs=0.51)


@pytest.fixture(scope="module")
def digits(mnist_root: Path) -> np.ndarray:
    data = gzip.decompress((mnist_root / "t10k-images-idx3-ubyte.gz").read_bytes())[16:]
    return np.frombuffer(data, np.uint8).reshape(-1, 28, 28)[:1000]


def test_real_mnist_passes_nearly_unchanged(digits: np.ndarray) -> None:
    results = [normalise(digit) for digit in digits]
    each = np.array([difference(r.image, d) for r, d in zip(results, digits, strict=True)])
    assert {r.polarity for r in results} == {"light on dark"}
    assert each.mean() < 0.4  # of 255; 0.22 was measured over all 10,000
    assert (each > 2).mean() < 0.005  # moved by a pixel, where the centre of mass is half way between two


def test_normalising_twice_is_normalising_once_on_real_mnist(digits: np.ndarray) -> None:
    once = [normalise(digit).image for digit in digits[:300]]
    assert max(difference(normalise(image).image, image) for image in once) < 0.5


def test_the_polarity_of_real_digits_makes_no_difference(digits: np.ndarray) -> None:
    for digit in digits[:300]:
        light, dark = normalise(digit), normalise(255 - digit)
        assert (light.polarity, dark.polarity) == ("light on dark", "dark on light")
        assert np.array_equal(light.image, dark.image)


@pytest.mark.parametrize("side", [8, 16, 20, 28, 40, 100, 300, 1200])
@pytest.mark.parametrize("dark", [False, True])
def test_a_digit_of_any_size_and_polarity_comes_to_the_form(side: int, dark: bool) -> None:
    grey = seven(side)
    result = normalise(255 - grey if dark else grey)
    assert_in_form(result)
    assert result.polarity == ("dark on light" if dark else "light on dark")
    assert difference(result.image, FORM) < (25 if side == 8 else 15)


@pytest.mark.parametrize("side", [8, 16, 28, 100, 300])
def test_normalising_twice_is_normalising_once(side: int) -> None:
    once = normalise(seven(side)).image
    assert difference(normalise(once).image, once) < 1


@pytest.mark.parametrize(("down", "right"), [(0, 0), (300, 0), (150, 400), (300, 500)])
def test_position_makes_no_difference(down: int, right: int) -> None:
    page = np.full((500, 700), 255, np.uint8)
    page[down : down + 200, right : right + 200] = 255 - seven(200)
    result = normalise(page)
    assert_in_form(result)
    assert difference(result.image, FORM) < 12


@pytest.mark.parametrize(("paper", "ink"), [(255, 180), (200, 20), (120, 60), (30, 230), (60, 110)])
def test_contrast_makes_little_difference(paper: int, ink: int) -> None:
    for side in (28, 200):
        grey = np.rint(paper + (ink - paper) * (seven(side) / 255.0)).astype(np.uint8)
        result = normalise(grey)
        assert result.polarity == ("dark on light" if ink < paper else "light on dark")
        assert difference(result.image, FORM) < 12


@pytest.mark.parametrize("steepness", [2, 40])
def test_shadow_on_the_page_is_not_ink(steepness: float) -> None:
    across = np.linspace(0, 1, 300)
    light = 220 * (1 - 0.5 / (1 + np.exp(-steepness * (across - 0.6))))
    page = (light * (1 - 0.8 * seven(300) / 255.0)).astype(np.uint8)
    result = normalise(page)
    assert result.polarity == "dark on light"
    assert difference(result.image, FORM) < 12


def test_noise_and_specks_are_not_ink() -> None:
    rng = np.random.default_rng(0)
    page = 200 - 150 * (seven(300) / 255.0) + rng.normal(0, 6, (300, 300))
    page[5:9, 5:9] = page[290:294, 280:284] = 40
    assert difference(normalise(page.clip(0, 255).astype(np.uint8)).image, FORM) < 12


def test_hairlines_on_a_large_canvas_survive() -> None:
    result = normalise(255 - seven(1500, stroke=0.004))
    assert_in_form(result)
    assert (result.image > 100).sum() > 40  # 33 where they are averaged as they are


@pytest.mark.parametrize("shape", [(1, 1), (1, 40), (40, 1), (8, 8), (28, 28), (100, 120), (700, 900)])
@pytest.mark.parametrize("level", [0, 9, 128, 255])
def test_a_blank_picture_has_no_ink(shape: tuple[int, int], level: int) -> None:
    result = normalise(np.full(shape, level, np.uint8))
    assert result.reason == "no ink found"
    assert result.image.shape == (28, 28)
    assert not result.image.any()


@pytest.mark.parametrize("shape", [(28, 28), (100, 120), (500, 600)])
@pytest.mark.parametrize("level", [0, 30, 128, 220, 255])
@pytest.mark.parametrize("noise", [2, 10, 40])
def test_a_blank_noisy_picture_has_no_ink(shape: tuple[int, int], level: int, noise: float) -> None:
    grey = np.random.default_rng(0).normal(level, noise, shape).clip(0, 255).astype(np.uint8)
    assert normalise(grey).reason == "no ink found"


@pytest.mark.parametrize(("paper", "ink"), [(255, 51), (200, 40), (0, 204), (51, 214)])
def test_the_threshold_lies_between_background_and_ink(paper: int, ink: int) -> None:
    levels = np.where(seven(28) > 127, ink, paper).astype(np.uint8)
    assert normalise(levels).threshold == pytest.approx(102, abs=1)  # ink is 4/5 darker or lighter, so it is at 204


def test_the_picture_given_is_left_alone() -> None:
    for side in (28, 200):
        grey = seven(side)
        kept = grey.copy()
        grey.setflags(write=False)
        normalise(grey)
        assert np.array_equal(grey, kept)


def test_shrinking_keeps_the_shape_and_the_mean() -> None:
    tall = np.random.default_rng(0).integers(0, 256, (2048, 512), np.uint8)
    small = shrink(tall)
    assert small.shape == (512, 128)
    assert small.mean() == pytest.approx(tall.mean(), abs=0.5)
    assert shrink(SEVEN) is SEVEN
    assert shrink(np.zeros((3000, 1), np.uint8)).shape == (512, 1)


def test_polarity_of_a_tightly_cut_digit_is_by_the_whole_picture() -> None:
    box = crop(seven(200))
    assert box is not None
    assert find_polarity(box) == "light on dark"
    assert find_polarity(255 - box) == "dark on light"


def test_polarity_is_not_misled_by_a_shadow_over_more_than_half_the_page() -> None:
    page = np.where(np.arange(300) < 170, 80, 220) * (1 - 0.8 * seven(300) / 255.0)
    assert find_polarity(page.astype(np.uint8)) == "dark on light"
    assert find_polarity(255 - page.astype(np.uint8)) == "light on dark"


def test_a_stroke_wider_than_the_window_stays_solid() -> None:
    page = np.full((100, 100), 255, np.uint8)
    page[10:90, 30:70] = 5
    ink = even(page)
    assert ink[50, 50] > 200
    assert ink[50, 5] == 0


def test_evening_divides_the_background_out() -> None:
    light = np.full((10, 10), 100, np.uint8)
    light[4:6, 4:6] = 25
    ink = even(light)
    assert ink[0, 0] == 0
    assert ink[4, 4] == round(255 * 0.75)


def test_evening_a_clean_small_picture_is_its_inverse() -> None:
    assert np.array_equal(even(255 - SEVEN), SEVEN)


def test_ink_needs_contrast_and_likeness_of_neighbours() -> None:
    assert has_ink(SEVEN)
    assert not has_ink(SEVEN // 12)
    shuffled = np.random.default_rng(0).permutation(SEVEN.ravel()).reshape(SEVEN.shape)
    assert not has_ink(shuffled)


def test_levels_of_a_clean_picture_are_its_own() -> None:
    ink = np.zeros((20, 20), np.uint8)
    ink[5:15, 8:12] = 200
    assert find_levels(ink) == (0, 100, 200)


def test_background_noise_raises_the_level_where_ink_begins() -> None:
    ink = np.random.default_rng(0).normal(30, 5, (60, 60)).clip(0, 255).astype(np.uint8)
    ink[20:40, 28:33] = 200
    low, threshold, high = find_levels(ink)
    assert 35 < low < threshold < high == 200


def test_softening_stretches_and_keeps_the_grey_between() -> None:
    ink = np.array([[0, 10, 50, 110, 200]], np.uint8)
    np.testing.assert_array_equal(soften(ink, 10.0, 110.0), [[0, 0, 102, 255, 255]])


def test_specks_are_dropped_from_large_pictures_alone() -> None:
    ink = np.zeros((100, 100), np.uint8)
    ink[20:80, 45:55] = 255
    clean = ink.copy()
    ink[5:8, 5:8] = 255
    assert np.array_equal(drop_specks(ink), clean)
    ink[10:20, 70:90] = 255  # the bar of a 5, apart from its body
    assert drop_specks(ink)[15, 80] == 255
    small = ink[:60, :60]
    assert drop_specks(small) is small


def test_cropping_finds_the_box_of_the_ink() -> None:
    ink = np.zeros((9, 9), np.uint8)
    assert crop(ink) is None
    ink[2, 3] = ink[6, 5] = 1
    box = crop(ink)
    assert box is not None
    assert box.shape == (5, 3)


@pytest.mark.parametrize(("shape", "expected"), [((10, 5), (20, 10)), ((40, 80), (10, 20)), ((300, 1), (20, 1))])
def test_fitting_brings_the_longer_side_to_20(shape: tuple[int, int], expected: tuple[int, int]) -> None:
    assert fit(np.full(shape, 255, np.uint8)).shape == expected


@pytest.mark.parametrize("longer", [19, 20, 21])
def test_fitting_does_not_blur_what_fits(longer: int) -> None:
    digit = np.full((longer, 12), 200, np.uint8)
    assert fit(digit) is digit


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
