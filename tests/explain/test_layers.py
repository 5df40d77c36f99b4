"""The list of a network's layers at work."""

import torch
from torch import nn

from inkwise.explain.activations import record
from inkwise.explain.layers import LayerRow, layer_rows, layer_table, recipe_words
from inkwise.models.network import build


def network() -> nn.Sequential:
    conv = nn.Conv2d(1, 2, 2)
    with torch.no_grad():
        conv.weight.copy_(torch.tensor([1.0, -1.0]).reshape(2, 1, 1, 1).expand(2, 1, 2, 2))
        conv.bias = None
    return nn.Sequential(conv, nn.Flatten())


def image() -> torch.Tensor:
    pixels = torch.zeros(3, 3)
    pixels[2, 1] = 0.5
    return pixels


def test_a_row_has_the_shape_and_the_largest_value_with_its_place() -> None:
    first, second = layer_rows(record(network(), image()))
    assert first == LayerRow("0", "Conv2d", (2, 2, 2), 0.5, (0, 1, 0), True)
    assert second == LayerRow("1", "Flatten", (8,), 0.5, (2,), True)


def test_layers_of_a_recipe_are_called_by_its_words() -> None:
    lines = ("crop 2", "cosines 4 3x3", "maxpool 2", "relu", "flatten", "linear classes")
    made = build(lines, classes=3, pixels="signed", input_shape=(1, 12, 12))
    rows = layer_rows(record(made, torch.rand(12, 12)), recipe_words(lines, 3, (1, 12, 12)))
    assert [row.kind for row in rows] == ["Pixels", "crop", "cosines", "maxpool", "relu", "flatten", "linear"]
    assert recipe_words("a registered network", 3, (1, 12, 12)) == {}


def test_the_table_aligns_and_names_what_is_not_known() -> None:
    class Squared(nn.Module):
        def forward(self, values: torch.Tensor) -> torch.Tensor:
            return values**2

    table = layer_table(layer_rows(record(network().append(Squared()), image())))
    assert table.splitlines() == [
        "layer  kind     shape      largest value  at",
        "0      Conv2d   2 x 2 x 2         0.5000  0,1,0",
        "1      Flatten  8                 0.5000  2",
        "2      Squared  8                 0.2500  2",
        "",
        "The arithmetic of 2 is not known here; that of the others is.",
    ]
