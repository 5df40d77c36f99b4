"""Every value of every layer of every network is explained, or there is a reason."""

import re
from collections.abc import Callable
from dataclasses import replace
from math import inf, isfinite, nan

import pytest
import torch
from tests.networks import NETWORKS
from torch import Tensor, nn
from torch.nn import functional

from inkwise.errors import UnknownName, UsageError
from inkwise.explain.activations import Activations, record
from inkwise.explain.arithmetic.arithmetic import Explanation, Unexplained, explain_value, strongest
from inkwise.explain.arithmetic.ledger import to_dict
from inkwise.explain.arithmetic.table import render
from inkwise.explain.field import Box, Unseen, boxes
from inkwise.explain.known import ACTIVATIONS, KNOWN, known
from inkwise.models.deskewing import Deskewing
from inkwise.models.network import Pixels, build

Tutorial = Callable[[str], nn.Module]
Layer = Callable[[nn.Module, Tensor], Activations]


@pytest.mark.parametrize("name", NETWORKS)
@pytest.mark.parametrize("folded", [False, True], ids=["as it is", "folded"])
def test_every_layer_of_a_tutorial_is_explained_to_the_networks_own_value(
    name: str, folded: bool, tutorial: Tutorial, image: Tensor
) -> None:
    activations = record(tutorial(name), image)
    draws = torch.Generator().manual_seed(1)
    for call in activations.calls:
        drawn = [tuple(int(torch.randint(n, (), generator=draws)) for n in call.shape) for _ in range(4)]
        corners = [tuple(0 for _ in call.shape), tuple(n - 1 for n in call.shape), strongest(call)]
        for at in (*drawn, *corners):
            explanation = explain_value(activations, call.name, at, folded=folded)
            assert isinstance(explanation, Explanation)
            assert explanation.agrees
            assert explanation.value == call.output[0][at].item()
            assert abs(explanation.difference) <= 1e-5 * max(1.0, explanation.steps[-1].scale)
            assert all(abs(step.computed - step.value) <= 1e-5 * max(1.0, step.scale) for step in explanation.steps)
            assert (explanation.layer, explanation.at, explanation.shape) == (call.name, at, call.shape)


def layers(activations: Activations, layer: str, at: tuple[int, ...]) -> list[str]:
    explanation = explain_value(activations, layer, at)
    assert isinstance(explanation, Explanation)
    assert explanation.agrees
    return [step.layer for step in explanation.steps]


def test_what_works_on_one_value_is_shown_from_where_it_was_summed_or_chosen(tutorial: Tutorial, image: Tensor) -> None:
    activations = record(tutorial("deep-cnn"), image)
    assert layers(activations, "relu1", (0, 5, 5)) == ["conv1", "relu1"]
    assert layers(activations, "batchnorm1", (0, 5, 5)) == ["pool1", "relu2", "batchnorm1"]
    assert layers(activations, "flatten1", (1959,)) == ["pool2", "relu4", "batchnorm3", "flatten1"]
    assert layers(activations, "dropout1", (3,)) == ["linear1", "relu5", "dropout1"]
    assert layers(activations, "pixels", (0, 5, 5)) == ["pixels"]
    assert layers(activations, "conv1", (0, 5, 5)) == ["conv1"]


class Residual(nn.Module):
    """A user's network: a sum, functional steps, ReLU in place and twice, an LSTM."""

    def __init__(self) -> None:
        super().__init__()
        self.conv = nn.Conv2d(1, 4, 3, padding=1)
        self.norm = nn.BatchNorm2d(4)
        self.relu = nn.ReLU(inplace=True)
        self.second = nn.Conv2d(4, 4, 3, padding=1)
        self.lstm = nn.LSTM(28, 6, batch_first=True)
        self.drop = nn.Dropout(0.5)
        self.head = nn.Linear(6, 10)

    def forward(self, x: Tensor) -> Tensor:
        branch = self.relu(self.norm(self.conv(x)))
        total = self.relu(self.second(branch) + branch)
        pooled = functional.max_pool2d(total, 2)
        pooled = functional.interpolate(pooled, scale_factor=2)
        values, _ = self.lstm(pooled.mean(1))
        outputs: Tensor = self.head(self.drop(values)[:, -1])
        return outputs


