"""Tone, resolution, bands and noise, each by its definition."""

import math

import pytest
import torch
from torch import Tensor

from inkwise.data.inking import add_noise, band, coarsen, tone

RAMP = torch.linspace(0, 1, 64).reshape(1, 1, 8, 8)


def one(value: float) -> Tensor:
    return torch.tensor([value])


@pytest.mark.parametrize("k", [-3.0, -0.5, 0.0, 1.0, 4.0])
def test_tone_keeps_both_ends_and_the_order(k: float) -> None:
    bent = tone(RAMP, one(k)).flatten()
    assert bent[0] == 0
    assert bent[-1] == 1
    assert (bent.diff() > 0).all()


def test_tone_makes_half_ink_two_thirds_or_a_third() -> None:
    half = torch.full((2, 1, 1, 1), 0.5)
    assert tone(half, torch.tensor([1.0, -1.0])).flatten().tolist() == pytest.approx([2 / 3, 1 / 3])


def test_half_the_resolution_keeps_an_even_slope_inside_and_blurs_a_checkerboard_away() -> None:
    slope = torch.arange(8.0).expand(1, 1, 8, 8) / 8
    assert torch.allclose(coarsen(slope, one(1.0))[..., 1:-1], slope[..., 1:-1])
    board = (torch.arange(8)[:, None] + torch.arange(8)).remainder(2).float()[None, None]
    assert torch.allclose(coarsen(board, one(1.0)), torch.full_like(board, 0.5))
    assert torch.equal(coarsen(board, one(0.0)), board)
    assert torch.allclose(coarsen(board, one(0.5)), (board + 0.5) / 2)


def test_an_odd_image_keeps_its_size() -> None:
    assert coarsen(torch.ones(1, 1, 5, 7), one(1.0)).equal(torch.ones(1, 1, 5, 7))


def test_an_upright_band_has_its_width_and_place() -> None:
    drawn = band(5, 9, one(0.0), one(2.0), one(3.0))[0, 0]
    assert torch.allclose(drawn, torch.tensor([0.0, 0, 0, 0, 0, 1, 1, 1, 0]).expand(5, 9))


def test_a_band_across_is_the_upright_one_turned() -> None:
    drawn = band(9, 9, torch.tensor([0.0, 90.0]), torch.full((2,), 1.5), torch.full((2,), 2.0))
    assert torch.allclose(drawn[0], drawn[1].transpose(1, 2), atol=1e-5)


def test_a_slanting_bands_ink_is_its_width_times_its_length() -> None:
    drawn = band(101, 101, one(30.0), one(0.0), one(4.0))
    assert float(drawn.sum()) == pytest.approx(4 * 101 / math.cos(math.radians(30)), rel=0.01)


def test_no_width_is_no_band() -> None:
    assert not band(9, 9, torch.zeros(2), torch.zeros(2), torch.tensor([0.0, -1.0])).any()


def test_noise_stays_within_ink() -> None:
    assert add_noise(RAMP, torch.full_like(RAMP, 0.7)).max() == 1
    assert add_noise(RAMP, torch.full_like(RAMP, -0.7)).min() == 0
