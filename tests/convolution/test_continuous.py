"""Convolved and correlated signals against scipy, the closed forms and the algebra; smoothing brings back the truth."""

import math
import re
from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal, localcontext
from typing import Any

import pytest
import scipy.signal
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import Tensor

from inkwise.convolution.continuous import (
    Signal,
    autocorrelation,
    box,
    convolve,
    correlate,
    exponential,
    gaussian,
    noisy_position,
    smooth,
    two_boxes,
    two_exponentials,
    two_gaussians,
)
from inkwise.errors import UnknownName, UsageError

sizes = st.integers(1, 12)
starts = st.floats(-5, 5)


def random(size: int, start: float = 0.0, step: float = 0.1, seed: int = 0) -> Signal:
    generator = torch.Generator().manual_seed(seed)
    return Signal(torch.randn(size, generator=generator, dtype=torch.float64), start, step)


def rms(values: Tensor) -> float:
    return float((values**2).mean().sqrt())


@settings(max_examples=50, deadline=None)
@given(n=sizes, m=sizes, start=starts, other=starts)
def test_both_are_scipys_times_the_step(n: int, m: int, start: float, other: float) -> None:
    f, g = random(n, start), random(m, other, seed=1)
    for ours, theirs, first in (
        (convolve(f, g), scipy.signal.convolve(f.values.numpy(), g.values.numpy()), start + other),
        (correlate(f, g), scipy.signal.correlate(f.values.numpy(), g.values.numpy()), start - g.end),
    ):
        assert torch.allclose(ours.values, 0.1 * torch.from_numpy(theirs), atol=1e-12)
        assert ours.times.tolist() == pytest.approx([first + 0.1 * i for i in range(n + m - 1)], abs=1e-9)


@settings(max_examples=30, deadline=None)
@given(sizes, sizes, sizes)
def test_convolution_commutes_and_associates_and_areas_multiply(n: int, m: int, k: int) -> None:
    f, g, h = random(n, 1.0), random(m, -2.0, seed=1), random(k, 0.5, seed=2)
    one, other = convolve(f, g), convolve(g, f)
    assert torch.allclose(one.values, other.values, atol=1e-12)
    assert one.start == other.start
    assert torch.allclose(convolve(one, h).values, convolve(f, convolve(g, h)).values, atol=1e-12)
    assert torch.allclose(one.area, f.area * g.area, atol=1e-12)


def error_of_two_exponentials(step: float) -> float:
    both = convolve(exponential(1, step=step, span=8), exponential(2.5, step=step, span=8))
    return float((both.values - two_exponentials(1, 2.5, both.times))[both.times <= 8].abs().max())


def error_of_a_box_and_an_exponential(step: float) -> float:
    both = convolve(box(1, step=step), exponential(1, step=step, span=8))
    since_start, since_end = ((both.times - edge).clamp(min=0) for edge in (-0.5, 0.5))
    exact = (1 - torch.exp(-since_start)) - (1 - torch.exp(-since_end))
    return float((both.values - exact)[both.times < 7].abs().max())


def error_of_the_autocorrelation(step: float) -> float:
    lagged = autocorrelation(exponential(2, step=step))
    return float((lagged.values - torch.exp(-2 * lagged.times.abs()) / 4).abs().max())


@pytest.mark.parametrize(
    "error",
    [
        error_of_two_exponentials,
        error_of_a_box_and_an_exponential,
        error_of_the_autocorrelation,
    ],
)
def test_the_error_falls_with_the_square_of_the_step_at_every_time(error: Callable[[float], float]) -> None:
    errors = [error(step) for step in (0.1, 0.05, 0.025)]
    assert errors[0] < 0.01
    assert [errors[0] / errors[1], errors[1] / errors[2]] == pytest.approx([4, 4], rel=0.05)


def test_two_equal_exponentials_are_exact_for_the_product_under_the_integral_is_constant() -> None:
    one = exponential(3, step=0.1, span=4)
    both = convolve(one, one)
    error = both.values - two_exponentials(3, 3, both.times)
    assert error[both.times <= 4].abs().max() < 1e-14


def test_two_exponentials_are_0_where_they_begin() -> None:
    both = convolve(exponential(1, step=0.1), exponential(2, step=0.1))
    assert abs(both.values[0].item()) < 1e-12


