"""The matrix is the convolution, has its structure, and takes memory for its non-zeros alone."""

from contextlib import nullcontext
from math import prod
from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from scipy.linalg import toeplitz
from tests.convolution_cases import CONVOLUTIONS, Case, cases, random
from torch import Tensor
from torch.utils._python_dispatch import TorchDispatchMode

from inkwise.convolution.matrix import _links, as_matrix
from inkwise.convolution.padding import pad
from inkwise.convolution.promotion import IntegerPromotion
from inkwise.convolution.setting import PADDING_MODES, Setting
from inkwise.convolution.transposed import transpose
from inkwise.errors import ShapeError, UnknownName, UsageError


@settings(max_examples=120, deadline=None)
@given(cases(images=1))
def test_the_matrix_times_the_image_is_torchs_convolution(case: Case) -> None:
    image_shape, kernel_shape, options = case
    setting = Setting.make(image_shape, kernel_shape, **options)
    x, kernel = random(*image_shape), random(*kernel_shape, seed=1)
    padded = pad(x, setting.pads, setting.padding_mode)
    expected = CONVOLUTIONS[setting.rank - 1](padded, kernel, None, setting.stride, 0, setting.dilation, setting.groups)
    matrix = as_matrix(kernel, image_shape[2:], **options)
    assert matrix.shape == (prod(setting.output_shape), prod(image_shape))
    assert torch.allclose(matrix @ x.flatten(), expected.flatten(), atol=1e-9)


@settings(max_examples=60, deadline=None)
@given(cases(images=1))
def test_the_transposed_matrix_is_the_transpose(case: Case) -> None:
    image_shape, kernel_shape, options = case
    kernel = random(*kernel_shape)
    y = random(*Setting.make(image_shape, kernel_shape, **options).output_shape, seed=1)
    back = transpose(y, kernel, image_size=image_shape[2:], **options)
    assert torch.allclose(as_matrix(kernel, image_shape[2:], **options).t() @ y.flatten(), back.flatten(), atol=1e-9)


@pytest.mark.parametrize(("mode", "before"), [("valid", 0), ("same", 1), ("full", 3), ("causal", 3)])
@pytest.mark.parametrize("size", [4, 7])
def test_over_one_axis_it_is_toeplitz(mode: str, before: int, size: int) -> None:
    kernel = random(1, 1, 4)
    matrix = as_matrix(kernel, size, mode=mode).to_dense().numpy()
    # Row 0 starts with the weights after the padding; column 0 has the weights before them, the last one first.
    weights = np.concatenate((kernel.flatten().numpy(), np.zeros(size)))
    column = np.concatenate((weights[before::-1], np.zeros(size)))[: len(matrix)]
    assert np.array_equal(matrix, toeplitz(column, weights[before : before + size]))


def test_over_two_axes_it_is_doubly_blocked_toeplitz() -> None:
    kernel, (height, width) = random(1, 1, 3, 2), (5, 4)
    matrix = as_matrix(kernel, (height, width), mode="full").to_dense()
    rows, columns = height + 2, width + 1  # the output
    blocks = matrix.reshape(rows, columns, height, width).permute(0, 2, 1, 3)  # (row of blocks, its column, *block)
    for block in blocks.flatten(0, 1):
        assert np.array_equal(block, toeplitz(block[:, 0].numpy(), block[0].numpy()))
    assert torch.equal(blocks[1:, 1:], blocks[:-1, :-1])
    for row in range(3):  # the block that a row of the kernel makes is that row's own matrix
        assert torch.equal(blocks[2, row], as_matrix(kernel[:, :, row], width, mode="full").to_dense())


def test_a_stride_leaves_rows_out() -> None:
    kernel = random(1, 1, 3)
    assert torch.equal(as_matrix(kernel, 9, stride=2).to_dense(), as_matrix(kernel, 9).to_dense()[::2])


def test_groups_are_blocks_on_the_diagonal() -> None:
    kernel = random(4, 1, 2)
    matrix = as_matrix(kernel, 3, groups=2).to_dense()
    assert not matrix[:4, 3:].any()
    assert not matrix[4:, :3].any()
    assert torch.equal(matrix[4:, 3:], as_matrix(kernel[2:], 3).to_dense())


