"""Digits one by one come to the same values as all at once."""

import pytest
import torch

from inkwise.bench.peers.pil_digits import PilDigits


@pytest.mark.parametrize("standard", [None, (0.5, 0.5), (0.1307, 0.3081)])
def test_a_digit_is_scaled_and_normalised(standard: tuple[float, float] | None) -> None:
    images = torch.randint(0, 256, (3, 1, 28, 28), dtype=torch.uint8, generator=torch.Generator().manual_seed(0))
    digits = PilDigits(images, torch.tensor([4, 5, 6]), standard)
    digit, label = digits[1]
    mean, deviation = standard or (0.0, 1.0)
    assert (len(digits), label) == (3, 5)
    assert torch.allclose(digit, (images[1].float() / 255 - mean) / deviation, atol=1e-6)
