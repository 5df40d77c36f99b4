"""Cross-correlation and convolution of an image with kernels, from the definition; one to three axes.

    correlate   y[n, o, i] = b[o] + sum_c sum_k  kernel[o, c, k] * image[n, g(o) C + c, s i + d k - before]
    convolve    the same with every kernel rotated by 180 degrees, which is kernel[o, c, m - 1 - k]

n is the image, o the kernel, i the place, k the position within the kernel (each with one number for each axis of
space), s the stride, d the dilation, C the channels that one kernel sees and g(o) the group of kernel o. What the field
calls a convolution is the first (Goodfellow, Bengio and Courville 2016, section 9.1). Which algorithm does it changes
the time alone.
"""

from collections.abc import Sequence
from typing import Final

import torch
from torch import Tensor

from inkwise.convolution.choice import ALGORITHMS, choice_for
from inkwise.convolution.direct import direct
from inkwise.convolution.fourier import fourier, worst_error
from inkwise.convolution.im2col import im2col, in_bfloat16
from inkwise.convolution.padding import pad
from inkwise.convolution.promotion import Given, Promotion, check_tensors
from inkwise.convolution.setting import Setting
from inkwise.convolution.window import Padding
from inkwise.errors import ShapeError, UnknownName, UsageError

BY_NAME: Final = {"direct": direct, "im2col": im2col, "fft": fourier}


def correlate(
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
    algorithm: str = "auto",
) -> Tensor:
    """Return the cross-correlation of an image with kernels, which is what a network's convolution layer computes.

    y[n, o, i] = b[o] + sum_c sum_k kernel[o, c, k] * image[n, g(o) C + c, s i + d k - before]

    Args:
        image: (N, C_in, *space) over one to three axes. Floats; or whole numbers, which are computed exactly.
        kernel: (C_out, C_in / groups, *kernel) over the same axes.
        bias: (C_out,), added to each output channel.
        mode: "valid" adds nothing to the image; "same" makes the output ceil(n / stride) long, the spare value of an
            odd total after the image; "full" adds d(m - 1) on either side, so that every overlap counts; "causal"
            adds d(m - 1) before alone, so that no output depends on what comes later (one axis).
        padding: Values to add instead of by a mode: one number, one for each axis, or (before, after) for each.
        padding_mode: What is added: "zeros", "reflect" (the edge not repeated), "replicate" (the edge), "wrap".
        stride: Steps between two places: one for all axes or one for each.
        dilation: Steps of the image between two values of the kernel, likewise.
        groups: Blocks of channels that do not see each other: the kernels of one block slide over its channels alone.
        algorithm: "direct", "im2col" (a matrix product) or "fft"; "auto" takes what `choose` expects to be fastest.

    Returns:
        (N, C_out, *out), with out = floor((n + before + after - d(m - 1) - 1) / s) + 1 along each axis; of the dtype
        that torch promotes to; int64 where all are whole numbers.

    Raises:
        ShapeError: Something is empty, axes or channels do not match, the kernel does not fit, or the bias has
            another length than C_out.
        UsageError: What is no tensor, tensors on different devices, complex numbers, or a setting out of its range.
        UnknownName: A mode, padding mode or algorithm that does not exist.

    Warns:
        IntegerPromotion: The dtype of the whole numbers given could not have held the result.

    Example:
        >>> import torch
        >>> signal, step = torch.tensor([[[1.0, 1.0, 4.0, 4.0]]]), torch.tensor([[[-1.0, 1.0]]])
        >>> correlate(signal, step)
        tensor([[[0., 3., 0.]]])
        >>> correlate(signal, step, mode="full")
        tensor([[[ 1.,  0.,  3.,  0., -4.]]])
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
    return _compute(image, kernel, bias, setting, algorithm)


def convolve(
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
    algorithm: str = "auto",
) -> Tensor:
    """Return the convolution of an image with kernels: the cross-correlation with each kernel rotated by 180 degrees.

    y[n, o, i] = b[o] + sum_c sum_k kernel[o, c, m - 1 - k] * image[n, g(o) C + c, s i + d k - before]

    In mode "full", with one channel, this is the product of polynomials, and image and kernel may change places.
    Everything else is as in `correlate`, which has the arguments, the dtypes and the errors.

    Args:
        image: (N, C_in, *space) over one to three axes.
        kernel: (C_out, C_in / groups, *kernel) over the same axes.
        bias: (C_out,), added to each output channel.
        mode: "valid", "same", "full" or "causal".
        padding: Values to add instead of by a mode.
        padding_mode: What is added: "zeros", "reflect", "replicate" or "wrap".
        stride: Steps between two places.
        dilation: Steps of the image between two values of the kernel.
        groups: Blocks of channels that do not see each other.
        algorithm: "direct", "im2col", "fft", or "auto".

    Example:
        >>> import torch
        >>> a, b = torch.tensor([[[1, 2, 3]]]), torch.tensor([[[1, 10]]])
        >>> convolve(a, b, mode="full")  # (1 + 2x + 3x^2)(1 + 10x)
        tensor([[[ 1, 12, 23, 30]]])
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
    return _compute(image, rotated(kernel), bias, setting, algorithm)


def rotated(kernel: Tensor) -> Tensor:
    """Return (C_out, C, *kernel) rotated by 180 degrees: flipped along every axis of space."""
    return kernel.flip(tuple(range(2, kernel.ndim)))


def _compute(image: Tensor, kernel: Tensor, bias: Tensor | None, setting: Setting, algorithm: str) -> Tensor:
    """Return the cross-correlation; everything but the bias's shape and the algorithm's name has been checked."""
    if bias is not None and tuple(bias.shape) != (setting.kernels,):
        raise ShapeError(
            f"There are {setting.kernels} kernels and the bias has shape {tuple(bias.shape)}; give one value for each "
            f"kernel: shape ({setting.kernels},)."
        )
    if algorithm not in (*ALGORITHMS, "auto"):
        raise UnknownName("algorithm", algorithm, (*ALGORITHMS, "auto"))
    promotion = Promotion.of(image, kernel, bias)
    name = choice_for(setting, promotion.returned).algorithm if algorithm == "auto" else algorithm
    dtype = promotion.computed
    if name == "im2col" and promotion.given == torch.bfloat16 and in_bfloat16(setting, image.device):
        dtype = torch.bfloat16  # the product itself sums in float32
    padded, weights = pad(image.to(dtype), setting.pads, setting.padding_mode), kernel.to(dtype)
    if name == "fft" and promotion.returned == torch.int64 and (error := worst_error(padded, weights, setting)) >= 0.5:
        if algorithm != "auto":
            raise UsageError(
                f"With whole numbers this large a Fourier transform may be wrong by {error:.2g}, so that rounding does "
                "not give the exact sums; take algorithm 'direct' or 'im2col', or give floats."
            )
        name = "im2col"  # the second best at sizes where the transform is the best
    summed = BY_NAME[name](padded, weights, None if bias is None else bias.to(dtype), setting)
    return promotion.give(summed, caller=3)
