from base64 import b64decode

import numpy as np
import pytest
import torch
from torch import nn

from inkwise.explain.activations import Activations, record
from inkwise.explain.arithmetic.arithmetic import Explanation, explain_value
from inkwise.explain.arithmetic.terms import WindowSum
from inkwise.studio.explained import CHANNELS, TERMS, to_page


@pytest.fixture(scope="module")
def activations() -> Activations:
    torch.manual_seed(0)
    network = nn.Sequential(
        nn.Conv2d(1, 12, 3, padding=1), nn.ReLU(), nn.Conv2d(12, 2, 3), nn.Flatten(), nn.Linear(2 * 6 * 6, 3)
    )
    return record(network, torch.rand(1, 1, 8, 8))


def test_what_is_cut_still_adds_up(activations: Activations) -> None:
    for layer, at in (("2", (1, 2, 3)), ("4", (2,)), ("0", (7, 0, 0))):
        step = to_page(explain_value(activations, layer, at))["steps"][-1]
        parts = [term.get("sum", term.get("product")) for term in step["terms"]]
        total = sum(parts) + (step["rest"]["sum"] if step["rest"] else 0.0) + step["bias"]
        network = float(activations.call(layer).output[0][at])
        assert total == pytest.approx(network, abs=1e-5)


def test_of_many_channels_the_strongest_are_shown_in_their_order(activations: Activations) -> None:
    step = to_page(explain_value(activations, "2", (0, 1, 1)))["steps"][-1]
    assert len(step["terms"]) == CHANNELS
    assert step["rest"]["count"] == 12 - CHANNELS
    channels = [term["channel"] for term in step["terms"]]
    assert channels == sorted(channels)
    whole = explain_value(activations, "2", (0, 1, 1))
    assert isinstance(whole, Explanation)
    last = whole.steps[-1]
    assert isinstance(last, WindowSum)
    sums = np.abs(last.sums)
    assert set(channels) == set(np.argsort(-sums)[:CHANNELS].tolist())
    for term in step["terms"]:
        assert np.allclose(np.multiply(term["patch"], term["kernel"]), term["products"])
        assert np.sum(term["products"]) == pytest.approx(term["sum"])


def test_every_product_of_a_linear_layer_comes_as_a_picture(activations: Activations) -> None:
    step = to_page(explain_value(activations, "4", (0,)))["steps"][-1]
    products = np.frombuffer(b64decode(step["products"]), "<f4")
    linear = activations.call("4").module
    assert isinstance(linear, nn.Linear)
    expected = linear.weight[0] * activations.call("4").given[0]
    assert np.allclose(products, expected.detach().numpy(), atol=1e-6)
    assert len(step["terms"]) == TERMS
    sizes = [abs(term["product"]) for term in step["terms"]]
    assert sizes == sorted(sizes, reverse=True)
    first = step["terms"][0]
    assert first["where"] == tuple(np.unravel_index(first["index"], (2, 6, 6)))


def test_a_short_sum_is_whole(activations: Activations) -> None:
    assert to_page(explain_value(activations, "0", (0, 3, 3)))["steps"][-1]["rest"] is None


def test_what_is_not_known_has_its_reason() -> None:
    class Odd(nn.Module):
        def forward(self, values: torch.Tensor) -> torch.Tensor:
            return values * 2

    found = record(nn.Sequential(Odd()), torch.rand(1, 1, 4, 4))
    told = to_page(explain_value(found, "0", (0, 1, 1)))
    assert "reason" in told
    assert "steps" not in told
