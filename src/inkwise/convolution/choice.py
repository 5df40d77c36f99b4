"""Which of the three algorithms is expected to be fastest, and why: an estimate by arithmetic on shapes alone.

Each algorithm's time is a sum of amounts of work times what one of them costs (`costs.py`, fitted to measurements by
`python -m benchmarks.convolution --fit`): calls, values copied, multiply-adds, n log n of the transforms, fresh memory.
The costs are those of a processor of two cores; elsewhere they are a guess, but the sums stay the same whichever is
taken. No tensors here: choosing takes microseconds.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from math import log2, prod
from typing import Final, Literal, get_args

import torch

from inkwise.convolution import fourier, im2col
from inkwise.convolution.costs import COSTS
from inkwise.convolution.setting import Setting
from inkwise.convolution.window import Padding

Algorithm = Literal["direct", "im2col", "fft"]

ALGORITHMS: Final[tuple[Algorithm, ...]] = get_args(Algorithm)


@dataclass(frozen=True)
class Choice:
    """An algorithm, the sentence that says why, and the milliseconds expected of each."""

    algorithm: Algorithm
    reason: str
    milliseconds: dict[str, float]


def choose(
    image_shape: Sequence[int],
    kernel_shape: Sequence[int],
    *,
    dtype: torch.dtype = torch.float32,
    mode: str = "valid",
    padding: Padding | None = None,
    padding_mode: str = "zeros",
    stride: int | Sequence[int] = 1,
    dilation: int | Sequence[int] = 1,
    groups: int = 1,
) -> Choice:
    """Return the algorithm that `correlate` takes by itself for arguments of these shapes, with the reason.

    Args:
        image_shape: (N, C_in, *space), over one to three axes.
        kernel_shape: (C_out, C_in / groups, *kernel), over the same axes.
        dtype: Of the result; whole numbers are taken as small enough for exact float64 (see `promotion`).
        mode: "valid", "same", "full" or "causal".
        padding: Values to add instead of by a mode.
        padding_mode: What is added.
        stride: Steps between two places.
        dilation: Steps of the image between two values of the kernel.
        groups: Blocks of channels that do not see each other.

    Raises:
        ShapeError: Something is empty, axes or channels do not match, or the kernel does not fit.
        UsageError: A setting out of its range.
        UnknownName: A mode or padding mode that does not exist.

    Example:
        >>> choose((1, 1, 4096), (1, 1, 1024)).algorithm
        'fft'
    """
    setting = Setting.make(
        image_shape,
        kernel_shape,
        mode=mode,
        padding=padding,
        padding_mode=padding_mode,
        stride=stride,
        dilation=dilation,
        groups=groups,
    )
    return choice_for(setting, dtype)


@lru_cache(maxsize=1024)
def choice_for(setting: Setting, dtype: torch.dtype) -> Choice:
    """Return the choice for a setting that has been checked, and the dtype of the result."""
    expected = milliseconds(setting, dtype)
    first, *others = sorted(ALGORITHMS, key=expected.__getitem__)
    against = " and ".join(f"{_number(expected[name])} ({name})" for name in others)
    return Choice(first, f"{first}: about {_number(expected[first])} ms against {against}", expected)


def milliseconds(setting: Setting, dtype: torch.dtype) -> dict[str, float]:
    """Return what each algorithm is expected to take."""
    return {
        name: sum(COSTS[name].get(what, 0.0) * amount for what, amount in amounts.items()) / 1e6
        for name, amounts in work(setting, dtype).items()
    }


def work(setting: Setting, dtype: torch.dtype) -> dict[str, dict[str, float]]:
    """Return the amounts of work of each algorithm, by name; amounts of values are in units of four bytes.

    Args:
        setting: How the kernel slides.
        dtype: Of the result. Whole numbers count as float64; 16-bit floats as float32.
    """
    wide = 2.0 if dtype == torch.float64 or not dtype.is_floating_point else 1.0
    return {"direct": _direct(setting, wide), "im2col": _im2col(setting, wide), "fft": _fft(setting, wide)}


def _direct(setting: Setting, wide: float) -> dict[str, float]:
    positions, output = prod(setting.kernel), prod(setting.output_shape) * wide
    amounts = {"call": 1.0, "positions": float(positions), "output": output}
    if setting.depth == 1 and setting.kernels == setting.groups:
        return amounts | {
            "values added": positions * output,
            "rows added": positions * output / setting.output_size[-1] / wide,
        }
    window = setting.batch * setting.groups * setting.depth * prod(setting.output_size) * wide
    return amounts | {
        "values copied": positions * window,
        "sums updated": positions * output,
        "multiply-adds": setting.multiply_adds * wide,
        "products": float(positions * setting.batch * setting.groups),
    }


def _im2col(setting: Setting, wide: float) -> dict[str, float]:
    columns = setting.batch * setting.groups * setting.depth * prod(setting.kernel) * prod(setting.output_size) * wide
    output = prod(setting.output_shape) * wide
    amounts = {"call": 1.0, "output": output, "multiply-adds": setting.multiply_adds * wide}
    blocks = -(-columns * 4 // im2col.BLOCK)
    if prod(setting.output_size) < im2col.FEW:
        return amounts | {"blocks": blocks, "rows copied": columns, "runs": columns / wide / setting.kernel[-1]}
    return amounts | {
        "blocks": blocks,
        "columns copied": columns,
        "runs": columns / wide / setting.output_size[-1],
        "products": float(setting.batch * setting.groups),
    }


def _fft(setting: Setting, wide: float) -> dict[str, float]:
    period = prod(fourier.periods(setting))
    images, kernels = setting.batch * setting.groups * setting.depth, setting.kernels * setting.depth
    results = setting.batch * setting.kernels
    transformed = (images + kernels + results) * period * wide
    return {
        "call": 1.0,
        "channels": float(setting.depth),
        "n log n": transformed * log2(period + 1),
        "values": transformed,
        "products": results * setting.depth * period * wide,
        "output": prod(setting.output_shape) * wide,
    }


def _number(milliseconds: float) -> str:
    """Return a number of milliseconds with two digits that count."""
    return f"{milliseconds:.2g}" if milliseconds < 10 else f"{milliseconds:,.0f}"
