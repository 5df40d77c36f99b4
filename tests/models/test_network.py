"""The built network: its children, its scale, its door, its probabilities."""

import pytest
import torch
from torch import Tensor, nn

from inkwise.errors import ShapeError, UsageError
from inkwise.models.deskewing import Deskewing
from inkwise.models.kinds import KINDS
from inkwise.models.network import Network, Pixels, Scale, build, check_images, probabilities_of

SMALL = ("conv 2 5x5 stride 3", "relu", "flatten", "linear classes")
EXAMPLES = {
    "conv": ("conv 4 3x5 stride 2 pad 2x1 dilation 1x2 groups 2 nobias", nn.Conv2d),
    "maxpool": ("maxpool 3 stride 2 pad 1", nn.MaxPool2d),
    "avgpool": ("avgpool 2x3", nn.AvgPool2d),
    "globalavgpool": ("globalavgpool", nn.AdaptiveAvgPool2d),
    "batchnorm": ("batchnorm", nn.BatchNorm2d),
    "dropout": ("dropout 0.25", nn.Dropout),
    "flatten": ("flatten", nn.Flatten),
    "linear": ("linear 3", nn.Linear),
    "relu": ("relu", nn.ReLU),
    "leakyrelu": ("leakyrelu slope 0.2", nn.LeakyReLU),
    "gelu": ("gelu", nn.GELU),
    "silu": ("silu", nn.SiLU),
    "tanh": ("tanh", nn.Tanh),
    "sigmoid": ("sigmoid", nn.Sigmoid),
    "softmax": ("softmax", nn.Softmax),
    "deskew": ("deskew", Deskewing),
    "crop": ("crop 1x2", nn.ZeroPad2d),
    "cosines": ("cosines 4 3x2 stride 2 pad 1", nn.Conv2d),
}
ONE_CHANNEL = {"deskew", "cosines"}


@pytest.mark.parametrize("word", KINDS)
def test_every_kind_builds_its_torch_module(word: str) -> None:
    line, module = EXAMPLES[word]
    needs_flat = word in {"linear", "softmax"}
    before = ("flatten",) if needs_flat else ()
    after = () if word in {"flatten", "linear", "softmax"} else ("flatten",)
    shape = (1 if word in ONE_CHANNEL else 2, 8, 8)
    network = build((*before, line, *after, "linear classes"), classes=10, input_shape=shape)
    built = network[len(before)]
    assert isinstance(built, module)
    assert network(torch.rand(3, *shape)).shape == (3, 10)


def test_the_words_of_a_line_reach_the_torch_module() -> None:
    conv = build((EXAMPLES["conv"][0], "flatten", "linear classes"), classes=2, input_shape=(2, 8, 8)).conv1
    assert isinstance(conv, nn.Conv2d)
    assert (conv.kernel_size, conv.stride, conv.padding, conv.dilation) == ((3, 5), (2, 2), (2, 1), (1, 2))
    assert (conv.groups, conv.bias) == (2, None)
    flat = build(("flatten", "batchnorm", "dropout 0.25", "leakyrelu slope 0.2", "linear classes nobias"), classes=2)
    assert isinstance(flat.batchnorm1, nn.BatchNorm1d)
    assert isinstance(flat.dropout1, nn.Dropout)
    assert flat.dropout1.p == 0.25
    assert isinstance(flat.leakyrelu1, nn.LeakyReLU)
    assert flat.leakyrelu1.negative_slope == 0.2
    assert isinstance(flat.linear1, nn.Linear)
    assert [name for name, _ in flat.linear1.named_parameters()] == ["weight"]
    pool = build(("maxpool 3 stride 2 pad 1", "flatten", "linear classes"), classes=2).pool1
    assert isinstance(pool, nn.MaxPool2d)
    assert (pool.kernel_size, pool.stride, pool.padding) == ((3, 3), (2, 2), (1, 1))


def test_children_are_named_by_kind_and_count() -> None:
    network = build(("conv 2 3", "relu", "conv 2 3", "flatten", "linear classes"), classes=10, pixels="signed")
    names = [name for name, _ in network.named_children()]
    assert names == ["pixels", "conv1", "relu1", "conv2", "flatten1", "linear1"]
    assert not any(name.startswith("pixels") for name in network.state_dict())


@pytest.mark.parametrize(
    ("pixels", "black", "white"),
    [("unit", 0.0, 1.0), ("signed", -1.0, 1.0), ("standard", -0.1307 / 0.3081, (1 - 0.1307) / 0.3081)],
)
def test_pixels_bring_ink_to_the_recipes_scale(pixels: Scale, black: float, white: float) -> None:
    network = build(("flatten", "linear classes"), classes=784, pixels=pixels)
    linear = network.linear1
    assert isinstance(linear, nn.Linear)
    with torch.no_grad():
        linear.weight.copy_(torch.eye(784))
        linear.bias.zero_()
    images = torch.zeros(1, 1, 28, 28)
    images[0, 0, 0, 0] = 1
    out = network(images)[0]
    assert out[:2].tolist() == pytest.approx([white, black], abs=1e-6)


