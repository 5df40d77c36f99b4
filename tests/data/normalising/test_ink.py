import numpy as np
import pytest

from inkwise.data.normalising.ink import calm, find_levels, has_ink, soften, to_grey
from inkwise.data.normalising.light import shrink


def stroke_on(background: np.ndarray) -> np.ndarray:
    background[20:40, 28:33] = 200
    return background.astype(np.float32)


def test_ink_needs_contrast_and_likeness_of_neighbours(seven: np.ndarray) -> None:
    small = shrink(seven, 28)
    assert has_ink(small.astype(np.float32))
    assert not has_ink((small // 12).astype(np.float32))
    shuffled = np.random.default_rng(0).permutation(small.ravel()).reshape(small.shape)
    assert not has_ink(shuffled.astype(np.float32))


def test_levels_of_a_clean_picture_are_its_own() -> None:
    ink = np.zeros((20, 20), np.float32)
    ink[5:15, 8:12] = 200
    levels = find_levels(ink)
    assert (levels.low, levels.threshold, levels.high, levels.noise) == (0, 100, 200, 0)


@pytest.mark.parametrize("middle", [30, 0])
def test_background_noise_raises_the_level_where_ink_begins(middle: float) -> None:
    noise = np.random.default_rng(0).normal(middle, 5, (60, 60))
    levels = find_levels(stroke_on(noise))
    assert levels.noise == pytest.approx(5, abs=1)  # half of it lies below 0 where the middle is 0, and counts
    assert middle + 12 < levels.low <= middle + 20
    assert levels.low < levels.threshold < levels.high == 200


def test_noise_that_could_be_taken_for_ink_is_averaged_away_and_other_noise_is_left() -> None:
    rng = np.random.default_rng(0)
    loud = stroke_on(rng.normal(0, 20, (400, 400)))
    quiet = stroke_on(rng.normal(0, 2, (400, 400)))
    assert calm(loud, find_levels(loud))[:15].std() < 8
    assert calm(quiet, find_levels(quiet)) is quiet
    small = loud[:60, :60]
    assert calm(small, find_levels(small)) is small


def test_softening_stretches_and_keeps_the_grey_between() -> None:
    ink = np.array([[-5, 10, 50, 110, 200]], np.float32)
    np.testing.assert_array_equal(soften(ink, 10.0, 110.0), [[0, 0, 102, 255, 255]])


def test_grey_is_cut_off_and_rounded() -> None:
    np.testing.assert_array_equal(to_grey(np.array([[-3, 0.6, 254.4, 300]], np.float32)), [[0, 1, 254, 255]])
