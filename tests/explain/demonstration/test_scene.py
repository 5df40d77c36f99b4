"""Every picture says above what it shows, and below what the products add up to."""

import pytest
import torch

from inkwise.explain.demonstration.operation import Operation, operate
from inkwise.explain.demonstration.scene import Scene, blend
from inkwise.explain.demonstration.scene import _sum_lines as sum_lines  # what is written cannot be read off a picture

TIMES = "\N{MULTIPLICATION SIGN}"
KERNEL = torch.tensor([[1, 2], [0, -1]])


def titles(operation: Operation) -> tuple[str, ...]:
    scene = Scene(operation, dark=False)
    return (scene.title, *scene.lines)


def test_the_titles_say_what_is_done() -> None:
    assert titles(operate(torch.ones(4, 4), KERNEL, mode="same", stride=2)) == (
        "Convolution",
        f"the kernel lies rotated by 180\N{DEGREE SIGN}; 2 {TIMES} 2 over 4 {TIMES} 4, mode same, stride 2",
        "output size floor((4 + 0 + 1 \N{MINUS SIGN} 2) / 2) + 1 = 2 along each axis",
    )


def test_axes_that_differ_are_told_apart() -> None:
    title, lies, size = titles(operate(torch.ones(4, 5), KERNEL, rotate=False, dilation=(1, 2)))
    assert title == "Cross-correlation"
    assert lies.startswith("the kernel lies as it is written; ")
    assert lies.endswith("dilation 1 x 2")
    assert size.startswith("output size height floor(")
    assert ", width floor(" in size


def test_of_a_symmetric_kernel_it_is_said_that_rotating_changes_nothing() -> None:
    _, lies, size = titles(operate(torch.ones(4), torch.ones(2)))
    assert lies == "a symmetric kernel: rotated, it is the same; 2 over 4 values, mode valid"
    assert size == "output size floor((4 + 2\N{MULTIPLICATION SIGN}0 \N{MINUS SIGN} 2) / 1) + 1 = 3"


@pytest.mark.parametrize(
    ("length", "room", "lines"),
    [
        (2, 400, ["y = 1\N{MIDDLE DOT}1 + 1\N{MIDDLE DOT}(\N{MINUS SIGN}2) = s"]),
        (30, 400, ["y = the sum of 30 products = s"]),
        (20, 100, ["y = the sum of 20 products = s"]),
    ],
    ids=["in full", "many", "narrow"],
)
def test_the_sum_is_written_in_full_where_it_fits(length: int, room: int, lines: list[str]) -> None:
    kernel = torch.ones(length, dtype=torch.int64)
    kernel[-1] = -2
    step = operate(torch.ones(length, dtype=torch.int64), kernel, rotate=False).step(0)
    assert sum_lines(step, "y = ", " = s", room) == lines


def test_a_sum_that_is_too_long_for_a_line_takes_two() -> None:
    step = operate(torch.ones(9), torch.ones(9)).step(0)
    first, second = sum_lines(step, "y = ", " = s", 250)
    assert (first + second).count("1\N{MIDDLE DOT}1") == 9
    assert first.endswith(" +")
    assert second.endswith(" = s")


def test_colours_blend() -> None:
    assert blend((0, 100, 200), (100, 100, 100), 0.25) == (25, 100, 175)
