"""Continuous signals, sampled: a box, an exponential, a Gaussian, and a position measured with noise.

Samples are `step` apart, and outside of them a signal is 0. Where a function jumps, as a one-sided exponential does at
0 and a box at its ends, the sample is the mean of the limits on either side, which is what the trapezoidal rule asks
for, and `jumps` has their difference. Times are in any unit, rates in its inverse. What is done with signals is in
`continuous`, which has all of these names too.
"""

import math
from dataclasses import dataclass
from typing import Final

import torch
from jaxtyping import Float64
from torch import Tensor

from inkwise.convolution.promotion import Given, check_tensors
from inkwise.errors import ShapeError, UsageError

Real = float | int
MOST: Final = 10_000_000  # samples of one signal that is made here: 80 MB


@dataclass(frozen=True, eq=False)
class Signal:
    """Samples of a function of time: values[i] at start + i * step, and 0 outside.

    Attributes:
        values: (n,), float64. Where the function jumps, the mean of its limits from the left and from the right.
        start: The time of the first sample.
        step: The time between two samples, above 0.
        jumps: (n,), float64: the limit from the right less the limit from the left. None where nothing jumps.

    Raises:
        ShapeError: The values are not one-dimensional, are empty, or not as many as the jumps.
        UsageError: The values are no float64 tensor, the step is not above 0, or a time is not finite.
    """

    values: Given
    start: Real
    step: Real
    jumps: Given | None = None

    def __post_init__(self) -> None:
        for what, tensor in (("values", self.values), ("jumps", self.jumps)):
            if tensor is None:
                continue
            check_tensors(**{what: tensor})
            if tensor.dtype != torch.float64:
                raise UsageError(
                    f"A signal's {what} are float64, and {tensor.dtype} was given; convert with .double()."
                )
            if tensor.ndim != 1 or tensor.shape != self.values.shape or not len(tensor):
                raise ShapeError(
                    f"A signal has n values along one axis, at least one, and as many jumps; its {what} have shape "
                    f"{tuple(tensor.shape)}."
                )
        above_zero("step", self.step)
        if not math.isfinite(self.start):
            raise UsageError(f"The start is {self.start}; give a finite time.")

    @property
    def times(self) -> Float64[Tensor, " n"]:
        """The time of each sample."""
        return self.start + self.step * torch.arange(len(self.values), dtype=torch.float64, device=self.values.device)

    @property
    def end(self) -> float:
        """The time of the last sample."""
        return self.start + self.step * (len(self.values) - 1)

    @property
    def area(self) -> Float64[Tensor, ""]:
        """The integral over all time, by the trapezoidal rule."""
        return self.values.sum() * self.step

    def reversed(self) -> "Signal":
        """Return the signal at -t."""
        jumps = None if self.jumps is None else -self.jumps.flip(0)
        return Signal(self.values.flip(0), -self.end, self.step, jumps)


def box(width: Real, *, step: Real, span: Real | None = None) -> Signal:
    """Return the function that is 1 from -width / 2 to width / 2: its two end samples are 1/2, for it jumps there.

    Args:
        width: A whole number of steps, above 0.
        step: The time between two samples.
        span: The time covered, centred on 0, with zeros beside the box; an even number of steps more than `width`,
            which is taken where None.

    Raises:
        UsageError: One of them is not above 0, or not a whole number of steps as it must be.
    """
    inside = _whole_steps("width", width, step)
    beside = 0
    if span is not None:
        around = _whole_steps("span", span, step) - inside
        if around < 0 or around % 2:
            raise UsageError(
                f"The span is {span} and the width {width}; give a span larger by an even number of steps of {step}, "
                "so that the box stands in its middle."
            )
        beside = around // 2
    values, jumps = torch.ones(inside + 1, dtype=torch.float64), torch.zeros(inside + 1, dtype=torch.float64)
    values[0] = values[-1] = 0.5
    jumps[0], jumps[-1] = 1, -1
    values, jumps = (torch.nn.functional.pad(each, (beside, beside)) for each in (values, jumps))
    return Signal(values, -(inside / 2 + beside) * step, step, jumps)


