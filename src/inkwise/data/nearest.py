"""The images most like another one, pixel by pixel: what a network may have learned it from."""

from collections.abc import Sequence

import torch
from jaxtyping import UInt8
from torch import Tensor

from inkwise.errors import DataError

_BLOCK = 4096  # images compared at a time, so that memory stays bounded


def nearest(
    images: UInt8[Tensor, "n 1 h w"], image: UInt8[Tensor, "1 rows columns"], count: int
) -> list[tuple[int, float]]:
    """Return the positions of the `count` images nearest to `image`, with their Euclidean distances, nearest first.

    Args:
        images: To choose from; ink 255 on background 0.
        image: Of the same size.
        count: How many; all where there are fewer.

    Returns:
        Distances are in full ink: 1 where a single pixel differs by all of it.

    Raises:
        DataError: The sizes differ, or fewer than one is asked for.
    """
    if images.shape[1:] != image.shape or count < 1:
        raise DataError(
            f"The {count} nearest to an image of shape {tuple(image.shape)} were asked for among images of shape "
            f"{tuple(images.shape[1:])}; images of one size are compared, and at least 1 is asked for."
        )
    wanted = image.flatten().float() / 255
    blocks: Sequence[Tensor] = torch.split(images, _BLOCK)
    squares = torch.cat([(block.flatten(1) / 255 - wanted).square().sum(1) for block in blocks])
    found = squares.topk(min(count, len(images)), largest=False, sorted=True)
    return [(int(at), float(square) ** 0.5) for square, at in zip(*found, strict=True)]
