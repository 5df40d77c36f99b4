import cv2
import numpy as np
import pytest

from inkwise.data.normalising.marks import drop_rules, keep_digit


def body(side: int = 100) -> np.ndarray:
    """A bar in the middle of a square."""
    ink = np.zeros((side, side), np.uint8)
    ink[20:80, 45:55] = 255
    return ink


@pytest.mark.parametrize("degrees", [-3, 0, 2])
@pytest.mark.parametrize("upright", [False, True])
def test_rules_are_taken_out_and_strokes_that_cross_them_stay(degrees: float, upright: bool) -> None:
    ink = body(160)
    rise = 80 * np.tan(np.deg2rad(degrees))
    lines = np.zeros_like(ink)
    for row in (40, 75, 130):
        cv2.line(lines, (0, round(row - rise)), (159, round(row + rise)), 110, 2, cv2.LINE_AA)
    both = np.maximum(ink, lines.T if upright else lines)
    plain, count = drop_rules(both)
    assert count == 3
    assert plain[ink == 0].sum() < 0.02 * lines.sum()
    assert (plain[ink == 255] == 255).all()


def test_what_is_no_rule_stays() -> None:
    ink = body(160)
    ink[30, 20:140] = 110  # ends before the border
    ink[150:] = 255  # as dark as ink
    plain, count = drop_rules(ink)
    assert count == 0
    assert plain is ink
    small = np.full((40, 40), 0, np.uint8)
    small[20] = 110
    assert drop_rules(small)[0] is small


def test_a_page_edge_and_a_neighbour_go_and_the_digit_stays() -> None:
    clean = body()
    ink = clean.copy()
    ink[:, 90:] = 255  # heavier than the digit
    ink[30:60, :4] = 200
    kept = keep_digit(ink)
    assert np.array_equal(kept.ink, clean)
    assert (kept.at_border, kept.specks) == (2, 0)


def test_a_frame_around_the_digit_goes() -> None:
    clean = body()
    ink = clean.copy()
    ink[:8] = ink[-8:] = ink[:, :8] = ink[:, -8:] = 220
    assert np.array_equal(keep_digit(ink).ink, clean)


def test_a_digit_that_touches_the_border_stays() -> None:
    cut = body()[20:80]  # touches above and below
    assert np.array_equal(keep_digit(np.ascontiguousarray(np.pad(cut, ((2, 2), (0, 0)), mode="edge"))).ink[2:-2], cut)
    zero = np.zeros((100, 70), np.uint8)
    cv2.ellipse(zero, (35, 50), (30, 45), 0, 0, 360, 255, 10)
    zero[50:54, 33:37] = 255  # a dot inside is no digit
    assert keep_digit(zero).ink[50, 5] == 255


def test_specks_are_dropped_from_large_pictures_alone() -> None:
    clean = body()
    ink = clean.copy()
    ink[8:11, 8:11] = 255
    kept = keep_digit(ink)
    assert np.array_equal(kept.ink, clean)
    assert (kept.at_border, kept.specks) == (0, 1)
    ink[10:20, 70:90] = 255  # the bar of a 5, apart from its body
    assert keep_digit(ink).ink[15, 80] == 255
    small = np.ascontiguousarray(ink[5:65, 5:65])
    assert np.array_equal(keep_digit(small).ink, small)


def test_faint_noise_is_dropped_from_small_pictures_and_faint_rims_stay() -> None:
    ink = np.zeros((20, 20), np.uint8)
    ink[5:15, 9:11] = 255
    ink[5:15, 8] = 3
    clean = ink.copy()
    ink[0, 0] = ink[18, 3] = 2
    assert np.array_equal(keep_digit(ink).ink, clean)


def test_nothing_is_kept_of_nothing() -> None:
    for side in (20, 100):
        assert not keep_digit(np.zeros((side, side), np.uint8)).ink.any()
