"""What is recorded is what the layers really took and gave, whatever they do to their tensors."""

import re
from collections import OrderedDict
from collections.abc import Callable

import numpy as np
import pytest
import torch
from tests.networks import NETWORKS
from torch import Tensor, nn
from torch.nn import functional

from inkwise.errors import ShapeError, UnknownName, UsageError
from inkwise.explain.activations import record
from inkwise.explain.arithmetic.arithmetic import Explanation, explain_value
from inkwise.explain.arithmetic.table import render
from inkwise.explain.field import Box, boxes, seen
from inkwise.explain.figure.figure import draw
from inkwise.explain.layers import layer_rows
from inkwise.models.network import build


class Residual(nn.Module):
    """A user's network: a sum of two branches, functional steps, a module used twice, ReLU in place."""

    def __init__(self) -> None:
        super().__init__()
        self.conv = nn.Conv2d(1, 1, 3, padding=1)
        nn.init.constant_(self.conv.bias, -0.2)  # type: ignore[arg-type]
        self.relu = nn.ReLU(inplace=True)
        self.scale = nn.Parameter(torch.tensor(0.5))
        self.head = nn.Linear(784, 10)

    def forward(self, x: Tensor) -> Tensor:
        branch = self.relu(self.conv(x))
        total = self.scale * x + self.relu(self.conv(branch))
        outputs: Tensor = self.head(torch.flatten(total, 1))
        return outputs


@pytest.mark.parametrize("name", NETWORKS)
def test_a_tutorials_layers_are_a_chain_from_the_image_on(
    name: str, tutorial: Callable[[str], nn.Module], image: Tensor
) -> None:
    network = tutorial(name)
    activations = record(network, image)
    assert activations.names == tuple(child for child, _ in network.named_children())
    assert [call.before for call in activations.calls] == ["image", *activations.names[:-1]]
    torch.testing.assert_close(activations.outputs, network.eval()(activations.image), rtol=1e-5, atol=1e-6)
    torch.testing.assert_close(activations.image, image[None, None].float() / 255)
    for call in activations.calls:
        assert torch.equal(call.output, call.module(call.given))


def test_modules_in_place_and_used_twice_keep_their_own_values(image: Tensor) -> None:
    torch.manual_seed(0)
    network = Residual()
    activations = record(network, image)
    assert activations.names == ("conv", "relu", "conv:2", "relu:2", "head", "network")
    assert [call.before for call in activations.calls] == ["image", "conv", "relu", "conv:2", None, "image"]
    convs = [activations.call(name) for name in ("conv", "conv:2")]
    for call in convs:
        assert torch.equal(call.output, network.conv(call.given))
        assert float(call.output.min()) < 0  # what came after did not spoil it
    total = 0.5 * activations.image + activations.call("relu:2").output
    torch.testing.assert_close(activations.call("head").given, total.flatten(1))
    assert activations.call("relu").shape == (1, 28, 28)


