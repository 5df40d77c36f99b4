"""One image, networks with weights as if trained, and a single layer as if recorded."""

from collections.abc import Callable

import pytest
import torch
from torch import Tensor, nn

from inkwise.data.uci import read_uci_digits
from inkwise.explain.activations import Activations, Call
from inkwise.models.network import Network, build
from inkwise.recipes.registry import get

Recipe = Callable[[str], Network]
Layer = Callable[[nn.Module, Tensor], Activations]


def randomised(network: nn.Module) -> None:
    """Give the batch norms of `network` statistics and weights as if it had been trained."""
    for module in network.modules():
        if isinstance(module, nn.BatchNorm1d | nn.BatchNorm2d | nn.BatchNorm3d | nn.InstanceNorm2d):
            if module.running_mean is not None and module.running_var is not None:
                nn.init.normal_(module.running_mean, std=0.5)
                nn.init.uniform_(module.running_var, 0.1, 2.0)
            if module.weight is not None:
                nn.init.normal_(module.weight)
                nn.init.normal_(module.bias)


@pytest.fixture(scope="session")
def image() -> Tensor:
    """A real digit, uint8 (28, 28)."""
    return read_uci_digits().split("test").images[17, 0]


@pytest.fixture
def tutorial() -> Recipe:
    """The network of a recipe with random weights and statistics, the same for the same name."""

    def make(name: str) -> Network:
        recipe = get(name)
        torch.manual_seed(len(name))
        network = build(recipe.network, classes=1 if recipe.binary else 10, pixels=recipe.pixels)
        randomised(network)
        return network

    return make


@pytest.fixture
def alone() -> Layer:
    """One module in evaluation mode as the only layer, "layer", of a network, with what it was given."""

    def make(module: nn.Module, given: Tensor) -> Activations:
        randomised(module)
        with torch.no_grad():
            output = module.eval()(given)
        output = output[0] if isinstance(output, tuple) else output
        return Activations(given, (Call("layer", module, given, output, None),), output)

    return make
