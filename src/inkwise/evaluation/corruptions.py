"""Corruptions: nine ways in which digits go wrong on their way to a reader, each at five strengths.

Pure functions on uint8 batches (N, 1, H, W), ink high. What is drawn at random (noise, where a patch lies, which way a
digit is turned) follows from the seed and the image's position in the batch alone, and is the same at every strength,
so that two strengths differ in nothing else. Nothing is learned from them, and no network is known here.

The idea of a fixed list with five severities is Hendrycks & Dietterich's, arXiv:1903.12261; MNIST-C, arXiv:1906.02337.
"""

from collections.abc import Callable
from dataclasses import dataclass
from math import ceil

import torch
from jaxtyping import Float32, Int64, UInt8
from torch import Tensor
from torch.nn import functional

from inkwise.data import draws, warping
from inkwise.errors import DataError, UnknownName

_BLOCK = 1000  # images changed at a time, so that memory stays bounded


@dataclass(frozen=True)
class Corruption:
    """One way to go wrong. `strengths` are in `unit`, from mild to hard; `text` says what happens."""

    name: str
    unit: str
    strengths: tuple[float, ...]
    text: str
    change: Callable[[Float32[Tensor, "n 1 h w"], Int64[Tensor, " n"], float], Float32[Tensor, "n 1 h w"]]


def corrupt(images: UInt8[Tensor, "n 1 h w"], name: str, strength: float, *, seed: int = 0) -> UInt8[Tensor, "n 1 h w"]:
    """Return the images after one corruption.

    Args:
        images: Ink 255 on background 0.
        name: One of `CORRUPTIONS`.
        strength: In the corruption's unit; any number of 0 or more, not those of the table alone.
        seed: Another seed gives other noise, places and directions.

    Raises:
        DataError: The strength is below 0 or not finite.
        UnknownName: There is no such corruption.
    """
    if name not in CORRUPTIONS:
        raise UnknownName("corruption", name, CORRUPTIONS)
    if not 0 <= strength < float("inf"):
        raise DataError(f"The strength of {name} is {strength:g}; a finite number of 0 or more is accepted.")
    keys = draws.sample_keys(seed, 0, torch.arange(len(images)))
    result = torch.empty_like(images)
    for start in range(0, len(images), _BLOCK):
        rows = slice(start, start + _BLOCK)
        changed = CORRUPTIONS[name].change(images[rows].cpu() / 255, keys[rows], strength)
        result[rows] = (changed.clamp(0, 1) * 255).round().to(torch.uint8).to(images.device)
    return result


def _noise(images: Tensor, keys: Tensor, deviation: float) -> Tensor:
    height, width = images.shape[2:]
    drawn = draws.normal(keys, 0, height * width).reshape(images.shape)
    return images + deviation * drawn


def _blur(images: Tensor, _: Tensor, deviation: float) -> Tensor:
    if deviation == 0:
        return images
    reach = ceil(3 * deviation)
    weights = torch.exp(-0.5 * (torch.arange(-reach, reach + 1) / deviation) ** 2)
    weights = weights / weights.sum()
    down = functional.conv2d(images, weights[None, None, :, None], padding=(reach, 0))
    return functional.conv2d(down, weights[None, None, None, :], padding=(0, reach))


def _contrast(images: Tensor, _: Tensor, lost: float) -> Tensor:
    return images * max(0.0, 1 - lost)


def _occlusion(images: Tensor, keys: Tensor, side: float) -> Tensor:
    """A square of background, its middle on a place drawn among the inner half of the image."""
    height, width = images.shape[2:]
    at = draws.uniform(keys, 1, 2) / 4  # of the image, from its centre
    rows = torch.arange(height) - (height - 1) / 2
    columns = torch.arange(width) - (width - 1) / 2
    down = ((rows - at[:, :1] * height).abs() < side / 2)[:, None, :, None]
    across = ((columns - at[:, 1:] * width).abs() < side / 2)[:, None, None, :]
    return images.masked_fill(down & across, 0.0)


def _moved(images: Tensor, *, rotate: Tensor | None = None, shift: Tensor | None = None, scale: float = 1.0) -> Tensor:
    n = len(images)
    matrix = warping.affine_matrix(
        rotate=torch.zeros(n) if rotate is None else rotate,
        shift=torch.zeros(n, 2) if shift is None else shift,
        scale=torch.full((n, 2), scale),
        shear=torch.zeros(n),
    )
    return warping.warp(images, matrix)


def _sign(keys: Tensor, field: int) -> Tensor:
    return torch.where(draws.uniform(keys, field, 1)[:, 0] < 0, -1.0, 1.0)


def _rotation(images: Tensor, keys: Tensor, degrees: float) -> Tensor:
    return _moved(images, rotate=_sign(keys, 2) * degrees)


def _scale(images: Tensor, _: Tensor, lost: float) -> Tensor:
    return _moved(images, scale=max(0.05, 1 - lost))


def _shift(images: Tensor, keys: Tensor, pixels: float) -> Tensor:
    angle = draws.uniform(keys, 3, 1) * torch.pi
    return _moved(images, shift=pixels * torch.cat([angle.cos(), angle.sin()], dim=1))


def _thicker(images: Tensor, _: Tensor, pixels: float) -> Tensor:
    return warping.thicken(images, torch.full((len(images),), pixels))


def _thinner(images: Tensor, _: Tensor, pixels: float) -> Tensor:
    return warping.thicken(images, torch.full((len(images),), -pixels))


_ALL = (
    Corruption("noise", "of ink", (0.1, 0.2, 0.3, 0.4, 0.5), "normal noise on each pixel", _noise),
    Corruption("blur", "pixels", (0.5, 1.0, 1.5, 2.0, 2.5), "a Gaussian blur", _blur),
    Corruption("contrast", "lost", (0.3, 0.5, 0.7, 0.8, 0.9), "paler ink", _contrast),
    Corruption("occlusion", "pixels", (3.0, 5.0, 7.0, 9.0, 11.0), "a square without ink", _occlusion),
    Corruption("rotation", "degrees", (10.0, 20.0, 30.0, 40.0, 50.0), "turned left or right", _rotation),
    Corruption("scale", "lost", (0.1, 0.2, 0.3, 0.4, 0.5), "written smaller", _scale),
    Corruption("shift", "pixels", (1.0, 2.0, 3.0, 4.0, 5.0), "moved in any direction", _shift),
    Corruption("thicker", "pixels", (0.5, 1.0, 1.5, 2.0, 2.5), "wider strokes", _thicker),
    Corruption("thinner", "pixels", (0.5, 1.0, 1.5, 2.0, 2.5), "narrower strokes", _thinner),
)
CORRUPTIONS = {each.name: each for each in _ALL}