def test_a_users_network_is_explained_but_for_the_layers_that_are_not_known(image: Tensor) -> None:
    torch.manual_seed(0)
    activations = record(Residual(), image)
    assert layers(activations, "relu", (1, 3, 27)) == ["conv", "norm", "relu"]
    assert layers(activations, "second", (1, 3, 27)) == ["second"]
    assert layers(activations, "relu:2", (1, 3, 27)) == ["relu:2"]
    assert layers(activations, "drop", (27, 3)) == ["drop"]
    assert layers(activations, "head", (7,)) == ["head"]
    sum_ = explain_value(activations, "relu:2", (1, 3, 27))
    assert isinstance(sum_, Explanation)
    assert sum_.notes == ("What relu:2 takes is computed between modules, so it is taken as recorded.",)
    after = explain_value(activations, "drop", (27, 3))
    assert isinstance(after, Explanation)
    assert after.notes[0].startswith(
        "What drop takes is taken as recorded: lstm (LSTM) is a layer whose arithmetic is not known here. Known are"
    )


def test_an_unknown_layer_has_its_value_and_a_reason(image: Tensor) -> None:
    activations = record(Residual(), image)
    found = explain_value(activations, "lstm", (27, 3))
    assert isinstance(found, Unexplained)
    assert found.value == activations.call("lstm").output[0, 27, 3].item()
    assert found.reason.startswith("lstm (LSTM) is a layer whose arithmetic is not known here. Known are convolutions")


class Odd(nn.Module):
    """Attention, recurrence, an encoder and decoder, tables, gates: whatever people put into a network."""

    def __init__(self) -> None:
        super().__init__()
        self.down, self.up = nn.Conv2d(1, 4, 3, 2, 1), nn.ConvTranspose2d(4, 4, 2, 2)
        self.join, self.shuffle, self.pool = nn.Conv2d(5, 4, 1), nn.PixelShuffle(2), nn.AdaptiveMaxPool2d(4)
        self.patch = nn.Conv2d(1, 8, 7, 7)
        self.position = nn.Parameter(torch.zeros(1, 16, 8))
        self.encoder = nn.TransformerEncoderLayer(8, 2, 16, batch_first=True)
        self.gru, self.table, self.mix = nn.GRU(8, 4), nn.Embedding(10, 3), nn.Bilinear(4, 3, 10)
        self.gate, self.flag, self.norm = nn.GLU(), nn.Identity(), nn.LayerNorm(5)

    def forward(self, x: Tensor) -> Tensor:
        joined = self.join(torch.cat([self.up(self.down(x)), x], 1))
        self.flag(joined > 0)
        self.pool(self.shuffle(joined))
        tokens = self.encoder(self.patch(x).flatten(2).transpose(1, 2) + self.position)
        values, _ = self.gru(tokens.transpose(0, 1))
        outputs: Tensor = self.norm(self.gate(self.mix(values[-1], self.table(torch.tensor([3])))))
        return outputs


def test_no_network_is_too_odd(image: Tensor) -> None:
    torch.manual_seed(0)
    activations = record(Odd(), image)
    unknown = set()
    for call in activations.calls:
        at = strongest(call)
        found = explain_value(activations, call.name, at, folded=True)
        assert isinstance(boxes(activations, call.name, at)["image"], Box | Unseen)
        assert render(found)
        assert to_dict(found)["value"] == pytest.approx(float(call.output[0][at]))
        if isinstance(found, Unexplained):
            unknown.add(call.name)
        else:
            assert found.agrees
    assert unknown == {"shuffle", "encoder.self_attn", "gru", "table", "mix", "gate", "network"}


