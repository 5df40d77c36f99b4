import pytest
import torch
from torch import Tensor, nn

from inkwise.errors import UnknownName, UsageError
from inkwise.explain.activations import record
from inkwise.explain.figure.marks import Mark, marks

IMAGE = torch.rand(8, 8, generator=torch.Generator().manual_seed(0))


def network(groups: int = 1) -> nn.Sequential:
    torch.manual_seed(0)
    return nn.Sequential(
        nn.Conv2d(1, 4, 3),
        nn.ReLU(),
        nn.MaxPool2d(2),
        nn.Conv2d(4, 6, 2, groups=groups),
        nn.Flatten(),
        nn.Linear(24, 3),
    )


def channels(found: dict[str, Mark]) -> dict[str, list[int] | None]:
    return {name: None if mark.channels is None else sorted(mark.channels) for name, mark in found.items()}


def test_pools_and_activations_keep_to_one_channel_and_convolutions_take_all() -> None:
    found, reason = marks(record(network(), IMAGE), "2", (1, 0, 2))
    assert channels(found) == {"2": [1], "1": [1], "0": [1], "image": [0]}
    assert reason == ""
    found, _ = marks(record(network(), IMAGE), "3", (5, 1, 1))
    assert channels(found) == {"3": [5], "2": [0, 1, 2, 3], "1": [0, 1, 2, 3], "0": [0, 1, 2, 3], "image": [0]}
    assert found["3"].at == (5, 1, 1)
    assert found["2"].at is None


def test_a_group_takes_its_own_channels() -> None:
    found, _ = marks(record(network(groups=2), IMAGE), "3", (4, 0, 0))
    assert channels(found)["2"] == [2, 3]
    found, _ = marks(record(network(groups=2), IMAGE), "3", (2, 0, 0))
    assert channels(found)["2"] == [0, 1]


def test_a_flat_value_is_found_in_its_channel_again() -> None:
    found, _ = marks(record(network(), IMAGE), "4", (4 * 3 + 2,))  # channel 3, row 1, column 0 of 6 x 2 x 2
    assert channels(found)["3"] == [3]
    assert found["3"].box[:4] == (0, 1, 1, 1)


def test_a_linear_layer_takes_everything() -> None:
    found, _ = marks(record(network(), IMAGE), "5", (1,))
    assert [mark.channels for name, mark in found.items() if name != "5"] == [None] * 6
    assert found["image"].box[:4] == (0, 0, 8, 8)


def test_where_the_way_is_not_known_it_ends_with_the_reason() -> None:
    class Sum(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.one, self.two = nn.Conv2d(1, 2, 3), nn.Conv2d(2, 2, 3)

        def forward(self, images: Tensor) -> Tensor:
            outputs: Tensor = self.two(self.one(images) + 1)
            return outputs

    found, reason = marks(record(Sum(), IMAGE), "two", (0, 1, 1))
    assert list(found) == ["two"]
    assert "two is computed between modules" in reason


def test_what_does_not_exist_is_told() -> None:
    with pytest.raises(UnknownName, match="no layer 'conv9'"):
        marks(record(network(), IMAGE), "conv9", (0, 0, 0))
    with pytest.raises(UsageError, match="there is no position 4,0,0"):
        marks(record(network(), IMAGE), "2", (4, 0, 0))
