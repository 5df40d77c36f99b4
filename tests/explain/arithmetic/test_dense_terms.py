"""Linear layers and softmax: every term, and where in the map before flattening an input was."""

from collections.abc import Callable

import numpy as np
import pytest
import torch
from torch import Tensor, nn

from inkwise.explain.activations import Activations, record
from inkwise.explain.arithmetic.arithmetic import Explanation, explain_value
from inkwise.explain.arithmetic.terms import Share, WeightedSum
from inkwise.models.network import build

Layer = Callable[[nn.Module, Tensor], Activations]


def explained(activations: Activations, layer: str, at: tuple[int, ...]) -> Explanation:
    explanation = explain_value(activations, layer, at)
    assert isinstance(explanation, Explanation)
    assert explanation.agrees
    return explanation


@pytest.mark.parametrize("bias", [True, False], ids=["bias", "no bias"])
def test_a_linear_layer_is_the_sum_of_its_products(bias: bool, alone: Layer) -> None:
    torch.manual_seed(0)
    module = nn.Linear(7, 3, bias=bias)
    given = torch.randn(1, 7)
    explanation = explained(alone(module, given), "layer", (2,))
    (step,) = explanation.steps
    assert isinstance(step, WeightedSum)
    np.testing.assert_array_equal(step.inputs, given[0].double().numpy())
    np.testing.assert_array_equal(step.weights, module.weight[2].detach().double().numpy())
    assert step.bias == (module.bias[2].item() if bias else None)
    assert step.computed == pytest.approx(float((step.inputs * step.weights).sum()) + (step.bias or 0))
    assert step.where(3) is None


def test_a_linear_layer_works_along_the_last_of_several_axes(alone: Layer) -> None:
    torch.manual_seed(0)
    activations = alone(nn.Linear(4, 5), torch.randn(1, 2, 3, 4))
    for at in ((0, 0, 0), (1, 2, 4)):
        explained(activations, "layer", at)


def test_inputs_are_found_in_the_map_before_flattening(image: Tensor) -> None:
    network = build(("conv 3 3x3", "maxpool 2", "flatten", "dropout 0.5", "linear classes"), classes=10)
    activations = record(network, image)
    (step,) = explained(activations, "linear1", (4,)).steps
    assert isinstance(step, WeightedSum)
    assert step.origin == ("pool1", (3, 13, 13))
    for index in (0, 170, 506):
        where = step.where(index)
        assert where is not None
        assert activations.call("pool1").output[0][where].item() == step.inputs[index]


def test_after_an_activation_an_input_has_no_place_in_a_map(image: Tensor) -> None:
    network = build(("flatten", "linear 5", "relu", "linear classes"), classes=10)
    activations = record(network, image)
    (step,) = explained(activations, "linear2", (4,)).steps
    assert isinstance(step, WeightedSum)
    assert step.origin is None


@pytest.mark.parametrize(
    ("module", "shape"),
    [
        (nn.Softmax(dim=1), (6,)),
        (nn.Softmax(dim=-1), (3, 4)),
        (nn.Softmax(dim=1), (3, 4, 2)),
        (nn.Softmax(dim=0), (3,)),
        (nn.LogSoftmax(dim=2), (3, 4, 2)),
        (nn.Softmin(dim=1), (6,)),
    ],
    ids=repr,
)
def test_a_softmax_is_the_share_of_each_power(module: nn.Module, shape: tuple[int, ...], alone: Layer) -> None:
    torch.manual_seed(0)
    activations = alone(module, 20 * torch.randn(1, *shape))
    for at in np.ndindex(*shape):
        (step,) = explained(activations, "layer", at).steps
        assert isinstance(step, Share)
        assert step.computed == pytest.approx(step.value, rel=1e-5, abs=1e-6)


def test_a_softmax_of_giant_logits_does_not_overflow(alone: Layer) -> None:
    activations = alone(nn.Softmax(dim=1), torch.tensor([[1e4, 1e4, -1e4]]))
    assert explained(activations, "layer", (0,)).computed == 0.5
    assert explained(activations, "layer", (2,)).computed == 0.0
