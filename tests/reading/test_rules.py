import cv2
import numpy as np
import pytest
from tests.reading_cases import Grey, write_lines

from inkwise.reading.ink import find_ink
from inkwise.reading.page import read_page
from inkwise.reading.rules import find_rules, without_rules
from inkwise.reading.scores import Judge

PAGE = write_lines("2753", "68245", shape=(240, 800))


def ruled(pitch: int, *, upright: bool = False, slope: float = 0.0, level: int = 150) -> Grey:
    page = np.full_like(PAGE, 235)
    height, width = page.shape
    for row in range(pitch // 2, height, pitch):
        cv2.line(page, (0, row), (width, round(row + slope * width)), level, 2)
    for column in range(pitch // 2, width if upright else 0, pitch):
        cv2.line(page, (column, 0), (column, height), level, 2)
    return np.minimum(page, PAGE)


@pytest.mark.parametrize(
    "page",
    [
        pytest.param(ruled(50), id="ruled"),
        pytest.param(ruled(40, upright=True), id="squared"),
    ],
)
def test_digits_are_read_across_rules(judge: Judge, page: Grey) -> None:
    assert [line.text for line in read_page(page, judge).lines] == ["2753", "68245"]


def test_rules_are_found_where_they_lie() -> None:
    ink = find_ink(ruled(50, slope=0.03))
    rules = find_rules(ink.levels, ink.mask)
    starts = [float(rule.rows[0]) for rule in rules]
    for row in range(25, PAGE.shape[0], 50):
        assert min(abs(start - row) for start in starts) <= 2
    falls = [float(rule.rows[-1] - rule.rows[0]) for rule in rules]
    assert np.median(falls) == pytest.approx(0.03 * PAGE.shape[1], abs=2)


def test_a_page_without_rules_stays_as_it_is() -> None:
    ink = find_ink(PAGE)
    np.testing.assert_array_equal(without_rules(ink).mask, ink.mask)


def test_bars_of_close_writing_are_no_rule() -> None:
    page = write_lines("888888888888888", shape=(130, 700))  # their feet lie on one line
    cv2.line(page, (40, 66), (640, 66), 40, 4)
    ink = find_ink(page)
    assert find_rules(ink.levels, ink.mask) == []
    np.testing.assert_array_equal(without_rules(ink).mask, ink.mask)
