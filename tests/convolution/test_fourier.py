"""The Fourier transform's way: periods, dilation, blocks, and how far it may be off."""

from itertools import pairwise
from math import inf
from typing import Any

import pytest
import torch
from torch import Tensor
from torch.utils._python_dispatch import TorchDispatchMode

from inkwise.convolution import fourier as module
from inkwise.convolution.correlation import correlate
from inkwise.convolution.direct import direct
from inkwise.convolution.fourier import dilated, even, fast_length, fourier, kernels_at_a_time, periods, worst_error
from inkwise.convolution.setting import Setting


def noise(*shape: int, seed: int = 0) -> Tensor:
    return torch.randn(*shape, dtype=torch.float64, generator=torch.Generator().manual_seed(seed))


@pytest.mark.parametrize(
    ("image", "kernel", "settings"),
    [
        ((5, 2, 30), (3, 2, 4), {"stride": 2, "dilation": 3}),
        ((5, 4, 7, 12), (6, 2, 3, 2), {"groups": 2, "stride": (1, 2), "dilation": (2, 1)}),
        ((3, 3, 8, 9), (3, 1, 3, 3), {"groups": 3}),
        ((2, 1, 6, 5, 7), (2, 1, 2, 3, 2), {"dilation": (1, 1, 2)}),
        ((2, 1, 9), (1, 1, 9), {}),
    ],
    ids=["signal", "groups", "depthwise", "volume", "single"],
)
@pytest.mark.parametrize("block", [1, 2000, 2 * 2**20])
@pytest.mark.parametrize("kernels", [1, 1500, 2**28])
def test_any_size_of_block_gives_the_same(
    monkeypatch: pytest.MonkeyPatch,
    image: tuple[int, ...],
    kernel: tuple[int, ...],
    settings: dict[str, Any],
    block: int,
    kernels: int,
) -> None:
    monkeypatch.setattr(module, "BLOCK", block)
    monkeypatch.setattr(module, "KERNELS", kernels)
    setting = Setting.make(image, kernel, **settings)
    for bias in (noise(kernel[0], seed=2), None):
        given = (noise(*image), noise(*kernel, seed=1), bias, setting)
        torch.testing.assert_close(fourier(*given), direct(*given))


class Largest(TorchDispatchMode):  # type: ignore[no-untyped-call]
    """Remembers the bytes of the largest tensor that any operation returned."""

    def __init__(self) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self.bytes = 0

    def __torch_dispatch__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        returned = func(*args, **(kwargs or {}))
        for each in returned if isinstance(returned, (tuple, list)) else (returned,):
            if isinstance(each, Tensor):
                self.bytes = max(self.bytes, each.numel() * each.element_size())
        return returned


@pytest.mark.parametrize("gradient", [False, True])
def test_the_kernels_spectra_are_never_there_as_a_whole(monkeypatch: pytest.MonkeyPatch, gradient: bool) -> None:
    shapes = (2, 4, 30, 30), (16, 4, 5, 5)
    setting = Setting.make(*shapes)
    one = 4 * 8 * 32 * 17  # bytes of one kernel's spectra, in single precision
    monkeypatch.setattr(module, "KERNELS", 3 * one)
    monkeypatch.setattr(module, "BLOCK", 1)
    image, kernel = (noise(*shape).float() for shape in shapes)
    assert kernels_at_a_time(setting, 4) == 3
    with Largest() as largest:
        output = fourier(image, kernel.requires_grad_(gradient), None, setting)
        if gradient:
            torch.autograd.grad(output.sum(), kernel)
    both_halves = 8 * 4 * 32 * 32  # of one kernel's spectra: the gradient of a transform goes through them
    assert largest.bytes <= 3 * both_halves < 16 * one


