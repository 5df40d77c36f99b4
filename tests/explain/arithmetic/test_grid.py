"""Columns are aligned, blocks stand side by side, and nothing is wider than it may be."""

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from inkwise.explain.arithmetic.grid import blocks, column, marked

finite = st.floats(-1e5, 1e5, allow_nan=False)


@pytest.mark.parametrize(
    ("values", "texts"),
    [
        ([0.5, -12.25, 0.0], ["  0.5000", "-12.2500", "       0"]),
        ([0.00123, 0.0], ["0.00123", "      0"]),
        ([1.0, 0.00001, -0.00001], ["1.0000", "0.0000", "0.0000"]),
        ([2e7, 0.5], ["2.000e+07", "   0.5000"]),
        ([float("nan"), 1.0], ["   nan", "1.0000"]),
        ([], []),
    ],
    ids=["plain", "small", "rounded", "large", "nan", "none"],
)
def test_a_column_has_one_width_and_one_number_of_decimals(values: list[float], texts: list[str]) -> None:
    assert column(values) == texts


def test_blocks_of_three_by_three_have_four_decimals_side_by_side() -> None:
    inside = np.array([[False, True], [False, True]])
    patch, kernel = np.array([[0.0, 0.5], [0.0, 1.0]]), np.array([[0.1, -0.25], [0.3, 0.4]])
    full = np.ones_like(inside)
    assert blocks([("patch", patch, inside), ("kernel", kernel, full), ("products", patch * kernel, inside)], 78) == [
        "patch           kernel            products",
        "     . 0.5000    0.1000 -0.2500         . -0.1250",
        "     . 1.0000    0.3000  0.4000         .  0.4000",
    ]


def test_where_decimals_do_not_fit_the_title_has_the_unit() -> None:
    inside = np.ones((1, 3), dtype=bool)
    values = np.array([[0.9961, -0.1234, 0.0]])
    assert blocks([("patch", values, inside), ("kernel", values * 100, inside)], 34) == [
        "patch x 0.001    kernel x 0.1",
        " 996 -123    0    996 -123    0",
    ]
    assert blocks([("patch", values, inside)] * 3, 30) == []


@settings(max_examples=60, deadline=None)
@given(st.lists(finite, min_size=25, max_size=25), st.lists(finite, min_size=25, max_size=25))
def test_five_by_five_fits_into_eighty_columns_side_by_side(first: list[float], second: list[float]) -> None:
    a, b = np.array(first).reshape(5, 5), np.array(second).reshape(5, 5)
    inside = np.ones((5, 5), dtype=bool)
    lines = blocks([("patch", a, inside), ("kernel", b, inside), ("products", a * b, inside)], 78)
    assert len(lines) == 6
    assert max(map(len, lines)) <= 78


@settings(max_examples=60, deadline=None)
@given(st.lists(finite, min_size=15, max_size=15))
def test_in_units_every_number_is_right_to_a_half(values: list[float]) -> None:
    matrix = np.array(values).reshape(3, 5)
    lines = blocks([("kernel", matrix, np.ones((3, 5), dtype=bool))], 24)
    assume(lines[0] != "kernel")  # decimals fit
    unit = float(lines[0].rpartition("x ")[2])
    shown = np.array([[float(text) for text in line.split()] for line in lines[1:]])
    assert np.abs(shown * unit - matrix).max() <= 0.501 * unit


def test_the_winner_has_a_star() -> None:
    values, inside = np.array([[0.5, 2.0], [0.0, 1.0]]), np.array([[True, True], [False, True]])
    assert marked(values, inside, (0, 1), 78) == ["0.5000  2.0000*", "     .  1.0000"]
    assert marked(values, inside, None, 78) == ["0.5000 2.0000", "     . 1.0000"]
    assert marked(values, inside, (0, 1), 10) == []
