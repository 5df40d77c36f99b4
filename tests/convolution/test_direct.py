"""The definition, against the definition: sums written out one by one."""

from itertools import product

import pytest
import torch
from torch import Tensor

from inkwise.convolution.direct import direct, places
from inkwise.convolution.setting import Setting


def written_out(padded: Tensor, kernel: Tensor, bias: Tensor, setting: Setting) -> Tensor:
    """y[n, o, i] = b[o] + sum_c sum_k kernel[o, c, k] * padded[n, g(o) C + c, s i + d k], with no tensor operation."""
    output = torch.empty(setting.output_shape, dtype=padded.dtype)
    each = setting.kernels // setting.groups
    for n, o, *i in product(*map(range, setting.output_shape)):
        total = bias[o].item()
        for c, *k in product(*map(range, kernel.shape[1:])):
            at = [s * a + d * b for s, a, d, b in zip(setting.stride, i, setting.dilation, k, strict=True)]
            total += kernel[(o, c, *k)].item() * padded[(n, o // each * setting.depth + c, *at)].item()
        output[(n, o, *i)] = total
    return output


@pytest.mark.parametrize(
    ("image", "kernel", "groups", "stride", "dilation"),
    [
        ((2, 1, 7), (1, 1, 3), 1, 2, 1),
        ((1, 4, 6), (4, 2, 2), 2, 1, 3),
        ((1, 3, 6), (3, 1, 2), 3, 2, 2),
        ((2, 2, 5, 4), (3, 2, 2, 3), 1, 1, 1),
        ((1, 1, 4, 3, 5), (2, 1, 2, 2, 3), 1, 1, 1),
    ],
    ids=["one", "groups", "depthwise", "plane", "volume"],
)
def test_it_is_the_definition(
    image: tuple[int, ...], kernel: tuple[int, ...], groups: int, stride: int, dilation: int
) -> None:
    generator = torch.Generator().manual_seed(0)
    padded, weights = (torch.randint(-9, 10, shape, generator=generator) for shape in (image, kernel))
    bias = torch.randint(-9, 10, kernel[:1], generator=generator)
    setting = Setting.make(image, kernel, groups=groups, stride=stride, dilation=dilation)
    assert torch.equal(direct(padded, weights, bias, setting), written_out(padded, weights, bias, setting))


def test_a_position_of_the_kernel_sees_a_slice_of_the_image() -> None:
    setting = Setting.make((1, 1, 10), (1, 1, 3), stride=2, dilation=3)  # places 0 and 2; the kernel at 0, 3 and 6
    assert [torch.arange(10)[places((k,), setting)].tolist() for k in range(3)] == [[0, 2], [3, 5], [6, 8]]


def test_without_a_bias_sums_begin_at_zero() -> None:
    setting = Setting.make((1, 2, 4), (2, 1, 2), groups=2)
    assert direct(torch.ones(1, 2, 4), torch.ones(2, 1, 2), None, setting).tolist() == [[[2.0] * 3] * 2]
