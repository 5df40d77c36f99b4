import gzip
from pathlib import Path

import cv2
import numpy as np
import pytest

from inkwise.data.normaliser import Normalised, normalise, stages


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


def test_the_reason_is_one_sentence_with_what_was_chosen() -> None:
    page = 255 - seven(28)
    assert normalise(page).why == (
        "dark on light: 100 % of the border and 88 % of the picture are light; ink from level 114."
    )
    page = np.full((200, 200), 230, np.uint8)
    page[20:180, 95:105] = page[:, 195:] = page[5:8, 5:8] = 30
    page[90:92] = np.minimum(page[90:92], 150)
    why = normalise(page).why
    assert why.endswith("; without 1 printed line, 1 mark at the border, 1 speck.")
    assert normalise(np.full((40, 40), 200, np.uint8)).why.endswith("no ink found: no mark stands out from the noise.")


def test_the_stages_begin_with_the_picture_and_end_with_the_form() -> None:
    page = 255 - seven(300)
    shown = stages(page)
    assert [stage.name for stage in shown] == [
        "picture", "polarity", "even", "levels", "rules", "marks", "box", "fit", "place",
    ]  # fmt: skip
    assert np.array_equal(shown[0].image, page)
    assert np.array_equal(shown[-1].image, normalise(page).image)
    assert all(stage.image.dtype == np.uint8 and stage.image.ndim == 2 and stage.text for stage in shown)
    assert [stage.name for stage in stages(np.full((90, 90), 7, np.uint8))] == ["picture", "polarity", "even"]


def test_a_small_digit_on_a_large_page_is_looked_at_from_nearer() -> None:
    page = np.full((1500, 2000), 230, np.uint8)
    page[900:1100, 300:500] = 230 - (seven(200) * (200 / 255)).astype(np.uint8)
    assert [stage.name for stage in stages(page)].count("even") == 2
    result = normalise(page)
    assert_in_form(result)
    assert difference(result.image, FORM) < 6


def test_a_digit_that_fills_a_square_is_taken_to_have_been_stretched() -> None:
    rows, columns = np.flatnonzero(seven(200).any(1)), np.flatnonzero(seven(200).any(0))
    box = seven(200)[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]
    square = np.asarray(cv2.resize(box, (100, 100), interpolation=cv2.INTER_LINEAR), np.uint8)
    tall = np.pad(square, ((0, 0), (3, 3)))
    assert [stage.name for stage in stages(square)].count("unstretch") == 1
    assert [stage.name for stage in stages(tall)].count("unstretch") == 0
    width = np.count_nonzero(normalise(square).image.any(0))
    assert width < np.count_nonzero(normalise(tall).image.any(0))
    assert width / 20 == pytest.approx(box.shape[1] / box.shape[0], abs=0.15)


def test_page_edge_rules_and_neighbours_are_not_the_digit() -> None:
    page = 220 - 190 * (seven(300) / 255.0)
    page[20::55] = np.minimum(page[20::55], 150)
    page[:, -25:] = 30
    page[100:150, :5] = 40
    assert difference(normalise(page.astype(np.uint8)).image, FORM) < 6