class Leaky(nn.ReLU):
    """A user's layer of his own, though it is a ReLU by descent."""

    def forward(self, values: Tensor) -> Tensor:
        return torch.where(values > 0, values, values / 7)


class Standardised(nn.Conv2d):
    """A convolution that changes its weight on the way."""

    def _conv_forward(self, values: Tensor, weight: Tensor, bias: Tensor | None) -> Tensor:
        moved: Tensor = super()._conv_forward(values, weight - weight.mean(), bias)
        return moved


def test_a_subclass_that_computes_something_else_is_another_layer(image: Tensor) -> None:
    for module in (Leaky(), Standardised(1, 1, 3)):
        found = explain_value(record(module, image), "network", (0, 3, 3))
        assert isinstance(found, Unexplained)
        assert found.reason.startswith(f"network ({type(module).__name__}) is a layer whose arithmetic is not known")


def test_a_forward_replaced_on_the_object_is_another_layer() -> None:
    module = nn.ReLU()
    assert known(module)
    module.forward = torch.tanh  # type: ignore[method-assign]
    assert not known(module)


def test_a_subclass_that_computes_the_same_is_known() -> None:
    class Named(nn.Conv2d):
        pass

    assert known(Named(1, 1, 3))
    assert known(nn.utils.parametrizations.weight_norm(nn.Conv2d(1, 1, 3)))


def test_a_parametrised_weight_is_the_one_in_use(image: Tensor) -> None:
    torch.manual_seed(0)
    module = nn.utils.parametrizations.weight_norm(nn.Conv2d(1, 2, 3))
    explanation = explain_value(record(nn.Sequential(module), image), "0", (1, 12, 12))
    assert isinstance(explanation, Explanation)
    assert explanation.agrees


def test_a_value_that_a_hook_changed_does_not_agree(image: Tensor) -> None:
    network = nn.Sequential(nn.Conv2d(1, 1, 3))
    network[0].register_forward_hook(lambda _module, _given, output: output + 1)
    explanation = explain_value(record(network, image), "0", (0, 3, 3))
    assert isinstance(explanation, Explanation)
    assert not explanation.agrees
    assert explanation.difference == pytest.approx(1, abs=1e-5)


def test_a_layer_without_the_batch_has_a_reason(image: Tensor) -> None:
    found = explain_value(record(nn.Flatten(0), image), "network", ())
    assert isinstance(found, Unexplained)
    assert "does not keep the batch of one image as its first axis" in found.reason


def test_what_does_not_exist_is_told(image: Tensor) -> None:
    activations = record(build(("conv 8 3x3 pad 1", "relu", "flatten", "linear classes"), classes=10), image)
    with pytest.raises(UnknownName, match=re.escape("There is no layer 'relu2'. Did you mean 'relu1'?")):
        explain_value(activations, "relu2", (0, 0, 0))
    sentence = "relu1 is 8 x 28 x 28: channels 0 to 7, rows 0 to 27, columns 0 to 27; there is no position 0,28,0."
    with pytest.raises(UsageError, match=re.escape(sentence)):
        explain_value(activations, "relu1", (0, 28, 0))


def test_the_strongest_value_is_the_largest(tutorial: Tutorial, image: Tensor) -> None:
    for call in record(tutorial("small-cnn"), image).calls:
        assert call.output[0][strongest(call)] == call.output.max()


def test_every_kind_that_the_recipes_can_build_is_known() -> None:
    lines = (
        "crop 1", "cosines 4 3x3",
        "conv 2 3x3 pad 1", "batchnorm", "relu", "leakyrelu", "gelu", "silu", "tanh", "sigmoid", "maxpool 2",
        "avgpool 2", "dropout 0.5", "globalavgpool", "flatten", "linear 4", "batchnorm", "softmax", "linear classes",
    )  # fmt: skip
    scaled, upright = build(lines, classes=10, pixels="signed"), build(("deskew", *lines), classes=10)
    assert all(known(child) for network in (scaled, upright) for child in network.children())
    assert len(KNOWN) == len(set(KNOWN))


