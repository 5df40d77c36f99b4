"""The weight gradient is autograd's, and the three operations are gradients of each other."""

import re
from typing import Any

import pytest
import torch
from hypothesis import given, settings
from tests.convolution_cases import CONVOLUTIONS, Case, cases, random
from torch import Tensor

from inkwise.convolution.correlation import correlate
from inkwise.convolution.gradient import weight_gradient
from inkwise.convolution.padding import pad
from inkwise.convolution.promotion import IntegerPromotion
from inkwise.convolution.setting import PADDING_MODES, Setting
from inkwise.convolution.transposed import transpose
from inkwise.errors import ShapeError, UnknownName, UsageError


@settings(max_examples=100, deadline=None)
@given(cases())
def test_it_is_autograds_gradient_for_the_kernel(case: Case) -> None:
    image_shape, kernel_shape, options = case
    setting = Setting.make(image_shape, kernel_shape, **options)
    x, kernel = random(*image_shape), random(*kernel_shape, seed=1).requires_grad_()
    padded = pad(x, setting.pads, setting.padding_mode)
    output = CONVOLUTIONS[setting.rank - 1](padded, kernel, None, setting.stride, 0, setting.dilation, setting.groups)
    y = random(*output.shape, seed=2)
    (expected,) = torch.autograd.grad(output, kernel, y)
    assert torch.allclose(weight_gradient(x, y, kernel_shape[2:], **options), expected, atol=1e-9)


@settings(max_examples=60, deadline=None)
@given(cases())
def test_the_three_operations_share_one_number(case: Case) -> None:
    # <correlate(x, w), y> = <x, transpose(y, w)> = <w, weight_gradient(x, y)>
    image_shape, kernel_shape, options = case
    x, w = random(*image_shape), random(*kernel_shape, seed=1)
    forward = correlate(x, w, **options)
    y = random(*forward.shape, seed=2)
    number = (forward * y).sum()
    assert torch.allclose((x * transpose(y, w, image_size=image_shape[2:], **options)).sum(), number, atol=1e-9)
    assert torch.allclose((w * weight_gradient(x, y, kernel_shape[2:], **options)).sum(), number, atol=1e-9)


@settings(max_examples=40, deadline=None)
@given(cases())
def test_each_operation_is_a_gradient_of_each_other(case: Case) -> None:
    image_shape, kernel_shape, options = case
    x, w = random(*image_shape).requires_grad_(), random(*kernel_shape, seed=1).requires_grad_()
    y = random(*Setting.make(image_shape, kernel_shape, **options).output_shape, seed=2).requires_grad_()
    size, reach = image_shape[2:], kernel_shape[2:]
    forward, back = correlate(x, w, **options), transpose(y, w, image_size=size, **options)
    weights = weight_gradient(x, y, reach, **options)
    for output, along, argument in (
        (forward, y, x),
        (forward, y, w),
        (back, x, y),
        (back, x, w),
        (weights, w, x),
        (weights, w, y),
    ):
        (gradient,) = torch.autograd.grad(output, argument, along, retain_graph=True)
        expected = back if argument is x else forward if argument is y else weights
        assert torch.allclose(gradient, expected, atol=1e-9)


def test_each_weight_collects_what_it_saw_times_the_error() -> None:
    image, error = torch.tensor([[[1, 2, 4, 8]]]), torch.tensor([[[1, 10]]])
    assert weight_gradient(image, error, 3).tolist() == [[[21, 42, 84]]]
    assert weight_gradient(image, error, 1, stride=3).tolist() == [[[81]]]


@pytest.mark.parametrize("padding_mode", PADDING_MODES)
def test_gradients_flow_to_image_and_values(padding_mode: str) -> None:
    x, y = random(2, 2, 3, 4).requires_grad_(), random(2, 4, 2, 2, seed=1).requires_grad_()

    def weights(x: Tensor, y: Tensor) -> Tensor:
        return weight_gradient(x, y, (2, 3), padding=1, padding_mode=padding_mode, stride=(2, 3), groups=2)

    assert torch.autograd.gradcheck(weights, (x, y))
    assert torch.autograd.gradgradcheck(weights, (x, y))


