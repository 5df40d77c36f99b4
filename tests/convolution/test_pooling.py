"""Pooling against torch's own, by hand, at its edges, and what each mistake is told."""

import math
import re
from typing import Any

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import Tensor
from torch.nn import functional
from torch.utils._python_dispatch import TorchDispatchMode

from inkwise.convolution.pooling import KINDS, gaussian_weights, pool
from inkwise.errors import ShapeError, UnknownName, UsageError

MAX = (functional.max_pool1d, functional.max_pool2d, functional.max_pool3d)
AVERAGE = (functional.avg_pool1d, functional.avg_pool2d, functional.avg_pool3d)
CONVOLUTIONS = (functional.conv1d, functional.conv2d, functional.conv3d)
Case = tuple[Tensor, tuple[int, ...], tuple[int, ...], tuple[int, ...]]  # image, size, stride, padding


@st.composite
def cases(draw: st.DrawFn) -> Case:
    rank = draw(st.integers(1, 3))
    size = tuple(draw(st.integers(1, 4)) for _ in range(rank))
    stride = tuple(draw(st.integers(1, 5)) for _ in range(rank))
    padding = tuple(draw(st.integers(0, m // 2)) for m in size)
    least = [max(1, m - 2 * p) for m, p in zip(size, padding, strict=True)]
    space = tuple(n + draw(st.integers(0, 4)) for n in least)
    image = random(draw(st.integers(1, 2)), draw(st.integers(1, 2)), *space)
    return (image * 2).round() if draw(st.booleans()) else image, size, stride, padding  # rounded: many are equal


def random(*shape: int, seed: int = 0) -> Tensor:
    return torch.randn(shape, generator=torch.Generator().manual_seed(seed), dtype=torch.float64)


def with_zeros(image: Tensor, padding: tuple[int, ...]) -> Tensor:
    """Pad by hand: torch's average pooling refuses a window larger than the image without its padding."""
    return functional.pad(image, [amount for p in reversed(padding) for amount in (p, p)])


@settings(max_examples=80, deadline=None)
@given(cases())
def test_the_maximum_and_its_gradient_are_torchs(case: Case) -> None:
    image, size, stride, padding = case
    image.requires_grad_()
    expected = MAX[len(size) - 1](image, size, stride, padding)
    pooled = pool(image, size, stride=stride, padding=padding)
    assert torch.equal(pooled, expected)
    error = random(*pooled.shape, seed=1)
    ours, theirs = (torch.autograd.grad(each, image, error)[0] for each in (pooled, expected))
    assert torch.allclose(ours, theirs)


@settings(max_examples=80, deadline=None)
@given(cases())
def test_the_average_is_torchs(case: Case) -> None:
    image, size, stride, padding = case
    expected = AVERAGE[len(size) - 1](with_zeros(image, padding), size, stride)
    assert torch.allclose(pool(image, size, kind="average", stride=stride, padding=padding), expected)


def test_padding_counts_towards_the_average_as_it_does_in_torch() -> None:
    image = random(1, 2, 5, 6)
    assert torch.allclose(pool(image, 3, kind="average", padding=1), functional.avg_pool2d(image, 3, padding=1))


@settings(max_examples=80, deadline=None)
@given(cases())
def test_the_norm_is_that_of_each_window(case: Case) -> None:
    image, size, stride, padding = case
    squares = AVERAGE[len(size) - 1](with_zeros(image**2, padding), size, stride) * math.prod(size)
    assert torch.allclose(pool(image, size, kind="l2", stride=stride, padding=padding), squares.sqrt())


def test_the_norm_is_torchs_lp_pool() -> None:
    image = random(2, 3, 7, 8)
    assert torch.allclose(pool(image, (2, 3), kind="l2"), functional.lp_pool2d(image, 2, (2, 3)))
    assert torch.allclose(pool(image[0], 3, kind="l2", stride=1), functional.lp_pool1d(image[0], 2, 3, 1))


@settings(max_examples=80, deadline=None)
@given(cases(), st.floats(0.2, 5))
def test_the_gaussian_average_is_a_convolution_of_each_channel(case: Case, deviation: float) -> None:
    image, size, stride, padding = case
    weights = torch.ones((), dtype=torch.float64)
    for m in size:
        offsets = torch.arange(m, dtype=torch.float64) - (m - 1) / 2
        weights = weights[..., None] * torch.exp(-(offsets**2) / (2 * deviation**2))
    kernel = (weights / weights.sum()).expand(image.shape[1], 1, *size)
    expected = CONVOLUTIONS[len(size) - 1](image, kernel, None, stride, padding, 1, image.shape[1])
    pooled = pool(image, size, kind="gaussian", stride=stride, padding=padding, deviation=deviation)
    assert torch.allclose(pooled, expected)


def test_the_gaussian_weights_fall_with_the_distance_from_the_centre() -> None:
    weights = gaussian_weights((5, 4), (1.25, 1.0))
    assert torch.allclose(weights.sum(), torch.tensor(1.0, dtype=torch.float64))
    assert torch.allclose(weights, weights.flip(0, 1))
    assert weights[2, 1] == weights.max()
    assert weights[0, 1] / weights[2, 1] == pytest.approx(math.exp(-(2**2) / (2 * 1.25**2)))
    assert weights[2, 0] / weights[2, 1] == pytest.approx(math.exp(-(1.5**2 - 0.5**2) / 2))


def test_a_deviation_is_by_default_a_quarter_of_the_window() -> None:
    image = random(1, 1, 6, 8)
    expected = pool(image, (4, 6), kind="gaussian", deviation=(1.0, 1.5))
    assert torch.equal(pool(image, (4, 6), kind="gaussian"), expected)
    assert torch.equal(pool(image, 4, kind="gaussian"), pool(image, 4, kind="gaussian", deviation=1))


@pytest.mark.parametrize(("size", "expected"), [(3, 5.0), (4, 5.5)])
def test_a_narrow_gaussian_leaves_the_centre_and_a_wide_one_the_average(size: int, expected: float) -> None:
    image = torch.tensor([[[4.0, 5.0, 6.0, 9.0][:size]]], dtype=torch.float64)
    assert pool(image, size, kind="gaussian", deviation=1e-300).item() == expected
    assert pool(image, size, kind="gaussian", deviation=1e300).item() == pytest.approx(image.mean().item())


def test_windows_touch_unless_a_stride_is_given() -> None:
    image = torch.arange(7.0)[None, None]
    assert pool(image, 3).tolist() == [[[2, 5]]]
    assert pool(image, 3, stride=2).tolist() == [[[2, 4, 6]]]


def test_padding_may_differ_before_and_after() -> None:
    image = torch.tensor([[[1.0, 2.0, 3.0]]])
    assert pool(image, 2, kind="average", padding=((1, 0),)).tolist() == [[[0.5, 2.5]]]


@pytest.mark.parametrize("dtype", [torch.int64, torch.int8, torch.uint8, torch.float16, torch.float32])
def test_padding_never_wins_the_maximum(dtype: torch.dtype) -> None:
    image = torch.full((1, 1, 2, 2), 0 if dtype == torch.uint8 else -7, dtype=dtype)
    pooled = pool(image, 2, padding=1)
    assert pooled.dtype == dtype
    assert torch.equal(pooled, image)


def test_the_maximum_of_booleans_is_whether_any_is_true() -> None:
    image = torch.tensor([[[False, False, True, False]]])
    assert pool(image, 2, padding=1).tolist() == [[[False, True, False]]]


@pytest.mark.parametrize(("kind", "expected"), [("average", 150.0), ("l2", math.hypot(100, 200)), ("gaussian", 150.0)])
@pytest.mark.parametrize("dtype", [torch.uint8, torch.int64, torch.float16], ids=str)
def test_the_others_do_not_overflow_a_narrow_dtype(kind: str, expected: float, dtype: torch.dtype) -> None:
    pooled = pool(torch.tensor([[[100, 200]]]).to(dtype), 2, kind=kind)
    assert pooled.item() == pytest.approx(expected, rel=1e-3)
    assert pooled.dtype == (dtype if dtype.is_floating_point else torch.get_default_dtype())


def test_a_large_norm_of_half_precision_is_computed_in_float32() -> None:
    assert pool(torch.full((1, 1, 4), 1000, dtype=torch.float16), 4, kind="l2").item() == 2000


@pytest.mark.parametrize("kind", KINDS[1:])
def test_half_precision_is_rounded_once(kind: str) -> None:
    image = random(4, 4, 50).half()
    pooled, exact = pool(image, 5, kind=kind).double(), pool(image.double(), 5, kind=kind)
    assert torch.allclose(pooled, exact, rtol=1.01 * 2**-11, atol=1e-6)


@pytest.mark.parametrize("kind", KINDS)
def test_a_value_that_is_no_number_is_not_hidden(kind: str) -> None:
    pooled = pool(torch.tensor([[[1.0, math.nan, 2.0, 3.0]]]), 2, kind=kind)
    assert pooled.isnan().tolist() == [[[True, False]]]


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("rank", [1, 2, 3])
def test_gradients_flow(kind: str, rank: int) -> None:
    image = random(1, 2, *(4, 3, 2)[:rank]).requires_grad_()
    assert torch.autograd.gradcheck(lambda x: pool(x, 2, kind=kind, stride=1, padding=1), (image,))


def test_the_norm_of_zeros_has_the_gradient_zero() -> None:
    image = torch.zeros(1, 1, 4, requires_grad=True)
    (gradient,) = torch.autograd.grad(pool(image, 2, kind="l2").sum(), image)
    assert gradient.tolist() == [[[0, 0, 0, 0]]]


def test_the_norm_of_zeros_has_every_derivative_zero_and_others_their_own() -> None:
    image = torch.tensor([[[0.0, 0.0, 3.0, 4.0]]], dtype=torch.float64, requires_grad=True)
    (first,) = torch.autograd.grad(pool(image, 2, kind="l2").sum(), image, create_graph=True)
    (second,) = torch.autograd.grad(first.sum(), image)
    assert torch.allclose(first[0, 0], torch.tensor([0, 0, 0.6, 0.8], dtype=torch.float64))
    # The sum over j of d2/(dx_i dx_j) sqrt(x . x) is 1 / |x| - x_i (x_1 + x_2) / |x|^3.
    expected = torch.tensor([0, 0, 1 / 5 - 3 * 7 / 125, 1 / 5 - 4 * 7 / 125], dtype=torch.float64)
    assert torch.allclose(second[0, 0], expected)


def test_of_equal_values_the_first_in_reading_order_takes_the_gradient() -> None:
    image = torch.tensor([[[[0.0, 5.0, 1.0], [5.0, 2.0, 5.0], [5.0, 5.0, 0.0]]]], requires_grad=True)
    (gradient,) = torch.autograd.grad(pool(image, 3).sum(), image)
    assert gradient.nonzero().tolist() == [[0, 0, 0, 1]]


class Largest(TorchDispatchMode):  # type: ignore[no-untyped-call]
    """Notes the most values that any result of any operation holds in memory."""

    values = 0

    def __torch_dispatch__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        result = func(*args, **(kwargs or {}))
        for each in result if isinstance(result, tuple | list) else (result,):
            if isinstance(each, Tensor):
                self.values = max(self.values, each.untyped_storage().nbytes() // each.element_size())
        return result


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("padding", [0, 4])
def test_windows_are_never_copied_out(kind: str, padding: int) -> None:
    image = random(1, 2, 30, 40).requires_grad_()
    with Largest() as largest:  # type: ignore[no-untyped-call]
        torch.autograd.grad(pool(image, 9, kind=kind, stride=1, padding=padding).sum(), image)
    assert largest.values <= 2 * (30 + 2 * padding) * (40 + 2 * padding)  # a window for each place has 81 times these


@pytest.mark.parametrize("kind", KINDS)
def test_the_images_own_memory_is_never_returned(kind: str) -> None:
    image = torch.ones(1, 1, 3)
    pool(image, 1, kind=kind).zero_()
    assert image.tolist() == [[[1, 1, 1]]]


@pytest.mark.parametrize(
    ("shape", "options", "error", "message"),
    [
        (
            (1, 1, 3),
            {"size": 4},
            ShapeError,
            "4 does not fit into an image of length 3: floor((3 + 2*0 - 4) / 4) + 1 = 0; take a window of at most 3.",
        ),
        ((1, 1, 5, 1), {"size": 4, "padding": (0, 1)}, ShapeError, "A window of width 4 does not fit into an image"),
        ((1, 3), {"size": 1}, ShapeError, "was given shape (1, 3); a single signal x becomes one with x[None, None]"),
        ((1, 0, 3), {"size": 1}, ShapeError, "The image is empty: its shape is 1 x 0 x 3"),
        ((1, 1, 1, 1, 1, 1), {"size": 1}, ShapeError, "over one to three axes"),
        ((1, 1, 9), {"size": 0}, UsageError, "The window's size is 0; each must be a whole number of at least 1"),
        ((1, 1, 9), {"size": (2, 2)}, UsageError, "give one number, or one for each axis (length)"),
        ((1, 1, 9), {"stride": 0}, UsageError, "The stride is 0; each must be a whole number of at least 1"),
        ((1, 1, 9), {"padding": -1}, UsageError, "The padding is -1; each must be a whole number of at least 0"),
        (
            (1, 1, 9),
            {"padding": 2},
            UsageError,
            "The padding is 2 along the length and the window 3; give at most half the window, 1,",
        ),
        ((1, 1, 9), {"padding": ((0, 2),)}, UsageError, "The padding is 2 along the length"),
        ((1, 1, 9), {"kind": "mean"}, UnknownName, "no kind of pooling 'mean'. Accepted: average, gaussian, l2, max."),
        ((1, 1, 9), {"deviation": 1.0}, UsageError, "A deviation of 1.0 was given for kind 'max'; it is for kind"),
        ((1, 1, 9), {"kind": "gaussian", "deviation": 0.0}, UsageError, "The deviation is 0.0; give one finite number"),
        ((1, 1, 9), {"kind": "gaussian", "deviation": math.nan}, UsageError, "The deviation is nan"),
        ((1, 1, 9), {"kind": "gaussian", "deviation": (1.0, 1.0)}, UsageError, "or one for each axis (length)."),
    ],
    ids=lambda value: str(value) if isinstance(value, dict) else "",
)
def test_a_mistake_gets_one_sentence(
    shape: tuple[int, ...], options: dict[str, Any], error: type[UsageError], message: str
) -> None:
    with pytest.raises(error, match=re.escape(message)):
        pool(torch.ones(shape), **{"size": 3, **options})


def test_what_is_no_tensor_of_real_numbers_is_told() -> None:
    with pytest.raises(UsageError, match=r"A torch.Tensor is needed for the image"):
        pool([1, 2], 1)  # type: ignore[arg-type]
    with pytest.raises(UsageError, match="The image is of dtype complex64"):
        pool(torch.ones(1, 1, 3, dtype=torch.complex64), 1)