def exponential(rate: Real, *, step: Real, span: Real | None = None) -> Signal:
    """Return exp(-rate t) for t >= 0 and 0 before; its first sample is 1/2, for it jumps there.

    Sums over the samples are integrals but for a part that falls with step^2: the area comes out too large by the
    factor 1 + (rate step)^2 / 12. So a step of 0.1 / rate is fine enough for three digits (an error of 0.08 %), one of
    0.01 / rate for five; with a step of 1 / rate, 8 % are wrong.

    Args:
        rate: Above 0.
        step: The time between two samples; at most a tenth of 1 / rate, if sums are to be integrals to 0.1 %.
        span: The time covered from 0 on, rounded up to whole steps; 37 / rate where None, which leaves out 1e-16 of
            the area.

    Raises:
        UsageError: One of them is not above 0.
    """
    above_zero("rate", rate)
    times = step * torch.arange(_samples(37 / rate if span is None else span, step), dtype=torch.float64)
    values, jumps = torch.exp(-rate * times), torch.zeros_like(times)
    values[0], jumps[0] = 0.5, 1
    return Signal(values, 0.0, step, jumps)


def gaussian(deviation: Real, *, step: Real, span: Real | None = None) -> Signal:
    """Return exp(-t^2 / (2 deviation^2)) / (deviation sqrt(2 pi)): around 0, with area 1.

    Args:
        deviation: Above 0.
        step: The time between two samples, one of which is at 0; at most the deviation, if sums over the samples are
            to be integrals to 1e-8.
        span: The time covered, centred on 0, each half rounded up to whole steps; 16 deviations where None, which
            leaves out 1e-15 of the area.

    Raises:
        UsageError: One of them is not above 0.
    """
    above_zero("deviation", deviation)
    half = _samples((16 * deviation if span is None else span) / 2, step, "half span") - 1
    times = step * torch.arange(-half, half + 1, dtype=torch.float64)
    return Signal(density(times, deviation), -half * step, step)


def noisy_position(*, span: Real = 10.0, step: Real = 0.01, noise: Real = 0.3, seed: int = 0) -> tuple[Signal, Signal]:
    """Return where something is that moves smoothly, and what an instrument with independent errors says that it is.

    The position is a sum of three sines, of 1, 2 and 3 periods in the span, the longest the highest, with random
    phases; each measurement is off by a normally distributed error.

    Args:
        span: The time covered from 0 on, rounded up to whole steps.
        step: The time between two measurements.
        noise: The standard deviation of the errors; the position's own is 0.8.
        seed: Of all that is random.

    Returns:
        The truth and the measurements.

    Raises:
        UsageError: A span or step that is not above 0, or a noise below 0.
    """
    if not 0 <= noise < math.inf:
        raise UsageError(f"The noise is {noise}; give a finite standard deviation of at least 0.")
    times = step * torch.arange(_samples(span, step), dtype=torch.float64)
    generator = torch.Generator().manual_seed(seed)
    periods = torch.arange(1, 4, dtype=torch.float64)[:, None]
    phases = torch.rand(3, 1, generator=generator, dtype=torch.float64)
    truth = (torch.sin(2 * math.pi * (periods * times / span + phases)) / periods).sum(dim=0)
    errors = noise * torch.randn(len(times), generator=generator, dtype=torch.float64)
    return Signal(truth, 0.0, step), Signal(truth + errors, 0.0, step)


def density(times: Tensor, deviation: Real) -> Tensor:
    """Return the normal distribution's density around 0."""
    return torch.exp(-((times / deviation) ** 2) / 2) / (deviation * math.sqrt(2 * math.pi))


def above_zero(what: str, value: Real) -> float:
    """Return `value`; UsageError unless it is finite and above 0."""
    if not 0 < value < math.inf:
        raise UsageError(f"The {what} is {value}; give a finite number above 0.")
    return float(value)


def _samples(span: Real, step: Real, what: str = "span") -> int:
    """Return how many samples cover a span: its steps, rounded up, and one more."""
    count = above_zero(what, span) / above_zero("step", step)
    if count >= MOST:
        raise UsageError(
            f"A {what} of {span:g} by steps of {step:g} makes {count:.3g} samples; at most {MOST:,} are made."
        )
    return max(1, math.ceil(count - 1e-6)) + 1  # 2.1 / 0.3 is a little more than 7


def _whole_steps(what: str, time: Real, step: Real) -> int:
    """Return `time` in steps; UsageError where that is no whole number."""
    count = _samples(time, step, what) - 1
    if not math.isclose(count * step, time, rel_tol=1e-9):
        raise UsageError(
            f"The {what} is {time} and the step {step}; give a whole number of steps, as with a step of "
            f"{time} / {count}, so that a sample stands at each end."
        )
    return count
