"""The grid of sizes over which the algorithms of a convolution are compared."""

from dataclasses import dataclass, replace
from typing import Any

import torch
from torch import Tensor

from inkwise.convolution.promotion import name_of
from inkwise.convolution.setting import Setting

LARGEST = 300e6  # multiply-adds of a case: more would take minutes, and there the matrix product wins anyway

Table = tuple[tuple[int, tuple[int, ...], tuple[int, ...], tuple[tuple[int, int, int], ...]], ...]

# (axes, sizes, kernels, (batch, channels, kernels)): every combination whose kernel is not larger than the image.
PLAIN: Table = (
    (
        1,
        (64, 512, 4096, 32768),
        (3, 15, 63, 255, 1023),
        ((1, 1, 1), (16, 1, 1), (1, 8, 16), (16, 16, 16), (256, 1, 8)),
    ),
    (
        2,
        (8, 28, 64, 128),
        (1, 3, 5, 9, 17, 27),
        ((1, 1, 1), (1, 3, 16), (1, 32, 64), (16, 16, 16), (256, 1, 8), (256, 32, 64)),
    ),
    (3, (8, 16, 32), (3, 5, 7), ((1, 1, 1), (1, 4, 8), (16, 1, 4))),
)

# Other sizes, to which nothing was fitted.
HELD_OUT: Table = (
    (1, (100, 1000, 10000), (5, 31, 101, 501), ((1, 1, 1), (4, 2, 5), (64, 4, 4))),
    (2, (14, 40, 96), (2, 3, 7, 13), ((1, 1, 4), (4, 8, 24), (100, 3, 6), (32, 64, 64))),
    (3, (12, 24), (2, 4), ((1, 2, 2), (4, 3, 8))),
)


@dataclass(frozen=True)
class Case:
    """One size: the shapes of image and kernel, the dtype, and how the kernel slides."""

    image: tuple[int, ...]
    kernel: tuple[int, ...]
    dtype: torch.dtype = torch.float32
    groups: int = 1
    stride: int = 1
    dilation: int = 1
    mode: str = "same"

    @property
    def settings(self) -> dict[str, Any]:
        """The keyword arguments of `correlate`."""
        return {"mode": self.mode, "groups": self.groups, "stride": self.stride, "dilation": self.dilation}

    @property
    def setting(self) -> Setting:
        """The same, checked."""
        return Setting.make(self.image, self.kernel, **self.settings)

    def __str__(self) -> str:
        """Return "16x1x28x28 * 8x1x3x3 float32", and what else differs from the rule."""
        others = (
            ("groups", self.groups, 1),
            ("stride", self.stride, 1),
            ("dilation", self.dilation, 1),
            ("", self.mode, "same"),
        )
        shapes = "x".join(map(str, self.image)) + " * " + "x".join(map(str, self.kernel))
        return " ".join(
            [shapes, name_of(self.dtype), *(f"{what} {value}".strip() for what, value, rule in others if value != rule)]
        )


def grid() -> list[Case]:
    """Return the cases: one to three axes, small to large kernels, 1 to 64 channels, batches of 1 to 256."""
    depthwise = [
        Case((n, c, *(size,) * rank), (c, 1, *(m,) * rank), groups=c)
        for rank, size in ((1, 1024), (2, 14), (2, 28), (2, 64))
        for m in (3, 7, 13)
        for n, c in ((1, 32), (16, 32), (256, 8))
    ]
    other = [
        Case((n, 16, 28, 28), (32, 16 // groups, m, m), groups=groups, stride=stride, dilation=dilation)
        for n in (1, 32)
        for m in (3, 7)
        for groups, stride, dilation in ((4, 1, 1), (1, 2, 1), (1, 1, 2), (2, 3, 1))
    ]
    few = [  # places, as before a last layer and in a matched filter
        Case((n, c, m + more, m + more), (o, c, m, m), mode="valid")
        for n in (1, 16, 256)
        for c, o, m in ((1, 1, 28), (1, 10, 28), (64, 64, 7), (8, 32, 3))
        for more in (0, 2)
    ]
    return _all_dtypes([*_plain(PLAIN), *depthwise, *other, *few])


def held_out() -> list[Case]:
    """Return cases of other sizes than the grid's."""
    depthwise = [
        Case((n, c, size, size), (c, 1, m, m), groups=c)
        for size in (20, 50)
        for m in (3, 5)
        for n, c in ((2, 12), (64, 24))
    ]
    return _all_dtypes([*_plain(HELD_OUT), *depthwise])


def _plain(table: Table) -> list[Case]:
    return [
        Case((n, c, *(size,) * rank), (o, c, *(m,) * rank))
        for rank, sizes, kernels, numbers in table
        for size in sizes
        for m in kernels
        for n, c, o in numbers
        if m <= size
    ]


def _all_dtypes(cases: list[Case]) -> list[Case]:
    """Return what is not too large in float32, and some of it in the other dtypes."""
    kept = [case for case in cases if case.setting.multiply_adds <= LARGEST]
    return [
        *kept,
        *(replace(case, dtype=torch.float64) for case in kept[::4]),
        *(replace(case, dtype=torch.int64) for case in kept[2::8]),
        *(replace(case, dtype=torch.bfloat16) for case in kept[1::8]),
    ]


def tensors(case: Case) -> tuple[Tensor, Tensor]:
    """Return a random image and kernel: pixels and small signed weights where they are whole numbers."""
    generator = torch.Generator().manual_seed(0)
    if case.dtype == torch.int64:
        image = torch.randint(0, 256, case.image, generator=generator)
        return image, torch.randint(-9, 10, case.kernel, generator=generator)
    image, kernel = (torch.randn(shape, generator=generator) for shape in (case.image, case.kernel))
    return image.to(case.dtype), kernel.to(case.dtype)
