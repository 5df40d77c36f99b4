"""One convolution to be shown: an array, a kernel, how it slides, what comes out, and why it was computed so.

One channel over one or two axes: what can be followed by eye. The transcript, the film and the JSON of a convolution
are all made from this.
"""

import math
import warnings
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import torch
from jaxtyping import Shaped
from torch import Tensor

from inkwise.convolution.choice import choose
from inkwise.convolution.correlation import convolve, correlate, rotated
from inkwise.convolution.setting import Setting
from inkwise.convolution.walk import Step, Walk
from inkwise.convolution.window import Padding, formula, spelled
from inkwise.errors import ShapeError
from inkwise.explain.demonstration.operand import kernel_names


@dataclass(frozen=True)
class Operation:
    """A convolution (`rotate`) or a correlation of one channel that has been carried out."""

    image: Shaped[Tensor, "1 1 *space"]
    kernel: Shaped[Tensor, "1 1 *kernel"]  # as it was written
    rotate: bool
    mode: str  # "same", or "" where a padding was given instead
    setting: Setting
    algorithm: str
    reason: str
    result: Shaped[Tensor, "1 1 *out"]
    walk: Walk
    notices: tuple[str, ...] = ()  # what was done to the numbers, in sentences
    light: bool = False  # high values are white, as in a photograph, and not ink

    @property
    def rank(self) -> int:
        """1 for a signal, 2 for an image."""
        return self.setting.rank

    @property
    def symmetric(self) -> bool:
        """Whether the kernel is the same when it is rotated, so that convolution and correlation are one."""
        return bool(torch.equal(self.kernel, rotated(self.kernel)))

    @property
    def formulas(self) -> tuple[str, ...]:
        """The size formula of each axis, filled in."""
        s = self.setting
        return tuple(
            formula(n, m, stride=step, pads=pads, dilation=d)
            for n, m, step, pads, d in zip(s.space, s.kernel, s.stride, s.pads, s.dilation, strict=True)
        )

    def place(self, at: Sequence[int]) -> int:
        """Return the place of the output value at a position; ShapeError with those that exist where it has none."""
        sizes = self.setting.output_size
        if len(at) != len(sizes) or not all(0 <= index < size for index, size in zip(at, sizes, strict=True)):
            first, last = ",".join("0" for _ in sizes), ",".join(str(size - 1) for size in sizes)
            raise ShapeError(f"There is no output value {','.join(map(str, at))}; they go from {first} to {last}.")
        place = 0
        for index, size in zip(at, sizes, strict=True):
            place = place * size + index
        return place

    def step(self, place: int) -> Step:
        """Return the step of output value `place`, counted from 0 with the last axis fastest."""
        position: list[int] = []
        for size in reversed(self.setting.output_size):
            position.insert(0, place % size)
            place //= size
        return self.walk.at(0, *position)

    def strongest(self, count: int) -> list[int]:
        """Return the places of the `count` largest results, signs aside, in order; of equals the first."""
        sizes = self.result.double().abs().flatten().nan_to_num()
        return sorted(sizes.sort(descending=True, stable=True).indices[:count].tolist())

    def to_dict(self, places: Iterable[int]) -> dict[str, Any]:
        """Return the operation as plain values, with the steps at `places`."""
        s = self.setting
        return {
            "operation": "convolution" if self.rotate else "correlation",
            "input": self.image[0, 0].tolist(),
            "kernel": self.kernel[0, 0].tolist(),
            "setting": {
                "mode": self.mode or None,
                "padding": [list(pair) for pair in s.pads],
                "padding_mode": s.padding_mode,
                "stride": list(s.stride),
                "dilation": list(s.dilation),
                "algorithm": self.algorithm,
                "reason": self.reason,
            },
            "formula": list(self.formulas),
            "output_size": list(s.output_size),
            "result": _plain(self.result[0, 0].tolist()),
            "notices": list(self.notices),
            "steps": [_step(self.step(place)) for place in places],
        }


