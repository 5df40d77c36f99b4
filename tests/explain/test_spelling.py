"""Numbers and places as people read them."""

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from inkwise.explain.spelling import calculated, number, signed, span


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0.0, "0"),
        (-0.0, "0"),
        (0.87124, "0.8712"),
        (-12.5, "-12.5000"),
        (0.012912, "0.01291"),
        (0.001, "0.001000"),
        (1.2345e-5, "1.234e-05"),
        (-4e-20, "-4.000e-20"),
        (54321.0, "54321.0000"),
        (1e6, "1.000e+06"),
        (float("inf"), "inf"),
        (float("nan"), "nan"),
    ],
)
def test_a_number_has_four_decimals_or_four_figures(value: float, text: str) -> None:
    assert number(value) == text


def test_a_number_may_have_more_figures() -> None:
    assert [number(value, 2) for value in (0.871234567, 0.0129123456, 1.23456789e-5)] == [
        "0.871235", "0.0129123", "1.23457e-05",
    ]  # fmt: skip


def test_after_another_number_a_number_has_its_sign() -> None:
    assert [signed(value) for value in (0.5, -0.5, 0.0)] == ["+ 0.5000", "- 0.5000", "+ 0"]


def test_inside_a_formula_a_number_has_its_sign_where_it_can_be_read() -> None:
    template = "max({}, {}) * {} + {} - {}"
    values = (-1.0, -2.0, -0.5, -3.0, -4.0)
    made = calculated(template, lambda a, b, c, d, e: max(a, b) * c + d - e, *values)
    assert made == "max(-1.0000, -2.0000) * (-0.5000) - 3.0000 + 4.0000"
    assert calculated("{} / {}", lambda a, b: a / b, 1.0, -4.0) == "1.0000 / (-4.0000)"


@settings(deadline=None, max_examples=200)
@given(*[st.floats(-100, 100) for _ in range(2)], st.floats(0.01, 100), st.floats(-100, 100))
def test_a_calculator_comes_to_the_result_as_it_is_written(x: float, mean: float, by: float, beta: float) -> None:
    made = calculated("({} - {}) / {} + {}", lambda a, b, c, d: (a - b) / c + d, x, mean, by, beta)
    found = re.fullmatch(r"\((\S+) ([+-]) (\S+)\) / (\S+) ([+-]) (\S+)", made)
    assert found is not None
    one, first, two, three, second, four = found.groups()
    shown = (float(one) - float(two) * (1 if first == "-" else -1)) / float(three)
    shown += float(four) * (1 if second == "+" else -1)
    assert number(shown) == number((x - mean) / by + beta)


def test_figures_are_only_as_many_as_it_takes() -> None:
    assert calculated("{} * {}", lambda a, b: a * b, 0.5, 0.25) == "0.5000 * 0.2500"
    assert calculated("{} * {}", lambda a, b: a * b, 123.456789, 2 / 3) == "123.4567890 * 0.6666667"
    assert calculated("{} * 2", lambda a: a * 2, float("nan")) == "nan * 2"


@pytest.mark.parametrize(
    ("positions", "text"),
    [
        ([4], "row 4"),
        ([9, 10, 11], "rows 9 to 11"),
        ([-1, 1, 3], "rows -1, 1, 3"),
        ([0, 2, 4, 6, 8], "rows 0, 2, ... 8"),
    ],
)
def test_places_are_told_as_a_span(positions: list[int], text: str) -> None:
    assert span(positions, "rows") == text
