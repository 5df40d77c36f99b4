"""The receptive field of a stack of windows, against what really reaches a value."""

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from inkwise.convolution.sight import Sight, receptive_field
from inkwise.convolution.window import Window
from inkwise.errors import UsageError

size, stride, dilation = st.integers(1, 3), st.integers(1, 2), st.integers(1, 2)
margin = st.tuples(st.integers(0, 2), st.integers(0, 2))  # before, after


@settings(max_examples=80, deadline=None)
@given(sizes=st.lists(st.tuples(size, stride, margin, dilation), min_size=1, max_size=4), where=st.integers(0, 5))
def test_the_receptive_field_is_where_the_gradient_is(
    sizes: list[tuple[int, int, tuple[int, int], int]], where: int
) -> None:
    stack = [Window.of(m, s, (p,), d) for m, s, p, d in sizes]
    x = torch.zeros(1, 1, 60, dtype=torch.float64, requires_grad=True)
    y = x
    for m, s, p, d in stack:
        padded = torch.nn.functional.pad(y, p[0])
        y = torch.nn.functional.conv1d(padded, torch.ones(1, 1, *m, dtype=torch.float64), stride=s, dilation=d)
    if where >= y.shape[-1]:
        return
    (gradient,) = torch.autograd.grad(y[0, 0, where], x)
    sight = receptive_field(stack)
    first = sight.start[0] + where * sight.jump[0]
    reached = gradient[0, 0].nonzero().flatten()
    assert all(first <= place < first + sight.size[0] for place in reached.tolist())
    if all(p == ((0, 0),) for _, _, p, _ in stack):  # no end of the field is padding
        assert (int(reached.min()), int(reached.max())) == (first, first + sight.size[0] - 1)


def test_a_known_stack() -> None:
    stack = [Window.of((3, 3), padding=1), Window.of((2, 2), stride=2), Window.of((3, 5))]
    assert receptive_field(stack) == Sight(size=(8, 12), jump=(2, 2), start=(-1, -1))


def test_a_stack_is_over_the_same_axes() -> None:
    with pytest.raises(UsageError, match="asked of windows over 1 and 2 axes"):
        receptive_field([Window.of((3,)), Window.of((3, 3))])
    with pytest.raises(UsageError, match="asked of no windows; give at least one"):
        receptive_field([])


def test_a_causal_stack_sees_the_past_alone() -> None:
    stack = [Window.of(3, padding=((2 * d, 0),), dilation=d) for d in (1, 2, 4)]
    assert receptive_field(stack) == Sight(size=(15,), jump=(1,), start=(-14,))


def test_a_stride_may_be_a_list() -> None:
    assert receptive_field([Window.of((3, 3), stride=[2, 2])]).jump == (2, 2)