def closed_form(a: float, b: float, t: float) -> float:
    with localcontext() as context:
        context.prec = 60
        a_, b_, t_ = Decimal(a), Decimal(b), Decimal(t)
        return float(((-a_ * t_).exp() - (-b_ * t_).exp()) / (b_ - a_))


@pytest.mark.parametrize("apart", [1e-300, 1e-15, 1e-9, 1e-3, 1.0, 50.0])
@pytest.mark.parametrize("t", [1e-9, 0.3, 4.0])
def test_the_closed_form_keeps_its_digits_however_close_the_rates(apart: float, t: float) -> None:
    a, b = 0.7, 0.7 + apart
    expected = t * math.exp(-a * t) if b == a else closed_form(a, b, t)
    times = torch.tensor([t], dtype=torch.float64)
    for one, other in ((a, b), (b, a)):
        assert two_exponentials(one, other, times).item() == pytest.approx(expected, rel=1e-14)


def test_the_closed_form_is_0_before_0_and_differentiable() -> None:
    times = torch.tensor([-500.0, -1.0, 0.0, 0.5, 2.0], dtype=torch.float64, requires_grad=True)
    values = two_exponentials(1, 2, times)
    assert values[:3].tolist() == [0, 0, 0]
    (slope,) = torch.autograd.grad(values.sum(), times)
    assert slope.isfinite().all()
    assert slope[3:].tolist() == pytest.approx([2 * math.exp(-2 * t) - math.exp(-t) for t in (0.5, 2.0)])


@pytest.mark.parametrize(("width", "other"), [(1.0, 1.0), (1.0, 0.5), (0.3, 2.0)])
def test_two_boxes_are_their_overlap_to_the_last_digit(width: float, other: float) -> None:
    both = convolve(box(width, step=0.1), box(other, step=0.1))
    assert torch.allclose(both.values, two_boxes(width, other, both.times), atol=1e-12)


def test_two_equal_boxes_are_a_triangle() -> None:
    times = torch.tensor([-2.5, -2.0, -1.0, 0.0, 0.5, 2.0], dtype=torch.float64)
    assert two_boxes(2, 2, times).tolist() == [0, 0, 1, 2, 1.5, 0]


def test_variances_of_gaussians_add_up() -> None:
    both = convolve(gaussian(0.3, step=0.1), gaussian(0.4, step=0.1))
    assert torch.allclose(both.values, two_gaussians(0.3, 0.4, both.times), atol=1e-12)
    assert torch.allclose(both.values, torch.exp(-2 * both.times**2) * math.sqrt(2 / math.pi), atol=1e-12)


def test_the_largest_correlation_is_at_the_lag() -> None:
    f = gaussian(0.2, step=0.05)
    lagged = correlate(replace(f, start=f.start + 1.5), f)
    assert lagged.times[lagged.values.argmax()].item() == pytest.approx(1.5)


def test_correlation_the_other_way_is_at_minus_the_lag() -> None:
    f, g = exponential(1, step=0.1, span=3), box(2, step=0.1, span=3)
    one, other = correlate(f, g), correlate(g, f).reversed()
    assert torch.allclose(one.values, other.values, atol=1e-12)
    assert one.start == pytest.approx(other.start)


def test_an_autocorrelation_is_even_and_largest_at_0_where_it_is_the_energy() -> None:
    signal = random(40, start=3.0)
    lagged = autocorrelation(signal)
    assert torch.allclose(lagged.values, lagged.values.flip(0), atol=1e-12)
    middle = lagged.values.argmax()
    assert lagged.times[middle].item() == pytest.approx(0, abs=1e-12)
    assert torch.allclose(lagged.values[middle], (signal.values**2).sum() * 0.1)


KERNELS = {
    "gaussian": gaussian(0.08, step=0.01),
    "box": box(0.3, step=0.01),
    "exponential": exponential(20, step=0.01),
}


@pytest.mark.parametrize("name", KERNELS)
@pytest.mark.parametrize("seed", [0, 1, 2])
def test_smoothing_brings_a_noisy_position_nearer_to_the_truth(name: str, seed: int) -> None:
    truth, measured = noisy_position(seed=seed)
    smoothed = smooth(measured, KERNELS[name])
    assert torch.equal(smoothed.times, measured.times)
    assert rms(smoothed.values - truth.values) < 0.35 * rms(measured.values - truth.values)


