"""A convolution one output value after the other: where the kernel stands, what it covers, what comes of it.

    y[o, i] = sum over c, k of  x[c, i*s + k*d - p] * h[o, c, k]  + b[o]        (correlation)

and for a convolution the same with the kernel rotated. Every `Step` is one such sum with its terms. Steps are made
when they are asked for, in order or by their place, so a walk over a large image costs what is looked at. Any rank,
mode, stride, dilation, channels and groups; one image, not a batch.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import product
from math import prod

from jaxtyping import Shaped
from torch import Tensor

from inkwise.convolution.correlation import rotated
from inkwise.convolution.padding import pad
from inkwise.convolution.promotion import Given, Promotion, check_tensors
from inkwise.convolution.setting import Setting
from inkwise.convolution.window import Axes, Padding
from inkwise.errors import ShapeError


@dataclass(frozen=True)
class Step:
    """One output value with everything it is made of.

    `patch`, `kernel` and `products` are (depth, *kernel): the channels that one kernel sees, then space.
    """

    at: Axes  # which kernel, then the position in its output
    start: Axes  # where the window begins in the padded image
    origin: Axes  # the same in the image itself; negative where it begins in the padding
    patch: Shaped[Tensor, "depth *kernel"]
    kernel: Shaped[Tensor, "depth *kernel"]  # as it lies on the image: rotated for a convolution
    products: Shaped[Tensor, "depth *kernel"]
    bias: Shaped[Tensor, ""] | None
    total: Shaped[Tensor, ""]


@dataclass(frozen=True)
class Walk:
    """The steps of one setting, by their place or in order: kernel by kernel, the last axis fastest."""

    padded: Shaped[Tensor, "c *padded"]
    kernel: Shaped[Tensor, "o depth *kernel"]  # as it lies on the image
    bias: Shaped[Tensor, " o"] | None
    setting: Setting

    @classmethod
    def make(cls, image: Given, kernel: Given, bias: Given | None, setting: Setting, *, rotate: bool = False) -> "Walk":
        """Return the walk of tensors whose shapes `setting` was made for; errors as for `steps`."""
        check_tensors(image=image, kernel=kernel, bias=bias)
        if setting.batch != 1:
            raise ShapeError(f"A walk goes over one image and was given {setting.batch}; take one, image[:1].")
        if bias is not None and tuple(bias.shape) != (setting.kernels,):
            raise ShapeError(
                f"The bias has shape {tuple(bias.shape)}; give one value for each kernel, shape ({setting.kernels},)."
            )
        promotion = Promotion.of(image, kernel, bias)
        # Whole numbers stay whole; halves are summed in float32, as `correlate` sums them.
        dtype = promotion.computed if promotion.given.is_floating_point else promotion.returned
        return cls(
            padded=pad(image.to(dtype), setting.pads, setting.padding_mode)[0],  # (C_in, *padded)
            kernel=(rotated(kernel) if rotate else kernel).to(dtype),
            bias=None if bias is None else bias.to(dtype),
            setting=setting,
        )

    def __len__(self) -> int:
        return self.setting.kernels * prod(self.setting.output_size)

    def __iter__(self) -> Iterator[Step]:
        return (self.at(*place) for place in product(*map(range, (self.setting.kernels, *self.setting.output_size))))

    def at(self, kernel: int, *position: int) -> Step:
        """Return the step of one output value: which kernel, and the place in its output."""
        setting = self.setting
        first = kernel // (setting.kernels // setting.groups) * setting.depth  # the first channel of its group
        start = tuple(i * s for i, s in zip(position, setting.stride, strict=True))
        reach = tuple(
            slice(a, a + d * (m - 1) + 1, d) for a, m, d in zip(start, setting.kernel, setting.dilation, strict=True)
        )
        patch = self.padded[(slice(first, first + setting.depth), *reach)]  # (depth, *kernel)
        products = patch * self.kernel[kernel]
        total = products.sum()
        return Step(
            at=(kernel, *position),
            start=start,
            origin=tuple(a - before for a, (before, _) in zip(start, setting.pads, strict=True)),
            patch=patch,
            kernel=self.kernel[kernel],
            products=products,
            bias=None if self.bias is None else self.bias[kernel],
            total=total if self.bias is None else total + self.bias[kernel],
        )


def steps(
    image: Given,
    kernel: Given,
    bias: Given | None = None,
    *,
    mode: str = "valid",
    padding: Padding | None = None,
    padding_mode: str = "zeros",
    stride: int | Sequence[int] = 1,
    dilation: int | Sequence[int] = 1,
    groups: int = 1,
    rotate: bool = False,
) -> Iterator[Step]:
    """Return the output values of a correlation or a convolution, one after the other, each with its terms.

    The totals are the values of `correlate` (of `convolve` where `rotate`): equal for whole numbers, and up to the
    order of the sum for others. Whole numbers are computed exactly, in int64; halves in float32.

    Args:
        image: (1, C_in, *space), over one to three axes.
        kernel: (C_out, C_in / groups, *space).
        bias: (C_out,), added to each sum.
        mode: As for `correlate`, like all that follow but the last.
        padding: Values to add instead of by a mode.
        padding_mode: What is added.
        stride: Steps between two places.
        dilation: Steps between two values of the kernel.
        groups: Blocks of channels that do not see each other.
        rotate: Turn the kernel by 180 degrees first: the true convolution.

    Returns:
        An iterator of C_out times the output's size steps: kernel by kernel, the last axis fastest.

    Raises:
        ShapeError: There is more than one image, the bias does not fit, or what `Setting.make` refuses.
        UsageError: What is no tensor, complex numbers, or what `Setting.make` refuses.

    Example:
        >>> import torch
        >>> signal, kernel = torch.tensor([[[1, 2, 3]]]), torch.tensor([[[0, 1]]])
        >>> [int(step.total) for step in steps(signal, kernel, mode="full")]
        [1, 2, 3, 0]
        >>> [int(step.total) for step in steps(signal, kernel, mode="full", rotate=True)]
        [0, 1, 2, 3]
    """
    check_tensors(image=image, kernel=kernel, bias=bias)
    setting = Setting.make(
        image.shape,
        kernel.shape,
        mode=mode,
        padding=padding,
        padding_mode=padding_mode,
        stride=stride,
        dilation=dilation,
        groups=groups,
    )
    return iter(Walk.make(image, kernel, bias, setting, rotate=rotate))
