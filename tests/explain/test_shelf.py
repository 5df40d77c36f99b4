"""The shelf: every public name is where it says, and recording draws nothing in."""

import subprocess
import sys

import pytest
import torch

import inkwise.explain as shelf
from inkwise.models.network import build


def test_the_names_are_sorted_and_all_there_is() -> None:
    assert shelf.__all__ == sorted(shelf.__all__) == dir(shelf)
    assert {"boxes", "draw", "explain_value", "grad_cam", "most_exciting", "record", "render"} <= set(shelf.__all__)


@pytest.mark.parametrize("name", shelf.__all__)
def test_every_name_resolves_and_is_documented(name: str) -> None:
    found = getattr(shelf, name)
    assert found.__name__ == name
    assert found.__doc__


def test_a_name_that_is_not_there_says_so() -> None:
    with pytest.raises(AttributeError, match=r"'inkwise\.explain' has no attribute 'recrod'"):
        _ = shelf.recrod


def test_the_arithmetic_needs_no_pictures() -> None:
    code = (
        "import sys; from inkwise.explain import boxes, explain_value, record, render; "
        "sys.exit('matplotlib' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_the_example_at_the_head_is_true() -> None:
    network = build(("conv 2 3x3 pad 1", "relu", "flatten", "linear classes"), classes=10, input_shape=(1, 8, 8))
    image = torch.rand(8, 8)
    calls = ("record(network, image)", 'render(explain_value(activations, "conv1", (0, 3, 4)))',
             'boxes(activations, "conv1", (0, 3, 4))["image"]')  # fmt: skip
    assert all(call in (shelf.__doc__ or "") for call in calls)
    activations = shelf.record(network, image)
    assert activations.names == ("conv1", "relu1", "flatten1", "linear1")
    assert "1. conv1 (convolution) at channel 0, row 3, column 4" in shelf.render(
        shelf.explain_value(activations, "conv1", (0, 3, 4))
    )
    assert shelf.boxes(activations, "conv1", (0, 3, 4))["image"] == shelf.Box(3, 2, 3, 3, (3, 2, 3, 3))
    assert shelf.record(torch.nn.Conv1d(2, 1, 3), torch.randn(1, 2, 9), as_given=True).names == ("network",)
