"""One digit strained by hand: turned, moved, scaled, made thicker or thinner, and noisy, each by a given amount.

The operations are those of augmentation and of the corruptions, in augmentation's order: thickness, one sampling for
scale, rotation and shift together, noise. The noise is the same at every amount, so that two strains differ in nothing
else. No network is known here.
"""

from collections.abc import Sequence
from dataclasses import dataclass, fields

import torch
from jaxtyping import UInt8
from torch import Tensor

from inkwise.data import draws, inking, warping
from inkwise.errors import DataError


@dataclass(frozen=True)
class Strain:
    """How far each change goes; as it stands here nothing is changed."""

    rotation: float = 0.0  # degrees, counter-clockwise as seen
    right: float = 0.0  # pixels
    down: float = 0.0  # pixels
    scale: float = 1.0  # factor
    thickness: float = 0.0  # pixels by which strokes grow; below 0 they shrink
    noise: float = 0.0  # standard deviation, full ink being 1


RANGES: dict[str, tuple[float, float]] = {
    "rotation": (-180.0, 180.0),
    "right": (-14.0, 14.0),
    "down": (-14.0, 14.0),
    "scale": (0.3, 2.0),
    "thickness": (-4.0, 6.0),
    "noise": (0.0, 1.0),
}


def strain(image: UInt8[Tensor, "1 h w"], strains: Sequence[Strain], *, seed: int = 0) -> UInt8[Tensor, "n 1 h w"]:
    """Return an image under each strain.

    Args:
        image: Ink 255 on background 0.
        strains: At least one, each amount within `RANGES`.
        seed: Another seed gives other noise.

    Raises:
        DataError: There is no strain, or an amount is outside its range.
    """
    if not strains:
        raise DataError("No strain was given; at least one is needed.")
    for name, (low, high) in RANGES.items():
        for each in strains:
            if not low <= getattr(each, name) <= high:
                raise DataError(f"The {name} is {getattr(each, name):g}; {low:g} to {high:g} is accepted.")
    n, (_, height, width) = len(strains), image.shape
    amounts = {field.name: torch.tensor([getattr(each, field.name) for each in strains]) for field in fields(Strain)}
    images = (image / 255).expand(n, 1, height, width).contiguous()
    images = warping.thicken(images, amounts["thickness"])
    matrix = warping.affine_matrix(
        rotate=amounts["rotation"],
        shift=torch.stack([amounts["right"], amounts["down"]], dim=1),
        scale=amounts["scale"][:, None].expand(n, 2),
        shear=torch.zeros(n),
    )
    images = warping.warp(images, matrix)
    drawn = draws.normal(draws.sample_keys(seed, 0, torch.zeros(1, dtype=torch.int64)), 0, height * width)
    noise = drawn.reshape(1, 1, height, width) * amounts["noise"][:, None, None, None]
    return (inking.add_noise(images, noise) * 255).round().to(torch.uint8)
