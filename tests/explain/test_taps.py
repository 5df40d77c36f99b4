import pytest
import torch
from torch import Tensor, nn

from inkwise.explain.activations import record
from inkwise.explain.taps import at_rest, home, tapped
from inkwise.models.deskewing import Deskewing
from inkwise.models.network import build

LINES = ("conv 2 3x3 pad 1", "relu", "maxpool 2", "dropout 0.5", "flatten", "linear classes")


def test_layers_are_heard_under_the_names_that_record_gives_them() -> None:
    twice = nn.ReLU()
    network = nn.Sequential(nn.Conv2d(1, 2, 3), twice, nn.Sequential(nn.Conv2d(2, 2, 3), twice), nn.Flatten())
    heard: list[tuple[str, tuple[int, ...]]] = []
    image = torch.rand(1, 1, 8, 8)
    with tapped(network, lambda name, _part, output: heard.append((name, tuple(output.shape[1:])))):
        network(image)
    assert heard == [(call.name, call.shape) for call in record(network, image).calls]
    assert heard[3][0] == "1:2"


def test_the_network_goes_on_with_what_the_listener_returns() -> None:
    network = nn.Sequential(nn.Flatten(), nn.ReLU())

    def listen(name: str, _part: nn.Module, output: Tensor) -> Tensor | None:
        return output + 5 if name == "0" else None

    with tapped(network, listen):
        assert torch.equal(network(torch.zeros(1, 2, 2)), torch.full((1, 4), 5.0))
    assert torch.equal(network(torch.zeros(1, 2, 2)), torch.zeros(1, 4))


def test_modes_and_hooks_are_as_before_even_after_an_error() -> None:
    network = build(LINES, classes=10).train()
    network.get_submodule("relu1").eval()
    modes = [part.training for part in network.modules()]

    def listen(_name: str, _part: nn.Module, output: Tensor) -> None:
        assert not any(part.training for part in network.modules())
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError), at_rest(network), tapped(network, listen):
        network(torch.zeros(1, 1, 28, 28))
    assert [part.training for part in network.modules()] == modes
    assert not any(part._forward_hooks for part in network.modules())


def test_home_is_that_of_the_weights() -> None:
    assert home(nn.Linear(1, 1).double()) == (torch.device("cpu"), torch.float64)
    assert home(Deskewing(4, 4).double()) == (torch.device("cpu"), torch.float64)  # its weights are given
    assert home(nn.ReLU()) == (torch.device("cpu"), torch.float32)
