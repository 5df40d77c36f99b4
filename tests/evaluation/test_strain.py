import pytest
import torch
from torch import Tensor

from inkwise.errors import DataError
from inkwise.evaluation.corruptions import corrupt
from inkwise.evaluation.strain import RANGES, Strain, strain


@pytest.fixture
def image() -> Tensor:
    """An upright bar left of the middle."""
    image = torch.zeros(1, 28, 28, dtype=torch.uint8)
    image[0, 6:22, 10:13] = 255
    return image


def test_at_rest_nothing_changes(image: Tensor) -> None:
    assert torch.equal(strain(image, [Strain()])[0], image)


def test_each_amount_is_the_corruption_of_that_name(image: Tensor) -> None:
    found = strain(image, [Strain(thickness=1.5), Strain(scale=0.7), Strain(thickness=-1.0)])
    for changed, (name, strength) in zip(found, (("thicker", 1.5), ("scale", 0.3), ("thinner", 1.0)), strict=True):
        expected = corrupt(image[None], name, strength)[0]
        assert (changed.int() - expected.int()).abs().max() <= 1  # it is sampled once more


def test_shifts_go_right_and_down(image: Tensor) -> None:
    moved = strain(image, [Strain(right=3.0, down=2.0)])[0].int()
    assert (moved - torch.roll(image, (2, 3), (1, 2)).int()).abs().max() <= 1


def test_a_quarter_turn_is_counter_clockwise(image: Tensor) -> None:
    turned = strain(image, [Strain(rotation=90.0)])[0].int()
    assert (turned - torch.rot90(image, 1, (1, 2)).int()).abs().max() <= 1


def test_noise_grows_at_the_same_places(image: Tensor) -> None:
    half = torch.full_like(image, 128)
    weak, strong = (each.int() - 128 for each in strain(half, [Strain(noise=0.05), Strain(noise=0.1)]))
    assert (strong - 2 * weak).abs().max() <= 2
    assert weak.float().std() == pytest.approx(0.05 * 255, rel=0.1)


@pytest.mark.parametrize("name", RANGES)
def test_an_amount_out_of_range_is_refused(image: Tensor, name: str) -> None:
    with pytest.raises(DataError, match=f"The {name} is .* is accepted"):
        strain(image, [Strain(**{name: RANGES[name][1] + 1})])


def test_no_strain_is_refused(image: Tensor) -> None:
    with pytest.raises(DataError, match="No strain was given"):
        strain(image, [])
