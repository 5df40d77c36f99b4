"""Pooling: one number for each window of each channel, by one of four rules; nothing is learnt.

    max       y[i] = max_j x[s i + j]
    average   y[i] = 1/m sum_j x[s i + j]
    l2        y[i] = sqrt(sum_j x[s i + j]^2)
    gaussian  y[i] = sum_j w[j] x[s i + j],   w[j] = exp(-r_j^2 / (2 deviation^2)) / their sum

j goes through the m values of the window, r_j is the distance of j from the window's centre, in samples. What they have
in common is that a small shift of the image changes little: Goodfellow, Bengio and Courville 2016, section 9.3. Each is
separable: the maximum of the rows' maxima is the window's, and sums and Gaussians are products of their axes. So one
axis is pooled after the other, and no window is ever copied out.
"""

import math
from collections.abc import Iterator, Sequence
from typing import Final

import torch
from jaxtyping import Float, Shaped
from torch import Tensor

from inkwise.convolution.padding import pad_with
from inkwise.convolution.promotion import Given, check_tensors, common_dtype
from inkwise.convolution.setting import spatial_rank
from inkwise.convolution.window import Axes, Each, Padding, Pads, axis_names, formula, pads_of, per_axis, places
from inkwise.errors import ShapeError, UnknownName, UsageError

Real = float | int
KINDS: Final = ("max", "average", "l2", "gaussian")


def pool(
    image: Given,
    size: Each,
    *,
    kind: str = "max",
    stride: Each | None = None,
    padding: Padding = 0,
    deviation: Real | Sequence[Real] | None = None,
) -> Shaped[Tensor, "n c *out"]:
    """Return one number for each window of each channel: the maximum, the average, the L2 norm or a weighted average.

    Args:
        image: (N, C, *space), over one to three axes.
        size: The window's size along each axis, in samples; one number holds for every axis.
        kind: "max": the largest value, of which the first takes the gradient where several are; padding counts as
            minus infinity. "average": the mean; padding counts as zeros, and towards m. "l2": the square root of the
            sum of squares; where all are 0 it has a kink, and every derivative is given as 0; padding counts as zeros.
            "gaussian": the average weighted by exp(-r^2 / (2 deviation^2)) at distance r from the window's centre;
            padding counts as zeros.
        stride: Steps between two windows; the window's size where None, so that they touch and do not overlap.
        padding: Values added on either side, at most half the window: one number, one for each axis, or (before,
            after) for each.
        deviation: For kind "gaussian", in samples: one for all axes, or one for each; size / 4 where None, so that the
            window reaches over two deviations on either side of its centre.

    Returns:
        (N, C, *out), with out = floor((n + before + after - m) / s) + 1 along each axis. The maximum keeps the dtype;
        the others keep a float's, are computed in float32 for floats of 16 bits, and in float64 for whole numbers,
        which become torch's default float.

    Raises:
        ShapeError: The image has other axes, is empty, or is smaller than the window.
        UsageError: What is no tensor, complex numbers, or a size, stride, padding or deviation out of its range.
        UnknownName: A kind that does not exist.

    Example:
        >>> import torch
        >>> image = torch.tensor([[[3.0, 4.0, 0.0, 1.0]]])
        >>> [pool(image, 2, kind=kind).tolist()[0][0] for kind in ("max", "average", "l2")]
        [[4.0, 1.0], [3.5, 0.5], [5.0, 1.0]]
    """
    check_tensors(image=image)
    if kind not in KINDS:
        raise UnknownName("kind of pooling", kind, KINDS)
    given = common_dtype(image=image)
    window, strides, pads = _checked(image.shape, size, stride, padding)
    spread = _deviations(kind, deviation, window)
    if kind == "max":
        return _largest(pad_with(image, pads, _lowest(given)), window, strides)
    returned = given if given.is_floating_point else torch.get_default_dtype()
    computed = torch.promote_types(given, torch.float32) if given.is_floating_point else torch.float64
    values = pad_with(image.to(computed), pads, 0.0)
    if kind == "gaussian":
        pooled = _sums(values, strides, [_weights(m, each) for m, each in zip(window, spread, strict=True)])
    elif kind == "l2":
        pooled = _root(_sums(values.square(), strides, [[1.0] * m for m in window]))
    else:
        pooled = _sums(values, strides, [[1.0] * m for m in window]) / math.prod(window)
    return pooled.to(returned)


