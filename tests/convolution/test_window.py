"""The size formula, against torch's own convolution, and as it is written out; what numbers are taken."""

import re
from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from inkwise.convolution.window import Window, counted, output_size, pads_of, per_axis, spelled, whole
from inkwise.errors import ShapeError, UsageError
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
    size = Window.of(kernel, stride, padding, dilation).size(extent)
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
        (Window.of((3, 3), padding=((2, 0), (2, 0))), (5, 5), "floor((5 + 2 + 0 - 3) / 1) + 1 = 5"),
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
    with pytest.raises(ShapeError, match="A kernel of 3 x 3 cannot slide over 28"):
        output_size((28,), (3, 3))


def test_one_number_holds_for_every_axis() -> None:
    assert output_size((28, 20), 3) == (26, 18)
    assert output_size(28, (3, 5)) == (26, 24)
    assert output_size((9, 9, 9, 9), 3) == (7, 7, 7, 7)


def test_a_window_has_its_numbers_for_each_axis() -> None:
    assert Window.of([3, 5], stride=[2, 1], padding=[(1, 1), (0, 4)]) == Window(
        kernel=(3, 5), stride=(2, 1), padding=((1, 1), (0, 4)), dilation=(1, 1)
    )
    assert Window.of(3, padding=2) == Window((3,), (1,), ((2, 2),), (1,))


def test_padding_may_differ_before_and_after() -> None:
    assert Window.of(3, padding=((2, 0),), stride=2).size((5,)) == (3,)


@pytest.mark.parametrize(
    "two", [2, np.int64(2), np.uint8(2), np.array(2), torch.tensor(2)], ids=lambda two: str(type(two))
)
def test_every_kind_of_whole_number_is_taken_and_becomes_an_int(two: Any) -> None:
    for numbers in (
        per_axis("stride", two, 2),
        per_axis("stride", (two, two)),
        *pads_of(two, 2),
        *pads_of([two] * 2, 2),
    ):
        assert numbers == (2, 2)
        assert {type(number) for number in numbers} == {int}
    assert type(whole("number", two)) is int
    assert output_size(np.int64(9), two, stride=two) == 4
    assert type(output_size(np.int64(9), two)) is int


@pytest.mark.parametrize(
    "wrong", ["2", 2.0, np.float64(2), torch.tensor(2.0), True, np.True_, None, 0, b"ab"], ids=repr
)
def test_what_is_no_whole_number_is_quoted(wrong: Any) -> None:
    for call in (
        lambda: per_axis("stride", wrong, 2),
        lambda: Window.of((3, 3), stride=wrong),
        lambda: output_size(9, 3, stride=wrong),
    ):
        with pytest.raises(UsageError, match=re.escape(f"The stride is {wrong!r}; each must be a whole number of at")):
            call()
    with pytest.raises(UsageError, match=re.escape(f"is ({wrong!r}, 1); each must be a whole number of at least 1.")):
        per_axis("stride", (wrong, 1))
    with pytest.raises(
        UsageError, match=re.escape(f"The number is {wrong!r}; it must be a whole number of at least 1.")
    ):
        whole("number", wrong)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"kernel": 0}, "The kernel is 0; each must be a whole number of at least 1."),
        ({"kernel": ()}, "The kernel is (); give one number, or one for each axis."),
        ({"stride": 0}, "The stride is 0; each must be"),
        ({"stride": (1, 1)}, "The stride is (1, 1); give one number, or one for each axis (length)."),
        ({"dilation": 1.5}, "The dilation is 1.5; each must be"),
        ({"padding": "1"}, "The padding is '1'; each must be a whole number of at least 0."),
        ({"padding": -1}, "The padding is -1; each must be"),
        ({"padding": ((0, -1),)}, "The padding is ((0, -1),); each must be"),
        ({"padding": (1, 0)}, "The padding is (1, 0); give one number, one for each axis (length), or a pair"),
    ],
    ids=str,
)
def test_a_window_of_other_numbers_is_told(options: dict[str, Any], message: str) -> None:
    with pytest.raises(UsageError, match=re.escape(message)):
        Window.of(**{"kernel": 3, **options})


def test_a_number_stands_with_its_noun() -> None:
    assert [counted(n, "channel") for n in (1, 2)] == ["1 channel", "2 channels"]
    assert [counted(n, "axis", "axes") for n in (1, 2)] == ["1 axis", "2 axes"]
