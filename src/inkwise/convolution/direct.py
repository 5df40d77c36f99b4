"""Cross-correlation straight from its definition: a sum over the kernel's positions.

    y[n, o, i] = b[o] + sum_c sum_k  kernel[o, c, k] * padded[n, g(o) C + c, s i + d k]

For one position k, the values s i + d k of all places i are a strided slice of the padded image: the window as seen
through that one hole of the kernel. The loop over k below is the sum over k; the product inside it sums over c.
"""

from collections.abc import Iterator
from itertools import product

import torch
from jaxtyping import Shaped
from torch import Tensor

from inkwise.convolution.setting import Setting
from inkwise.convolution.window import Axes


def direct(
    padded: Shaped[Tensor, "n c *padded"],
    kernel: Shaped[Tensor, "o depth *kernel"],
    bias: Shaped[Tensor, " o"] | None,
    setting: Setting,
) -> Shaped[Tensor, "n o *out"]:
    """Return the cross-correlation of a padded image, one multiply-add of the whole output for each position.

    Args:
        padded: The image with its padding, (N, groups * C, *padded).
        kernel: (C_out, C, *kernel), of the same dtype.
        bias: Added to each output channel.
        setting: How the kernel slides.
    """
    n, groups, depth = setting.batch, setting.groups, setting.depth
    each = setting.kernels // groups  # kernels of one group
    output = start(padded, bias, setting)  # (N, C_out, *out)
    sums = output.view(n * groups, each, -1)  # (N groups, kernels, places), the same memory
    positions: Iterator[Axes] = product(*map(range, setting.kernel))
    by_position = kernel.flatten(2).movedim(2, 0).contiguous()  # (m, C_out, C)
    for k, weights in zip(positions, by_position.unbind(), strict=True):
        window = padded[:, :, *places(k, setting)]  # (N, C_in, *out)
        if depth == each == 1:  # one kernel for each channel: nothing to sum over but k
            output.addcmul_(window, weights.reshape(-1, *(1,) * setting.rank))
        else:  # the sum over c, as a matrix product: (kernels, C) (C, places)
            repeated = weights.reshape(1, groups, each, depth).expand(n, -1, -1, -1)
            sums.baddbmm_(repeated.reshape(n * groups, each, depth), window.reshape(n * groups, depth, -1))
    return output


def places(k: Axes, setting: Setting) -> tuple[slice, ...]:
    """Return along each axis the padded image's values under position k of the kernel: s i + d k for every place i."""
    return tuple(
        slice(d * each, d * each + s * (size - 1) + 1, s)
        for each, d, s, size in zip(k, setting.dilation, setting.stride, setting.output_size, strict=True)
    )


def gradient_wanted(*tensors: Tensor | None) -> bool:
    """Return whether autograd is to remember what is done with any of these; None is left out."""
    return torch.is_grad_enabled() and any(each is not None and each.requires_grad for each in tensors)


def start(padded: Tensor, bias: Tensor | None, setting: Setting) -> Tensor:
    """Return an output to add to, (N, C_out, *out): the bias everywhere, or zeros."""
    if bias is None:
        return padded.new_zeros(setting.output_shape)
    return bias.reshape(-1, *(1,) * setting.rank).expand(setting.output_shape).clone()
