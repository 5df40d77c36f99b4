"""Which values of its input one value of a sliding layer takes, axis by axis.

Along one axis, place i of the output takes the inputs at i*s - before + d*k for k = 0 ... m - 1: convolutions and
pools. A transposed convolution takes those from which it would be reached, an adaptive pool whatever divides the axis
evenly. Where a position lies outside, padding stands: a zero, or a copy of a value inside. A margin that is added or
left out is a window of one value. Integers only.
"""

from dataclasses import dataclass
from typing import Final, Literal, NamedTuple

import numpy as np
import numpy.typing as npt
from torch import nn

from inkwise.convolution.padding import sources
from inkwise.convolution.setting import PaddingMode

Indices = npt.NDArray[np.int64]
NOTHING: Final = -1  # a source that is no value of the input: padding by zeros, or a gap of a transposed convolution

CONVOLUTIONS: Final = (nn.Conv1d, nn.Conv2d, nn.Conv3d)
TRANSPOSED: Final = (nn.ConvTranspose1d, nn.ConvTranspose2d, nn.ConvTranspose3d)
MAX_POOLS: Final = (nn.MaxPool1d, nn.MaxPool2d, nn.MaxPool3d)
AVERAGE_POOLS: Final = (nn.AvgPool1d, nn.AvgPool2d, nn.AvgPool3d)
ADAPTIVE_MAX: Final = (nn.AdaptiveMaxPool1d, nn.AdaptiveMaxPool2d, nn.AdaptiveMaxPool3d)
ADAPTIVE_AVERAGE: Final = (nn.AdaptiveAvgPool1d, nn.AdaptiveAvgPool2d, nn.AdaptiveAvgPool3d)
POOLS: Final = (*MAX_POOLS, *AVERAGE_POOLS, *ADAPTIVE_MAX, *ADAPTIVE_AVERAGE)
MARGINS: Final = (nn.ConstantPad1d, nn.ConstantPad2d, nn.ConstantPad3d)  # padding by zeros is of these classes too
SLIDING: Final = (*CONVOLUTIONS, *TRANSPOSED, *POOLS, *MARGINS)

_MODES: Final[dict[str, PaddingMode]] = {
    "zeros": "zeros",
    "reflect": "reflect",
    "replicate": "replicate",
    "circular": "wrap",
}


class Taps(NamedTuple):
    """What one place of the output takes along one axis, one entry for each place of the kernel.

    `positions` are places of the input, outside it where padding stands; `sources` the index of the value that is
    taken, NOTHING where there is none.
    """

    positions: Indices
    sources: Indices


@dataclass(frozen=True)
class Sliding:
    """A window of `m` values, dilated by `d`, moved by `s` over `n` values after `before` values of padding.

    Where `before` is negative, as many values are left out.
    """

    n: int
    m: int
    s: int
    d: int
    before: int
    after: int
    mode: PaddingMode = "zeros"

    def taps(self, at: int) -> Taps:
        """Return what place `at` of the output takes."""
        positions = at * self.s - self.before + self.d * np.arange(self.m)
        if self.mode == "zeros":
            return Taps(positions, np.where((positions >= 0) & (positions < self.n), positions, NOTHING))
        copies = sources(self.n, self.before, self.after, self.mode).numpy()
        return Taps(positions, copies[positions + self.before])

    def reach(self, first: int, last: int) -> tuple[int, int]:
        """Return the first and last position that the places `first` to `last` of the output take."""
        return first * self.s - self.before, last * self.s - self.before + self.d * (self.m - 1)

    def start(self, at: int, /) -> str:
        """Return at*s - before with its numbers, "" where neither stride nor padding moves it."""
        if self.s == 1 and not self.before:
            return ""
        return f"{at}*{self.s}{f' - {self.before}' if self.before else ''} = {at * self.s - self.before}"