def test_whole_numbers_are_exact_and_said_to_be_int64() -> None:
    image, values = torch.full((1, 1, 3), 200, dtype=torch.uint8), torch.ones(1, 1, 2, dtype=torch.uint8)
    with pytest.warns(IntegerPromotion, match="from 400 to 400, and uint8 holds 0 to 255"):
        gradient = weight_gradient(image, values, 2)
    assert gradient.tolist() == [[[400, 400]]]
    assert gradient.dtype == torch.int64


def test_every_image_of_a_batch_counts_towards_the_bound_of_whole_numbers() -> None:
    image, values = torch.full((8, 1, 1), 2**31), torch.full((8, 1, 1), 2**30)
    with pytest.warns(IntegerPromotion, match="beyond int64's"):
        assert weight_gradient(image, values, 1).item() == 2.0**64


def test_half_precision_is_summed_in_float32() -> None:
    ones = torch.ones(1, 1, 3000, dtype=torch.float16)
    gradient = weight_gradient(ones, ones, 1)
    assert (gradient.dtype, gradient.item()) == (torch.float16, 3000)  # in float16 the sum stops at 2048


@pytest.mark.parametrize(
    ("image", "values", "options", "message"),
    [
        ((1, 2, 7), (1, 3, 4), {}, "The values are 1 x 3 x 4, and with these settings the output is 1 x 3 x 5"),
        ((2, 2, 7), (1, 3, 5), {}, "The values are 1 x 3 x 5, and with these settings the output is 2 x 3 x 5"),
        ((1, 2, 7), (1, 3, 5, 5), {}, "over the same axes; their shapes are (1, 2, 7) and (1, 3, 5, 5)"),
        ((7,), (5,), {}, "their shapes are (7,) and (5,)"),
        ((1, 2, 2), (1, 3, 1), {}, "A kernel of length 3 does not fit into an input of length 2"),
        ((1, 2, 0), (1, 3, 1), {}, "The image is empty"),
        ((1, 3, 7), (1, 3, 5), {"groups": 2}, "2 groups must divide both"),
        ((1, 2, 7), (1, 4, 5), {"groups": 5}, "2 channels and there are 4 kernels; 5 groups must divide both"),
        ((1, 2, 7), (1, 0, 5), {}, "The values are empty: their shape is 1 x 0 x 5; give at least one value."),
    ],
    ids=str,
)
def test_shapes_that_do_not_match_are_told(
    image: tuple[int, ...], values: tuple[int, ...], options: dict[str, Any], message: str
) -> None:
    with pytest.raises(ShapeError, match=re.escape(message)):
        weight_gradient(torch.ones(image), torch.ones(values), 3, **options)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"kernel_size": 0}, "The kernel size is 0; each must be a whole number of at least 1"),
        ({"kernel_size": (3, 3)}, r"The kernel size is \(3, 3\); give one number, or one for each axis"),
        ({"groups": 0}, "The number of groups is 0"),
        ({"stride": -1}, "The stride is -1"),
    ],
    ids=str,
)
def test_a_setting_out_of_its_range_is_told(options: dict[str, Any], message: str) -> None:
    with pytest.raises(UsageError, match=message):
        weight_gradient(torch.ones(1, 1, 3), torch.ones(1, 1, 3), **{"kernel_size": 1, **options})


def test_a_padding_mode_that_does_not_exist_is_told() -> None:
    with pytest.raises(UnknownName, match="no padding mode 'mirror'"):
        weight_gradient(torch.ones(1, 1, 3), torch.ones(1, 1, 3), 1, padding_mode="mirror")


def test_what_is_no_tensor_is_told() -> None:
    with pytest.raises(UsageError, match=r"A torch.Tensor is needed for the image"):
        weight_gradient([1, 2], torch.ones(1, 1, 3), 1)  # type: ignore[arg-type]
