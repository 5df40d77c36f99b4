"""What the tests of exports are made of: untrained models of every sort, whose answers are sure of some digits."""

from typing import Any

import torch

from inkwise.models.ensemble import Ensemble
from inkwise.models.file import Card
from inkwise.models.network import Network, build
from inkwise.recipes.recipe import Recipe
from inkwise.recognizer import Recognizer

DIGITS = tuple("0123456789")
REJECTS = ("not a digit", "two digits")
# Between them they have every kind of layer.
UPRIGHT = (
    *("deskew", "crop 2", "cosines 4 5x5 stride 2", "relu", "batchnorm", "conv 4 3x3 groups 2 nobias", "batchnorm"),
    *("gelu", "maxpool 2", "relu", "dropout 0.5", "silu", "flatten", "linear 16", "batchnorm", "relu"),
    "linear classes",
)
PLAIN = (
    *("avgpool 2", "conv 6 3x3 pad 1 dilation 2 stride 2", "leakyrelu slope 0.1", "conv 8 1x1", "tanh", "sigmoid"),
    *("globalavgpool", "flatten", "linear classes", "softmax"),
)


def model(lines: tuple[str, ...] | str, *, pixels: str = "unit", gain: float = 1.0, **card: Any) -> Recognizer:
    """Return a model with seeded weights; `gain` makes its outputs as far apart as those of a trained one."""
    rejects = card.get("rejects", ())
    recipe = Recipe(name="made", dataset="uci-digits", network=lines, pixels=pixels, negatives=5 if rejects else 0)
    torch.manual_seed(0)
    network = build(lines, classes=10 + len(rejects), pixels=recipe.pixels)
    _spread(network, gain)
    return Recognizer(network, Card(recipe=recipe.model_dump(mode="json"), classes=DIGITS, **card), recipe)


def yes_or_no(**card: Any) -> Recognizer:
    """Return a model that asks for a 3."""
    recipe = Recipe(
        name="three", dataset="uci-digits", positive=3, loss="binary-cross-entropy", decision="threshold",
        network=("conv 1 28x28 nobias", "flatten"),
    )  # fmt: skip
    torch.manual_seed(0)
    network = build(recipe.network, classes=1)
    return Recognizer(network, Card(recipe=recipe.model_dump(mode="json"), classes=("not 3", "3"), **card), recipe)


def ensemble(*members: Recognizer) -> Recognizer:
    """Return the models as one."""
    networks = [member.network for member in members if isinstance(member.network, Network)]
    first = members[0]
    cards = tuple(member.card for member in members)
    card = Card(format=2, recipe=first.card.recipe, classes=first.classes, rejects=first.rejects, members=cards)
    return Recognizer(Ensemble(networks), card, first.recipe)


def _spread(network: Network, gain: float) -> None:
    """Give batch norms statistics as after training, and the last linear layer large weights."""
    generator = torch.Generator().manual_seed(1)
    last = None
    with torch.no_grad():
        for module in network.modules():
            if isinstance(module, torch.nn.BatchNorm1d | torch.nn.BatchNorm2d):
                assert module.running_mean is not None
                assert module.running_var is not None
                module.running_mean.normal_(0, 0.2, generator=generator)
                module.running_var.uniform_(0.05, 0.5, generator=generator)
            elif isinstance(module, torch.nn.Linear):
                last = module
        if last is not None:
            last.weight.mul_(gain)