DEFAULTS: dict[str, nn.Module] = {
    "PReLU": nn.PReLU(),
    "LayerNorm": nn.LayerNorm(6),
    "GroupNorm": nn.GroupNorm(2, 4),
    "Unflatten": nn.Unflatten(1, (2, 2)),
    "Linear": nn.Linear(6, 3),
    "Pixels": Pixels(0.1307, 0.3081),
    "Deskewing": Deskewing(7, 6),
}


def every_kind() -> dict[str, tuple[nn.Module, tuple[int, ...]]]:
    """A module of every known class, with the shape of an input for it."""
    found: dict[str, tuple[nn.Module, tuple[int, ...]]] = {}
    for cls in KNOWN:
        name, digit = cls.__name__, re.search(r"(\d)d$", cls.__name__)
        rank = int(digit[1]) if digit else 2
        shape = (1 if cls is Deskewing else 4, 7, 6, 5)[: rank + 1]
        module: Callable[..., nn.Module] = cls
        if "Conv" in name:
            made = module(4, 3, 3)
        elif "Norm" in name and digit:
            made = module(4)
        elif "Adaptive" in name:
            made = module(2)
        elif "Pool" in name:
            made = module(3)
        elif "Pad" in name:
            made = module(1, 0.5)
        else:
            made = DEFAULTS.get(name) or (module(dim=1) if "oftm" in name else module())
        found[name] = made, shape
    return found


@pytest.mark.parametrize("name", every_kind())
@pytest.mark.parametrize("sign", [-1, 1], ids=["less", "more"])
def test_a_value_that_is_off_by_a_thousandth_does_not_agree(name: str, sign: int, alone: Layer) -> None:
    torch.manual_seed(3)
    module, shape = every_kind()[name]
    activations = alone(module, torch.rand(1, *shape))
    (call,) = activations.calls
    places = call.output[0].abs().flatten().argsort(descending=True)[:3]
    for at in zip(*(axis.tolist() for axis in torch.unravel_index(places, call.shape)), strict=True):
        honest = explain_value(activations, "layer", at)
        assert isinstance(honest, Explanation)
        assert honest.agrees
        assert honest.steps[-1].scale <= 20 * abs(honest.value)  # of the size of the value, where that is large
        forged = call.output.clone()
        forged[(0, *at)] *= 1 + sign * 1e-3
        found = explain_value(replace(activations, calls=(replace(call, output=forged),)), "layer", at)
        assert isinstance(found, Explanation)
        assert not found.agrees


@pytest.mark.parametrize("module", [cls() for cls in ACTIVATIONS], ids=repr)
@pytest.mark.parametrize("wrong", [-0.4, -1e-4, 1e-4, 0.4], ids=str)
def test_an_activation_of_what_cancels_to_almost_nothing_is_no_excuse(module: nn.Module, wrong: float) -> None:
    conv = nn.Conv2d(1, 1, 1)
    with torch.no_grad():
        conv.weight.fill_(1.0)
        conv.bias.fill_(-0.5 + 1e-6)  # type: ignore[union-attr]
    activations = record(nn.Sequential(conv, module), torch.full((2, 2), 0.5))
    conv_call, call = activations.calls
    honest = explain_value(activations, "1", (0, 0, 0))
    assert isinstance(honest, Explanation)
    assert honest.agrees
    forged = replace(activations, calls=(conv_call, replace(call, output=call.output + wrong)))
    found = explain_value(forged, "1", (0, 0, 0))
    assert isinstance(found, Explanation)
    assert found.steps[-1].scale < 3
    assert not found.agrees


@pytest.mark.parametrize("module", [cls() for cls in ACTIVATIONS], ids=repr)
def test_rounding_near_zero_still_agrees(module: nn.Module) -> None:
    torch.manual_seed(0)
    conv = nn.Conv2d(1, 64, 5)
    with torch.no_grad():
        conv.bias.zero_()  # type: ignore[union-attr]
        conv.weight -= conv.weight.mean((1, 2, 3), keepdim=True)  # on paper of one grey, every value is about zero
    activations = record(nn.Sequential(conv, module), torch.full((5, 5), 0.7))
    for channel in range(64):
        explanation = explain_value(activations, "1", (channel, 0, 0))
        assert isinstance(explanation, Explanation)
        assert explanation.agrees


