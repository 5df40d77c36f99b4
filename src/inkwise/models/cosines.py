"""The lowest cosine waves as the kernels of a convolution that is not trained.

Wave (u, v) over an h x w kernel is cos(pi u (i + 1/2) / h) cos(pi v (j + 1/2) / w), brought to length GAIN: the basis
of the discrete cosine transform (Ahmed, Natarajan and Rao 1974, doi:10.1109/T-C.1974.223784), which is nearly that
of the principal components of small patches of images. A ReLU after it would lose a wave's negative half, so each
wave comes with its negative.
"""

import math

import torch
from jaxtyping import Float
from torch import Tensor, nn

from inkwise.models.shape import Pair

GAIN = 3.0  # about the inverse of the standard deviation of MNIST's pixels


def waves(number: int, kernel: Pair) -> Float[Tensor, "number h w"]:
    """Return the `number` waves of the lowest frequency over a kernel (height, width), each of length GAIN.

    Frequency is u^2 + v^2 in half waves across the kernel; of equal ones the one with more half waves across comes
    first.
    """
    height, width = kernel
    order = sorted(
        ((u, v) for u in range(height) for v in range(width)), key=lambda uv: (uv[0] ** 2 + uv[1] ** 2, uv[0])
    )
    bank = torch.stack([torch.outer(_wave(u, height), _wave(v, width)) for u, v in order[:number]])
    scaled: Tensor = bank * (GAIN / bank.flatten(1).norm(dim=1))[:, None, None]
    return scaled


def cosine_convolution(channels: int, kernel: Pair, stride: Pair, pad: Pair) -> nn.Conv2d:
    """Return a convolution of one channel whose kernels are `channels` / 2 waves and then their negatives.

    The kernels are a buffer: saved with the network, never trained.
    """
    convolution = nn.Conv2d(1, channels, kernel, stride, pad, bias=False)
    half = waves(channels // 2, kernel)[:, None]  # (C / 2, 1, h, w)
    del convolution.weight
    convolution.register_buffer("weight", torch.cat([half, -half]))
    return convolution


def _wave(half_waves: int, size: int) -> Float[Tensor, " size"]:
    return torch.cos(math.pi * half_waves * (torch.arange(size, dtype=torch.float32) + 0.5) / size)