def test_what_is_kept_for_the_gradient_does_not_grow_with_the_kernels(monkeypatch: pytest.MonkeyPatch) -> None:
    setting = Setting.make((1, 2, 30), (50, 2, 9))
    monkeypatch.setattr(module, "KERNELS", 1)
    kept: dict[int, int] = {}

    def keep(each: Tensor) -> Tensor:
        kept[each.untyped_storage().data_ptr()] = each.untyped_storage().nbytes()
        return each

    with torch.autograd.graph.saved_tensors_hooks(keep, lambda each: each):
        fourier(noise(1, 2, 30).requires_grad_(), noise(50, 2, 9).requires_grad_(), None, setting)
    assert sum(kept.values()) < 50 * 2 * 17 * 16  # bytes of all kernels' spectra


@pytest.mark.parametrize("block", [1, 2**20])
def test_gradients_are_right_over_blocks_of_kernels(monkeypatch: pytest.MonkeyPatch, block: int) -> None:
    monkeypatch.setattr(module, "KERNELS", 1)
    monkeypatch.setattr(module, "BLOCK", block)
    inputs = tuple(each.requires_grad_() for each in (noise(2, 4, 5), noise(4, 2, 2, seed=1), noise(4, seed=2)))
    assert torch.autograd.gradcheck(lambda *given: correlate(*given, groups=2, dilation=2, algorithm="fft"), inputs)
    assert torch.autograd.gradgradcheck(lambda *given: correlate(*given, groups=2, dilation=2, algorithm="fft"), inputs)


@pytest.mark.parametrize("rows", [1, 3])
@pytest.mark.parametrize(
    ("peak", "harmless"), [(1.0, True), (900.0, True), (1500.0, False), (inf, False), (float("nan"), False)]
)
def test_a_value_far_above_the_mean_is_not_even(rows: int, peak: float, harmless: bool) -> None:
    values = torch.full((rows, 2, 5000), 1e-3)  # 10,000 of each image
    values[-1, 1, 7] = -1e-3 * peak / (1 - peak / 10000) if 1 < peak < inf else peak * 1e-3  # peak times the mean
    values[:-1] *= 1e9  # another image is of no concern
    assert even(values.requires_grad_()) == harmless


def test_sums_that_overflow_are_not_even_and_zeros_are() -> None:
    assert not even(torch.full((1, 1, 9), 1e38))
    assert even(torch.zeros(1, 1, 9))


def test_lengths_have_small_factors_and_are_never_much_longer() -> None:
    lengths = [fast_length(n) for n in range(1, 3000)]
    for n, length in enumerate(lengths, start=1):
        assert n <= length < 1.6 * n + 2
        odd = length
        while odd % 2 == 0:
            odd //= 2
        assert odd in {1, 3, 5, 9, 15}
        assert length == 1 or length % 2 == 0
    assert all(before <= after for before, after in pairwise(lengths))
    assert all(fast_length(2**power) == 2**power for power in range(1, 20))


def test_the_period_is_the_padded_images() -> None:
    assert periods(Setting.make((1, 1, 28, 30), (1, 1, 5, 3), padding=2)) == (32, 36)


def test_a_dilated_kernel_has_zeros_between_its_values() -> None:
    setting = Setting.make((1, 1, 9), (1, 1, 3), dilation=3)
    assert dilated(torch.tensor([[[1, 2, 3]]]), setting).tolist() == [[[1, 0, 0, 2, 0, 0, 3]]]


@pytest.mark.parametrize("size", [2**10, 2**20, 2**22])
@pytest.mark.parametrize("length", [7, 300, 5000])
def test_the_error_stays_below_its_bound(size: int, length: int) -> None:
    generator = torch.Generator().manual_seed(length)
    image = torch.randint(-size, size, (1, 2, length), generator=generator)
    kernel = torch.randint(-size, size, (1, 2, length // 3), generator=generator)
    setting = Setting.make(image.shape, kernel.shape)
    exact = correlate(image, kernel, algorithm="direct")
    found = fourier(image.double(), kernel.double(), None, setting)
    error = (found - exact.double()).abs().max().item()
    assert error <= worst_error(image.double(), kernel.double(), setting)


def test_whole_numbers_beyond_float64_are_not_vouched_for() -> None:
    setting = Setting.make((1, 1, 3), (1, 1, 2))
    assert worst_error(torch.ones(1, 1, 3).long(), torch.ones(1, 1, 2).long(), setting) == inf