def test_what_is_changed_in_place_between_modules_is_no_layers_output(image: Tensor) -> None:
    class Between(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.one, self.two = nn.Conv2d(1, 1, 1), nn.Conv2d(1, 1, 1)

        def forward(self, x: Tensor) -> Tensor:
            y = self.one(x)
            functional.relu_(y)
            outputs: Tensor = self.two(y)
            return outputs

    torch.manual_seed(1)
    network = Between()
    nn.init.constant_(network.one.bias, -0.3)  # type: ignore[arg-type]
    activations = record(network, image)
    one, two = activations.calls
    assert float(one.output.min()) < 0 <= float(two.given.min())
    assert two.before is None


def test_mode_hooks_and_weights_are_as_before(image: Tensor) -> None:
    network = Residual().train()
    network.conv.eval()
    heard = []
    handle = network.conv.register_forward_hook(lambda *_: heard.append(1))
    before = {name: value.clone() for name, value in network.state_dict().items()}
    record(network, image)
    assert network.training
    assert not network.conv.training
    assert heard == [1, 1]
    handle.remove()
    assert not any(part._forward_hooks or part._forward_pre_hooks for part in network.modules())
    assert all(torch.equal(value, before[name]) for name, value in network.state_dict().items())


def test_hooks_and_mode_are_restored_after_a_failure_too(image: Tensor) -> None:
    network = nn.Sequential(OrderedDict(flat=nn.Flatten(), head=nn.Linear(3, 2))).train()
    sentence = r"The network cannot take an image of 1 x 28 x 28: mat1 and mat2 .*\."
    with pytest.raises(ShapeError, match=sentence):
        record(network, image)
    assert network.training
    assert not any(part._forward_hooks or part._forward_pre_hooks for part in network.modules())


def test_a_forward_method_that_fails_in_its_own_way_is_told_with_its_error(image: Tensor) -> None:
    class Two(nn.Module):
        def forward(self, one: Tensor, two: Tensor) -> Tensor:
            return one + two

    sentence = r"The network cannot take an image of 1 x 28 x 28: TypeError: .* missing 1 required positional argument"
    with pytest.raises(ShapeError, match=sentence):
        record(Two(), image)


def test_what_the_networks_own_door_refuses_keeps_its_sentence(image: Tensor) -> None:
    network = build(("flatten", "linear classes"), classes=10, input_shape=(1, 8, 8))
    with pytest.raises(ShapeError, match=r"The network takes float32 images in \[0, 1\] of shape \(N, 1, 8, 8\)"):
        record(network, image)


def test_what_is_no_row_of_real_numbers_is_left_out(image: Tensor) -> None:
    class Odd(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.same = nn.Identity()

        def forward(self, x: Tensor) -> Tensor:
            for odd in (torch.tensor(1.0), torch.empty(1, 0), torch.fft.fft(x), (1, None), x > 0.5):
                self.same(odd)
            return x.flatten(1)

    activations = record(Odd(), image)
    assert [(call.name, call.output.dtype) for call in activations.calls] == [("same", torch.bool)]


def test_dropout_rests_and_no_gradient_is_kept(image: Tensor) -> None:
    network = nn.Sequential(nn.Flatten(), nn.Dropout(0.9), nn.Linear(784, 3)).train()
    activations = record(network, image)
    assert torch.equal(activations.call("1").output, activations.call("0").output)
    assert not activations.outputs.requires_grad


@pytest.mark.parametrize("inside", [False, True], ids=["plain", "inference mode"])
def test_a_module_that_returns_several_tensors_is_recorded_by_its_first(image: Tensor, inside: bool) -> None:
    class Reader(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.lstm = nn.LSTM(28, 4, batch_first=True)
            self.head = nn.Linear(4, 10)

        def forward(self, x: Tensor) -> dict[str, Tensor]:
            values, _ = self.lstm(x[:, 0])
            return {"logits": self.head(values[:, -1])}

    torch.manual_seed(0)
    with torch.inference_mode(inside):
        activations = record(Reader(), image)
    assert activations.call("lstm").shape == (28, 4)
    assert torch.equal(activations.outputs, activations.call("head").output)


def test_the_same_image_may_come_in_several_forms(image: Tensor) -> None:
    network = build(("flatten", "linear classes"), classes=10)
    forms = [image, image[None], image[None, None], image.float() / 255, (image.float() / 255)[None, None]]
    outputs = [record(network, form).outputs for form in forms]
    assert all(torch.equal(each, outputs[0]) for each in outputs)


def test_the_image_takes_the_networks_dtype(image: Tensor) -> None:
    network = nn.Sequential(nn.Flatten(), nn.Linear(784, 2)).double()
    assert record(network, image).outputs.dtype == torch.float64


@pytest.mark.parametrize(
    ("given", "error", "sentence"),
    [
        (torch.zeros(2, 1, 28, 28), ShapeError, r"One image of \(H, W\), .* is taken, .*; the shape given is \(2, 1"),
        (torch.zeros(28), ShapeError, r"the shape given is \(28,\)"),
        (torch.zeros(0, 28), ShapeError, r"the image given is empty, of shape \(0, 28\)"),
        (torch.zeros(28, 28, dtype=torch.int64), UsageError, "the values given are int64"),
        (torch.full((28, 28), 2.0), UsageError, "the values given go from 2 to 2; divide by 255 first"),
        (torch.full((28, 28), -0.5), UsageError, "the values given go from -0.5 to -0.5; with as_given=True a tensor"),
        (torch.full((28, 28), float("nan")), UsageError, "the values given go from nan to nan"),
    ],
    ids=["two", "flat", "empty", "integers", "bytes", "negative", "nan"],
)
def test_what_is_no_image_gets_a_sentence(given: Tensor, error: type[Exception], sentence: str) -> None:
    with pytest.raises(error, match=sentence):
        record(nn.Flatten(), given)


def test_a_network_that_returns_no_tensor_is_told(image: Tensor) -> None:
    class Word(nn.Module):
        def forward(self, _: Tensor) -> str:
            return "seven"

    with pytest.raises(UsageError, match=r"The network returned str; it must return a tensor\."):
        record(Word(), image)


def test_a_layer_that_does_not_exist_is_told_with_what_comes_close(image: Tensor) -> None:
    activations = record(build(("relu", "flatten", "linear classes"), classes=10), image)
    with pytest.raises(UnknownName, match=re.escape("There is no layer 'linear2'. Did you mean 'linear1'?")):
        activations.call("linear2")
    with pytest.raises(UnknownName, match=re.escape("There is no layer 'x'. Accepted: flatten1, linear1, relu1.")):
        activations.call("x")


@pytest.mark.parametrize(
    ("layer", "at", "sentence"),
    [
        ("conv1", (8, 0, 0), "channels 0 to 7, rows 0 to 27, columns 0 to 27; there is no position 8,0,0."),
        ("conv1", (0, -1, 0), "there is no position 0,-1,0."),
        ("conv1", (3,), "there is no position 3; give 3 numbers."),
        ("conv1", (), "there is no position without numbers; give 3 numbers."),
        ("linear1", (10,), "linear1 is 10: features 0 to 9; there is no position 10."),
        ("linear1", (0, 0), "there is no position 0,0; give 1 number."),
    ],
)
def test_a_position_that_does_not_exist_is_told_with_the_ranges(
    layer: str, at: tuple[int, ...], sentence: str, image: Tensor
) -> None:
    activations = record(build(("conv 8 3x3 pad 1", "flatten", "linear classes"), classes=10), image)
    with pytest.raises(UsageError, match=re.escape(sentence)):
        activations.call(layer).place(at)


@pytest.mark.parametrize("at", [[1, 0, 25], torch.tensor([1, 0, 25]), np.array([1, 0, 25]), range(3)], ids=repr)
def test_a_position_may_be_any_whole_numbers(at: object, image: Tensor) -> None:
    call = record(nn.Conv2d(1, 2, 3), image).call("network")
    assert call.place(at) == ((0, 1, 2) if isinstance(at, range) else (1, 0, 25))
    assert all(type(each) is int for each in call.place(at))


@pytest.mark.parametrize("at", [3, (3,), np.int64(3), torch.tensor(3), torch.tensor([3])], ids=repr)
def test_of_a_flat_layer_one_number_is_a_position(at: object, image: Tensor) -> None:
    assert record(nn.Flatten(), image).call("network").place(at) == (3,)


@pytest.mark.parametrize("at", ["1,2,3", (0.0, 1.0, 2.0), torch.tensor([0.0, 1.0, 2.0]), None, 1.5, b"12"], ids=repr)
def test_what_is_no_position_at_all_is_told_what_one_is(at: object, image: Tensor) -> None:
    call = record(nn.Conv2d(1, 2, 3), image).call("network")
    sentence = "rows 0 to 25, columns 0 to 25; a position is whole numbers, such as (1, 13, 13), not "
    with pytest.raises(UsageError, match=re.escape(sentence)):
        call.place(at)
    with pytest.raises(UsageError, match=r"network is 784: features .*, such as \(392,\), not '7'\."):
        record(nn.Flatten(), image).call("network").place("7")


@pytest.mark.parametrize(
    ("network", "given", "sentence"),
    [
        ("network", torch.zeros(28, 28), "A network is a torch.nn.Module; what was given is str."),
        (nn.ReLU, torch.zeros(28, 28), "A network is a torch.nn.Module; what was given is the class ReLU."),
        (nn.ReLU(), np.zeros((28, 28)), "An image is a torch.Tensor; what was given is ndarray."),
    ],
    ids=["text", "class", "array"],
)
def test_what_is_no_network_and_what_is_no_tensor_is_told(network: object, given: object, sentence: str) -> None:
    with pytest.raises(UsageError, match=re.escape(sentence)):
        record(network, given)


@pytest.mark.parametrize("shape", [(3, 9, 7), (1, 3, 9, 7)], ids=str)
@pytest.mark.parametrize("dtype", [torch.uint8, torch.float32], ids=str)
def test_images_of_any_number_of_channels_are_taken(shape: tuple[int, ...], dtype: torch.dtype) -> None:
    values = torch.arange(189, dtype=torch.uint8).reshape(shape)
    given = values if dtype == torch.uint8 else values / 255
    activations = record(nn.Conv2d(3, 2, 3), given)
    torch.testing.assert_close(activations.image, values.reshape(1, 3, 9, 7) / 255)
    assert activations.call("network").shape == (2, 7, 5)


@pytest.mark.parametrize(
    "given",
    [torch.randn(1, 2, 9) * 300, torch.randn(1, 4).double(), torch.arange(5)[None], torch.randn(1, 3, 28, 28) - 5],
    ids=["1-d", "double", "indices", "standardised"],
)
def test_what_is_recorded_as_given_reaches_the_network_as_it_is(given: Tensor) -> None:
    network = nn.Identity()
    activations = record(network, given, as_given=True)
    (call,) = activations.calls
    for value in (activations.image, call.given, activations.outputs):
        assert torch.equal(value, given)
        assert value.dtype == given.dtype
    assert call.before == "image"


@pytest.mark.parametrize(
    ("given", "error", "sentence"),
    [
        (
            torch.zeros(2, 3),
            ShapeError,
            r"A tensor of \(1, ...\), of real .*; the shape given is \(2, 3\)",
        ),
        (torch.tensor(1.0), ShapeError, r"the shape given is \(\)\."),
        (torch.zeros(1, 0), ShapeError, r"the shape given is \(1, 0\)\."),
        (torch.zeros(1, 2, dtype=torch.complex64), UsageError, r"the values given are complex64\."),
    ],
    ids=["two", "scalar", "empty", "complex"],
)
def test_what_cannot_be_given_as_it_is_gets_a_sentence(given: Tensor, error: type[Exception], sentence: str) -> None:
    with pytest.raises(error, match=sentence):
        record(nn.Identity(), given, as_given=True)


def test_what_the_network_cannot_take_as_given_is_told_with_its_dtype() -> None:
    with pytest.raises(ShapeError, match=r"The network cannot take int64 \(1, 3\): .*\."):
        record(nn.Linear(3, 2), torch.arange(3)[None], as_given=True)


def signal_network() -> nn.Module:
    torch.manual_seed(0)
    return nn.Sequential(
        nn.Conv1d(2, 4, 5, stride=2, padding=2), nn.BatchNorm1d(4), nn.LeakyReLU(), nn.MaxPool1d(2),
        nn.Conv1d(4, 3, 3, dilation=2), nn.AdaptiveAvgPool1d(1), nn.Flatten(), nn.Linear(3, 2), nn.Softmax(-1),
    )  # fmt: skip


def test_a_network_of_signals_is_explained_as_one_of_images_is() -> None:
    activations = record(signal_network(), torch.randn(1, 2, 40) * 20 - 3, as_given=True)
    for call, row in zip(activations.calls, layer_rows(activations), strict=True):
        explanation = explain_value(activations, call.name, row.at)
        assert isinstance(explanation, Explanation)
        assert explanation.agrees
        assert render(explanation)
    found = boxes(activations, "0", (3, 0))
    assert found["image"] == Box(0, 0, 3, 1, (-2, 0, 5, 1))
    assert boxes(activations, "3", (1, 4))["image"] == Box(14, 0, 7, 1, (14, 0, 7, 1))
    assert seen(found["image"], (40,)) == (
        "It depends on 1 x 3 pixels of the image, row 0, columns 0 to 2, and on padding."
    )
    assert seen(boxes(activations, "7", (0,))["image"], (40,)).startswith("It depends on the whole image")


@pytest.mark.parametrize(
    "given",
    [torch.randn(1, 2, 40), torch.randn(1, 40), torch.arange(1), torch.randn(1, 2, 3, 4, 5), torch.rand(1, 3, 6, 6)],
    ids=lambda given: str(tuple(given.shape)),
)
def test_what_is_recorded_as_given_can_be_drawn(given: Tensor) -> None:
    activations = record(nn.Sequential(nn.Identity(), nn.Flatten(0)), given, as_given=True)
    at = tuple(0 for _ in given.shape[1:])
    assert draw(activations, "0", at).startswith(b"\x89PNG")
