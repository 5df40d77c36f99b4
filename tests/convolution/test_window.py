"""The size formula, against torch's own convolution, and as it is written out."""

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from inkwise.convolution.window import Window, output_size, spelled
from inkwise.errors import ShapeError
from inkwise.models.shape import Pair

sides = st.tuples(st.integers(1, 4), st.integers(1, 4))


@settings(max_examples=100, deadline=None)
@given(
    extent=st.tuples(st.integers(1, 12), st.integers(1, 12)),
    kernel=sides,
    stride=sides,
    padding=st.tuples(st.integers(0, 3), st.integers(0, 3)),
    dilation=sides,
)
def test_the_formula_gives_the_size_of_a_real_convolution(
    extent: Pair, kernel: Pair, stride: Pair, padding: Pair, dilation: Pair
) -> None:
    size = Window(kernel, stride, padding, dilation).size(extent)
    image, weight = torch.zeros(1, 1, *extent), torch.zeros(1, 1, *kernel)
    if min(size) < 1:
        with pytest.raises(RuntimeError):
            torch.nn.functional.conv2d(image, weight, stride=stride, padding=padding, dilation=dilation)
    else:
        out = torch.nn.functional.conv2d(image, weight, stride=stride, padding=padding, dilation=dilation)
        assert tuple(out.shape[2:]) == size


@pytest.mark.parametrize(
    ("window", "extent", "text"),
    [
        (Window.of((3, 3), padding=1), (28, 28), "floor((28 + 2*1 - 3) / 1) + 1 = 28"),
        (Window.of((5, 5)), (3, 3), "floor((3 + 2*0 - 5) / 1) + 1 = -1"),
        (Window.of((3, 3), stride=2, dilation=2), (28, 28), "floor((28 + 2*0 - 2*(3 - 1) - 1) / 2) + 1 = 12"),
        (
            Window.of((1, 3)),
            (5, 5),
            "height floor((5 + 2*0 - 1) / 1) + 1 = 5, width floor((5 + 2*0 - 3) / 1) + 1 = 3",
        ),
    ],
)
def test_the_formula_is_written_with_its_numbers(window: Window, extent: Pair, text: str) -> None:
    assert window.formula(extent) == text


def test_a_shape_reads_like_prose() -> None:
    assert (spelled((16, 7, 7)), spelled((784,))) == ("16 x 7 x 7", "784")


def test_one_axis_is_a_number_and_several_are_a_tuple() -> None:
    assert output_size(28, 3) == 26
    assert output_size(5, 3, padding=(2, 0), stride=2) == 3
    assert output_size((28, 20), (3, 5), padding=((1, 1), (0, 2)), stride=(1, 2)) == (28, 9)


def test_the_floor_stands_before_the_one_is_added() -> None:
    assert output_size(6, 3, stride=2) == 2  # floor(3 / 2) + 1, not floor(3 / 2 + 1.5)


def test_axes_must_match() -> None:
    with pytest.raises(ShapeError, match="A kernel of 3 cannot slide over 28 x 28; give both the same axes"):
        output_size((28, 28), (3,))
