"""Every kernel that has a name is listed with what it does."""

import json

import pytest

from inkwise.convolution.kernels import NAMED
from inkwise.explain.demonstration.listing import kernel_dicts, kernel_lines


@pytest.mark.parametrize("width", [60, 80, 100])
def test_every_kernel_has_its_row_within_the_width(width: int) -> None:
    lines = list(kernel_lines(width))
    assert max(map(len, lines)) <= width
    assert [line.split()[0] for line in lines if line[:2] == "  " and line[2] != " "] == list(NAMED)


def test_what_holds_for_a_correlation_alone_has_a_star() -> None:
    text = " ".join(" ".join(kernel_lines(200)).split())
    assert "how fast it grows brighter to the right (upright edges) *; also sobel" in text
    assert "the mean of 3 x 3 values; also box" in text
    assert text.count("*") == sum(not kernel.symmetric for kernel in NAMED.values()) + 1


def test_the_same_as_plain_values() -> None:
    listed = json.loads(json.dumps(kernel_dicts()))
    assert [each["name"] for each in listed] == list(NAMED)
    assert listed[1]["rows"] == [[1, 1, 1]] * 3
    assert listed[1]["divisor"] == 9