def test_small_values_are_held_to_their_own_size(alone: Layer) -> None:
    activations = alone(nn.Tanh(), torch.tensor([[1e-12]]))
    (call,) = activations.calls
    found = explain_value(replace(activations, calls=(replace(call, output=call.output * 2),)), "layer", (0,))
    assert isinstance(found, Explanation)
    assert not found.agrees


def test_what_is_too_small_for_the_networks_dtype_agrees_with_zero(alone: Layer) -> None:
    layer = nn.Linear(1, 1, bias=False)
    nn.init.constant_(layer.weight, 1e-30)
    explanation = explain_value(alone(layer, torch.tensor([[1e-20]])), "layer", (0,))
    assert isinstance(explanation, Explanation)
    assert (explanation.value, explanation.agrees) == (0.0, True)


@pytest.mark.parametrize("wrong", [nan, inf, -inf, 3.0], ids=str)
@pytest.mark.parametrize("true", [nan, inf, -inf, 3.0], ids=str)
def test_nan_agrees_with_nan_and_infinity_with_its_own_sign(true: float, wrong: float, alone: Layer) -> None:
    activations = alone(nn.Identity(), torch.tensor([[true]]))
    (call,) = activations.calls
    found = explain_value(replace(activations, calls=(replace(call, output=torch.tensor([[wrong]])),)), "layer", (0,))
    assert isinstance(found, Explanation)
    assert found.agrees == (str(true) == str(wrong))


def test_a_value_beside_an_infinity_is_held_to_its_own_size(alone: Layer) -> None:
    for module in (nn.MaxPool1d(2), nn.LogSoftmax(-1), nn.Softmax(-1)):
        activations = alone(module, torch.tensor([[[-inf, 3.0]]]))
        (call,) = activations.calls
        at = (0, call.shape[-1] - 1)
        honest = explain_value(activations, "layer", at)
        forged = explain_value(replace(activations, calls=(replace(call, output=call.output + 0.01),)), "layer", at)
        assert isinstance(honest, Explanation)
        assert isinstance(forged, Explanation)
        assert (honest.agrees, forged.agrees) == (True, False)


@pytest.mark.parametrize("value", [nan, inf], ids=str)
@pytest.mark.parametrize("name", NETWORKS)
def test_damaged_weights_are_explained_as_far_as_they_go(
    name: str, value: float, tutorial: Tutorial, image: Tensor
) -> None:
    network = tutorial(name)
    with torch.no_grad():
        next(network.parameters()).flatten()[::7] = value
    activations = record(network, image)
    for call in activations.calls:
        at = strongest(call)
        for folded in (False, True):
            explanation = explain_value(activations, call.name, at, folded=folded)
            assert isinstance(explanation, Explanation)
            assert "nan" not in f"{call.output[0][at]}" or "nan" in render(explanation)
            assert to_dict(explanation)["layer"] == call.name
            if not isfinite(explanation.value) and explanation.agrees:
                assert "the same, but no number." in render(explanation)


def test_a_batch_norm_without_spread_divides_by_zero_as_torch_does(image: Tensor) -> None:
    norm = nn.BatchNorm2d(1, eps=0.0)
    nn.init.zeros_(norm.running_var)  # type: ignore[arg-type]
    activations = record(nn.Sequential(nn.Conv2d(1, 1, 1), norm), image)
    for folded, said in ((False, "Beyond the finite numbers the order"), (True, "the same, but no number")):
        explanation = explain_value(activations, "1", (0, 3, 3), folded=folded)
        assert isinstance(explanation, Explanation)
        assert (isfinite(explanation.value), isfinite(explanation.computed)) == (False, False)
        assert said in render(explanation)
