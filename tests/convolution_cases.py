"""Convolutions of any kind to test with, and torch's own: what several tests of the convolution room draw from."""

from typing import Any

import torch
from hypothesis import strategies as st
from torch import Tensor
from torch.nn import functional

from inkwise.convolution.setting import MODES, PADDING_MODES

CONVOLUTIONS = (functional.conv1d, functional.conv2d, functional.conv3d)
Case = tuple[tuple[int, ...], tuple[int, ...], dict[str, Any]]  # image shape, kernel shape, settings


@st.composite
def cases(draw: st.DrawFn, images: int = 2) -> Case:
    """Return shapes and settings that fit each other: any rank, mode, padding, stride, dilation; few images."""
    rank, groups = draw(st.integers(1, 3)), draw(st.integers(1, 2))

    def axes(least: int, most: int) -> tuple[int, ...]:
        return tuple(draw(st.integers(least, most)) for _ in range(rank))

    kernel, dilation = axes(1, 3), axes(1, 2)
    space = tuple(d * (m - 1) + 1 + draw(st.integers(0, 4)) for m, d in zip(kernel, dilation, strict=True))
    options: dict[str, Any] = {"stride": axes(1, 3), "dilation": dilation, "groups": groups}
    options["padding_mode"] = draw(st.sampled_from(PADDING_MODES))
    if draw(st.booleans()):
        options["padding"] = tuple(zip(axes(0, 4), axes(0, 4), strict=True))
    else:
        options["mode"] = draw(st.sampled_from(MODES if rank == 1 else MODES[:3]))
    depth, each = draw(st.integers(1, 2)), draw(st.integers(1, 2))
    return (draw(st.integers(1, images)), groups * depth, *space), (groups * each, depth, *kernel), options


def random(*shape: int, seed: int = 0) -> Tensor:
    """Return normal float64 values, the same for the same shape and seed."""
    return torch.randn(shape, generator=torch.Generator().manual_seed(seed), dtype=torch.float64)
