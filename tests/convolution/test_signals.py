"""Sampled signals: times, jumps, areas, and what each mistake is told."""

import math
import re
from collections.abc import Callable
from typing import Any

import pytest
import torch

from inkwise.convolution.signals import Signal, box, exponential, gaussian, noisy_position
from inkwise.errors import InkwiseError, ShapeError, UsageError

ONES = torch.ones(3, dtype=torch.float64)


def test_samples_stand_at_their_times() -> None:
    signal = Signal(ONES, start=-1, step=0.5)
    assert signal.times.tolist() == [-1, -0.5, 0]
    assert signal.end == 0


def test_reversed_it_is_the_signal_at_minus_t() -> None:
    values, jumps = torch.tensor([[1.0, 2.0, 4.0], [0.0, 1.0, -3.0]], dtype=torch.float64)
    back = Signal(values, start=1.0, step=2.0, jumps=jumps).reversed()
    assert (back.values.tolist(), back.times.tolist()) == ([4, 2, 1], [-5, -3, -1])
    assert back.jumps is not None
    assert back.jumps.tolist() == [3, -1, 0]  # from the left it is from the right


def test_a_box_jumps_at_its_ends_and_stands_around_0() -> None:
    signal = box(1, step=0.25, span=2)
    assert signal.values.tolist() == [0, 0, 0.5, 1, 1, 1, 0.5, 0, 0]
    assert signal.times.tolist() == [i / 4 for i in range(-4, 5)]
    assert signal.jumps is not None
    assert signal.jumps.tolist() == [0, 0, 1, 0, 0, 0, -1, 0, 0]
    assert box(3, step=1).times.tolist() == [-1.5, -0.5, 0.5, 1.5]


@pytest.mark.parametrize("steps", [1, 2, 7, 100])
def test_the_area_of_a_box_is_its_width(steps: int) -> None:
    assert box(0.7, step=0.7 / steps).area.item() == pytest.approx(0.7)


def test_an_exponential_jumps_at_0_and_falls() -> None:
    signal = exponential(2, step=0.5, span=1.2)
    assert signal.times.tolist() == [0, 0.5, 1, 1.5]
    assert signal.values.tolist() == pytest.approx([0.5, math.exp(-1), math.exp(-2), math.exp(-3)])
    assert signal.jumps is not None
    assert signal.jumps.tolist() == [1, 0, 0, 0]


def test_the_area_of_an_exponential_is_accurate_to_second_order() -> None:
    errors = [abs(exponential(2, step=step).area.item() - 0.5) for step in (0.1, 0.05, 0.025)]
    assert errors[0] < 2e-3
    assert [errors[0] / errors[1], errors[1] / errors[2]] == pytest.approx([4, 4], rel=0.01)


@pytest.mark.parametrize(
    ("fineness", "error", "within"), [(1, 0.082, 0.02), (0.1, 8.33e-4, 0.01), (0.01, 8.33e-6, 0.01)]
)
def test_a_step_of_an_exponential_is_as_fine_as_is_said(fineness: float, error: float, within: float) -> None:
    rate = 3.0
    area = exponential(rate, step=fineness / rate).area.item()
    assert area * rate - 1 == pytest.approx(error, rel=within)


@pytest.mark.parametrize("step", [0.05, 0.3])
def test_a_gaussian_is_a_density_around_0(step: float) -> None:
    signal = gaussian(0.3, step=step)
    assert signal.area.item() == pytest.approx(1, abs=1e-8)
    assert ((signal.values * signal.times**2).sum() * step).item() == pytest.approx(0.09, rel=1e-6)
    assert signal.values.argmax() == len(signal.values) // 2
    assert torch.allclose(signal.times, -signal.times.flip(0))


def test_a_span_is_rounded_up_to_whole_steps() -> None:
    assert len(exponential(1, step=0.3, span=2.1).values) == 8  # 2.1 / 0.3 is a little more than 7
    assert len(gaussian(1, step=0.4, span=2).values) == 2 * 3 + 1
    assert len(exponential(1, step=5, span=1e-9).values) == 2


def test_a_noisy_position_is_off_by_its_noise_and_the_same_for_a_seed() -> None:
    truth, measured = noisy_position(span=20, step=0.01, noise=0.3, seed=4)
    assert (measured.values - truth.values).std().item() == pytest.approx(0.3, rel=0.05)
    assert truth.values.std().item() == pytest.approx(0.825, rel=0.01)
    assert truth.values.diff().abs().max() < 0.02  # it moves smoothly
    assert torch.equal(noisy_position(span=20, seed=4)[1].values, measured.values)
    assert not torch.equal(noisy_position(span=20, seed=5)[1].values, measured.values)
    assert torch.equal(*(each.values for each in noisy_position(noise=0)))


@pytest.mark.parametrize(
    ("make", "error", "message"),
    [
        (lambda: Signal(torch.ones(3), 0, 1), UsageError, "values are float64, and torch.float32 was given"),
        (lambda: Signal([1.0], 0, 1), UsageError, "A torch.Tensor is needed for the values"),  # type: ignore[arg-type]
        (lambda: Signal(ONES[None], 0, 1), ShapeError, "its values have shape (1, 3)"),
        (lambda: Signal(ONES[:0], 0, 1), ShapeError, "its values have shape (0,)"),
        (lambda: Signal(ONES, 0, 1, ONES[:2]), ShapeError, "as many jumps; its jumps have shape (2,)"),
        (lambda: Signal(ONES, 0, 0), UsageError, "The step is 0; give a finite number above 0"),
        (lambda: Signal(ONES, math.inf, 1), UsageError, "The start is inf; give a finite time"),
        (lambda: box(-1, step=0.1), UsageError, "The width is -1; give a finite number above 0"),
        (lambda: box(1, step=0.3), UsageError, "as with a step of 1 / 4, so that a sample stands at each end"),
        (lambda: box(1, step=2), UsageError, "The width is 1 and the step 2; give a whole number of steps"),
        (lambda: box(1, step=0.5, span=1.5), UsageError, "give a span larger by an even number of steps of 0.5"),
        (lambda: box(1, step=0.5, span=0.5), UsageError, "The span is 0.5 and the width 1"),
        (lambda: exponential(0, step=0.1), UsageError, "The rate is 0"),
        (lambda: exponential(1, step=math.nan), UsageError, "The step is nan"),
        (lambda: exponential(1, step=1e-9), UsageError, "makes 3.7e+10 samples; at most 10,000,000 are made"),
        (lambda: gaussian(-2, step=0.1), UsageError, "The deviation is -2"),
        (lambda: noisy_position(noise=-1), UsageError, "The noise is -1; give a finite standard deviation"),
        (lambda: noisy_position(span=0), UsageError, "The span is 0"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_a_mistake_gets_one_sentence(make: Callable[[], Any], error: type[InkwiseError], message: str) -> None:
    with pytest.raises(error, match=re.escape(message)):
        make()
