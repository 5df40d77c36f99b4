"""Given kernels: an orthogonal basis from the lowest frequency up, each wave with its negative, never trained."""

import pytest
import torch
from torch import nn

from inkwise.models.cosines import GAIN, cosine_convolution, waves
from inkwise.models.network import build


@pytest.mark.parametrize("kernel", [(5, 5), (3, 4), (1, 6)])
def test_the_waves_are_orthogonal_and_of_one_length(kernel: tuple[int, int]) -> None:
    number = kernel[0] * kernel[1]
    bank = waves(number, kernel).flatten(1)
    torch.testing.assert_close(bank @ bank.T, GAIN**2 * torch.eye(number), atol=1e-5, rtol=0)


def test_the_first_wave_is_flat_and_the_next_are_half_a_wave() -> None:
    bank = waves(3, (5, 5))
    assert bank[0].std() < 1e-6
    for falling, wave in ((1, bank[1]), (0, bank[2])):  # constant along the other axis
        assert wave.std(dim=1 - falling).max() < 1e-6
        assert (wave.diff(dim=falling) < 0).all()


def test_frequencies_rise() -> None:
    bank = waves(25, (5, 5))  # (25, 5, 5)
    rough = bank.diff(dim=1).square().sum((1, 2)) + bank.diff(dim=2).square().sum((1, 2))
    assert rough[0] < 1e-9
    assert rough[1] < rough[8] < rough[24]


def test_each_wave_comes_with_its_negative() -> None:
    convolution = cosine_convolution(6, (3, 3), (1, 1), (0, 0))
    assert convolution.weight.shape == (6, 1, 3, 3)
    assert torch.equal(convolution.weight[:3], -convolution.weight[3:])


def test_they_are_saved_and_not_trained() -> None:
    network = build(("cosines 4 3x3", "relu", "conv 2 3x3", "flatten", "linear classes"), classes=10)
    assert "conv1.weight" in network.state_dict()
    assert "conv1.weight" not in dict(network.named_parameters())
    assert type(network.conv1) is nn.Conv2d
    network(torch.rand(2, 1, 28, 28)).sum().backward()
    assert isinstance(network.conv2, nn.Conv2d)
    assert network.conv2.weight.grad is not None