def test_weights_that_meet_copies_of_one_value_add_up() -> None:
    matrix = as_matrix(torch.tensor([[[1, 10, 100]]]), 2, mode="same", padding_mode="replicate")
    assert matrix.to_dense().tolist() == [[11, 100], [1, 110]]
    assert matrix.is_coalesced()
    assert matrix.values().numel() == 4


def test_padding_with_zeros_alone_leaves_an_empty_row() -> None:
    assert as_matrix(torch.ones(1, 1, 1), 2, padding=1).to_dense().tolist() == [[0, 0], [1, 0], [0, 1], [0, 0]]


def test_only_links_are_stored() -> None:
    # In mode "full" every value of the image meets every weight once.
    matrix = as_matrix(torch.zeros(2, 3, 4, 5), (6, 7), mode="full")
    assert matrix.values().numel() == 2 * 3 * (4 * 5) * (6 * 7)


class Largest(TorchDispatchMode):  # type: ignore[no-untyped-call]
    """Notes the most values that any result of any operation holds in memory."""

    values = 0

    def __torch_dispatch__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        result = func(*args, **(kwargs or {}))
        for each in result if isinstance(result, tuple | list) else (result,):
            if isinstance(each, Tensor) and each.layout is torch.strided:
                self.values = max(self.values, each.untyped_storage().nbytes() // each.element_size())
        return result


@pytest.mark.parametrize("padding_mode", PADDING_MODES)
def test_building_takes_memory_for_the_links_alone(padding_mode: str) -> None:
    with Largest() as largest:  # type: ignore[no-untyped-call]
        matrix = as_matrix(torch.ones(2, 1, 3, 3), (100, 120), mode="same", padding_mode=padding_mode)
    assert matrix.shape == (24_000, 12_000)  # 288 million values if it were dense
    links = 2 * 9 * 12_000
    assert matrix.values().numel() <= links
    assert matrix.indices().numel() <= 2 * links
    assert largest.values <= 4 * links


@pytest.mark.parametrize("padding_mode", PADDING_MODES)
def test_gradients_flow_to_the_kernel(padding_mode: str) -> None:
    kernel, x = random(2, 1, 2, 3).requires_grad_(), random(12, seed=1).requires_grad_()

    def product(kernel: Tensor, x: Tensor) -> Tensor:
        matrix = as_matrix(kernel, (2, 3), padding=1, padding_mode=padding_mode, groups=2)
        return matrix @ x

    assert torch.autograd.gradcheck(product, (kernel, x))

    def dense(kernel: Tensor) -> Tensor:
        return as_matrix(kernel, (2, 3), padding=1, padding_mode=padding_mode, groups=2).to_dense()

    assert torch.autograd.gradcheck(dense, (kernel,))


@pytest.mark.parametrize(
    ("given", "kept"), [(torch.uint8, torch.int64), (torch.int32, torch.int64), (torch.float16, torch.float16)]
)
def test_whole_numbers_become_int64_and_floats_stay(given: torch.dtype, kept: torch.dtype) -> None:
    matrix = as_matrix(torch.ones(1, 1, 2).to(given), 3, padding=3, padding_mode="replicate")
    assert matrix.dtype == kept
    assert matrix.is_coalesced()
    assert matrix.to_dense()[0].tolist() == [2, 0, 0]


def test_weights_that_add_up_beyond_int64_are_told_and_become_float64() -> None:
    kernel = torch.tensor([[[2**62, 2**62, 1]]])
    with pytest.warns(IntegerPromotion, match="beyond int64's 9.22e[+]18: they were computed in float64"):
        matrix = as_matrix(kernel, 3, mode="same", padding_mode="replicate")
    assert matrix.dtype == torch.float64
    assert matrix.to_dense().tolist() == [[2.0**63, 1, 0], [2.0**62, 2.0**62, 1], [0, 2.0**62, 2.0**62 + 1]]
    alone = as_matrix(kernel, 3, mode="same")  # where nothing adds up, nothing is beyond
    assert alone.to_dense().tolist() == [[2**62, 1, 0], [2**62, 2**62, 1], [0, 2**62, 2**62]]


def test_sums_beyond_the_given_dtype_are_told_and_exact() -> None:
    with pytest.warns(IntegerPromotion, match="from 100 to 300, and uint8 holds 0 to 255"):
        matrix = as_matrix(torch.tensor([[[100, 200]]], dtype=torch.uint8), 2, padding=1, padding_mode="replicate")
    assert matrix.to_dense().tolist() == [[300, 0], [100, 200], [0, 300]]
    large = torch.tensor([[[2**61, 1, 2**61]]])
    assert as_matrix(large, 1, mode="same", padding_mode="wrap").to_dense().tolist() == [[2**62 + 1]]


def test_a_matrix_of_no_links_is_zeros() -> None:
    matrix = as_matrix(torch.ones(1, 1, 1, dtype=torch.int64), 1, padding=2, stride=5)
    assert (matrix.shape, matrix.dtype, matrix.values().numel()) == ((1, 1), torch.int64, 0)


@pytest.mark.parametrize(
    ("padding_mode", "links", "size"), [("zeros", "36,000,000,000", "2,880"), ("wrap", "36,072,072,144", "2,886")]
)
def test_a_matrix_that_memory_cannot_hold_is_told(padding_mode: str, links: str, size: str) -> None:
    with pytest.raises(UsageError, match=rf"has {links} links between values, and making it takes about {size} GB; at"):
        as_matrix(torch.ones(4, 1, 3, 3), (1000, 1_000_000), mode="full", padding_mode=padding_mode)


@settings(max_examples=60, deadline=None)
@given(cases(images=1))
def test_links_are_counted_as_they_are(case: Case) -> None:
    image_shape, kernel_shape, options = case
    setting = Setting.make(image_shape, kernel_shape, **options)
    links = setting.kernels * setting.depth * len(_links(setting)[0])
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("inkwise.convolution.matrix.MOST", 0)
        with nullcontext() if not links else pytest.raises(UsageError, match=rf"has {links:,} links"):
            as_matrix(random(*kernel_shape), image_shape[2:], **options)


def test_one_size_holds_for_every_axis() -> None:
    kernel = random(1, 1, 2, 2)
    assert torch.equal(as_matrix(kernel, 3).to_dense(), as_matrix(kernel, (3, 3)).to_dense())


@pytest.mark.parametrize(
    ("kernel", "size", "message"),
    [
        ((3,), 5, r"was given shape \(3,\); a single kernel k becomes one with k\[None, None\]"),
        ((1, 1, 3, 3, 3, 3), 5, "over one to three axes"),
        ((1, 1, 3), 2, "A kernel of length 3 does not fit into an input of length 2"),
        ((1, 0, 3), 5, "empty"),
    ],
    ids=str,
)
def test_a_kernel_that_does_not_fit_is_told(kernel: tuple[int, ...], size: int, message: str) -> None:
    with pytest.raises(ShapeError, match=message):
        as_matrix(torch.ones(kernel), size)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"image_size": 0}, "The image size is 0; each must be a whole number of at least 1"),
        ({"image_size": (3, 3)}, r"The image size is \(3, 3\); give one number, or one for each axis"),
        ({"groups": 0}, "The number of groups is 0"),
        ({"stride": 0}, "The stride is 0"),
    ],
    ids=str,
)
def test_a_setting_out_of_its_range_is_told(options: dict[str, Any], message: str) -> None:
    with pytest.raises(UsageError, match=message):
        as_matrix(torch.ones(1, 1, 3), **{"image_size": 5, **options})


def test_what_is_no_tensor_of_real_numbers_or_no_mode_is_told() -> None:
    with pytest.raises(UsageError, match=r"A torch.Tensor is needed for the kernel"):
        as_matrix([1, 2], 5)  # type: ignore[arg-type]
    with pytest.raises(UsageError, match="The kernel is of dtype complex64"):
        as_matrix(torch.ones(1, 1, 3, dtype=torch.complex64), 5)
    with pytest.raises(UnknownName, match=r"no mode 'fill'. Did you mean 'full'"):
        as_matrix(torch.ones(1, 1, 3), 5, mode="fill")
