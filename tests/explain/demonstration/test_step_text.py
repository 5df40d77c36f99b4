"""A step is told so that each number stands where it belongs, within the width that there is."""

import re
from typing import Any

import pytest
import torch

from inkwise.explain.demonstration.operation import Operation, operate
from inkwise.explain.demonstration.step_text import step_lines

IMAGE = torch.tensor([[1, 0, 2], [4, 1, 0], [0, 2, 5]])


def told(operation: Operation, place: int, width: int = 80) -> list[str]:
    return [line.plain for line in step_lines(operation, operation.step(place), width)]


def signal(values: list[float], kernel: list[float], **setting: Any) -> Operation:
    return operate(torch.tensor(values), torch.tensor(kernel), **setting)


def test_of_a_signal_each_product_stands_below_its_two_factors() -> None:
    assert told(signal([1, 2, 3], [10, -1], mode="full"), 1) == [
        "output[1] = 19",
        "  input         ·   1   2   3   ·",
        "  kernel           -1  10",
        "  products         -1  20",
    ]


def test_a_dilated_kernel_has_gaps_and_a_copied_value_a_prime() -> None:
    operation = signal([1, 2, 3, 4], [1, 1], dilation=2, mode="same", padding_mode="reflect", rotate=False)
    assert told(operation, 0) == [
        "output[0] = 4",
        "  input        2'   1   2   3   4  3'",
        "  kernel        1       1",
        "  products      2       2",
    ]


def test_of_a_long_signal_the_window_and_what_is_beside_it_are_shown() -> None:
    operation = signal([float(value) for value in range(100)], [1.0, 1.0], rotate=False)
    first, middle, last = (told(operation, place) for place in (0, 50, 98))
    assert first[1] == "  input        0  1  2  3  4  .."
    assert middle[1] == "  input    ..  47  48  49  50  51  52  53  54  .."
    assert middle[2] == "  kernel                    1   1"
    assert last[1] == "  input    ..  95  96  97  98  99"


def test_a_kernel_too_long_for_the_line_is_told_by_its_first_terms() -> None:
    operation = signal([float(value) for value in range(200)], [1.0] * 100, rotate=False)
    assert told(operation, 0) == [
        "output[0] = 4950",
        "    0*1 + 1*1 + 2*1 + 3*1 + 4*1 + 5*1 + 6*1 + 7*1 + ... 92 more",
        "    100 products from 0 to 99",
    ]


def test_of_an_image_the_window_is_in_brackets_beside_kernel_and_products() -> None:
    operation = operate(IMAGE, torch.tensor([[1, 2], [0, -3]]), mode="same", rotate=False)
    assert told(operation, 4) == [
        "output[1, 1] = -14",
        "    input          kernel   products",
        "    1  0  2  ·      1  2      1*1 +    0*2",
        "    4 [1  0] ·      0 -3    + 2*0 + 5*(-3)",
        "    0 [2  5] ·              = -14",
        "    ·  ·  ·  ·",
    ]


def test_a_dilated_window_has_each_of_its_values_in_brackets() -> None:
    lines = told(operate(IMAGE, torch.ones(2, 2, dtype=torch.int64), dilation=2), 0)
    assert lines[2].strip().startswith("[1] 0 [2]")
    assert lines[3].strip().startswith("4  1  0")
    assert lines[4].strip().startswith("[0] 2 [5]")


@pytest.mark.parametrize(
    ("width", "labels"),
    [(80, "input"), (60, "window"), (45, "window"), (30, "")],
)
def test_what_is_too_wide_gives_way_in_steps(width: int, labels: str) -> None:
    generator = torch.Generator().manual_seed(0)
    operation = operate(torch.rand(5, 5, generator=generator), torch.tensor([[1, 2], [3, -4]]))
    lines = told(operation, 5, width)
    assert max(map(len, lines[1:])) <= max(width, 40)
    if labels:
        assert lines[1].split()[0] == labels
    else:
        assert "more" in lines[1] or "products from" in lines[-1]


@pytest.mark.parametrize("place", range(9))
def test_the_terms_that_are_told_add_up_to_the_output(place: int) -> None:
    operation = operate(IMAGE, torch.tensor([[1, 2, 0], [0, -3, 5], [1, 1, -1]]), mode="same")
    terms = re.findall(r"(-?\d+)\*\(?(-?\d+)", "".join(told(operation, place)))
    assert len(terms) == 9
    assert sum(int(x) * int(h) for x, h in terms) == int(operation.result.flatten()[place])
