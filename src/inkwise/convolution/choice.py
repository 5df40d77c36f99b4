"""Which of the three algorithms is expected to be fastest, and why: an estimate by arithmetic on shapes alone.

Each algorithm's time is a sum of amounts of work times what one of them costs (`costs.py`, fitted to measurements by
`python -m benchmarks.convolution --fit`): calls, values copied, multiply-adds, n log n of the transforms, fresh memory.
The costs are those of a processor of two cores; elsewhere they are a guess, but the sums stay the same whichever is
taken. No tensors here: choosing takes microseconds.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from math import log2, prod
from types import MappingProxyType
from typing import Final, Literal, get_args

import torch

from inkwise.convolution import fourier, im2col
from inkwise.convolution.costs import COSTS
from inkwise.convolution.promotion import FLOATS, WHOLE, name_of
from inkwise.convolution.setting import Setting
from inkwise.convolution.window import Padding
from inkwise.errors import UsageError

Algorithm = Literal["direct", "im2col", "fft"]

NEAR: Final = 32 * 2**10  # bytes within which a single transform stays in the first cache
FAR: Final = 10 * 2**20  # bytes beyond which what is gone through again and again leaves the cache
FRESH: Final = 32 * 2**20  # bytes from which memory is always new, and every page of it is brought in when first used

ALGORITHMS: Final[tuple[Algorithm, ...]] = get_args(Algorithm)


@dataclass(frozen=True)
class Choice:
    """An algorithm, the sentence that says why, and the milliseconds expected of each."""

    algorithm: Algorithm
    reason: str
    milliseconds: Mapping[str, float]


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

    Shapes are all that is known here. Where this is "fft" and the numbers turn out to be such that a transform would be
    wrong, `correlate` takes the faster of the other two: floats of which one is not finite or outweighs the mean
    absolute value of its image or kernel more than 1000 times, and whole numbers too large for a transform to be exact.

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
        UsageError: A setting out of its range, or a dtype that `correlate` does not take.
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
    if dtype not in WHOLE + FLOATS:
        raise UsageError(
            f"There is no correlation of {name_of(dtype)}; give one of {', '.join(map(name_of, WHOLE + FLOATS))}."
        )
    return choice_for(setting, dtype)


@lru_cache(maxsize=1024)
def choice_for(setting: Setting, dtype: torch.dtype) -> Choice:
    """Return the choice for a setting that has been checked, and the dtype of the result."""
    expected = milliseconds(setting, dtype)
    first, *others = sorted(ALGORITHMS, key=expected.__getitem__)
    against = " and ".join(f"{_number(expected[name])} ({name})" for name in others)
    reason = f"{first}: about {_number(expected[first])} ms against {against}"
    return Choice(first, reason, MappingProxyType(expected))  # shared by all who ask, so that none may change it


def milliseconds(setting: Setting, dtype: torch.dtype) -> dict[str, float]:
    """Return what each algorithm is expected to take."""
    return {
        name: sum(COSTS[name][what] * amount for what, amount in amounts.items()) / 1e6
        for name, amounts in work(setting, dtype).items()
    }


def work(setting: Setting, dtype: torch.dtype) -> dict[str, dict[str, float]]:
    """Return the amounts of work of each algorithm, by name; amounts of values are in units of four bytes.

    Everywhere: the call, and the output's values; "fresh" if they lie in new memory; "converted" from and to 16 bits.
    Direct: positions of the kernel; sums updated, multiply-adds and matrix products there, and runs of values that lie
    one after the other and are copied; with one kernel for each channel, values and rows added instead; "far" what of
    it leaves the cache. Im2col: blocks, columns (or, with few places, rows) copied and their runs, products,
    multiply-adds. FFT: n log n over all transforms; "far" of those too long for the first cache, "alone" of a single
    signal; products of spectra; channels gone through one by one.

    Args:
        setting: How the kernel slides.
        dtype: Of the result. Whole numbers count as float64; 16-bit floats as float32, or as themselves where a
            matrix product takes them.
    """
    wide = 2.0 if dtype == torch.float64 or not dtype.is_floating_point else 1.0
    short = dtype == torch.bfloat16 and im2col.in_bfloat16(setting, torch.device("cpu"))
    amounts: dict[str, dict[str, float]] = {
        "direct": _direct(setting, wide),
        "im2col": _im2col(setting, wide / 2 if short else wide),
        "fft": _fft(setting, wide),
    }
    output = prod(setting.output_shape) * wide
    for each in amounts.values():
        each["call"] = 1.0
        each["output"] = output
    for name in ("direct", "im2col"):
        amounts[name]["fresh"] = output if 4 * output > FRESH else 0.0
    if dtype in {torch.float16, torch.bfloat16}:  # computed in float32
        for name in ALGORITHMS:
            amounts[name]["converted"] = 0.0 if short and name == "im2col" else output + prod(setting.image_shape)
    return amounts


def _direct(setting: Setting, wide: float) -> dict[str, float]:
    positions, output = prod(setting.kernel), prod(setting.output_shape) * wide
    amounts = {"positions": float(positions), "far": positions * output if 4 * output > FAR else 0.0}
    if setting.depth == 1 and setting.kernels == setting.groups:
        return amounts | {
            "values added": positions * output,
            "rows added": positions * output / setting.output_size[-1] / wide,
        }
    window = setting.batch * setting.groups * setting.depth * prod(setting.output_size)
    return amounts | {
        "runs": positions * window / setting.output_size[-1] if positions > 1 else 0.0,
        "sums updated": positions * output,
        "multiply-adds": setting.multiply_adds * wide,
        "products": float(positions * setting.batch * setting.groups),
    }


def _im2col(setting: Setting, wide: float) -> dict[str, float]:
    columns = setting.batch * setting.groups * setting.depth * prod(setting.kernel) * prod(setting.output_size) * wide
    amounts = {"multiply-adds": setting.multiply_adds * wide, "blocks": -(-columns * 4 // im2col.BLOCK)}
    if prod(setting.output_size) < im2col.FEW:
        return amounts | {"rows copied": columns, "runs": columns / wide / setting.kernel[-1]}
    return amounts | {
        "columns copied": columns,
        "runs": columns / wide / setting.output_size[-1],
        "products": float(setting.batch * setting.groups),
    }


def _fft(setting: Setting, wide: float) -> dict[str, float]:
    periods = fourier.periods(setting)
    period = prod(periods)
    images, kernels = setting.batch * setting.groups * setting.depth, setting.kernels * setting.depth
    results = setting.batch * setting.kernels
    itemsize = int(4 * wide)
    image_blocks = len(fourier.images_at_a_time(setting, itemsize))
    kernel_blocks = -(-setting.kernels // (setting.groups * fourier.kernels_at_a_time(setting, itemsize)))
    if image_blocks > 1:
        images *= kernel_blocks  # transformed once again for each
    transformed = (images + kernels + results) * period * wide
    alone = sum(rows == 1 for rows in (images, kernels, results)) if setting.rank == 1 else 0
    return {
        "channels": float(setting.depth * image_blocks * kernel_blocks),
        "n log n": transformed * log2(period + 1),
        "alone": alone * period * wide,  # a single signal takes several times as long as one of many
        "products": results * setting.depth * period * wide,
        "far": transformed if 4 * wide * periods[-1] > NEAR else 0.0,
    }


def _number(milliseconds: float) -> str:
    """Return a number of milliseconds with two digits that count."""
    return f"{milliseconds:.2g}" if milliseconds < 10 else f"{milliseconds:,.0f}"
