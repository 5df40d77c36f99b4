"""Around its steps a convolution is told with everything that it depends on."""

from typing import Any

import pytest
import torch

from inkwise.explain.demonstration.operation import Operation, operate
from inkwise.explain.demonstration.transcript import extent, heading, legend, result_lines

MORE = "All its numbers: --save FILE.csv or FILE.npy, or --json."
IMAGE = torch.tensor([[1, 0, 2], [4, 1, 0], [0, 2, 5]])


def told(operation: Operation, image: str = "", kernel: str = "") -> list[str]:
    return [line.plain.rstrip() for line in heading(operation, image, kernel)]


def test_the_heading_says_everything() -> None:
    operation = operate(torch.tensor([1, 2, 3]), torch.tensor([0.0, 1.0, 0.5]), mode="full", algorithm="im2col")
    assert told(operation, kernel="half an echo") == [
        "Convolution of 3 values with a kernel of 3 values, rotated by 180 degrees.",
        "  input     1 2 3",
        "  kernel    half an echo",
        "              0   1 0.5",
        "  rotated   0.5   1   0",
        "  setting   mode full, padding 2 (zeros), stride 1, dilation 1",
        "  output    floor((3 + 2*2 - 3) / 1) + 1 = 5",
        "  algorithm im2col, as asked",
    ]


def test_a_correlation_leaves_the_kernel_and_a_symmetric_one_stays_the_same() -> None:
    kernel = torch.tensor([[1, 2], [2, 1]])
    correlated, convolved = (told(operate(IMAGE, kernel, rotate=rotate)) for rotate in (False, True))
    assert correlated[0] == "Cross-correlation of 3 x 3 with a kernel of 2 x 2, as it is written."
    assert not any("rotated" in line for line in correlated)
    assert "  rotated   the same: this kernel is symmetric" in convolved


@pytest.mark.parametrize(
    ("setting", "line"),
    [
        ({}, "  setting   mode valid, no padding, stride 1, dilation 1"),
        ({"mode": "same"}, "  setting   mode same, padding 0 before and 1 after (zeros), stride 1, dilation 1"),
        ({"padding": 1, "padding_mode": "wrap"}, "  setting   padding 1 (wrap), stride 1, dilation 1"),
        (
            {"padding": [(1, 0), (0, 0)]},
            "  setting   padding height 1 and 0, width 0 and 0 (zeros), stride 1, dilation 1",
        ),
        ({"stride": (2, 1)}, "  setting   mode valid, no padding, stride 2 x 1, dilation 1"),
    ],
    ids=["valid", "same", "wrap", "pairs", "stride"],
)
def test_the_setting_is_spelled(setting: dict[str, Any], line: str) -> None:
    assert line in told(operate(IMAGE, torch.tensor([[1, 2], [3, 4]]), **setting))


def test_axes_that_differ_have_a_formula_each() -> None:
    lines = told(operate(IMAGE[:2], torch.tensor([[1, 2], [3, 4]])))
    assert "  height    floor((2 + 2*0 - 2) / 1) + 1 = 1" in lines
    assert "  width     floor((3 + 2*0 - 2) / 1) + 1 = 2" in lines


def test_a_large_array_is_told_by_its_size_and_range() -> None:
    lines = told(operate(torch.arange(784).reshape(28, 28), torch.tensor([[1, 2]])), "the name")
    assert lines[1:3] == ["  input     the name", "            28 x 28 values from 0 to 783"]


@pytest.mark.parametrize(
    ("setting", "text"),
    [
        ({}, "[ ] the window"),
        ({"mode": "full"}, "[ ] the window   \N{MIDDLE DOT} padding, counts as 0"),
        ({"mode": "full", "padding_mode": "wrap"}, "[ ] the window   ' padding, a copied value"),
    ],
    ids=["none", "zeros", "wrap"],
)
def test_the_legend_tells_what_there_is_to_mark(setting: dict[str, Any], text: str) -> None:
    assert legend(operate(IMAGE, torch.tensor([[1, 2], [3, 4]]), **setting)).plain == text


def test_a_signal_without_padding_needs_no_legend() -> None:
    assert not legend(operate(torch.ones(3), torch.ones(2)))


@pytest.mark.parametrize(
    ("size", "lines"),
    [
        ((1, 1), ["Result: 1"]),
        ((2, 3), ["Result, 2 x 3:", "  1 1 1", "  1 1 1"]),
        ((4,), ["Result, 4 values:", "  1 1 1 1"]),
        ((40, 2), ["Result, 40 x 2:", *["  1 1"] * 40]),
        ((2, 39), ["Result, 2 x 39:", *["  " + " ".join("1" * 39)] * 2]),
        ((100,), ["Result, 100 values:", *["  " + " ".join("1" * 39)] * 2, "  " + " ".join("1" * 22)]),
        ((41, 2), ["Result: 41 x 2, from 1 to 1.", MORE]),
        ((2, 40), ["Result: 2 x 40, from 1 to 1.", MORE]),
        ((101,), ["Result: 101 values, from 1 to 1.", MORE]),
    ],
    ids=["one", "image", "signal", "tall", "wide", "long", "too tall", "too wide", "too long"],
)
def test_the_result_is_printed_where_it_fits(size: tuple[int, ...], lines: list[str]) -> None:
    operation = operate(torch.ones(size), torch.ones((1,) * len(size)))
    assert [line.plain for line in result_lines(operation, 80)] == lines


def test_sizes_are_spelled() -> None:
    assert (extent((1,)), extent((3,)), extent((2, 3))) == ("1 value", "3 values", "2 x 3")