@pytest.mark.parametrize("name", KERNELS)
def test_noise_falls_by_the_norm_of_the_weights(name: str) -> None:
    kernel = KERNELS[name]
    noise = random(20_000, step=0.01)
    factor = float((kernel.values / kernel.values.sum()).norm())
    assert rms(smooth(noise, kernel).values) == pytest.approx(factor, rel=0.1)


@pytest.mark.parametrize("name", KERNELS)
def test_a_level_stays_where_it_is_up_to_the_ends(name: str) -> None:
    level = Signal(torch.full((25,), 7.0, dtype=torch.float64), 0.0, 0.01)  # shorter than some kernels
    assert torch.allclose(smooth(level, KERNELS[name]).values, level.values)
    assert smooth(level, KERNELS[name], padding_mode="zeros").values[0] < 6.9


def test_a_symmetrical_kernel_moves_nothing_and_a_one_sided_one_looks_back() -> None:
    pulse = Signal(torch.zeros(41, dtype=torch.float64), 0.0, 0.01)
    pulse.values[20] = 1
    around, after = (smooth(pulse, KERNELS[name]).values for name in ("gaussian", "exponential"))
    assert torch.allclose(around, around.flip(0))
    assert around.argmax() == 20
    assert not after[:20].abs().gt(1e-12).any()
    assert after[21] > 0.1


def test_weights_stand_where_their_times_say() -> None:
    signal = Signal(torch.tensor([1.0, 2.0, 4.0, 8.0], dtype=torch.float64), 0.0, 1.0)
    ahead = Signal(torch.tensor([3.0, 1.0], dtype=torch.float64), -1.0, 1.0)  # 3/4 of the next, 1/4 of this
    assert smooth(signal, ahead).values.tolist() == [1.75, 3.5, 7.0, 8.0]


@pytest.mark.parametrize(
    "operation", [convolve, correlate, smooth, lambda f, _: autocorrelation(f)], ids=["*", "x", "smooth", "auto"]
)
def test_gradients_flow_to_the_values(operation: Callable[[Signal, Signal], Signal]) -> None:
    a = torch.tensor([1.0, 2.0, -1.0, 0.5], dtype=torch.float64, requires_grad=True)
    b = torch.tensor([0.5, 1.0, 0.25], dtype=torch.float64, requires_grad=True)
    jumps = torch.tensor([1.0, 0.0, 0.0, -1.0], dtype=torch.float64)

    def values(a: Tensor, b: Tensor) -> Tensor:
        return operation(Signal(a, 0.0, 0.5, jumps), Signal(b, -0.5, 0.5, jumps[:3])).values

    assert torch.autograd.gradcheck(values, (a, b))


FLAT = torch.tensor([1.0, -1.0], dtype=torch.float64)


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: convolve(random(3), random(3, step=0.2)), "steps of 0.1 and 0.2; sample both with the same step"),
        (lambda: correlate(random(3), random(3, step=0.2)), "steps of 0.1 and 0.2"),
        (lambda: smooth(random(3), random(3, step=0.2)), "steps of 0.1 and 0.2"),
        (
            lambda: smooth(random(3), random(3, start=0.1)),
            "from 0.1 to 0.3 by 0.1, and time 0 is not among the samples",
        ),
        (lambda: smooth(random(3), random(3, start=-0.3)), "time 0 is not among the samples"),
        (lambda: smooth(random(3), random(3, start=-0.05)), "time 0 is not among the samples"),
        (lambda: smooth(random(3), Signal(FLAT, 0.0, 0.1)), "The kernel's integral is 0, and an average is divided by"),
        (lambda: two_exponentials(0, 1, FLAT), "The rate is 0; give a finite number above 0"),
        (lambda: two_boxes(1, -1, FLAT), "The width is -1"),
        (lambda: two_gaussians(math.inf, 1, FLAT), "The deviation is inf"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_a_mistake_gets_one_sentence(make: Callable[[], Any], message: str) -> None:
    with pytest.raises(UsageError, match=re.escape(message)):
        make()


def test_a_padding_mode_that_does_not_exist_is_told() -> None:
    with pytest.raises(UnknownName, match=r"no padding mode 'edge'"):
        smooth(random(3), random(3), padding_mode="edge")
