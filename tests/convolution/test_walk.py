"""A walk gives the values of correlate and convolve, one by one, with their terms."""

import re
from itertools import islice
from typing import Any

import pytest
import torch
from torch import Tensor

from inkwise.convolution.correlation import convolve, correlate
from inkwise.convolution.walk import steps
from inkwise.errors import InkwiseError, ShapeError, UnknownName, UsageError

SETTINGS: list[tuple[tuple[int, ...], tuple[int, ...], dict[str, Any]]] = [
    ((1, 1, 7), (1, 1, 3), {}),
    ((1, 1, 7), (1, 1, 4), {"mode": "same", "stride": 2}),
    ((1, 1, 7), (1, 1, 3), {"mode": "causal", "dilation": 2}),
    ((1, 2, 7), (3, 2, 3), {"padding": [(2, 1)], "padding_mode": "reflect"}),
    ((1, 4, 6), (2, 2, 2), {"groups": 2}),
    ((1, 1, 5, 6), (1, 1, 3, 3), {"mode": "full"}),
    ((1, 3, 5, 6), (2, 3, 2, 3), {"mode": "same", "stride": (2, 1), "dilation": (1, 2), "padding_mode": "wrap"}),
    ((1, 2, 5, 5), (4, 1, 3, 3), {"groups": 2, "padding": 1, "padding_mode": "replicate"}),
    ((1, 2, 4, 4, 5), (2, 2, 2, 3, 2), {"mode": "full", "stride": 2}),
]
IDS = [f"{len(image) - 2}d-{'-'.join(f'{k}' for k in setting) or 'plain'}" for image, _, setting in SETTINGS]


def whole(shape: tuple[int, ...], seed: int) -> Tensor:
    return torch.randint(-9, 10, shape, generator=torch.Generator().manual_seed(seed))


@pytest.mark.parametrize("rotate", [False, True], ids=["correlate", "convolve"])
@pytest.mark.parametrize(("image_shape", "kernel_shape", "setting"), SETTINGS, ids=IDS)
def test_the_totals_are_exactly_the_output(
    image_shape: tuple[int, ...], kernel_shape: tuple[int, ...], setting: dict[str, Any], rotate: bool
) -> None:
    image, kernel, bias = (whole(shape, 1).double() for shape in (image_shape, kernel_shape, kernel_shape[:1]))
    output = (convolve if rotate else correlate)(image, kernel, bias, **setting)
    walked = list(steps(image, kernel, bias, **setting, rotate=rotate))
    assert torch.equal(torch.stack([step.total for step in walked]).reshape(output.shape), output)
    for step in walked:
        assert torch.equal(step.total, output[(0, *step.at)])
        assert torch.equal(step.products, step.patch * step.kernel)
        assert step.bias is not None
        assert step.products.sum() + step.bias == step.total


def test_totals_of_fractions_agree_up_to_the_order_of_the_sum() -> None:
    image, kernel = (
        torch.rand(shape, dtype=torch.float64, generator=torch.Generator().manual_seed(2))
        for shape in ((1, 2, 6, 6), (2, 2, 3, 3))
    )
    totals = torch.stack([step.total for step in steps(image, kernel, mode="same")])
    assert torch.allclose(totals.reshape(1, 2, 6, 6), correlate(image, kernel, mode="same"), rtol=0, atol=1e-14)


def test_a_step_says_where_it_stands_and_how_the_kernel_lies() -> None:
    image, kernel = torch.tensor([[[1, 2, 3]]]), torch.tensor([[[10, 1]]])
    walked = list(steps(image, kernel, mode="full", rotate=True))
    first, last = walked[0], walked[-1]
    assert (first.at, first.start, first.origin) == ((0, 0), (0,), (-1,))
    assert (last.at, last.start, last.origin) == ((0, 3), (3,), (2,))
    assert (first.patch.tolist(), first.kernel.tolist(), first.products.tolist()) == ([[0, 1]], [[1, 10]], [[0, 10]])
    assert [int(step.total) for step in walked] == [10, 21, 32, 3]
    assert first.bias is None


def test_whole_numbers_of_a_narrow_dtype_do_not_overflow() -> None:
    image = torch.full((1, 1, 3), 100, dtype=torch.int8)
    (step,) = steps(image, image)
    assert (int(step.total), step.total.dtype) == (30_000, torch.int64)


def test_steps_are_made_when_asked_for() -> None:
    signal = torch.zeros(1, 1, 10_000_000)
    assert [step.at for step in islice(steps(signal, torch.ones(1, 1, 3)), 2)] == [(0, 0), (0, 1)]


@pytest.mark.parametrize(
    ("change", "error", "message"),
    [
        (
            {"image": torch.zeros(2, 1, 5)},
            ShapeError,
            "A walk goes over one image and was given 2; take one, image[:1].",
        ),
        ({"bias": torch.zeros(3)}, ShapeError, "The bias has shape (3,); give one value for each kernel, shape (1,)."),
        ({"stride": 0}, UsageError, "The stride is 0; each must be a whole number of at least 1."),
        ({"mode": "ful"}, UnknownName, "There is no mode 'ful'. Did you mean 'full'?"),
        ({"image": torch.zeros(1, 1, 5, dtype=torch.complex64)}, UsageError, "The image is of dtype complex64"),
        ({"image": [1, 2, 3]}, UsageError, "A torch.Tensor is needed for the image, not list;"),
    ],
    ids=["batch", "bias", "stride", "mode", "complex", "list"],
)
def test_a_mistake_is_told_before_the_first_step(
    change: dict[str, Any], error: type[InkwiseError], message: str
) -> None:
    arguments: dict[str, Any] = {"image": torch.zeros(1, 1, 5), "kernel": torch.zeros(1, 1, 3)} | change
    with pytest.raises(error, match=re.escape(message)):
        steps(**arguments)
