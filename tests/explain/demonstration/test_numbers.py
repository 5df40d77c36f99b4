"""Numbers typed by people become arrays, and go back to text that lines up."""

import re

import pytest
import torch

from inkwise.errors import DataError, InkwiseError, UsageError
from inkwise.explain.demonstration.numbers import Format, exact, is_numbers, parse, product


@pytest.mark.parametrize(
    ("text", "values"),
    [
        ("1 2 3", [1, 2, 3]),
        ("-1,2,-3", [-1, 2, -3]),
        (" 1, 2 ,3 ", [1, 2, 3]),
        ("1 2; 3 4", [[1, 2], [3, 4]]),
        ("1 2;", [[1, 2]]),
        ("1;2", [[1], [2]]),
        ("5", [5]),
        ("[1, 2, 3]", [1, 2, 3]),
        ("[[1, 2], [3, 4]]", [[1, 2], [3, 4]]),
        (" [ [-1 2]\n [ 3 4] ] ", [[-1, 2], [3, 4]]),
        ("[[1, 2]]", [[1, 2]]),
        ("[[1], [2]]", [[1], [2]]),
        ("[1 2; 3 4]", [[1, 2], [3, 4]]),
        ("\N{MINUS SIGN}2 1", [-2, 1]),
    ],
)
def test_whole_numbers_stay_whole(text: str, values: list[int]) -> None:
    array = parse(text, "The input")
    assert array.tolist() == values
    assert array.dtype == torch.int64


def test_one_fraction_makes_all_of_them_floats() -> None:
    array = parse("1/4 .5 1e-1 2", "The input")
    assert array.tolist() == [0.25, 0.5, 0.1, 2.0]
    assert array.dtype == torch.float64


@pytest.mark.parametrize(
    ("text", "values"),
    [
        ("1\n2\n3\n", [1, 2, 3]),
        ("1 2 3", [1, 2, 3]),
        ("# a heading\n1,2\n\n3,4\n", [[1, 2], [3, 4]]),
        ("1 2; 3 4", [[1, 2], [3, 4]]),
        ("[[1, 2],\n [3, 4]]\n", [[1, 2], [3, 4]]),
        ("[1,\n 2]\n", [1, 2]),
        ("[[1],\n [2]]\n", [[1], [2]]),
    ],
    ids=["a column", "a row", "rows", "semicolons", "lists", "a list", "lists of one"],
)
def test_of_a_file_each_line_is_a_row_and_a_column_is_a_signal(text: str, values: list[int]) -> None:
    assert parse(text, "a.csv", lines=True).tolist() == values


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "The input is empty; write values as '1 2 3', and rows as '1 2; 3 4'."),
        (" ; ", "The input is empty"),
        ("1 2; 3", "Row 2 of the input has 1 value and row 1 has 2; give every row the same number of values."),
        ("1;; 2", "Row 2 of the input has 0 values and row 1 has 1"),
        ("[1, 2", "The input begins with a bracket and is no list of numbers, nor a list of such lists; write [1, 2"),
        ("[[[1]]]", "The input begins with a bracket"),
        ("[[1, 2], 3]", "The input begins with a bracket"),
        ("[1, 2] 3", "The input begins with a bracket"),
        ("[]", "The input is empty"),
        ("[[1, 2], [3]]", "Row 2 of the input has 1 value and row 1 has 2"),
        ("1 2]", "'2]', value 2 of row 1 of the input, is no number"),
        ("1 two 3", "'two', value 2 of row 1 of the input, is no number; write values as"),
        ("1 1/0", "'1/0', value 2 of row 1 of the input, is no number"),
        ("1 1_0", "'1_0', value 2 of row 1 of the input, is no number"),
        ("1; nan", "The input has nan as value 1 of row 2; replace it with a finite number."),
        ("1e999 2", "The input has 1e999 as value 1 of row 1"),
        (f"{2**63} 1", "9223372036854775808, value 1 of row 1 of the input, is beyond 64-bit whole numbers; write 9.2"),
    ],
)
def test_what_is_wrong_is_told_with_its_place(text: str, message: str) -> None:
    with pytest.raises(UsageError, match=re.escape(message)):
        parse(text, "The input")


@pytest.mark.parametrize(("lines", "error"), [(False, UsageError), (True, DataError)], ids=["typed", "file"])
def test_what_is_wrong_in_a_file_is_the_files_fault(lines: bool, error: type[InkwiseError]) -> None:
    with pytest.raises(error, match=r"'x', value 1 of row 1 of a\.txt, is no number") as caught:
        parse("x", "a.txt", lines=lines)
    assert type(caught.value) is error


@pytest.mark.parametrize(
    ("text", "numbers"),
    [
        ("-1 x", True),
        ("1/2", True),
        ("nan", True),
        ("[[1], [2]]", True),
        ("[5]", True),
        ("[a]", False),
        ("a 1", False),
        ("", False),
    ],
)
def test_the_first_word_says_whether_numbers_are_meant(text: str, numbers: bool) -> None:
    assert is_numbers(text) == numbers


@pytest.mark.parametrize(
    ("values", "texts"),
    [
        ([1.0, -20.0, 0.0], ["1", "-20", "0"]),
        ([0.5, 1.0, 0.25], ["0.5", "1", "0.25"]),
        ([1 / 3, 2.0, 0.0], ["0.333", "2", "0"]),
        ([0.0625, 0.25], ["0.0625", "0.25"]),
        ([4.5, 10.0, 2.25, 3.0], ["4.5", "10", "2.25", "3"]),
        ([-1999900.0, -99999.8], ["-1999900", "-99999.8"]),
        ([0.002, 1.23456], ["0.002", "1.235"]),
        ([1e-7, 2e-7], ["1e-07", "2e-07"]),
        ([1.5e9, 2.5], ["1.5e+09", "2.5"]),
        ([2**62 + 1, 2], ["4611686018427387905", "2"]),
        ([1.0, 1e-17], ["1", "0"]),
        ([0.0], ["0"]),
        ([], []),
        ([float("inf"), 1.0], ["inf", "1"]),
    ],
)
def test_numbers_of_an_array_are_written_alike_and_whole_ones_whole(values: list[float], texts: list[str]) -> None:
    form = Format(values)
    assert [form(value) for value in values] == texts
    assert form.width == max(map(len, texts), default=1)


def test_a_small_value_beside_a_large_one_is_not_written_as_zero() -> None:
    form = Format([0.00012, 0.5])
    assert float(form(0.00012)) > 0


@pytest.mark.parametrize(("value", "text"), [(3.0, "3"), (-2, "-2"), (1 / 3, "0.333333"), (float("inf"), "inf")])
def test_a_number_by_itself_is_whole_or_has_six_figures(value: float, text: str) -> None:
    assert exact(value) == text


def test_a_negative_factor_is_in_brackets() -> None:
    assert product(2, -0.25) == "2*(-0.25)"
    assert product(-2, 1 / 3, "\N{MIDDLE DOT}") == "(-2)\N{MIDDLE DOT}0.3333"
    assert product(-1_000_000, 0.1) == "(-1000000)*0.1"
