"""Cross-correlation by the convolution theorem: over frequencies it is a product.

    F(y)[o, f] = sum_c  conj(F(kernel)[o, c, f]) * F(padded)[c, f],        y = F^-1(F(y)), every s-th value of it

Without the conjugate the product would be the convolution. The transform takes the signal as periodic; the padded
image's length is a long enough period, since no place where the kernel fits reaches beyond it. A dilated kernel is one
with zeros between its values. The work grows with n log n instead of n m.
Source: Cooley and Tukey 1965, doi:10.1090/S0025-5718-1965-0178586-1.
"""

from math import inf, log2, prod
from typing import Final

import torch
from jaxtyping import Shaped
from torch import Tensor

from inkwise.convolution.direct import start
from inkwise.convolution.setting import Setting
from inkwise.convolution.window import Axes

# Bytes of the spectra that are there at a time: they stay in the cache. Of 1/4 to 32 MiB, 1 to 2 were the fastest.
BLOCK: Final = 2 * 2**20


def fourier(
    padded: Shaped[Tensor, "n c *padded"],
    kernel: Shaped[Tensor, "o depth *kernel"],
    bias: Shaped[Tensor, " o"] | None,
    setting: Setting,
) -> Shaped[Tensor, "n o *out"]:
    """Return the cross-correlation of a padded image by fast Fourier transforms.

    Rounding errors are those of the largest sums, everywhere: about 1e-7 of them in float32, 1e-16 in float64.

    Args:
        padded: The image with its padding, (N, groups * C, *padded), real.
        kernel: (C_out, C, *kernel), of the same dtype.
        bias: Added to each output channel.
        setting: How the kernel slides.
    """
    period, axes = periods(setting), tuple(range(2, 2 + setting.rank))
    output = start(padded, bias, setting)
    weights = torch.fft.rfftn(dilated(kernel, setting), s=period, dim=axes).conj().resolve_conj()
    weights = weights.reshape(1, setting.groups, -1, *weights.shape[1:])  # (1, groups, kernels, C, *frequencies)
    crop = tuple(slice(0, s * (size - 1) + 1, s) for s, size in zip(setting.stride, setting.output_size, strict=True))
    for images in _blocks(setting, padded.element_size()):
        spectra = torch.fft.rfftn(padded[images], s=period, dim=axes)
        spectra = spectra.reshape(spectra.shape[0], setting.groups, 1, setting.depth, *spectra.shape[2:])
        sums = spectra[:, :, :, 0] * weights[:, :, :, 0]  # (n, groups, kernels, *frequencies)
        for c in range(1, setting.depth):
            sums = sums.addcmul_(spectra[:, :, :, c], weights[:, :, :, c])
        values = torch.fft.irfftn(sums.flatten(1, 2), s=period, dim=axes)  # (n, C_out, *period)
        output[images] += values[:, :, *crop]
    return output


def worst_error(padded: Tensor, kernel: Tensor, setting: Setting) -> float:
    """Return how far any value by `fourier` in float64 may be off; infinity for numbers that float64 does not hold.

    Each of three transforms of length L = 2^n adds a relative error of a few n times 2^-53 in the Euclidean norm, so
    an output is wrong by at most 16 n 2^-53 |image| |kernel| (after Brent, Percival and Zimmermann 2007,
    doi:10.1090/S0025-5718-07-01931-X, section 3, where the factor is below 14).
    """
    if padded.dtype != torch.float64:
        return inf
    norm = float(padded.flatten(1).norm(dim=1).max().item()) * float(kernel.flatten(1).norm(dim=1).max().item())
    return 16 * log2(max(2, prod(periods(setting)))) * 2.0**-53 * norm


def periods(setting: Setting) -> Axes:
    """Return the transform's length along each axis: the padded image's or the next with small prime factors."""
    return tuple(fast_length(n) for n in setting.padded)


def fast_length(n: int) -> int:
    """Return a length of at least n that transforms fast: a power of two, or one times 3, 5, 9 or 15.

    A power of two is taken up to 1.3 times as long as the next of the others, since it is that much faster per value
    (measured with MKL from 28 to 65,536 values; odd lengths take three times as long).

    Example:
        >>> fast_length(100), fast_length(4096), fast_length(4097)
        (128, 4096, 4608)
    """
    power = 1 << (n - 1).bit_length()
    others = (odd << max(1, (-(-n // odd) - 1).bit_length()) for odd in (3, 5, 9, 15))
    best = min(others)
    return best if 1.3 * best < power else power


def dilated(kernel: Tensor, setting: Setting) -> Tensor:
    """Return the kernel with d - 1 zeros between its values along each axis: d(m - 1) + 1 long."""
    if all(d == 1 for d in setting.dilation):
        return kernel
    reach = tuple(d * (m - 1) + 1 for m, d in zip(setting.kernel, setting.dilation, strict=True))
    spread = kernel.new_zeros(*kernel.shape[:2], *reach)
    spread[:, :, *(slice(None, None, d) for d in setting.dilation)] = kernel
    return spread


def _blocks(setting: Setting, itemsize: int) -> list[slice]:
    """Return the images whose spectra are there at a time."""
    one = prod(periods(setting)) * itemsize * (setting.groups * setting.depth + setting.kernels)
    images = max(1, BLOCK // one)
    return [slice(n, n + images) for n in range(0, setting.batch, images)]
