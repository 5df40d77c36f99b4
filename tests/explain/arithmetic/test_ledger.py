"""As plain data an explanation has every term, and from them alone the value can be worked out again."""

import json
from collections.abc import Callable
from math import prod
from typing import Any

import numpy as np
import pytest
import torch
from tests.networks import NETWORKS
from torch import Tensor, nn

from inkwise.explain.activations import Activations, record
from inkwise.explain.arithmetic.arithmetic import explain_value, strongest
from inkwise.explain.arithmetic.ledger import to_dict

Tutorial = Callable[[str], nn.Module]


def data(activations: Activations, layer: str, at: tuple[int, ...], *, folded: bool = False) -> dict[str, Any]:
    """Return what a reader of the JSON gets."""
    loaded: dict[str, Any] = json.loads(
        json.dumps(to_dict(explain_value(activations, layer, at, folded=folded)), allow_nan=False)
    )
    return loaded


@pytest.mark.parametrize("name", NETWORKS)
def test_every_layer_of_a_tutorial_has_the_agreed_keys(name: str, tutorial: Tutorial, image: Tensor) -> None:
    activations = record(tutorial(name), image)
    for call in activations.calls:
        found = data(activations, call.name, strongest(call))
        assert list(found) == [
            "layer", "kind", "shape", "at", "value", "computed", "difference", "agrees", "notes", "steps",
        ]  # fmt: skip
        assert found["agrees"] is True
        assert found["steps"][-1]["computed"] == found["computed"]
        for step in found["steps"]:
            assert {"form", "layer", "kind", "at", "source", "value", "computed", "scale"} <= set(step)


def test_the_terms_of_a_convolution_come_to_its_value(tutorial: Tutorial, image: Tensor) -> None:
    activations = record(tutorial("batchnorm-cnn"), image)
    conv, norm, relu = data(activations, "relu2", (3, 0, 13))["steps"]
    assert conv["form"] == "WindowSum"
    products = np.array(conv["patch"]) * np.array(conv["kernel"])
    np.testing.assert_allclose(products, conv["products"])
    np.testing.assert_allclose(products.sum((1, 2)), conv["sums"])
    assert conv["computed"] == pytest.approx(products.sum() + conv["bias"])
    assert conv["channels"] == [0, 15]
    assert conv["positions"] == [[-2, -1, 0, 1, 2], [11, 12, 13, 14, 15]]
    assert conv["sources"] == [[-1, -1, 0, 1, 2], [11, 12, 13, -1, -1]]
    assert conv["fold"] is None
    assert norm["x"] == conv["computed"]
    assert (relu["formula"], relu["x"]) == ("max(0, x)", norm["computed"])
    folded = data(activations, "relu2", (3, 0, 13), folded=True)["steps"][0]
    assert set(folded["fold"]) == {"layer", "factor", "mean", "beta", "bias"}


def test_the_terms_of_a_linear_layer_come_to_its_value(tutorial: Tutorial, image: Tensor) -> None:
    (step,) = data(record(tutorial("small-cnn"), image), "linear1", (4,))["steps"]
    assert len(step["inputs"]) == len(step["weights"]) == len(step["products"]) == 784
    assert step["computed"] == pytest.approx(sum(step["products"]) + step["bias"])
    assert step["origin"] == {"layer": "pool2", "shape": [16, 7, 7]}
    assert prod(step["origin"]["shape"]) == 784


def test_a_pool_has_its_winner_and_a_softmax_its_powers(tutorial: Tutorial, image: Tensor) -> None:
    activations = record(tutorial("dropout-cnn@published"), image)
    (pool,) = data(activations, "pool1", (3, 4, 5))["steps"]
    row, column = pool["winner"]
    assert activations.call("relu2").output[0, 3, row, column].item() == pool["computed"]
    (softmax,) = data(activations, "softmax1", (4,))["steps"]
    assert softmax["powers"][4] / sum(softmax["powers"]) == pytest.approx(softmax["computed"])


def test_what_is_not_known_has_its_reason(image: Tensor) -> None:
    class Own(nn.Module):
        def forward(self, values: Tensor) -> Tensor:
            return torch.sin(values)

    found = data(record(Own(), image), "network", (0, 0, 0))
    assert list(found) == ["layer", "kind", "shape", "at", "value", "reason"]
    assert found["kind"] == "Own"