def operate(
    image: Shaped[Tensor, "..."],
    kernel: Shaped[Tensor, "..."],
    *,
    rotate: bool = True,
    mode: str = "valid",
    padding: Padding | None = None,
    padding_mode: str = "zeros",
    stride: int | Sequence[int] = 1,
    dilation: int | Sequence[int] = 1,
    algorithm: str = "auto",
    light: bool = False,
) -> Operation:
    """Convolve or correlate one channel, and keep everything there is to say of it.

    Args:
        image: (length,) or (rows, columns); whole numbers, or floats, which are computed in float64.
        kernel: Over the same axes.
        rotate: Convolve, with the kernel rotated by 180 degrees; else correlate.
        mode: As for `correlate`, like all up to the algorithm.
        padding: Values to add instead of by a mode.
        padding_mode: What is added.
        stride: Steps between two places.
        dilation: Steps between two values of the kernel.
        algorithm: "direct", "im2col", "fft" or "auto".
        light: High values are white, as in a photograph, and not ink; for pictures alone.

    Raises:
        ShapeError: Image and kernel are not over the same one or two axes, one is empty, or the kernel does not fit.
        UsageError: A setting out of its range.
        UnknownName: A mode, padding mode or algorithm that does not exist.
    """
    _check_axes(image, kernel)
    image, kernel = image[None, None], kernel[None, None]
    if image.is_floating_point() or kernel.is_floating_point():
        image, kernel = image.double(), kernel.double()
    setting = Setting.make(
        image.shape,
        kernel.shape,
        mode=mode,
        padding=padding,
        padding_mode=padding_mode,
        stride=stride,
        dilation=dilation,
    )
    reason = "as asked"
    if algorithm == "auto":
        choice = choose(
            image.shape,
            kernel.shape,
            dtype=image.dtype,
            mode=mode,
            padding=padding,
            padding_mode=padding_mode,
            stride=stride,
            dilation=dilation,
        )
        algorithm, reason = choice.algorithm, choice.reason
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        result = (convolve if rotate else correlate)(
            image,
            kernel,
            mode=mode,
            padding=padding,
            padding_mode=padding_mode,
            stride=stride,
            dilation=dilation,
            algorithm=algorithm,
        )
    return Operation(
        image=image,
        kernel=kernel,
        rotate=rotate,
        mode="" if padding is not None else mode,
        setting=setting,
        algorithm=algorithm,
        reason=reason,
        result=result,
        walk=Walk.make(image, kernel, None, setting, rotate=rotate),
        notices=tuple(dict.fromkeys(str(warning.message) for warning in caught)),
        light=light,
    )


def _check_axes(image: Tensor, kernel: Tensor) -> None:
    shapes = {"input": tuple(image.shape), "kernel": tuple(kernel.shape)}
    for what, shape in shapes.items():
        if len(shape) not in {1, 2}:
            raise ShapeError(f"The {what} is over {len(shape)} axes; one (a signal) or two (an image) can be shown.")
    if image.ndim != kernel.ndim:
        given = ", and the ".join(
            f"{what} is over {'one axis' if len(shape) == 1 else 'two axes'} ({spelled(shape)})"
            for what, shape in shapes.items()
        )
        cure = f"take a kernel of rows, such as '1 0; 0 1' or '1 2 1;', or one of {kernel_names(2)}"
        if image.ndim == 1:
            cure = (
                f"take a kernel of one row or one of {kernel_names(1)}, or end the input with a semicolon, which makes "
                "it a row of an image"
            )
        raise ShapeError(f"The {given}; {cure}.")


def _plain(values: Any) -> Any:
    """Return nested lists in which what JSON cannot say, infinity and nan, is None."""
    if isinstance(values, list):
        return [_plain(value) for value in values]
    return values if math.isfinite(values) else None


def _step(step: Step) -> dict[str, Any]:
    return {
        "at": list(step.at[1:]),
        "origin": list(step.origin),
        "patch": _plain(step.patch[0].tolist()),
        "kernel": _plain(step.kernel[0].tolist()),
        "products": _plain(step.products[0].tolist()),
        "total": _plain(step.total.item()),
    }
