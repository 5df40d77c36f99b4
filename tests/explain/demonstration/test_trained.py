"""Kernels of trained models know what they look at; a path is told from what follows it."""

from pathlib import Path

import pytest
import torch
from torch import nn

from inkwise.explain.demonstration.trained import exists, find_trained, split
from inkwise.models.file import Card, write_model
from inkwise.models.network import build
from inkwise.recipes.recipe import Recipe


@pytest.mark.parametrize("pixels", ["unit", "signed", "standard"])
def test_the_first_convolution_sees_the_image_however_it_is_scaled(tmp_path: Path, pixels: str) -> None:
    lines = ("conv 1 3x3 pad 1", "relu", "conv 1 3x3", "flatten", "linear classes")
    recipe = Recipe.model_validate({"name": "tiny", "dataset": "uci-digits", "network": lines, "pixels": pixels})
    torch.manual_seed(1)
    network = build(recipe.network, classes=10, pixels=recipe.pixels)
    path = tmp_path / "m.safetensors"
    write_model(path, network.state_dict(), Card(recipe=recipe.model_dump(mode="json"), classes=tuple("0123456789")))
    first, second = (find_trained(str(path), layer, "0,0") for layer in ("conv1", "conv2"))
    assert (first.deep, second.deep) == (False, True)
    weights = [module.weight for module in network.modules() if isinstance(module, nn.Conv2d)]
    assert torch.equal(second.values, weights[1][0, 0].double())


def test_a_path_with_colons_is_told_from_what_follows(tmp_path: Path) -> None:
    odd = tmp_path / "a:b:c"
    odd.touch()
    assert split(str(odd)) == (str(odd), "", "")
    assert split(f"{odd}:conv1") == (str(odd), "conv1", "")
    assert split(f"{odd}:conv1:0,1") == (str(odd), "conv1", "0,1")
    assert split("no:conv1:0,1") == ("no", "conv1", "0,1")


def test_what_cannot_be_a_name_does_not_exist() -> None:
    assert not exists("x" * 5000)
    assert not exists("a\0b")