@dataclass(frozen=True)
class Adaptive:
    """`n` values divided among `out` places: from floor(i n / out) to ceil((i + 1) n / out), the end left out."""

    n: int
    out: int

    def taps(self, at: int) -> Taps:
        """Return what place `at` of the output takes."""
        first, last = self.reach(at, at)
        positions = np.arange(first, last + 1)
        return Taps(positions, positions)

    def reach(self, first: int, last: int) -> tuple[int, int]:
        """Return the first and last position that the places `first` to `last` of the output take."""
        return first * self.n // self.out, -(-(last + 1) * self.n // self.out) - 1

    def start(self, _at: int, /) -> str:
        """Return nothing: an adaptive window has no stride."""
        return ""


@dataclass(frozen=True)
class Transposed:
    """The window of `Sliding` run backwards: output o takes the input i where o = i*s - before + d*k."""

    n: int
    m: int
    s: int
    d: int
    before: int

    def taps(self, at: int) -> Taps:
        """Return what place `at` of the output takes; a position between two inputs is a gap."""
        positions, rest = np.divmod(at + self.before - self.d * np.arange(self.m), self.s)
        return Taps(positions, np.where((rest == 0) & (positions >= 0) & (positions < self.n), positions, NOTHING))

    def reach(self, first: int, last: int) -> tuple[int, int]:
        """Return the first and last position that the places `first` to `last` of the output take."""
        return -(-(first + self.before - self.d * (self.m - 1)) // self.s), (last + self.before) // self.s

    def start(self, _at: int, /) -> str:
        """Return nothing: a transposed window is told by its places."""
        return ""


Axis = Sliding | Adaptive | Transposed


def stencil(module: nn.Module, space: tuple[int, ...], output: tuple[int, ...]) -> tuple[Axis, ...]:
    """Return each spatial axis of `module`, one of SLIDING, from an input of `space` to an output of `output`."""
    rank = len(space)
    if isinstance(module, MARGINS):
        ends = module.padding  # (before, after) of the last axis first
        return tuple(
            Sliding(n, 1, 1, 1, ends[2 * axis], ends[2 * axis + 1])
            for n, axis in zip(space, reversed(range(rank)), strict=True)
        )
    if isinstance(module, (*ADAPTIVE_MAX, *ADAPTIVE_AVERAGE)):
        return tuple(Adaptive(n, out) for n, out in zip(space, output, strict=True))
    kernel = _each(module, "kernel_size", rank)
    stride = _each(module, "stride", rank)
    dilation = _each(module, "dilation", rank)
    if isinstance(module, TRANSPOSED):
        pads = _each(module, "padding", rank)
        return tuple(
            Transposed(n, m, s, d, p) for n, m, s, d, p in zip(space, kernel, stride, dilation, pads, strict=True)
        )
    mode = _MODES[module.padding_mode] if isinstance(module, CONVOLUTIONS) else "zeros"
    return tuple(
        Sliding(n, m, s, d, before, after, mode)
        for n, m, s, d, (before, after) in zip(
            space, kernel, stride, dilation, _pads(module, kernel, dilation), strict=True
        )
    )


def sliding_rank(module: nn.Module) -> int:
    """Return over how many axes one of SLIDING slides, from its class: Conv2d has two."""
    return next(int(base.__name__[-2]) for base in SLIDING if isinstance(module, base))


def _pads(module: nn.Module, kernel: tuple[int, ...], dilation: tuple[int, ...]) -> tuple[tuple[int, int], ...]:
    """Return (before, after) for each axis; "same" puts the spare value of an odd total after."""
    padding: object = module.padding
    if padding == "valid":
        return ((0, 0),) * len(kernel)
    if padding == "same":
        totals = tuple(d * (m - 1) for m, d in zip(kernel, dilation, strict=True))
        return tuple((total // 2, total - total // 2) for total in totals)
    return tuple((p, p) for p in _each(module, "padding", len(kernel)))


def _each(
    module: nn.Module, name: Literal["kernel_size", "stride", "dilation", "padding"], rank: int
) -> tuple[int, ...]:
    """Return a module's setting for each axis; 1 where it has no such setting."""
    value: object = getattr(module, name, 1)
    if isinstance(value, int):
        return (value,) * rank
    assert isinstance(value, tuple | list)
    return tuple(int(each) for each in value)
