"""One transposed convolution to be shown: each value is spread by the kernel, and where kernels overlap they add up.

The counterpart of `operation` for one channel over one or two axes. A step is one value of the input with the products
that it adds to the output; the output so far is the whole's for an input whose later values are 0, since the operation
is linear.
"""

from dataclasses import dataclass
from typing import Any

import torch
from jaxtyping import Shaped
from torch import Tensor

from inkwise.convolution.setting import Setting
from inkwise.convolution.transposed import transpose
from inkwise.convolution.window import Axes, Each, Padding, spelled
from inkwise.errors import ShapeError


@dataclass(frozen=True)
class Spread:
    """A transposed convolution of one channel that has been carried out."""

    image: Shaped[Tensor, "1 1 *space"]
    kernel: Shaped[Tensor, "1 1 *kernel"]
    setting: Setting  # of the convolution that it is the transpose of: from the result to the image
    result: Shaped[Tensor, "1 1 *out"]

    @property
    def formulas(self) -> tuple[str, ...]:
        """The size formula of each axis, filled in: s(n - 1) + d(m - 1) + 1 - before - after."""
        s = self.setting
        return tuple(
            _formula(n, m, out, stride=step, pads=pads, dilation=d)
            for n, m, out, step, pads, d in zip(
                s.output_size, s.kernel, s.space, s.stride, s.pads, s.dilation, strict=True
            )
        )

    def origin(self, at: Axes) -> Axes:
        """Return where in the result the kernel begins for the input's value at `at`; negative where it is cut off."""
        s = self.setting
        return tuple(i * step - before for i, step, (before, _) in zip(at, s.stride, s.pads, strict=True))

    def products(self, at: Axes) -> Shaped[Tensor, "*kernel"]:
        """Return what the value at `at` adds to the result: it, times the kernel."""
        self._check(at)
        return self.image[(0, 0, *at)] * self.kernel[0, 0]

    def so_far(self, at: Axes) -> Shaped[Tensor, "*out"]:
        """Return the result of the values up to `at` in reading order, that one included."""
        self._check(at)
        sizes, place = self.setting.output_size, 0
        for index, size in zip(at, sizes, strict=True):
            place = place * size + index
        kept = self.image.flatten().clone()
        kept[place + 1 :] = 0
        return _transposed(kept.reshape(self.image.shape), self.kernel, self.setting)[0, 0]

    def to_dict(self) -> dict[str, Any]:
        """Return the operation as plain values."""
        s = self.setting
        return {
            "operation": "transposed convolution",
            "input": self.image[0, 0].tolist(),
            "kernel": self.kernel[0, 0].tolist(),
            "setting": {
                "padding": [list(pair) for pair in s.pads],
                "padding_mode": s.padding_mode,
                "stride": list(s.stride),
                "dilation": list(s.dilation),
            },
            "formula": list(self.formulas),
            "output_size": list(s.space),
            "result": self.result[0, 0].tolist(),
        }

    def _check(self, at: Axes) -> None:
        sizes = self.setting.output_size
        if len(at) != len(sizes) or not all(0 <= index < size for index, size in zip(at, sizes, strict=True)):
            last = ",".join(str(size - 1) for size in sizes)
            raise ShapeError(
                f"There is no input value {','.join(map(str, at))}; they go from {','.join('0' for _ in sizes)} to "
                f"{last}."
            )


def spread(
    image: Shaped[Tensor, "..."],
    kernel: Shaped[Tensor, "..."],
    *,
    mode: str = "valid",
    padding: Padding | None = None,
    padding_mode: str = "zeros",
    stride: Each = 1,
    dilation: Each = 1,
) -> Spread:
    """Transpose-convolve one channel, and keep everything there is to say of it.

    Args:
        image: (length,) or (rows, columns); whole numbers, or floats, which are computed in float64.
        kernel: Over the same axes, as the convolution has it whose transpose this is.
        mode: "valid", "same", "full" or "causal": what that convolution adds, which is cut off here.
        padding: Values to cut off instead of by a mode.
        padding_mode: What that convolution adds; its gradient goes to what it is a copy of.
        stride: Steps in the result between two values of the input.
        dilation: Steps in the result between two values of the kernel.

    Raises:
        ShapeError: Image and kernel are not over the same one or two axes, or so much is cut off that nothing is left.
        UsageError: A setting out of its range.
        UnknownName: A mode or padding mode that does not exist.
    """
    if image.ndim not in {1, 2} or image.ndim != kernel.ndim:
        raise ShapeError(
            f"The input is {spelled(image.shape)} and the kernel {spelled(kernel.shape)}; give both one axis, or both "
            "two."
        )
    values, weights = image[None, None], kernel[None, None]
    if values.is_floating_point() or weights.is_floating_point():
        values, weights = values.double(), weights.double()
    else:
        values, weights = values.to(torch.int64), weights.to(torch.int64)
    result = transpose(
        values,
        weights,
        mode=mode,
        padding=padding,
        padding_mode=padding_mode,
        stride=stride,
        dilation=dilation,
    )
    setting = Setting.make(
        result.shape,
        weights.shape,
        mode=mode,
        padding=padding,
        padding_mode=padding_mode,
        stride=stride,
        dilation=dilation,
    )
    return Spread(values, weights, setting, result)


def _transposed(values: Tensor, kernel: Tensor, setting: Setting) -> Tensor:
    return transpose(
        values,
        kernel,
        image_size=setting.space,
        padding=setting.pads,
        padding_mode=setting.padding_mode,
        stride=setting.stride,
        dilation=setting.dilation,
    )


def _formula(n: int, m: int, out: int, *, stride: int, pads: tuple[int, int], dilation: int) -> str:
    """Return the size formula of one axis with its numbers and its result."""
    before, after = pads
    cut = f"2*{before}" if before == after else f"{before} - {after}"
    return f"{stride}*({n} - 1) + {dilation}*({m} - 1) + 1 - {cut} = {out}"