def gaussian_weights(size: Axes, deviation: Sequence[Real]) -> Float[Tensor, "*size"]:
    """Return exp(-r^2 / (2 deviation^2)) around the centre of a window, divided by their sum; float64.

    Args:
        size: The window's size along each axis, in samples; the centre of an even size is between two.
        deviation: Along each axis, in samples, above 0.
    """
    weights = torch.ones((), dtype=torch.float64)
    for m, each in zip(size, deviation, strict=True):
        weights = weights[..., None] * torch.tensor(_weights(m, each), dtype=torch.float64)
    return weights


def _weights(m: int, deviation: Real) -> list[float]:
    """Return the Gaussian weights along one axis; those of a window are the products of its axes'."""
    squared = [(j - (m - 1) / 2) ** 2 for j in range(m)]
    # Divided by the largest first: a narrow Gaussian leaves the values nearest the centre, and never 0 / 0.
    weights = [math.exp((min(squared) - each) / deviation / deviation / 2) for each in squared]
    return [each / sum(weights) for each in weights]


def _sums(values: Tensor, strides: Axes, weights: Sequence[Sequence[float]]) -> Shaped[Tensor, "n c *out"]:
    """Return the weighted sum of every window; `weights` has those of each axis."""
    for axis in reversed(range(len(strides))):
        parts = _positions(values, axis + 2, len(weights[axis]), strides[axis])
        values = next(parts) * weights[axis][0]
        for part, weight in zip(parts, weights[axis][1:], strict=True):
            values.add_(part, alpha=weight)
    return values


def _largest(values: Tensor, window: Axes, strides: Axes) -> Shaped[Tensor, "n c *out"]:
    """Return the maximum of every window, of which the first takes the gradient where several are.

    The last axis goes first: of equal values the first of a row is taken, and then the first of the rows, which
    together is the first in reading order.
    """
    for axis in reversed(range(len(window))):
        parts = _positions(values, axis + 2, window[axis], strides[axis])
        values = next(parts).clone()  # the image's own memory is never returned
        for part in parts:
            larger = part > values  # a later value that is equal is not
            if values.is_floating_point():
                larger |= part.isnan()  # what is no number stays in sight
            values = torch.where(larger, part, values)
    return values


def _positions(values: Tensor, axis: int, m: int, stride: int) -> Iterator[Tensor]:
    """Return for each position of a window along one axis what stands there at every place: views, not copies."""
    last = values.shape[axis] - m  # where the last window may start
    index = (slice(None),) * axis
    return (values[(*index, slice(k, k + last + 1, stride))] for k in range(m))


def _root(sums: Tensor) -> Tensor:
    """Return the square root, with derivatives of 0 at 0, where the root's own are infinite."""
    zero = sums == 0
    return torch.where(zero, 0.0, torch.where(zero, 1.0, sums).sqrt())


def _lowest(dtype: torch.dtype) -> float:
    """Return what is never larger than a value of `dtype`."""
    if dtype.is_floating_point:
        return -math.inf
    return 0.0 if dtype == torch.bool else float(torch.iinfo(dtype).min)  # a power of two, so exact


def _checked(shape: Sequence[int], size: Each, stride: Each | None, padding: Padding) -> tuple[Axes, Axes, Pads]:
    """Return window, stride and padding of each axis; what is wrong with them is raised."""
    rank = spatial_rank("image", shape)
    window = per_axis("window's size", size, rank)
    strides = window if stride is None else per_axis("stride", stride, rank)
    pads = pads_of(padding, rank)
    for name, n, m, s, pair in zip(axis_names(rank), shape[2:], window, strides, pads, strict=True):
        if 2 * max(pair) > m:
            raise UsageError(
                f"The padding is {max(pair)} along the {name} and the window {m}; give at most half the window, "
                f"{m // 2}, so that no window lies outside the image."
            )
        if places(n, m, stride=s, pads=pair, dilation=1) < 1:
            raise ShapeError(
                f"A window of {name} {m} does not fit into an image of {name} {n}: "
                f"{formula(n, m, stride=s, pads=pair, dilation=1)}; take a window of at most {n + sum(pair)}."
            )
    return window, strides, pads


def _deviations(kind: str, deviation: Real | Sequence[Real] | None, window: Axes) -> tuple[Real, ...]:
    """Return the deviation along each axis; UsageError where it is out of its range or not asked for."""
    if deviation is None:
        return tuple(m / 4 for m in window)
    if kind != "gaussian":
        raise UsageError(f"A deviation of {deviation} was given for kind {kind!r}; it is for kind 'gaussian' alone.")
    spread = tuple(deviation) if isinstance(deviation, Sequence) else (deviation,) * len(window)
    if len(spread) != len(window) or not all(0 < each < math.inf for each in spread):
        raise UsageError(
            f"The deviation is {deviation}; give one finite number above 0, in samples, or one for each axis "
            f"({', '.join(axis_names(len(window)))})."
        )
    return spread
