import numpy as np
import pytest

from inkwise.data.normalising.form import crop
from inkwise.data.normalising.light import even, find_polarity, shrink

PLACES = np.mgrid[:200, :200] / 200


def flash(page: np.ndarray) -> np.ndarray:
    """The page under a flash: bright in the middle, a sixth of it in the corners."""
    y, x = PLACES - 0.5
    return np.asarray(page / (1 + 10 * (x * x + y * y)), np.uint8)


def test_shrinking_keeps_the_shape_and_the_mean(seven: np.ndarray) -> None:
    tall = np.random.default_rng(0).integers(0, 256, (2048, 512), np.uint8)
    small = shrink(tall, 512)
    assert small.shape == (512, 128)
    assert small.mean() == pytest.approx(tall.mean(), abs=0.5)
    assert shrink(seven) is seven
    assert shrink(np.zeros((3000, 1), np.uint8), 512).shape == (512, 1)


def test_polarity_of_a_tightly_cut_digit_is_by_the_whole_picture(seven: np.ndarray) -> None:
    box = crop(seven)
    assert box is not None
    assert find_polarity(box)[0] == "light on dark"
    assert find_polarity(255 - box)[0] == "dark on light"


def test_thick_strokes_that_fill_the_picture_are_no_shadow() -> None:
    bar = np.full((100, 100), 230, np.uint8)
    bar[:, 30:75] = 20
    assert find_polarity(bar)[0] == "dark on light"
    assert find_polarity(255 - bar)[0] == "light on dark"


def test_polarity_is_not_misled_by_a_shadow_over_more_than_half_the_page(seven: np.ndarray) -> None:
    page = np.where(np.arange(200) < 114, 80, 220) * (1 - 0.8 * seven / 255.0)
    polarity, why = find_polarity(page.astype(np.uint8))
    assert polarity == "dark on light"
    assert why == "what stands out from its surroundings is darker than they are"
    assert find_polarity(255 - page.astype(np.uint8))[0] == "light on dark"


def test_polarity_is_not_misled_by_a_flash_whose_light_ends_before_the_border(seven: np.ndarray) -> None:
    page = flash(250 * (1 - 0.85 * seven / 255.0))
    assert page[0].mean() < 0.5 * page[100, 20:60].mean()  # dark border, light middle
    assert find_polarity(page)[0] == "dark on light"


def test_the_reason_of_the_polarity_counts_the_border() -> None:
    page = np.full((50, 50), 240, np.uint8)
    page[10:40, 20:25] = 10  # 150 of 2,500
    assert find_polarity(page) == ("dark on light", "100 % of the border and 94 % of the picture are light")
    assert find_polarity(255 - page) == ("light on dark", "100 % of the border and 94 % of the picture are dark")


def test_a_stroke_narrower_than_the_window_stays_solid() -> None:
    page = np.full((200, 100), 255, np.uint8)
    page[10:190, 30:80] = 5
    ink, why = even(page)
    assert ink[100, 50] > 200
    assert ink[100, 5] == 0
    assert why == "background around each pixel, within 67 pixels"


@pytest.mark.parametrize("blur", [1, 30])
def test_the_edge_of_a_shadow_is_not_ink(blur: int, seven: np.ndarray) -> None:
    shadow = 1 / (1 + np.exp(-(np.arange(200) - 90.5) / blur * 4))
    ink, why = even((220 * (1 - 0.6 * shadow) * (1 - 0.8 * seven / 255.0)).astype(np.uint8))
    assert ink[seven == 0].max() < 24
    assert ink[seven == 255].min() > 120
    assert why.startswith("background around each pixel, within")


def test_evening_divides_the_background_out() -> None:
    light = np.full((10, 10), 100, np.uint8)
    light[4:6, 4:6] = 25
    light[0, 0] = 120
    ink, why = even(light)
    assert ink[1, 1] == 0
    assert ink[4, 4] == pytest.approx(255 * 0.75, abs=0.01)
    assert ink[0, 0] == pytest.approx(-51, abs=0.01)  # lighter than the background, so that noise has two sides
    assert why == "one background of level 100"


def test_evening_a_clean_small_picture_is_its_inverse(seven: np.ndarray) -> None:
    small = shrink(seven, 28)
    np.testing.assert_allclose(even(255 - small)[0], small, atol=1e-4)
