"""The transpose is the adjoint of the correlation over all settings, and what torch makes of the same."""

import re
from typing import Any

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.convolution_cases import CONVOLUTIONS, Case, cases, random
from torch import Tensor
from torch.nn import functional

from inkwise.convolution.correlation import correlate
from inkwise.convolution.padding import pad
from inkwise.convolution.promotion import IntegerPromotion
from inkwise.convolution.setting import PADDING_MODES, Setting
from inkwise.convolution.transposed import transpose
from inkwise.errors import ShapeError, UnknownName, UsageError

TRANSPOSED = (functional.conv_transpose1d, functional.conv_transpose2d, functional.conv_transpose3d)


def convolved_by_torch(image: Tensor, kernel: Tensor, setting: Setting) -> Tensor:
    padded = pad(image, setting.pads, setting.padding_mode)
    convolution = CONVOLUTIONS[setting.rank - 1]
    return convolution(padded, kernel, None, setting.stride, 0, setting.dilation, setting.groups)


@settings(max_examples=120, deadline=None)
@given(cases())
def test_it_is_the_adjoint_of_the_correlation(case: Case) -> None:
    image_shape, kernel_shape, options = case
    x, kernel = random(*image_shape), random(*kernel_shape, seed=1)
    correlated = correlate(x, kernel, **options)
    y = random(*correlated.shape, seed=2)
    back = transpose(y, kernel, image_size=image_shape[2:], **options)
    assert back.shape == x.shape
    assert torch.allclose((correlated * y).sum(), (x * back).sum(), atol=1e-9)


@settings(max_examples=80, deadline=None)
@given(cases())
def test_it_is_autograds_gradient_for_the_image(case: Case) -> None:
    image_shape, kernel_shape, options = case
    x, kernel = random(*image_shape).requires_grad_(), random(*kernel_shape, seed=1)
    output = convolved_by_torch(x, kernel, Setting.make(image_shape, kernel_shape, **options))
    y = random(*output.shape, seed=2)
    (expected,) = torch.autograd.grad(output, x, y)
    assert torch.allclose(transpose(y, kernel, image_size=image_shape[2:], **options), expected, atol=1e-9)


@settings(max_examples=80, deadline=None)
@given(cases(), st.integers(0, 2))
def test_it_is_torchs_conv_transpose(case: Case, padding: int) -> None:
    image_shape, kernel_shape, options = case
    stride, dilation, groups = options["stride"], options["dilation"], options["groups"]
    setting = Setting.make(image_shape, kernel_shape, padding=padding, stride=stride, dilation=dilation, groups=groups)
    y, kernel = random(*setting.output_shape), random(*kernel_shape, seed=1)
    smallest = tuple(
        s * (size - 1) + d * (m - 1) + 1 - 2 * padding
        for size, m, s, d in zip(setting.output_size, setting.kernel, stride, dilation, strict=True)
    )
    extra = tuple(n - least for n, least in zip(setting.space, smallest, strict=True))  # output_padding, for torch
    expected = TRANSPOSED[setting.rank - 1](y, kernel, None, stride, padding, extra, groups, dilation)
    back = transpose(
        y, kernel, image_size=setting.space, padding=padding, stride=stride, dilation=dilation, groups=groups
    )
    assert torch.allclose(back, expected, atol=1e-9)


@settings(max_examples=60, deadline=None)
@given(cases())
def test_without_a_size_it_takes_the_smallest_that_gives_the_values(case: Case) -> None:
    image_shape, kernel_shape, options = case
    y = torch.ones(Setting.make(image_shape, kernel_shape, **options).output_shape)
    back = transpose(y, torch.ones(kernel_shape), **options)
    assert Setting.make(back.shape, kernel_shape, **options).output_shape == tuple(y.shape)
    assert all(n <= given for n, given in zip(back.shape, image_shape, strict=True))
    for axis in range(2, back.ndim):
        shape = list(back.shape)
        shape[axis] -= 1
        if shape[axis]:
            with pytest.raises(ShapeError, match=r"does not give with these settings|does not fit"):
                transpose(y, torch.ones(kernel_shape), image_size=shape[2:], **options)


def test_each_value_is_spread_by_the_kernel() -> None:
    kernel = torch.tensor([[[1, 2, 3]]])
    assert transpose(torch.tensor([[[1, 10]]]), kernel).tolist() == [[[1, 12, 23, 30]]]
    assert transpose(torch.tensor([[[1, 10]]]), kernel, stride=4).tolist() == [[[1, 2, 3, 0, 10, 20, 30]]]
    assert transpose(torch.tensor([[[1, 10]]]), kernel, stride=4, image_size=10).shape == (1, 1, 10)


def test_a_repeated_edge_gets_back_what_its_copies_saw() -> None:
    one, kernel = torch.ones(1, 1, 3), torch.tensor([[[1.0, 10.0, 100.0]]])
    back = transpose(one, kernel, mode="same", padding_mode="replicate")
    assert back.tolist() == [[[1 + 1 + 10, 1 + 10 + 100, 10 + 100 + 100]]]


