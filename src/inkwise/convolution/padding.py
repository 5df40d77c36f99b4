"""Padding: what stands beside the image where the kernel reaches over its edge, and the adjoint of adding it.

Along one axis of values a b c d, two before and two after:

    zeros      0 0 | a b c d | 0 0
    reflect    c b | a b c d | c b
    replicate  a a | a b c d | d d
    wrap       c d | a b c d | a b

Each padded value is a copy of one value or a zero, so padding is a linear map, and its adjoint adds every copy back
to where it was taken from. That is what a gradient needs.
"""

import torch
from jaxtyping import Int64, Shaped
from torch import Tensor
from torch.nn import functional

from inkwise.convolution.setting import PaddingMode
from inkwise.convolution.window import Axes, Pads


def pad(
    image: Shaped[Tensor, "n c *space"], pads: Pads, padding_mode: PaddingMode = "zeros"
) -> Shaped[Tensor, "n c *padded"]:
    """Return the image with values added before and after along each axis of space; itself where none are.

    Args:
        image: (N, C, *space), any dtype.
        pads: (before, after) for each axis of space. Reflecting and wrapping go on as often as it takes.
        padding_mode: What is added.
    """
    if padding_mode == "zeros":
        return pad_with(image, pads, 0.0)
    for axis, (before, after) in enumerate(pads, start=2):
        if before or after:
            image = image.index_select(axis, sources(image.shape[axis], before, after, padding_mode).to(image.device))
    return image


def pad_with(image: Shaped[Tensor, "n c *space"], pads: Pads, value: float) -> Shaped[Tensor, "n c *padded"]:
    """Return the image with one value before and after along each axis of space; itself where none is added.

    Args:
        image: (N, C, *space), any dtype.
        pads: (before, after) for each axis of space.
        value: What is added.
    """
    amounts = [amount for pair in reversed(pads) for amount in pair]  # torch: last axis first
    return functional.pad(image, amounts, value=value) if any(amounts) else image


def unpad(
    padded: Shaped[Tensor, "n c *padded"], space: Axes, pads: Pads, padding_mode: PaddingMode = "zeros"
) -> Shaped[Tensor, "n c *space"]:
    """Return the adjoint of `pad`: every padded value is added to the value that it is a copy of.

    For all x and y, <pad(x), y> = <x, unpad(y)>.

    Args:
        padded: (N, C, *padded), any dtype.
        space: The size of each axis without padding.
        pads: (before, after) for each axis of space.
        padding_mode: What had been added.
    """
    for axis, (n, (before, after)) in enumerate(zip(space, pads, strict=True), start=2):
        if not (before or after):
            continue
        if padding_mode == "zeros":
            padded = padded.narrow(axis, before, n)  # a zero is a copy of nothing
        else:
            shape = list(padded.shape)
            shape[axis] = n
            origin = sources(n, before, after, padding_mode).to(padded.device)
            padded = padded.new_zeros(shape).index_add(axis, origin, padded)
    return padded


def sources(n: int, before: int, after: int, padding_mode: PaddingMode) -> Int64[Tensor, " padded"]:
    """Return for each place of a padded axis of n values the index that it is a copy of; -1 for a zero."""
    places = torch.arange(-before, n + after)
    if padding_mode == "replicate":
        return places.clamp(0, n - 1)
    if padding_mode == "wrap":
        return places % n
    if padding_mode == "reflect":  # a triangle wave of period 2(n - 1): 0 1 2 3 2 1 0 1 ...
        period = max(1, 2 * (n - 1))
        return (n - 1) - ((places % period) - (n - 1)).abs() if n > 1 else torch.zeros_like(places)
    return torch.where((places >= 0) & (places < n), places, -1)
