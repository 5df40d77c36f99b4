"""Convolution and correlation of continuous signals: the integrals that sums stand for, accurate to second order.

    convolution         (f * g)(t) = integral of f(s) g(t - s) ds
    cross-correlation   (f x g)(t) = integral of f(t + s) g(s) ds

A sum of samples times their step is the integral by the trapezoidal rule, whose error falls with step^2 where nothing
jumps. A sample at a jump is the mean of the limits on either side. Where, for one t, a jump a of f meets a jump b of g,
the rule asks for the mean of the limits' products, which is the product of the means less a b / 4: `convolve` takes it
off, and so is accurate to second order there too. Beside them stand the closed forms that they are compared with.
"""

import math
from dataclasses import replace

import torch
from jaxtyping import Float64
from torch import Tensor

from inkwise.convolution import correlation
from inkwise.convolution.signals import Real, Signal, above_zero, box, density, exponential, gaussian, noisy_position
from inkwise.errors import UsageError

__all__ = [
    "Signal",
    "autocorrelation",
    "box",
    "convolve",
    "correlate",
    "exponential",
    "gaussian",
    "noisy_position",
    "smooth",
    "two_boxes",
    "two_exponentials",
    "two_gaussians",
]


def convolve(f: Signal, g: Signal) -> Signal:
    """Return f * g at every time where the samples overlap: (f * g)(t) = integral of f(s) g(t - s) ds.

        (f * g)[k] = step * sum_i (f[i] g[k - i] - a[i] b[k - i] / 4)    with the jumps a of f and b of g

    It is the step times a sum: of the products of samples, less a quarter of the products of jumps that coincide. The
    quarter is what makes the error fall with step^2 at such times too. Where one factor jumps from p to q and the
    other from u to v, the trapezoidal rule asks for the mean of the products, and samples are means of the limits:

        (p u + q v) / 2 = (p + q) / 2 * (u + v) / 2 + (q - p) (v - u) / 4

    In g(t - s) time runs backwards, so that its jump is -b there, and a b / 4 is taken off. The plain sum is off by
    step a b / 4 at every such time, as at the peak of two boxes of width 1, which is 1:

        >>> import numpy as np
        >>> b = box(1, step=0.5)
        >>> float(0.5 * np.convolve(b.values, b.values).max()), float(convolve(b, b).values.max())
        (0.75, 1.0)

    The result starts where both starts add up. What was cut off a signal is missing from the time on at which it would
    have mattered: of two exponentials, the end of the shorter span.

    Raises:
        UsageError: The steps differ.
    """
    _same_step(f, g)
    values = _full(f.values, g.values)
    if f.jumps is not None and g.jumps is not None:
        values = values - _full(f.jumps, g.jumps) / 4
    return Signal(values * f.step, f.start + g.start, f.step)


def correlate(f: Signal, g: Signal) -> Signal:
    """Return the cross-correlation at every lag where the samples overlap: integral of f(t + s) g(s) ds at lag t.

    It is the convolution of f with g reversed in time, of the same accuracy. As everywhere in this room it is the first
    that is shifted: where f is g, later by T, the largest value is at lag T.

    Raises:
        UsageError: The steps differ.
    """
    return convolve(f, g.reversed())


def autocorrelation(f: Signal) -> Signal:
    """Return the cross-correlation of f with itself: even, and largest at lag 0, where it is the integral of f^2."""
    return correlate(f, f)


def smooth(signal: Signal, kernel: Signal, *, padding_mode: str = "replicate") -> Signal:
    """Return the average of a signal around each of its times, weighted by a kernel; at the same times.

        y(t) = integral of signal(t - s) kernel(s) ds / integral of kernel(s) ds

    A kernel around 0 looks to both sides; a one-sided exponential only at what has been.

    Args:
        signal: What is smoothed, with n samples.
        kernel: The weights, with the same step, sampled at whole steps around time 0.
        padding_mode: What stands beyond the ends of the signal: "replicate" (its first and its last value, so that a
            level stays where it is), "reflect", "wrap" or "zeros".

    Raises:
        UsageError: The steps differ, the kernel's samples miss time 0, or its integral is 0.
        UnknownName: A padding mode that does not exist.
    """
    _same_step(signal, kernel)
    offset = round(kernel.start / kernel.step)
    before, after = len(kernel.values) - 1 + offset, -offset
    if abs(kernel.start / kernel.step - offset) > 1e-6 or before < 0 or after < 0:
        raise UsageError(
            f"The kernel is sampled from {kernel.start:g} to {kernel.end:g} by {kernel.step:g}, and time 0 is not "
            "among the samples; give it one there, so that values stay at their times."
        )
    total = kernel.values.sum()
    if total.abs() <= 1e-12 * kernel.values.abs().sum():
        raise UsageError("The kernel's integral is 0, and an average is divided by it; give one with an area.")
    averaged = correlation.convolve(
        signal.values[None, None],
        (kernel.values / total)[None, None],
        padding=((before, after),),
        padding_mode=padding_mode,
    )
    return replace(signal, values=averaged[0, 0], jumps=None)


def two_exponentials(a: Real, b: Real, times: Float64[Tensor, " n"]) -> Float64[Tensor, " n"]:
    """Return the convolution of exp(-a t) and exp(-b t), both from t = 0 on, in closed form; 0 before.

        (exp(-a t) - exp(-b t)) / (b - a),   and t exp(-a t) where a = b

    Written as t exp(-a t) (1 - exp(-x)) / x with x = (b - a) t, a the smaller: nothing cancels where b is close to a.

    Raises:
        UsageError: A rate is not above 0.
    """
    slow, fast = sorted((above_zero("rate", a), above_zero("rate", b)))
    t = times.clamp(min=0)
    x = (fast - slow) * t
    apart = torch.where(x > 0, x, 1.0)
    return t * torch.exp(-slow * t) * torch.where(x > 0, -torch.expm1(-apart) / apart, 1.0)


def two_boxes(width: Real, other: Real, times: Float64[Tensor, " n"]) -> Float64[Tensor, " n"]:
    """Return the convolution of two boxes of height 1 around 0 in closed form: how far they overlap, shifted by t.

        max(0, min(width, other, (width + other) / 2 - |t|)),   a triangle where the widths are equal

    Raises:
        UsageError: A width is not above 0.
    """
    narrow = min(above_zero("width", width), above_zero("width", other))
    return ((width + other) / 2 - times.abs()).clamp(0, narrow)


def two_gaussians(deviation: Real, other: Real, times: Float64[Tensor, " n"]) -> Float64[Tensor, " n"]:
    """Return the convolution of two Gaussians of area 1 around 0 in closed form: their variances add up.

    Raises:
        UsageError: A deviation is not above 0.
    """
    return density(times, math.hypot(above_zero("deviation", deviation), above_zero("deviation", other)))


def _full(a: Tensor, b: Tensor) -> Tensor:
    """Return sum_i a[i] b[k - i] for every k that has a term: n + m - 1 values."""
    return correlation.convolve(a[None, None], b[None, None], mode="full")[0, 0]


def _same_step(f: Signal, g: Signal) -> None:
    if not math.isclose(f.step, g.step, rel_tol=1e-9):
        raise UsageError(f"The signals have steps of {f.step} and {g.step}; sample both with the same step.")
