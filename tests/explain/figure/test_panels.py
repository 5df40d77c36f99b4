from dataclasses import replace

import numpy as np
import pytest
import torch
from torch import nn

from inkwise.errors import ModelError
from inkwise.explain.activations import Activations, record
from inkwise.explain.figure.marks import marks
from inkwise.explain.figure.panels import MOST_CELLS, MOST_MAPS, MOST_PANELS, Panel, panels
from inkwise.models.network import build
from inkwise.recipes.registry import get

LINES = (
    "conv 3 3x3",
    "batchnorm",
    "relu",
    "maxpool 2",
    "dropout 0.5",
    "flatten",
    "linear 40",
    "relu",
    "linear classes",
)


def image(size: int = 28) -> torch.Tensor:
    return torch.rand(size, size, generator=torch.Generator().manual_seed(0))


def run(lines: tuple[str, ...] = LINES, *, scale: str = "unit") -> Activations:
    torch.manual_seed(0)
    return record(build(lines, classes=10, pixels="signed" if scale == "signed" else "unit"), image())


def told(found: list[Panel]) -> list[tuple[str, str, str]]:
    return [(panel.title, panel.note, panel.kind) for panel in found]


def test_layers_stand_one_by_one_save_those_that_change_nothing() -> None:
    assert told(panels(run())) == [
        ("image", "", "maps"),
        ("conv1", "", "maps"),
        ("batchnorm1", "", "maps"),
        ("relu1", "", "maps"),
        ("pool1", "then dropout1", "maps"),
        ("flatten1", "", "strip"),
        ("linear1", "", "strip"),
        ("relu2", "", "strip"),
        ("linear2", "", "bars"),
    ]


def test_the_compact_form_joins_activations_and_normalisations_and_shows_what_came_out() -> None:
    activations = run()
    found = panels(activations, compact=True)
    assert told(found)[1:3] == [("conv1", "then batchnorm1, relu1", "maps"), ("pool1", "then dropout1", "maps")]
    assert found[1].name == "relu1"
    assert np.allclose(found[1].values, activations.call("relu1").output[0].numpy())
    assert [panel.title for panel in found] == ["image", "conv1", "pool1", "flatten1", "linear1", "linear2"]


def test_what_is_asked_for_is_shown_itself() -> None:
    for layer in ("conv1", "batchnorm1", "dropout1", "linear1"):
        found = panels(run(), compact=True, layer=layer)
        (panel,) = (panel for panel in found if panel.name == layer)
        assert panel.shape == run().call(layer).shape
    scaled = panels(run(scale="signed"), compact=True, layer="pixels")
    assert [panel.name for panel in scaled[:2]] == ["image", "pixels"]
    assert panels(run(scale="signed"))[0].note == "then pixels"


def test_a_branch_is_not_joined_to_what_it_does_not_follow() -> None:
    class Branches(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.one, self.two, self.act = nn.Conv2d(1, 2, 3), nn.Conv2d(1, 2, 3), nn.ReLU()

        def forward(self, images: torch.Tensor) -> torch.Tensor:
            first = self.one(images)
            second = self.two(images)
            outputs: torch.Tensor = self.act(first) + second
            return outputs

    assert [panel.title for panel in panels(record(Branches(), image()), compact=True)] == [
        "image",
        "one",
        "two",
        "act",
    ]


def test_of_many_maps_the_strongest_are_shown_in_their_order() -> None:
    activations = run(("conv 32 3x3", "flatten", "linear classes"))
    panel = panels(activations)[1]
    peaks = activations.call("conv1").output[0].abs().amax((1, 2))
    assert len(panel.shown) == MOST_MAPS
    assert panel.choice == f"the strongest {MOST_MAPS} of {len(peaks)}"
    assert list(panel.shown) == sorted(peaks.argsort(descending=True)[:MOST_MAPS].tolist())
    assert np.allclose(panel.values, activations.call("conv1").output[0][list(panel.shown)].numpy())
    assert (panel.total, panel.shape) == (32, (32, 26, 26))
    assert panel.low == pytest.approx(activations.call("conv1").output.min().item())  # of all, shown or not


def test_the_weakest_is_shown_where_it_is_marked() -> None:
    activations = run(("conv 32 3x3", "relu", "maxpool 2", "flatten", "linear classes"))
    weakest = int(activations.call("pool1").output[0].amax((1, 2)).argmin())
    marked, _ = marks(activations, "pool1", (weakest, 2, 3))
    for panel in panels(activations, layer="pool1", marked=marked)[1:4]:
        assert weakest in panel.shown
        assert len(panel.shown) == MOST_MAPS
    assert panels(activations, layer="pool1", marked=marked)[3].choice == f"the strongest 19 of 32, and {weakest}"
    marked, _ = marks(activations, "flatten1", (weakest * 169 + 5,))
    assert weakest in panels(activations, layer="flatten1", marked=marked)[3].shown


def test_of_very_many_values_those_around_the_marked_one_are_shown() -> None:
    activations = run(("conv 16 3x3", "flatten", "linear classes"))  # 16 * 26 * 26 = 10,816
    assert [panel.title for panel in panels(activations)] == ["image", "conv1", "linear1"]
    for unit in (0, 5000, 10_815):
        marked, _ = marks(activations, "flatten1", (unit,))
        panel = panels(activations, layer="flatten1", marked=marked)[2]
        assert (panel.kind, panel.total, len(panel.shown)) == ("strip", 10_816, MOST_CELLS)
        assert unit in panel.shown
        assert panel.values[panel.shown.index(unit)] == activations.call("flatten1").output[0, unit].item()


def test_a_kernel_as_large_as_the_image_is_shown_with_its_products() -> None:
    known = get("matched-filter")
    torch.manual_seed(0)
    activations = record(build(known.network, classes=1, pixels=known.pixels), image())
    found = panels(activations)
    assert told(found) == [
        ("image", "then pixels", "maps"),
        ("kernel", "of conv1", "maps"),
        ("products", "pixel times kernel", "maps"),
        ("conv1", "then flatten1", "bars"),
    ]
    assert found[2].values.sum() == pytest.approx(activations.outputs.item(), abs=1e-5)


def test_signed_layers_are_told_from_others() -> None:
    found = {panel.name: panel for panel in panels(run())}
    assert found["conv1"].signed
    assert not found["relu1"].signed
    assert found["conv1"].reach == max(-found["conv1"].low, found["conv1"].high)


def test_of_very_many_layers_either_end_is_shown_and_the_one_asked_for() -> None:
    torch.manual_seed(0)
    network = nn.Sequential(*[nn.Conv2d(1, 1, 1) for _ in range(100)])
    found = panels(record(network, image(4)), layer="50")
    gaps = [panel for panel in found if panel.kind == "gap"]
    assert len(found) == MOST_PANELS + 1 + 2
    assert [gap.title for gap in gaps] == ["31 more", "29 more"]
    assert sum(panel.kind != "gap" for panel in found) + 31 + 29 == 101
    assert "50" in [panel.name for panel in found]


def test_damaged_activations_are_told() -> None:
    activations = run()
    broken = activations.call("relu1").output.clone()
    broken[0, 0, 0, 0] = float("nan")
    calls = tuple(replace(call, output=broken) if call.name == "relu1" else call for call in activations.calls)
    with pytest.raises(ModelError, match="Layer 'relu1' holds nan or infinity for this image: the network's weights"):
        panels(replace(activations, calls=calls))
