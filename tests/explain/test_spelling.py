"""Numbers and places as people read them."""

import pytest

from inkwise.explain.spelling import bracketed, number, signed, span


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


def test_inside_a_formula_a_number_has_its_sign_where_it_can_be_read() -> None:
    assert [signed(value) for value in (0.5, -0.5, 0.0)] == ["+ 0.5000", "- 0.5000", "+ 0"]
    assert [bracketed(value) for value in (0.5, -0.5)] == ["0.5000", "(-0.5000)"]


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
