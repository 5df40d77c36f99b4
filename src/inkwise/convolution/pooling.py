"""Pooling: one number for each window of each channel, by one of four rules; nothing is learnt.

    max       y[i] = max_j x[s i + j]
    average   y[i] = 1/m sum_j x[s i + j]
    l2        y[i] = sqrt(sum_j x[s i + j]^2)
    gaussian  y[i] = sum_j w[j] x[s i + j],   w[j] = exp(-r_j^2 / (2 deviation^2)) / their sum

j goes through the m values of the window, r_j is the distance of j from the window's centre, in samples. What they have
in common is that a small shift of the image changes little: Goodfellow, Bengio and Courville 2016, section 9.3.
"""

import math
from collections.abc import Sequence
from typing import Final

import torch
from jaxtyping import Float, Shaped
from torch import Tensor
from torch.nn import functional

from inkwise.convolution.promotion import Given, check_tensors, common_dtype
from inkwise.convolution.setting import RANKS
from inkwise.convolution.window import Axes, Padding, Pads, axis_names, formula, pads_of, per_axis, places
from inkwise.errors import ShapeError, UnknownName, UsageError

Real = float | int
KINDS: Final = ("max", "average", "l2", "gaussian")


def pool(
    image: Given,
    size: int | Sequence[int],
    *,
    kind: str = "max",
    stride: int | Sequence[int] | None = None,
    padding: Padding = 0,
    deviation: Real | Sequence[Real] | None = None,
) -> Shaped[Tensor, "n c *out"]:
    """Return one number for each window of each channel: the maximum, the average, the L2 norm or a weighted average.

    Args:
        image: (N, C, *space), over one to three axes.
        size: The window's size along each axis, in samples; one number holds for every axis.
        kind: "max": the largest value, of which the first takes the gradient where several are; padding counts as
            minus infinity. "average": the mean; padding counts as zeros, and towards m. "l2": the square root of the
            sum of squares, with gradient 0 where all are 0; padding counts as zeros. "gaussian": the average weighted
            by exp(-r^2 / (2 deviation^2)) at distance r from the window's centre; padding counts as zeros.
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
        return _windows(image, window, strides, pads, outside=_lowest(given)).max(dim=-1).values
    returned = given if given.is_floating_point else torch.get_default_dtype()
    computed = torch.promote_types(given, torch.float32) if given.is_floating_point else torch.float64
    values = _windows(image.to(computed), window, strides, pads)  # (N, C, *out, m)
    if kind == "average":
        pooled = values.mean(dim=-1)
    elif kind == "l2":
        pooled = torch.linalg.vector_norm(values, dim=-1)
    else:
        pooled = values @ gaussian_weights(window, spread).flatten().to(values)
    return pooled.to(returned)


def gaussian_weights(size: Axes, deviation: Sequence[Real]) -> Float[Tensor, "*size"]:
    """Return exp(-r^2 / (2 deviation^2)) around the centre of a window, divided by their sum; float64.

    Args:
        size: The window's size along each axis, in samples; the centre of an even size is between two.
        deviation: Along each axis, in samples, above 0.
    """
    weights = torch.ones((), dtype=torch.float64)
    for m, each in zip(size, deviation, strict=True):
        squared = (torch.arange(m, dtype=torch.float64) - (m - 1) / 2) ** 2
        # Divided by the largest first: a narrow Gaussian leaves the values nearest the centre, and never 0 / 0.
        axis = torch.exp((squared.min() - squared) / each / each / 2)
        weights = weights[..., None] * (axis / axis.sum())
    return weights


def _windows(
    image: Tensor, window: Axes, strides: Axes, pads: Pads, outside: float = 0.0
) -> Shaped[Tensor, "n c *out m"]:
    """Return the values of every window side by side, row by row, with `outside` for the padding."""
    amounts = [amount for pair in reversed(pads) for amount in pair]  # torch: last axis first
    values = functional.pad(image, amounts, value=outside) if any(amounts) else image
    for axis, (m, s) in enumerate(zip(window, strides, strict=True), start=2):
        values = values.unfold(axis, m, s)  # (N, C, *places so far, ..., *window so far)
    return values.flatten(image.ndim)


def _lowest(dtype: torch.dtype) -> float:
    """Return what is never larger than a value of `dtype`."""
    if dtype.is_floating_point:
        return -math.inf
    return 0.0 if dtype == torch.bool else float(torch.iinfo(dtype).min)  # a power of two, so exact


def _checked(
    shape: Sequence[int], size: int | Sequence[int], stride: int | Sequence[int] | None, padding: Padding
) -> tuple[Axes, Axes, Pads]:
    """Return window, stride and padding of each axis; what is wrong with them is raised."""
    rank = len(shape) - 2
    if rank not in RANKS or 0 in shape:
        raise ShapeError(
            f"An image is (N, channels, *space) over one to three axes, none of them empty; it has shape "
            f"{tuple(shape)}. A single signal x becomes one with x[None, None]."
        )
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
