"""Cross-correlation by the convolution theorem: over frequencies it is a product.

    F(y)[o, f] = sum_c  conj(F(kernel)[o, c, f]) * F(padded)[c, f],        y = F^-1(F(y)), every s-th value of it

Without the conjugate the product would be the convolution. The transform takes the signal as periodic; the padded
image's length is a long enough period, since no place where the kernel fits reaches beyond it. A dilated kernel is one
with zeros between its values. The work grows with n log n instead of n m. Spectra are there for some images and some
kernels at a time, so that memory is bounded by that of one image.

Every frequency holds something of every value. So an error of rounding is one of the largest sums wherever it lies,
and a single nan or infinity reaches every output of its image or kernel: `even` says where that does no harm.
Source: Cooley and Tukey 1965, doi:10.1090/S0025-5718-1965-0178586-1.
"""

from collections.abc import Iterator
from functools import lru_cache
from itertools import repeat
from math import inf, log2, prod
from typing import Final

import torch
from jaxtyping import Shaped
from torch import Tensor
from torch.utils.checkpoint import checkpoint

from inkwise.convolution.direct import gradient_wanted, start
from inkwise.convolution.setting import Setting
from inkwise.convolution.window import Axes

# Bytes of the spectra that are there at a time: they stay in the cache. Of 1/4 to 32 MiB, 1 to 2 were the fastest.
BLOCK: Final = 2 * 2**20

# Bytes of the kernels' spectra that are there at a time. Where they are more, those of the images are made once again
# for each block of kernels (or kept, where one block has all images).
KERNELS: Final = 256 * 2**20

# How many times a largest absolute value may outweigh the mean before a transform's rounding is too coarse. In float32
# an error of 1e-7 of the largest sums is then at most 1e-4 of the usual ones.
OUTWEIGHED: Final = 1000.0


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
    groups, each = setting.groups, setting.kernels // setting.groups
    by_group = kernel.reshape(groups, each, *kernel.shape[1:])
    output = start(padded, bias, setting)
    sums = output.view(setting.batch, groups, each, *setting.output_size)  # the same memory
    some = kernels_at_a_time(setting, padded.element_size())
    again = some < each and gradient_wanted(padded, kernel, bias)  # spectra are made again instead of kept
    blocks = images_at_a_time(setting, padded.element_size())
    spectra = _spectra(padded, setting) if len(blocks) == 1 else None
    for first in range(0, each, some):
        chosen = slice(first, first + some)
        given = (padded, spectra, by_group[:, chosen], setting)
        if again:
            values: Tensor = checkpoint(_together, *given, use_reentrant=False, preserve_rng_state=False)
            sums[:, :, chosen].add_(values)
        else:
            for images, values in zip(blocks, _by_images(*given), strict=True):
                sums[images, :, chosen].add_(values)
    return output


def even(values: Tensor) -> bool:
    """Return whether a transform's rounding does no harm: all is finite, and nothing outweighs the mean 1000 times.

    Of the absolute values of each image or kernel apart, since transforms of different ones do not meet. It is a check
    against a spike, not a bound: where half of a signal is far larger than the other, the smaller half loses digits.

    Args:
        values: Floats, with the images or the kernels along the first axis.
    """
    if values.is_meta:  # shapes alone
        return True
    count, sizes = values.numel() // len(values), values.detach().abs()
    if len(sizes) == 1:  # a small transform takes little longer than this check, so by the quickest calls there are
        return _even(sizes.sum().item(), sizes.max().item(), count)
    sizes = sizes.flatten(1)
    return all(map(_even, sizes.sum(dim=1).tolist(), sizes.amax(dim=1).tolist(), repeat(count)))


def _even(total: float, largest: float, count: int) -> bool:
    """Return whether `count` absolute values with this sum have a largest that is not far above their mean."""
    return total < inf and largest * count <= OUTWEIGHED * total  # with nan or infinity among them, the sum is not less


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


@lru_cache(maxsize=1024)
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
    spread = kernel.new_zeros(*kernel.shape[: -setting.rank], *reach)
    every: list[slice] = [slice(None)] * (kernel.ndim - setting.rank)
    spread[*every, *(slice(None, None, d) for d in setting.dilation)] = kernel
    return spread


def kernels_at_a_time(setting: Setting, itemsize: int) -> int:
    """Return how many kernels of each group have their spectra there at a time, within KERNELS bytes; at least one."""
    one = prod(periods(setting)) * itemsize * setting.groups * setting.depth
    return min(setting.kernels // setting.groups, max(1, KERNELS // one))


def images_at_a_time(setting: Setting, itemsize: int) -> list[slice]:
    """Return the images whose spectra are there at a time; at least one."""
    channels = setting.groups * (setting.depth + kernels_at_a_time(setting, itemsize))
    images = max(1, BLOCK // (prod(periods(setting)) * itemsize * channels))
    return [slice(n, n + images) for n in range(0, setting.batch, images)]


def _spectra(images: Tensor, setting: Setting) -> Tensor:
    """Return the images' transforms, (n, groups, 1, C, *frequencies)."""
    spectra: Tensor = torch.fft.rfftn(images, s=periods(setting), dim=tuple(range(2, 2 + setting.rank)))
    return spectra.reshape(len(images), setting.groups, 1, setting.depth, *spectra.shape[2:])


def _by_images(padded: Tensor, spectra: Tensor | None, kernels: Tensor, setting: Setting) -> Iterator[Tensor]:
    """Yield for each block of images what some kernels give, (n, groups, kernels, *out), without a bias.

    Args:
        padded: All images.
        spectra: Their transforms, where one block has them all.
        kernels: Some of each group, (groups, kernels, C, *kernel).
        setting: How all of them slide.
    """
    period, axes = periods(setting), tuple(range(-setting.rank, 0))
    weights = torch.fft.rfftn(dilated(kernels, setting), s=period, dim=axes).conj_physical_()  # (groups, kernels, C, *)
    crop = tuple(slice(0, s * (size - 1) + 1, s) for s, size in zip(setting.stride, setting.output_size, strict=True))
    for images in images_at_a_time(setting, padded.element_size()):
        block = _spectra(padded[images], setting) if spectra is None else spectra
        sums = block[:, :, :, 0] * weights[:, :, 0]  # (n, groups, kernels, *frequencies)
        for c in range(1, setting.depth):
            sums = sums.addcmul_(block[:, :, :, c], weights[:, :, c])
        values: Tensor = torch.fft.irfftn(sums, s=period, dim=axes)
        yield values[:, :, :, *crop]


def _together(padded: Tensor, spectra: Tensor | None, kernels: Tensor, setting: Setting) -> Tensor:
    """Return what some kernels give with all images."""
    return torch.cat(list(_by_images(padded, spectra, kernels, setting)))
