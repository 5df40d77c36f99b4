"""The transpose of the convolution: from output to image ("deconvolution"), the second of the three operations.

The convolution is linear in the image, so it has an adjoint: <correlate(x), y> = <x, transpose(y)> for all x and y.
It carries the error of the output back to the image, and so is the gradient for the image; torch calls it
conv_transpose. It undoes sizes, not values: it is not the inverse. Dumoulin and Visin, arXiv:1603.07285, chapter 4.
"""

from collections.abc import Sequence
from dataclasses import replace
from itertools import product
from math import prod

import torch
from jaxtyping import Shaped
from torch import Tensor

from inkwise.convolution.direct import places
from inkwise.convolution.padding import sources, unpad
from inkwise.convolution.promotion import Given, Promotion, check_tensors
from inkwise.convolution.setting import Setting, spatial_rank
from inkwise.convolution.window import Axes, Each, Padding, Whole, axis_names, per_axis, whole
from inkwise.errors import ShapeError


def transpose(
    values: Given,
    kernel: Given,
    *,
    image_size: Each | None = None,
    mode: str = "valid",
    padding: Padding | None = None,
    padding_mode: str = "zeros",
    stride: Each = 1,
    dilation: Each = 1,
    groups: Whole = 1,
) -> Shaped[Tensor, "n c *space"]:
    """Return the adjoint of `correlate` with the same settings: each value, spread by the kernel over where it looked.

        x[n, c, s i + d k] += sum_o kernel[o, c, k] * values[n, o, i]    for every place i and position k

    on the padded image, o going through the kernels of c's group; then every padded value is added to the value that
    it is a copy of. For all x and y, <correlate(x, kernel), y> = <x, transpose(y, kernel)>.

    Written to be read beside its formula, one step for each position k, and several times slower than torch's own:
    train with torch.nn.functional.

    Args:
        values: (N, C_out, *out), what `correlate` returns, or an error of that shape. Whole numbers are computed
            exactly and returned as int64.
        kernel: (C_out, C_in / groups, *kernel), as `correlate` takes it.
        image_size: The size of the result along each axis; one number holds for every axis. With a stride several
            sizes give the same output: None takes the smallest.
        mode: "valid", "same", "full" or "causal", as in `correlate`.
        padding: Values that were added instead of by a mode.
        padding_mode: "zeros", "reflect", "replicate" or "wrap".
        stride: Steps between two places.
        dilation: Steps between two values of the kernel.
        groups: Blocks of channels that do not see each other.

    Returns:
        (N, C_in, *image_size).

    Raises:
        ShapeError: Axes or channels do not match, something is empty, or no image of `image_size` (or, where that is
            None, of any size) gives values of this size.
        UsageError: What is no tensor, tensors on different devices, complex numbers, or a setting out of its range.
        UnknownName: A mode or padding mode that does not exist.

    Warns:
        IntegerPromotion: The dtype of the whole numbers given could not have held the result.

    Example:
        >>> import torch
        >>> transpose(torch.tensor([[[1, 10]]]), torch.tensor([[[1, 2, 3]]]), stride=2)
        tensor([[[ 1,  2, 13, 20, 30]]])
    """
    check_tensors(values=values, kernel=kernel)
    probe = Setting.make(
        image_shape(kernel.shape, _reach(kernel.shape, dilation), groups),
        kernel.shape,
        mode=mode,
        padding=padding,
        padding_mode=padding_mode,
        stride=stride,
        dilation=dilation,
        groups=groups,
    )
    setting = _fitted(probe, values.shape, image_size)
    promotion = Promotion.of(values, kernel.expand(_copies(setting), *kernel.shape), kept=2)
    n, groups, each = setting.batch, setting.groups, setting.kernels // setting.groups
    y = values.to(promotion.computed).reshape(n, groups, each, *setting.output_size)
    w = kernel.to(promotion.computed).reshape(groups, each, setting.depth, -1)  # positions flattened
    x = y.new_zeros(n, groups, setting.depth, *setting.padded)
    for position, k in enumerate(product(*map(range, setting.kernel))):
        x[:, :, :, *places(k, setting)] += torch.einsum("ngo...,goc->ngc...", y, w[..., position])
    return promotion.give(unpad(x.flatten(1, 2), setting.space, setting.pads, setting.padding_mode), caller=2)


def image_shape(kernel_shape: Sequence[int], image_size: Each, groups: Whole) -> Axes:
    """Return (1, C_in, *image_size): the image that a kernel of this shape slides over.

    Raises:
        ShapeError: The kernel is not (kernels, channels, *space) over one to three axes, or is empty.
        UsageError: The image's size, or the number of groups, is not a whole number of at least 1.
    """
    rank = spatial_rank("kernel", kernel_shape)
    return (1, kernel_shape[1] * whole("number of groups", groups), *per_axis("image size", image_size, rank))


def _reach(kernel_shape: Sequence[int], dilation: Each) -> Axes:
    """Return the size of the smallest image that the kernel fits into without padding: d(m - 1) + 1."""
    dilations = per_axis("dilation", dilation, spatial_rank("kernel", kernel_shape))
    return tuple(d * (m - 1) + 1 for m, d in zip(kernel_shape[2:], dilations, strict=True))


def _fitted(probe: Setting, shape: Sequence[int], image_size: Each | None) -> Setting:
    """Return the setting of the image that gives values of `shape`; `probe` has everything but the sizes.

    From floor((n + before + after - d(m - 1) - 1) / s) + 1 = out, the smallest n is s(out - 1) + d(m - 1) + 1 -
    before - after, and the largest is s - 1 more.
    """
    if len(shape) != probe.rank + 2 or 0 in shape or shape[1] != probe.kernels:
        raise ShapeError(
            f"Values are (N, {probe.kernels}, *space) here, a channel for each of the kernels and axes as the kernel's "
            f"{probe.rank}, none of them empty; they have shape {tuple(shape)}."
        )
    sizes = None if image_size is None else per_axis("image size", image_size, probe.rank)
    space = []
    for axis, (name, out) in enumerate(zip(axis_names(probe.rank), shape[2:], strict=True)):
        reach = probe.dilation[axis] * (probe.kernel[axis] - 1) + 1
        least = probe.stride[axis] * (out - 1) + reach - sum(probe.pads[axis])
        fitting = range(max(1, least), max(1, least + probe.stride[axis]))
        if not fitting:
            fewest = (1 + sum(probe.pads[axis]) - reach) // probe.stride[axis] + 1
            raise ShapeError(
                f"The values have {name} {out}, and no image gives so little with this padding: {name} 1 gives "
                f"{fewest} already. Take the settings that the values were made with."
            )
        if sizes is not None and sizes[axis] not in fitting:
            span = f"{fitting[0]}" if len(fitting) == 1 else f"{fitting[0]} to {fitting[-1]}"
            raise ShapeError(
                f"The values have {name} {out}, which an image of {name} {sizes[axis]} does not give with these "
                f"settings; one of {name} {span} does."
            )
        space.append(fitting[0] if sizes is None else sizes[axis])
    return replace(probe, batch=shape[0], space=tuple(space), output_size=tuple(shape[2:]))


def _copies(setting: Setting) -> int:
    """Return how many values of the padded image are at most copies of one value: a bound for whole numbers."""
    if setting.padding_mode == "zeros":
        return 1
    return prod(
        int(sources(n, *pads, setting.padding_mode).bincount().max())
        for n, pads in zip(setting.space, setting.pads, strict=True)
    )
