"""Cross-correlation as a matrix product: what the kernel sees at each place becomes a column.

    y[n, o, i] = b[o] + sum_(c, k)  weights[o, (c, k)] * columns[n, (c, k), i]
    columns[n, (c, k), i] = padded[n, c, s i + d k]

The columns repeat every value of the image for each position of the kernel, so they are never there as a whole: they
are copied block by block into one buffer that stays in the processor's cache, since fresh memory costs more than the
product does. Where a gradient is wanted each block is made again in the backward pass instead of kept.
Source: Chellapilla, Puri and Simard 2006, "High performance convolutional neural networks for document processing".
"""

from collections.abc import Iterator
from functools import cache, partial
from math import prod
from typing import Final

import torch
from jaxtyping import Shaped
from torch import Tensor
from torch.utils.checkpoint import checkpoint

from inkwise.convolution.direct import gradient_wanted
from inkwise.convolution.setting import Setting

# Bytes of one block of columns. On 256 x 32 x 28 x 28 with 64 kernels of 3 x 3, 2 to 8 MiB were the fastest, by far.
BLOCK: Final = 4 * 2**20

# Below this many places in an image, all images' places together make one product. Measured on 256 images: 20 times
# faster with one place each, equal with 25.
FEW: Final = 25


def im2col(
    padded: Shaped[Tensor, "n c *padded"],
    kernel: Shaped[Tensor, "o depth *kernel"],
    bias: Shaped[Tensor, " o"] | None,
    setting: Setting,
    multiplied: torch.dtype | None = None,
) -> Shaped[Tensor, "n o *out"]:
    """Return the cross-correlation of a padded image as products of the weights and blocks of columns.

    Args:
        padded: The image with its padding, (N, groups * C, *padded).
        kernel: (C_out, C, *kernel), of the same dtype.
        bias: Added to each output channel.
        setting: How the kernel slides.
        multiplied: The dtype of the products and of what is returned; by default the one of the arguments. Gradients
            of all blocks together are added up in the arguments' dtype.
    """
    multiplied = multiplied or padded.dtype
    groups, each = setting.groups, setting.kernels // setting.groups
    weights = kernel.reshape(groups, each, -1)  # (groups, kernels, C m)
    added = None if bias is None else bias.reshape(groups, each, 1)
    if gradient_wanted(padded, kernel, bias):
        return _in_parts(padded, weights, added, setting, multiplied)
    padded, weights = padded.to(multiplied), weights.to(multiplied)
    added = None if added is None else added.to(multiplied)
    if prod(setting.output_size) < FEW:
        parts = torch.split(padded, _images(setting, padded.element_size()))
        return torch.cat([_by_rows(images, weights, added, setting, multiplied) for images in parts])
    output = padded.new_empty(setting.output_shape)
    seen = patches_first(padded, setting)
    buffer = padded.new_empty(0)
    for images, row, count in blocks(setting, padded.element_size()):
        block = seen[images].narrow(2 + setting.rank, row, count)
        if buffer.numel() < block.numel():
            buffer = padded.new_empty(block.numel())  # once: the first block is the largest
        columns = buffer[: block.numel()].view(block.shape).copy_(block)
        columns = columns.view(len(block), groups, weights.shape[-1], -1)
        _multiply(columns, weights, added, output[images, :, row : row + count])
    return output


def in_bfloat16(setting: Setting, device: torch.device) -> bool:
    """Return whether products of bfloat16 are taken as they are, summed in float32, rather than converted first.

    They are where the processor has them and a group has at least 8 kernels: below, they save nothing.
    """
    return device.type == "cpu" and setting.kernels >= 8 * setting.groups and _has_bfloat16_products()


@cache
def _has_bfloat16_products() -> bool:
    probes = ("_is_amx_tile_supported", "_is_avx512_bf16_supported")  # torch has no public way to ask
    return any(getattr(torch.cpu, probe, bool)() for probe in probes)


def patches(padded: Shaped[Tensor, "n c *padded"], setting: Setting) -> Tensor:
    """Return what the kernel sees at every place, as a view that copies nothing: (N, C_in, *out, *kernel).

    patches[n, c, i, k] = padded[n, c, s i + d k]

    Args:
        padded: The image with its padding, (N, C_in, *padded).
        setting: How the kernel slides.
    """
    view = padded
    for axis, (m, s, d) in enumerate(zip(setting.kernel, setting.stride, setting.dilation, strict=True), start=2):
        view = view.unfold(axis, d * (m - 1) + 1, s)[..., ::d]
    return view


def patches_first(padded: Tensor, setting: Setting) -> Tensor:
    """Return the same view with the kernel's positions before the places: (N, C_in, *kernel, *out)."""
    places = range(2, 2 + setting.rank)
    return patches(padded, setting).permute(0, 1, *(axis + setting.rank for axis in places), *places)


