import io
import re

import pytest
import torch
from PIL import Image
from tests.networks import NETWORKS
from torch import Tensor, nn
from torch.nn import functional

from inkwise.errors import DataError, ShapeError, UnknownName, UsageError
from inkwise.evaluation.sheets import kernels_sheet
from inkwise.explain.kernels import Kernels, kernels_of, layers_with_kernels, sheet
from inkwise.models.network import build
from inkwise.recipes.registry import get


def deep() -> nn.Module:
    torch.manual_seed(0)
    lines = (
        "conv 4 3x3",
        "relu",
        "maxpool 2",
        "conv 6 3x5 groups 2",
        "relu",
        "flatten",
        "relu",
        "linear 7",
        "linear 3",
    )
    return build(lines, classes=3, input_shape=(1, 12, 12))


def size(png: bytes) -> tuple[int, int]:
    return Image.open(io.BytesIO(png)).size


def test_layers_are_named_with_the_shapes_of_their_kernels() -> None:
    # 12 - 3 + 1 = 10, pooled 5; 5 - 3 + 1 = 3 rows and 5 - 5 + 1 = 1 column; linear2 gets what linear1 has mixed.
    assert layers_with_kernels(deep()) == {"conv1": (4, 1, 3, 3), "conv2": (6, 2, 3, 5), "linear1": (7, 6, 3, 1)}


def test_what_a_linear_layer_has_mixed_is_no_map_even_of_the_same_size() -> None:
    network = build(("conv 2 3x3", "flatten", "linear 72", "relu", "linear 3"), classes=3, input_shape=(1, 8, 8))
    assert layers_with_kernels(network) == {"conv1": (2, 1, 3, 3), "linear1": (72, 2, 6, 6)}


def test_kernels_are_the_weights() -> None:
    network = deep()
    found = kernels_of(network, "conv2")
    assert torch.equal(found.weights, network.get_parameter("conv2.weight"))
    assert found.bias is not None
    assert torch.equal(found.bias, network.get_parameter("conv2.bias"))
    assert kernels_of(nn.Conv2d(1, 2, 3, bias=False), "network").bias is None


def test_kernels_that_are_given_are_shown_as_those_that_are_learned() -> None:
    network = build(("cosines 6 4x4", "flatten", "linear classes"), classes=2, input_shape=(1, 8, 8))
    found = kernels_of(network, "conv1")
    assert torch.equal(found.weights, network.get_buffer("conv1.weight"))
    assert found.bias is None
    alone = nn.Sequential(network[0])  # nothing in it is trained
    assert torch.equal(kernels_of(alone.double(), "0", input_shape=(1, 8, 8)).weights, found.weights.double())


def test_a_parametrised_kernel_is_the_one_in_use() -> None:
    module = nn.utils.parametrizations.weight_norm(nn.Conv2d(1, 2, 3))
    with torch.no_grad():
        module.parametrizations.weight.original0.mul_(2)
    assert torch.equal(kernels_of(module, "network").weights, module.weight)


def test_they_are_copies() -> None:
    network = deep()
    before = network.get_parameter("conv1.weight").clone()
    kernels_of(network, "conv1").weights.zero_()
    assert torch.equal(network.get_parameter("conv1.weight"), before)


def test_a_row_of_a_linear_layer_is_a_kernel_as_large_as_its_map() -> None:
    network, image = deep(), torch.rand(1, 1, 12, 12)
    maps = nn.Sequential(*list(network.children())[:5])(image)
    found = kernels_of(network, "linear1")
    by_kernel = functional.conv2d(maps.relu(), found.weights, found.bias).flatten(1)
    by_layer = functional.linear(
        maps.relu().flatten(1), network.get_parameter("linear1.weight"), network.get_parameter("linear1.bias")
    )
    assert torch.allclose(by_kernel, by_layer, atol=1e-6)


