"""What pens, paper and cameras do to ink, on whole batches: tone, low resolution, gaps, lines, neighbours, noise.

Images are ink from 0 to 1. Each function works on every sample alone, by operations that round each element once,
so that a sample's result does not depend on the batch it is in, to the last bit. Draws nothing at random.
"""

import math

import torch
from jaxtyping import Float32
from torch import Tensor
from torch.nn import functional

from inkwise.data.warping import positions, sine_cosine

_SOFT = 0.5  # pixels over which the edge of a band falls off, either way


def tone(images: Float32[Tensor, "n 1 h w"], amount: Float32[Tensor, " n"]) -> Float32[Tensor, "n 1 h w"]:
    """Return the images with grey made darker, or lighter where the amount is below 0; 0 and 1 stay.

    The curve is x -> (1 + k) x / (1 + k x). At k = 1 half ink becomes two thirds; -k is applied from the other end,
    so that half ink becomes a third.

    Args:
        images: ink from 0 to 1.
        amount: k.
    """
    k = amount.abs()[:, None, None, None]
    lighter = (amount < 0)[:, None, None, None]
    x = torch.where(lighter, 1 - images, images)
    x = (1 + k) * x / (1 + k * x)
    return torch.where(lighter, 1 - x, x)


def coarsen(images: Float32[Tensor, "n 1 h w"], amount: Float32[Tensor, " n"]) -> Float32[Tensor, "n 1 h w"]:
    """Return the images as if taken at a lower resolution and enlarged again.

    Args:
        images: ink, of any size.
        amount: from 0, as it is, to 1, at half the resolution; between them the two are blended.
    """
    height, width = images.shape[2:]
    even = functional.pad(images, (0, width % 2, 0, height % 2), mode="replicate")
    # Enlarged linearly by slices: torch's own may sum in another order for another batch size.
    coarse = _doubled(_doubled(functional.avg_pool2d(even, 2), 2), 3)[..., :height, :width]
    return images + (coarse - images) * amount[:, None, None, None]


def band(
    height: int, width: int, degrees: Float32[Tensor, " n"], away: Float32[Tensor, " n"], wide: Float32[Tensor, " n"]
) -> Float32[Tensor, "n 1 h w"]:
    """Return a straight soft-edged band for each sample, 1 inside and 0 outside.

    Args:
        height: pixels.
        width: pixels.
        degrees: direction of the band's normal, from -180 to 180; 0 is a vertical band.
        away: pixels from the image's centre to the band's middle line, along the normal.
        wide: the band's width in pixels; no band where it is 0 or less.
    """
    sine, cosine = sine_cosine(degrees * (math.pi / 180))
    x, y = positions(width, degrees.device), positions(height, degrees.device)
    distance = (x * cosine[:, None])[:, None, :] + (y * sine[:, None])[:, :, None] - away[:, None, None]
    inside = ((wide / 2 + _SOFT)[:, None, None] - distance.abs()).clamp_(0, 1)
    return (inside * (wide > 0)[:, None, None])[:, None]


def add_noise(images: Float32[Tensor, "n 1 h w"], noise: Float32[Tensor, "n 1 h w"]) -> Float32[Tensor, "n 1 h w"]:
    """Return images plus noise, cut off at 0 and 1."""
    return (images + noise).clamp_(0, 1)


def _doubled(values: Tensor, axis: int) -> Tensor:
    """Twice as many values along an axis, each three quarters of the nearest and a quarter of the next."""
    last = values.shape[axis] - 1
    before = torch.cat([values.narrow(axis, 0, 1), values.narrow(axis, 0, last)], axis)
    after = torch.cat([values.narrow(axis, 1, last), values.narrow(axis, last, 1)], axis)
    near = values * 0.75
    pair = torch.stack([near + before * 0.25, near + after * 0.25], axis + 1)
    return pair.flatten(axis, axis + 1)
