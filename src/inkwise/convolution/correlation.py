"""Cross-correlation and convolution of an image with kernels, from the definition; one to three axes.

    correlate   y[n, o, i] = b[o] + sum_c sum_k  kernel[o, c, k] * image[n, g(o) C + c, s i + d k - before]
    convolve    the same with every kernel rotated by 180 degrees, which is kernel[o, c, m - 1 - k]

n is the image, o the kernel, i the place, k the position within the kernel (each with one number for each axis of
space), s the stride, d the dilation, C the channels that one kernel sees and g(o) the group of kernel o. What the field
calls a convolution is the first (Goodfellow, Bengio and Courville 2016, section 9.1). The algorithms give the same but
for rounding, which a Fourier transform spreads: its errors are those of the largest sums, everywhere, and one value
that is not finite reaches every output. "auto" takes none where that shows. Gradients are autograd's, of any order;
torch.func's transforms (vmap, jacrev) are not supported.
"""

from collections.abc import Callable, Sequence
from functools import partial
from math import inf
from typing import Final

import torch
from torch import Tensor

from inkwise.convolution.choice import ALGORITHMS, Algorithm, choice_for
from inkwise.convolution.direct import direct, gradient_wanted
from inkwise.convolution.fourier import even, fourier, worst_error
from inkwise.convolution.im2col import im2col, in_bfloat16
from inkwise.convolution.padding import pad
from inkwise.convolution.promotion import Given, Promotion, check_tensors
from inkwise.convolution.setting import Setting
from inkwise.convolution.window import Padding
from inkwise.errors import ShapeError, UnknownName, UsageError

Run = Callable[[Tensor, Tensor, Tensor | None, Setting], Tensor]

BY_NAME: Final[dict[str, Run]] = {"direct": direct, "im2col": im2col, "fft": fourier}


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
        mode: "valid" adds nothing to the image; "same" makes the output ceil(n / stride) long: with an even kernel the
            spare value goes after the image, as torch has it; NumPy's and SciPy's convolve put it before; "full" adds
            d(m - 1) on either side, so that every overlap counts; "causal" adds d(m - 1) before alone, so that no
            output depends on what comes later (one axis).
        padding: Values to add instead of by a mode: one number, one for each axis, or (before, after) for each.
        padding_mode: What is added: "zeros", "reflect" (the edge not repeated), "replicate" (the edge), "wrap".
        stride: Steps between two places: one for all axes or one for each.
        dilation: Steps of the image between two values of the kernel, likewise.
        groups: Blocks of channels that do not see each other: the kernels of one block slide over its channels alone.
        algorithm: "direct", "im2col" (a matrix product) or "fft"; "auto" takes what `choose` expects to be fastest,
            but no "fft" where a value is not finite or its absolute value is more than 1000 times the mean of its
            image or kernel, or where whole numbers would not be exact: then the faster of the other two. By name,
            "fft" is taken with floats of any kind: its errors are about 1e-7 (float32) or 1e-16 (float64) of the
            largest sums wherever they lie, and one nan spreads to all outputs of its image or kernel.

    Returns:
        (N, C_out, *out), with out = floor((n + before + after - d(m - 1) - 1) / s) + 1 along each axis; of the dtype
        that torch promotes to; int64 where all are whole numbers.

    Raises:
        ShapeError: Something is empty, axes or channels do not match, the kernel does not fit, or the bias has
            another length than C_out.
        UsageError: What is no tensor, tensors on different devices, complex numbers, a setting out of its range, or
            "fft" by name with whole numbers too large for it to be exact.
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
    Everything else is as in `correlate`, which has the arguments, the dtypes, the errors and the limits of "fft".

    Args:
        image: (N, C_in, *space) over one to three axes.
        kernel: (C_out, C_in / groups, *kernel) over the same axes.
        bias: (C_out,), added to each output channel.
        mode: "valid", "same", "full" or "causal". In "same", with an even kernel the spare value goes after the image,
            as torch has it; NumPy's and SciPy's convolve put it before, so that their values are these one place
            later: padding=((m // 2, (m - 1) // 2),), with a pair for each axis, gives theirs.
        padding: Values to add instead of by a mode.
        padding_mode: What is added: "zeros", "reflect", "replicate" or "wrap".
        stride: Steps between two places.
        dilation: Steps of the image between two values of the kernel.
        groups: Blocks of channels that do not see each other.
        algorithm: "direct", "im2col", "fft" (its errors are those of the largest sums), or "auto", which takes no "fft"
            where something is not finite or far above the mean.

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
            f"The bias has shape {tuple(bias.shape)}; give one value for each kernel: shape ({setting.kernels},)."
        )
    if algorithm not in (*ALGORITHMS, "auto"):
        raise UnknownName("algorithm", algorithm, (*ALGORITHMS, "auto"))
    promotion = Promotion.of(image, kernel, bias)
    name = _automatic(image, kernel, setting, promotion) if algorithm == "auto" else algorithm
    if name == "im2col" and promotion.given == torch.bfloat16 and in_bfloat16(setting, image.device):
        # The products themselves sum in float32; what gradients add up over many of them is kept in float32.
        dtype = torch.float32 if gradient_wanted(image, kernel, bias) else torch.bfloat16
        run: Run = partial(im2col, multiplied=torch.bfloat16)
    else:
        dtype, run = promotion.computed, BY_NAME[name]
    padded, weights = pad(image.to(dtype), setting.pads, setting.padding_mode), kernel.to(dtype)
    if name == "fft" and promotion.returned == torch.int64 and (error := worst_error(padded, weights, setting)) >= 0.5:
        if algorithm != "auto":
            raise UsageError(
                f"With whole numbers this large a Fourier transform {_wrong_by(error)}; take algorithm 'direct' or "
                "'im2col', or give floats."
            )
        run = BY_NAME[_without_transform(setting, promotion)]
    summed = run(padded, weights, None if bias is None else bias.to(dtype), setting)
    return promotion.give(summed, caller=3)


def _automatic(image: Tensor, kernel: Tensor, setting: Setting, promotion: Promotion) -> Algorithm:
    """Return what is expected to be fastest, but no transform where floats are such that it would be wrong."""
    name = choice_for(setting, promotion.returned).algorithm
    if name != "fft" or promotion.returned == torch.int64:  # whole numbers are checked when they have been padded
        return name
    if all(even(each.to(promotion.computed)) for each in (image, kernel)):
        return name
    return _without_transform(setting, promotion)


def _without_transform(setting: Setting, promotion: Promotion) -> Algorithm:
    """Return the faster of the two that sum products as they are."""
    expected = choice_for(setting, promotion.returned).milliseconds
    return "direct" if expected["direct"] < expected["im2col"] else "im2col"


def _wrong_by(error: float) -> str:
    if error == inf:
        return "cannot be exact, since it computes in float64 and their sums may be beyond 2^53"
    return f"may be wrong by {error:.2g}, so that rounding does not give the exact sums"