def test_a_map_laid_flat_between_modules_is_followed() -> None:
    class Free(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.conv, self.head = nn.Conv2d(3, 2, 3), nn.Linear(2 * 4 * 6, 5)

        def forward(self, images: Tensor) -> Tensor:
            outputs: Tensor = self.head(torch.flatten(self.conv(images), 1))
            return outputs

    assert kernels_of(Free(), "head", input_shape=(3, 6, 8)).weights.shape == (5, 2, 4, 6)


@pytest.mark.parametrize("groups", [1, 2])
def test_a_transposed_convolution_is_told_from_its_output_channels(groups: int) -> None:
    torch.manual_seed(0)
    layer = nn.ConvTranspose2d(4, 6, 3, groups=groups, bias=False)
    weights = kernels_of(layer, "network", input_shape=(4, 5, 5)).weights
    assert weights.shape == (6, 4 // groups, 3, 3)
    image = torch.rand(1, 4, 5, 5)
    turned = functional.conv2d(image, weights.flip(2, 3), padding=2, groups=groups)
    assert torch.allclose(layer(image), turned, atol=1e-6)


def test_other_ranks_have_kernels_too() -> None:
    assert kernels_of(nn.Conv1d(2, 3, 5), "network", input_shape=(2, 9)).weights.shape == (3, 2, 5)
    assert kernels_of(nn.Conv3d(1, 2, 3), "network", input_shape=(1, 4, 4, 4)).weights.shape == (2, 1, 3, 3, 3)


def test_sums_and_norms_are_those_of_each_kernel() -> None:
    found = Kernels("conv", torch.tensor([[[[3.0, -4.0]]], [[[1.0, 1.0]]]]), None)
    assert found.sums.tolist() == [-1.0, 2.0]
    assert found.norms.tolist() == pytest.approx([5.0, 2**0.5])


@pytest.mark.parametrize("recipe", NETWORKS)
def test_the_first_layer_of_every_tutorial_has_kernels(recipe: str) -> None:
    known = get(recipe)
    network = build(known.network, classes=1 if known.binary else 10, pixels=known.pixels).train()
    assert kernels_of(network, "conv1").weights.shape[1] == 1
    assert all(part.training for part in network.modules())


def test_a_layer_without_kernels_is_told_which_have_some() -> None:
    for layer, kind in (("relu1", "ReLU"), ("linear2", "Linear")):
        message = f"Layer {layer!r}, a {kind}, has no kernels to show; those of conv1, conv2, linear1 can be shown."
        with pytest.raises(UsageError, match=re.escape(message)):
            kernels_of(deep(), layer)
    with pytest.raises(UsageError, match="Layer '1', a ReLU, has no kernels to show; no layer of this network has any"):
        kernels_of(nn.Sequential(nn.Flatten(), nn.ReLU()), "1")


def test_an_unknown_layer_is_told() -> None:
    with pytest.raises(UnknownName, match=r"There is no layer 'conv3'\. Did you mean"):
        kernels_of(deep(), "conv3")


def test_another_image_shape_is_a_shape_error() -> None:
    with pytest.raises(
        ShapeError, match=r"cannot take an image of 1 x 28 x 28: mat1 and mat2 .*; give its input_shape"
    ):
        layers_with_kernels(nn.Sequential(nn.Flatten(), nn.Linear(5, 2)))


# The sheet.


def test_the_sheet_is_that_of_the_evaluation() -> None:
    found = kernels_of(deep(), "conv2")
    for dark in (False, True):
        assert sheet(found, dark=dark) == kernels_sheet(found.weights, dark=dark)
    assert sheet(found, channel=3) == kernels_sheet(found.weights[3:4])
    assert sheet(found, most=5) == kernels_sheet(found.weights, most=5)


@pytest.mark.parametrize(("shape", "pictures"), [((2, 3, 5), (2, 3, 1, 5)), ((2, 1, 3, 4, 4), (2, 3, 4, 4))], ids=str)
def test_other_ranks_are_drawn_as_rows_and_planes(shape: tuple[int, ...], pictures: tuple[int, ...]) -> None:
    weights = torch.linspace(-1, 1, torch.Size(shape).numel()).reshape(shape)
    assert sheet(Kernels("conv", weights, None)) == kernels_sheet(weights.reshape(pictures))


def test_what_cannot_be_drawn_is_told() -> None:
    found = kernels_of(deep(), "conv1")
    with pytest.raises(UsageError, match="There is no kernel 4 in layer 'conv1': its channels are 0 to 3"):
        sheet(found, channel=4)
    with pytest.raises(UsageError, match="most is 0; it must be at least 1"):
        sheet(found, most=0)
    with pytest.raises(DataError, match="nan"):
        sheet(Kernels("conv", torch.full((1, 1, 2, 2), float("nan")), None))
