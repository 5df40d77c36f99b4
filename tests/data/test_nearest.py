import pytest
import torch

from inkwise.data.nearest import nearest
from inkwise.errors import DataError


def test_the_nearest_come_first_with_their_distances() -> None:
    images = torch.zeros(5000, 1, 2, 2, dtype=torch.uint8)
    images[:, 0, 0, 0] = 255
    images[4999] = 0
    images[4500, 0, 1, 1] = 255
    found = nearest(images, torch.zeros(1, 2, 2, dtype=torch.uint8), 2)
    assert found[0] == (4999, 0.0)
    assert found[1][1] == pytest.approx(1.0)
    assert nearest(images, images[4500], 1) == [(4500, 0.0)]


def test_fewer_images_than_asked_for_are_all_given() -> None:
    images = torch.tensor([[[[0]]], [[[255]]]], dtype=torch.uint8)
    assert nearest(images, images[1], 9) == [(1, 0.0), (0, 1.0)]


@pytest.mark.parametrize(("size", "count"), [(3, 1), (2, 0)])
def test_what_cannot_be_compared_is_refused(size: int, count: int) -> None:
    with pytest.raises(DataError, match="images of one size are compared, and at least 1 is asked for"):
        nearest(torch.zeros(4, 1, 2, 2, dtype=torch.uint8), torch.zeros(1, size, size, dtype=torch.uint8), count)
