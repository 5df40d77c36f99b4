"""The weight gradient: from the error of the output to the error of the weights, the third of the three operations.

    convolution      image, kernel -> values       y = correlate(x, w)
    transpose        values, kernel -> image       the gradient of <y, e> for x, at the error e
    weight gradient  image, values -> kernel       the gradient of <y, e> for w, at the error e

<correlate(x, w), e> is linear in each of x, w and e. So each operation is what remains of it when one of the three is
taken away, and each is, up to the roles, a gradient of the others: training needs these three and no more
(Goodfellow, Bengio and Courville 2016, section 9.5).
"""

from itertools import product

import torch
from jaxtyping import Shaped
from torch import Tensor

from inkwise.convolution.direct import places
from inkwise.convolution.padding import pad
from inkwise.convolution.promotion import Given, Promotion, check_tensors
from inkwise.convolution.setting import Setting, checked_groups, spatial_rank
from inkwise.convolution.window import Each, Padding, Whole, per_axis, spelled
from inkwise.errors import ShapeError


def weight_gradient(
    image: Given,
    values: Given,
    kernel_size: Each,
    *,
    mode: str = "valid",
    padding: Padding | None = None,
    padding_mode: str = "zeros",
    stride: Each = 1,
    dilation: Each = 1,
    groups: Whole = 1,
) -> Shaped[Tensor, "o c *kernel"]:
    """Return the gradient of <correlate(image, kernel), values> for the kernel: the image correlated with the error.

        dw[o, c, k] = sum_n sum_i values[n, o, i] * padded[n, g(o) C + c, s i + d k]

    The kernel itself is not needed, since its correlation is linear in it. With an error of the output in `values`,
    this is how the error changes with each weight. The other two of the three operations are `correlate`, from image
    to values, and `transpose`, the gradient for the image; each of the three is a gradient of the others.

    Written to be read beside its formula, one step for each position k, and several times slower than torch's own:
    train with torch.nn.functional.

    Args:
        image: (N, C_in, *space), what the kernel slid over. Whole numbers are computed exactly and returned as int64.
        values: (N, C_out, *out), of the shape that `correlate` returns with the same settings.
        kernel_size: The kernel's size along each axis; one number holds for every axis.
        mode: "valid", "same", "full" or "causal", as in `correlate`.
        padding: Values that were added instead of by a mode.
        padding_mode: "zeros", "reflect", "replicate" or "wrap".
        stride: Steps between two places.
        dilation: Steps between two values of the kernel.
        groups: Blocks of channels that do not see each other.

    Returns:
        (C_out, C_in / groups, *kernel_size).

    Raises:
        ShapeError: Axes or channels do not match, something is empty, or the values are not of the output's shape.
        UsageError: What is no tensor, tensors on different devices, complex numbers, or a setting out of its range.
        UnknownName: A mode or padding mode that does not exist.

    Warns:
        IntegerPromotion: The dtype of the whole numbers given could not have held the result.

    Example:
        >>> import torch
        >>> weight_gradient(torch.tensor([[[1, 2, 4, 8]]]), torch.tensor([[[1, 10]]]), 3)
        tensor([[[21, 42, 84]]])
    """
    check_tensors(image=image, values=values)
    if image.ndim != values.ndim or image.ndim < 3:
        raise ShapeError(
            f"Image and values are (N, channels, *space) over the same axes; their shapes are {tuple(image.shape)} and "
            f"{tuple(values.shape)}."
        )
    sizes = per_axis("kernel size", kernel_size, spatial_rank("image", image.shape))
    if 0 in values.shape:
        raise ShapeError(f"The values are empty: their shape is {spelled(values.shape)}; give at least one value.")
    depth = image.shape[1] // checked_groups(image.shape[1], values.shape[1], groups)
    setting = Setting.make(
        image.shape,
        (values.shape[1], depth, *sizes),
        mode=mode,
        padding=padding,
        padding_mode=padding_mode,
        stride=stride,
        dilation=dilation,
        groups=groups,
    )
    if tuple(values.shape) != setting.output_shape:
        raise ShapeError(
            f"The values are {spelled(values.shape)}, and with these settings the output is "
            f"{spelled(setting.output_shape)}; give values of that shape."
        )
    promotion = Promotion.of(image, values, kept=1)
    padded = pad(image.to(promotion.computed), setting.pads, setting.padding_mode)
    n, groups, each = setting.batch, setting.groups, setting.kernels // setting.groups
    y = values.to(promotion.computed).reshape(n, groups, each, -1)  # places flattened
    products = []
    for k in product(*map(range, setting.kernel)):
        x = padded[:, :, *places(k, setting)].reshape(n, groups, setting.depth, -1)
        products.append(torch.einsum("ngoi,ngci->goc", y, x))
    return promotion.give(torch.stack(products, dim=-1).reshape(setting.kernel_shape), caller=2)
