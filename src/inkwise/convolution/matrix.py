"""The convolution as a matrix: linear in the image, so one sparse matrix holds a whole setting.

Rows are the output's values and columns the image's, each numbered channel by channel and row by row, as `flatten`
does. With a stride of 1 the matrix of one kernel is constant along its diagonals over one axis (Toeplitz), and made
of such blocks, constant along the diagonals of blocks, over two (doubly blocked Toeplitz); Goodfellow, Bengio and
Courville 2016, section 9.1. Its transpose is `transpose`. Only the links between values are ever stored: memory
grows with their number, never with rows times columns.
"""

from math import prod
from typing import Final

import torch
from jaxtyping import Int64, Shaped
from torch import Tensor

from inkwise.convolution.padding import sources
from inkwise.convolution.promotion import Given, Promotion, check_tensors
from inkwise.convolution.setting import Setting
from inkwise.convolution.transposed import image_shape
from inkwise.convolution.window import Each, Padding, Whole
from inkwise.errors import UsageError

Links = tuple[Int64[Tensor, " links"], Int64[Tensor, " links"], Int64[Tensor, " links"]]
LINK: Final = 80  # bytes of a link while the matrix is sorted, measured; 16 and its value's own once it is made
MOST: Final = 16e9  # bytes that a matrix may take while it is made


def as_matrix(
    kernel: Given,
    image_size: Each,
    *,
    mode: str = "valid",
    padding: Padding | None = None,
    padding_mode: str = "zeros",
    stride: Each = 1,
    dilation: Each = 1,
    groups: Whole = 1,
) -> Shaped[Tensor, "rows columns"]:
    """Return the matrix A of a cross-correlation: A @ image.flatten() equals correlate(image, kernel).flatten().

        A[(o, i), (c, t)] = sum over k of w[o, c, k] where the padded image has a copy of t at s i + d k

    Along an axis without padding that is w[o, c, k] at t = s i + d k, and nothing elsewhere. Where padding repeats a
    value, all weights that meet a copy of it add up.

    Args:
        kernel: (C_out, C_in / groups, *kernel), over one to three axes.
        image_size: The image's size along each axis; one number holds for every axis.
        mode: "valid", "same", "full" or "causal"; see `Setting.make`.
        padding: Values to add instead of by a mode.
        padding_mode: "zeros", "reflect", "replicate" or "wrap".
        stride: Steps between two places.
        dilation: Steps between two values of the kernel.
        groups: Blocks of channels that do not see each other.

    Returns:
        A sparse COO tensor, coalesced: C_out times the output's size rows, C_in times the image's size columns; of the
        kernel's dtype, int64 where that holds whole numbers. A weight of 0 is stored like any other, so that a
        gradient can reach it.

    Raises:
        ShapeError: The kernel has the wrong axes, is empty, or does not fit into the image.
        UsageError: The kernel is no tensor of real numbers, a setting is out of its range (see `Setting.make`), or
            making the matrix would take more than 16 GB: 80 bytes for each link.

    Warns:
        IntegerPromotion: The dtype of the whole numbers given could not have held weights that add up.

    Example:
        >>> import torch
        >>> as_matrix(torch.tensor([[[1, 2, 3]]]), 5).to_dense()
        tensor([[1, 2, 3, 0, 0],
                [0, 1, 2, 3, 0],
                [0, 0, 1, 2, 3]])
    """
    check_tensors(kernel=kernel)
    setting = Setting.make(
        image_shape(kernel.shape, image_size, groups),
        kernel.shape,
        mode=mode,
        padding=padding,
        padding_mode=padding_mode,
        stride=stride,
        dilation=dilation,
        groups=groups,
    )
    _check_memory(setting)
    adding = setting.padding_mode != "zeros" and any(map(any, setting.pads))  # weights that meet copies of one value
    weights = kernel.flatten(0, 1).flatten(1) if adding else kernel.reshape(-1, 1)  # (sums, terms of one at most)
    promotion = Promotion.of(torch.ones(1, dtype=kernel.dtype, device=kernel.device), weights)
    links = _matrix(kernel.to(promotion.computed), setting)
    if promotion.given.is_floating_point:
        return links.to(promotion.returned)
    values = promotion.give(links.values(), caller=2) if links.values().numel() else links.values().to(torch.int64)
    return torch.sparse_coo_tensor(links.indices(), values, links.shape, check_invariants=False, is_coalesced=True)


def _matrix(kernel: Tensor, setting: Setting) -> Tensor:
    """Return the matrix in the kernel's dtype, coalesced."""
    weight, place, source = (part.to(kernel.device) for part in _links(setting))
    outputs, inputs = prod(setting.output_size), prod(setting.space)
    o = torch.arange(setting.kernels, device=kernel.device)[:, None, None]
    c = torch.arange(setting.depth, device=kernel.device)[:, None]
    first = o // (setting.kernels // setting.groups) * setting.depth  # the first channel of the kernel's group
    values = kernel.flatten(2)[:, :, weight]  # (C_out, C_in / groups, links)
    rows = (o * outputs + place).expand_as(values)
    columns = (first + c) * inputs + source
    return torch.sparse_coo_tensor(
        torch.stack((rows.flatten(), columns.flatten())),
        values.flatten(),
        (setting.kernels * outputs, setting.groups * setting.depth * inputs),
        check_invariants=False,
    ).coalesce()


def _check_memory(setting: Setting) -> None:
    """Raise UsageError where the matrix has too many links to be made."""
    links = setting.kernels * setting.depth
    for n, m, s, d, size, (before, _) in zip(
        setting.space, setting.kernel, setting.stride, setting.dilation, setting.output_size, setting.pads, strict=True
    ):
        if (
            setting.padding_mode == "zeros"
        ):  # the places where position k stands on the image: 0 <= s i + d k - before < n
            starts = (before - d * k for k in range(m))
            links *= sum(max(0, min(size, -(-(t + n) // s)) - max(0, -(-t // s))) for t in starts)
        else:
            links *= m * size
    if links * LINK > MOST:
        raise UsageError(
            f"The matrix has {links:,} links between values, and making it takes about {links * LINK / 1e9:,.0f} GB; "
            f"at most {MOST / 1e9:.0f} GB are taken: give a smaller image, or use correlate, which needs no matrix."
        )


def _links(setting: Setting) -> Links:
    """Return for each product of one channel the kernel's value, the output's and the image's, by flat number.

    A product with a zero of the padding is left out. What is left out along one axis is left out whatever the other
    axes say, so the links are all combinations of the axes' links.
    """
    weight = place = source = torch.zeros(1, dtype=torch.int64)
    for axis, (n, m, size) in enumerate(zip(setting.space, setting.kernel, setting.output_size, strict=True)):
        k, i = torch.arange(m)[:, None], torch.arange(size)
        before, after = setting.pads[axis]
        copied = sources(n, before, after, setting.padding_mode)
        origin = copied[setting.stride[axis] * i + setting.dilation[axis] * k]  # (m, size)
        k, i, t = (part.expand_as(origin)[origin >= 0] for part in (k, i, origin))
        weight = (weight[:, None] * m + k).flatten()
        place = (place[:, None] * size + i).flatten()
        source = (source[:, None] * n + t).flatten()
    return weight, place, source
