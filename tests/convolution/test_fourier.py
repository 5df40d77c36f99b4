"""The Fourier transform's way: periods, dilation, blocks, and how far it may be off."""

from itertools import pairwise
from math import inf
from typing import Any

import pytest
import torch
from torch import Tensor

from inkwise.convolution import fourier as module
from inkwise.convolution.correlation import correlate
from inkwise.convolution.direct import direct
from inkwise.convolution.fourier import dilated, fast_length, fourier, periods, worst_error
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
def test_any_size_of_block_gives_the_same(
    monkeypatch: pytest.MonkeyPatch,
    image: tuple[int, ...],
    kernel: tuple[int, ...],
    settings: dict[str, Any],
    block: int,
) -> None:
    monkeypatch.setattr(module, "BLOCK", block)
    setting = Setting.make(image, kernel, **settings)
    for bias in (noise(kernel[0], seed=2), None):
        given = (noise(*image), noise(*kernel, seed=1), bias, setting)
        torch.testing.assert_close(fourier(*given), direct(*given))


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