def test_the_same_seed_gives_the_same_weights_as_torchs_own_modules() -> None:
    torch.manual_seed(5)
    network = build(SMALL, classes=10)
    torch.manual_seed(5)
    conv, linear = nn.Conv2d(1, 2, 5, 3), nn.Linear(128, 10)
    assert isinstance(network.conv1, nn.Conv2d)
    assert isinstance(network.linear1, nn.Linear)
    assert torch.equal(network.conv1.weight, conv.weight)
    assert torch.equal(network.linear1.weight, linear.weight)


@pytest.mark.parametrize(
    ("images", "error", "message"),
    [
        (
            torch.zeros(2, 1, 28, 28, dtype=torch.uint8),
            UsageError,
            r"takes float32 images in \[0, 1\] of shape \(N, 1, 28, 28\), and was given uint8; divide by 255 first",
        ),
        (torch.zeros(2, 1, 28, 28).double(), UsageError, r"was given float64; convert them with .float\(\)"),
        (torch.zeros(28, 28), ShapeError, r"was given shape \(28, 28\)"),
        (torch.zeros(1, 28, 28), ShapeError, r"was given shape \(1, 28, 28\)"),
        (torch.zeros(2, 3, 28, 28), ShapeError, r"was given shape \(2, 3, 28, 28\)"),
        (torch.full((2, 1, 28, 28), 255.0), UsageError, "was given values from 255 to 255"),
        (torch.full((2, 1, 28, 28), -0.5), UsageError, "was given values from -0.5 to -0.5"),
        (torch.full((2, 1, 28, 28), torch.nan), UsageError, "was given values from nan to nan"),
    ],
)
def test_the_door_refuses_what_is_no_image(images: Tensor, error: type[UsageError | ShapeError], message: str) -> None:
    with pytest.raises(error, match=message):
        build(SMALL, classes=10)(images)


def test_the_door_lets_images_pass_and_an_empty_batch() -> None:
    network = build(SMALL, classes=10)
    assert network(torch.ones(1, 1, 28, 28)).shape == (1, 10)
    assert network(torch.zeros(0, 1, 28, 28)).shape == (0, 10)
    check_images(torch.zeros(2, 3, 4, 5), (3, 4, 5))


def test_the_door_can_be_left_open_while_training() -> None:
    network = build(SMALL, classes=10)
    network.guarded = False
    assert network(torch.full((1, 1, 28, 28), 255.0)).shape == (1, 10)


def test_a_slice_is_a_network_without_a_door() -> None:
    network = build(SMALL, classes=10)
    tail = network[1:]
    assert isinstance(tail, Network)
    assert tail(torch.full((1, 2, 8, 8), -3.0)).shape == (1, 10)


def test_logits_become_probabilities_and_probabilities_stay() -> None:
    images = torch.rand(4, 1, 28, 28)
    torch.manual_seed(0)
    logits = build(SMALL, classes=10)
    torch.manual_seed(0)
    soft = build((*SMALL, "softmax"), classes=10)
    assert (logits.outputs, soft.outputs) == ("logits", "probabilities")
    expected = logits.probabilities(logits(images))
    assert torch.allclose(expected.sum(1), torch.ones(4))
    assert torch.allclose(soft.probabilities(soft(images)), expected)
    assert torch.equal(probabilities_of(soft, soft(images)), soft(images))


def test_one_output_is_the_probability_of_yes() -> None:
    network = build(("conv 1 28x28 nobias", "flatten"), classes=1)
    z = torch.tensor([[0.0], [2.0]])
    assert network.probabilities(z).flatten().tolist() == pytest.approx([0.5, 0.880797])
    with_sigmoid = build(("conv 1 28x28 nobias", "flatten", "sigmoid"), classes=1)
    assert with_sigmoid.outputs == "probabilities"
    assert with_sigmoid.probabilities(z.sigmoid()).flatten().tolist() == pytest.approx([0.5, 0.880797])


def test_a_module_that_says_so_gives_probabilities() -> None:
    class Sure(nn.Identity):
        outputs = "probabilities"

    assert probabilities_of(nn.Identity(), torch.tensor([[1.0, 1.0]])).tolist() == [[0.5, 0.5]]
    assert probabilities_of(Sure(), torch.tensor([[0.25, 0.75]])).tolist() == [[0.25, 0.75]]


def test_pixels_say_their_numbers() -> None:
    assert repr(Pixels(0.5, 0.25)) == "Pixels(mean=0.5, deviation=0.25)"