def blocks(setting: Setting, itemsize: int) -> Iterator[tuple[slice, int, int]]:
    """Yield what is made columns of at a time: images, and from which place along the first axis on how many."""
    images, first, rows = _images(setting, itemsize), setting.output_size[0], _rows(setting, itemsize)
    for n in range(0, setting.batch, images):
        for row in range(0, first, rows):
            yield slice(n, n + images), row, min(rows, first - row)


def _bytes(setting: Setting, itemsize: int) -> int:
    """Return the bytes of one image's columns."""
    return itemsize * setting.groups * setting.depth * prod(setting.kernel) * prod(setting.output_size)


def _images(setting: Setting, itemsize: int) -> int:
    """Return how many images' columns fit into one block; at least one."""
    return max(1, BLOCK // _bytes(setting, itemsize))


def _rows(setting: Setting, itemsize: int) -> int:
    """Return how many places along the first axis have their columns within one block; at least one."""
    return min(setting.output_size[0], max(1, setting.output_size[0] * BLOCK // _bytes(setting, itemsize)))


def _multiply(columns: Tensor, weights: Tensor, bias: Tensor | None, output: Tensor | None = None) -> Tensor:
    """Return weights times columns plus bias, (n groups, kernels, places), written into `output` where there is one."""
    n, groups, terms, places = columns.shape
    each = weights.shape[1]
    repeated = weights.expand(n, -1, -1, -1).reshape(n * groups, each, terms)
    columns = columns.view(n * groups, terms, places)
    into = None if output is None else output.view(n * groups, each, places)
    if bias is None:
        return torch.bmm(repeated, columns, out=into)
    start = bias.expand(n, -1, -1, -1).reshape(n * groups, each, 1)
    return torch.baddbmm(start, repeated, columns, out=into)


def _in_parts(
    padded: Tensor, weights: Tensor, bias: Tensor | None, setting: Setting, multiplied: torch.dtype
) -> Tensor:
    """Return the same with nothing in place, each block's columns made again when gradients are asked for.

    Memory is that of a few blocks beside the image and the output, with or without a gradient; at least of one row.
    """
    few = prod(setting.output_size) < FEW
    product = partial(_by_rows if few else _by_columns, setting=setting, multiplied=multiplied)
    again = partial(checkpoint, product, use_reentrant=False, preserve_rng_state=False)
    rows = setting.output_size[0] if few else _rows(setting, multiplied.itemsize)
    parts = []
    for images in torch.split(padded, _images(setting, multiplied.itemsize)):
        strips = [again(strip, weights, bias) for strip in _strips(images, setting, rows)]
        parts.append(strips[0] if len(strips) == 1 else torch.cat(strips, dim=2))
    return parts[0] if len(parts) == 1 else torch.cat(parts)


def _strips(images: Tensor, setting: Setting, rows: int) -> list[Tensor]:
    """Return what `rows` places after the other along the first axis see of the images; neighbours overlap.

    Cut out by unfolding, whose gradient goes through the image once, where that of one slice each would for each.
    """
    first, m, s, d = setting.output_size[0], setting.kernel[0], setting.stride[0], setting.dilation[0]
    if rows >= first:
        return [images]
    whole = images.unfold(2, s * (rows - 1) + d * (m - 1) + 1, s * rows)  # (n, C_in, strips, *others, size)
    strips = [strip.movedim(-1, 2) for strip in whole.unbind(2)]
    rest = first % rows
    return [*strips, images[:, :, s * (first - rest) :]] if rest else strips


def _by_columns(
    images: Tensor, weights: Tensor, bias: Tensor | None, setting: Setting, multiplied: torch.dtype
) -> Tensor:
    """Return the cross-correlation of some images or strips of them, with nothing in place."""
    n, (groups, _, terms) = len(images), weights.shape
    seen = patches_first(images, setting)  # (n, C_in, *kernel, *places)
    columns = seen.reshape(n, groups, terms, -1).to(multiplied)  # copied, then converted: faster than both at once
    added = None if bias is None else bias.to(multiplied)
    sums = _multiply(columns, weights.to(multiplied), added)
    return sums.reshape(n, setting.kernels, *seen.shape[2 + setting.rank :])


def _by_rows(images: Tensor, weights: Tensor, bias: Tensor | None, setting: Setting, multiplied: torch.dtype) -> Tensor:
    """Return the same with a row for each place of all images: one product where each image has few places."""
    n, (groups, each, terms) = len(images), weights.shape
    seen = patches(images, setting).movedim(1, 1 + setting.rank)  # (n, *out, C_in, *kernel)
    rows = seen.reshape(-1, groups, terms).to(multiplied).transpose(0, 1)  # (groups, n places, C m)
    turned = weights.to(multiplied).transpose(1, 2)
    if bias is None:
        sums = torch.bmm(rows, turned)
    else:
        sums = torch.baddbmm(bias.reshape(groups, 1, each).to(multiplied), rows, turned)
    sums = sums.reshape(groups, n, *setting.output_size, each)
    return sums.movedim((0, -1), (1, 2)).reshape(n, setting.kernels, *setting.output_size)