@pytest.mark.parametrize("padding_mode", PADDING_MODES)
def test_gradients_flow_to_values_and_kernel(padding_mode: str) -> None:
    y, kernel = random(1, 4, 2, 2).requires_grad_(), random(4, 1, 2, 3, seed=1).requires_grad_()

    def back(y: Tensor, kernel: Tensor) -> Tensor:
        return transpose(y, kernel, image_size=(3, 3), padding=1, padding_mode=padding_mode, stride=2, groups=2)

    assert torch.autograd.gradcheck(back, (y, kernel))
    assert torch.autograd.gradgradcheck(back, (y, kernel))


def test_whole_numbers_are_exact_and_said_to_be_int64() -> None:
    values, kernel = torch.full((1, 1, 3), 200, dtype=torch.uint8), torch.ones(1, 1, 2, dtype=torch.uint8)
    with pytest.warns(IntegerPromotion, match="from 200 to 400, and uint8 holds 0 to 255"):
        back = transpose(values, kernel)
    assert back.tolist() == [[[200, 400, 400, 200]]]
    assert back.dtype == torch.int64


def test_copies_of_a_whole_number_count_towards_its_bound() -> None:
    values, kernel = torch.full((1, 1, 9), 2**60), torch.ones(1, 1, 1, dtype=torch.int64)
    with pytest.warns(IntegerPromotion, match="beyond int64's"):
        back = transpose(values, kernel, image_size=1, padding=4, padding_mode="replicate")
    assert back.item() == 9 * 2.0**60


def test_half_precision_is_summed_in_float32() -> None:
    back = transpose(torch.ones(1, 3000, 1, dtype=torch.float16), torch.ones(3000, 1, 1, dtype=torch.float16))
    assert back.dtype == torch.float16
    assert back.item() == 3000  # in float16 the sum stops at 2048


@pytest.mark.parametrize(
    ("values", "kernel", "options", "message"),
    [
        ((1, 2, 7), (3, 1, 3), {}, r"Values are (N, 3, *space) here, a channel for each of the kernels"),
        ((1, 3, 7, 7), (3, 1, 3), {}, r"axes as the kernel's 1, none of them empty; they have shape (1, 3, 7, 7)"),
        ((1, 3, 0), (3, 1, 3), {}, r"they have shape (1, 3, 0)"),
        ((1, 3, 7), (3,), {}, r"over one to three axes, and was given shape (3,); a single kernel k becomes one with"),
        ((1, 3, 7), (3, 1, 0), {}, "The kernel is empty"),
        ((1, 3, 7), (3, 1, 3), {"groups": 2}, "2 groups must divide both"),
        (
            (1, 3, 7),
            (3, 1, 3),
            {"stride": 2, "image_size": 20},
            "which an image of length 20 does not give with these settings; one of length 15 to 16 does",
        ),
        ((1, 3, 7), (3, 1, 3), {"image_size": 20}, "one of length 9 does"),
        ((1, 1, 3, 3), (1, 1, 3, 3), {"image_size": (5, 6)}, "width 3, which an image of width 6 does not give"),
        (
            (1, 3, 2),
            (3, 1, 3),
            {"mode": "full"},
            "The values have length 2, and no image gives so little with this padding: length 1 gives 3 already",
        ),
    ],
    ids=lambda value: str(value) if isinstance(value, dict) else None,
)
def test_values_that_do_not_fit_are_told_what_does(
    values: tuple[int, ...], kernel: tuple[int, ...], options: dict[str, Any], message: str
) -> None:
    with pytest.raises(ShapeError, match=re.escape(message)):
        transpose(torch.ones(values), torch.ones(kernel), **options)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"image_size": 0}, "The image size is 0; each must be a whole number of at least 1"),
        ({"image_size": (3, 3)}, r"The image size is \(3, 3\); give one number, or one for each axis"),
        ({"groups": 0}, "The number of groups is 0"),
        ({"stride": 0}, "The stride is 0"),
        ({"dilation": 0}, "The dilation is 0"),
    ],
    ids=str,
)
def test_a_setting_out_of_its_range_is_told(options: dict[str, Any], message: str) -> None:
    with pytest.raises(UsageError, match=message):
        transpose(torch.ones(1, 1, 3), torch.ones(1, 1, 3), **options)


def test_a_mode_that_does_not_exist_is_told() -> None:
    with pytest.raises(UnknownName, match=r"no mode 'valide'. Did you mean 'valid'"):
        transpose(torch.ones(1, 1, 3), torch.ones(1, 1, 3), mode="valide")


def test_what_is_no_tensor_or_lies_elsewhere_is_told() -> None:
    with pytest.raises(UsageError, match=r"A torch.Tensor is needed for the kernel"):
        transpose(torch.ones(1, 1, 3), [1, 2])  # type: ignore[arg-type]
    with pytest.raises(UsageError, match=r"On different devices: values on cpu, kernel on meta"):
        transpose(torch.ones(1, 1, 3), torch.ones(1, 1, 3, device="meta"))
    with pytest.raises(UsageError, match="complex64"):
        transpose(torch.ones(1, 1, 3), torch.ones(1, 1, 3, dtype=torch.complex64))
