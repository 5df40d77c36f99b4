"""The three maps against what can be worked out: finite differences, sums of weight times pixel, a map by hand."""

import re
from collections import OrderedDict
from collections.abc import Callable

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import Tensor, nn

from inkwise.errors import ShapeError, UnknownName, UsageError
from inkwise.explain.saliency import grad_cam, gradient, occlusion
from inkwise.models.network import Network, build
from inkwise.recipes.registry import get, names

TUTORIALS = [name for name in names() if "@" not in name]
MAPS: dict[str, Callable[..., Tensor]] = {"gradient": gradient, "occlusion": occlusion, "grad_cam": grad_cam}


def seeded(seed: int = 0) -> torch.Generator:
    return torch.Generator().manual_seed(seed)


def linear(weights: Tensor) -> nn.Sequential:
    """A network whose output k is the sum of weights[k] times the pixels, and a bias."""
    outputs, *shape = weights.shape
    layer = nn.Linear(weights[0].numel(), outputs, dtype=weights.dtype)
    with torch.no_grad():
        layer.weight.copy_(weights.flatten(1))
    assert len(shape) == 3
    return nn.Sequential(nn.Flatten(), layer)


def convolutional(dtype: torch.dtype = torch.float64) -> nn.Sequential:
    torch.manual_seed(1)
    network = nn.Sequential(
        nn.Conv2d(1, 4, 3, padding=1),
        nn.BatchNorm2d(4),
        nn.ReLU(inplace=True),
        nn.MaxPool2d(2),
        nn.Conv2d(4, 3, 3),
        nn.Tanh(),
        nn.Flatten(),
        nn.Dropout(0.5),
        nn.Linear(3 * 2 * 2, 5),
    ).to(dtype)
    for name, value in network.named_buffers():
        if value.is_floating_point():
            low, high = (-0.2, 0.2) if name.endswith("mean") else (0.5, 2.0)
            value.uniform_(low, high)
    return network


# The gradient.


@pytest.mark.parametrize("target", range(5))
def test_the_gradient_is_the_limit_of_finite_differences(target: int) -> None:
    network, image = convolutional().eval(), torch.rand(1, 1, 8, 8, generator=seeded(), dtype=torch.float64)
    step = 1e-6
    found = gradient(network, image, target, kind="signed")
    for row, column in [(0, 0), (3, 4), (7, 7), (2, 6)]:
        nudge = torch.zeros_like(image)
        nudge[0, 0, row, column] = step
        rise = (network(image + nudge) - network(image - nudge))[0, target] / (2 * step)
        assert found[row, column].item() == pytest.approx(rise.item(), abs=1e-7)
    assert torch.equal(gradient(network, image, target), found.abs())


def test_channels_are_joined_by_the_largest_and_by_the_sum() -> None:
    weights = torch.tensor([[2.0, -5.0, 1.0]]).reshape(1, 3, 1, 1).expand(1, 3, 2, 2).contiguous()
    image = torch.tensor([0.5, 1.0, 0.25]).reshape(1, 3, 1, 1).expand(1, 3, 2, 2)
    network = linear(weights)
    assert torch.equal(gradient(network, image, 0), torch.full((2, 2), 5.0))
    assert torch.equal(gradient(network, image, 0, kind="signed"), torch.full((2, 2), -2.0))
    assert torch.equal(gradient(network, image, 0, kind="times-input"), torch.full((2, 2), 1.0 - 5.0 + 0.25))


def test_shares_of_a_linear_network_add_up_to_its_score() -> None:
    network = linear(torch.randn(3, 1, 6, 6, generator=seeded(), dtype=torch.float64))
    image = torch.rand(1, 1, 6, 6, generator=seeded(1), dtype=torch.float64)
    shares = gradient(network, image, 2, kind="times-input")
    assert shares.sum().item() == pytest.approx((network(image) - network(0 * image))[0, 2].item())


@pytest.mark.parametrize("last", [nn.Softmax(dim=1), nn.LogSoftmax(dim=1)], ids=["softmax", "log-softmax"])
def test_a_certain_softmax_does_not_hide_the_gradient(last: nn.Module) -> None:
    weights = 1e4 * torch.randn(3, 1, 4, 4, generator=seeded())
    image = torch.rand(1, 1, 4, 4, generator=seeded(1))
    closed = nn.Sequential(*linear(weights), last)
    assert torch.equal(gradient(closed, image, 1, kind="signed"), weights[1, 0])
    apart = nn.Sequential(*list(closed)[:2])
    assert torch.equal(occlusion(closed, image, 1, size=2), occlusion(apart, image, 1, size=2))


# Occlusion.


@settings(deadline=None, max_examples=40)
@given(
    st.integers(3, 8),
    st.integers(3, 8),
    st.tuples(st.integers(1, 3), st.integers(1, 3)),
    st.data(),
    st.floats(-1, 1),
    st.integers(1, 2),
)
def test_occlusion_of_a_linear_network_is_the_sum_of_weight_times_pixel(
    height: int, width: int, size: tuple[int, int], data: st.DataObject, value: float, channels: int
) -> None:
    stride = (data.draw(st.integers(1, size[0])), data.draw(st.integers(1, size[1])))
    weights = torch.randn(2, channels, height, width, generator=seeded(height), dtype=torch.float64)
    image = torch.rand(1, channels, height, width, generator=seeded(width), dtype=torch.float64)
    shares = (weights[1] * (image[0] - value)).sum(0)  # what is lost where a pixel is covered
    total, covers = torch.zeros_like(shares), torch.zeros_like(shares)
    tops = sorted({*range(0, height - size[0] + 1, stride[0]), height - size[0]})
    lefts = sorted({*range(0, width - size[1] + 1, stride[1]), width - size[1]})
    for top in tops:
        for left in lefts:
            square = slice(top, top + size[0]), slice(left, left + size[1])
            total[square] += shares[square].sum()
            covers[square] += 1
    found = occlusion(linear(weights), image, 1, size=size, stride=stride, value=value, batch_size=3)
    assert torch.allclose(found, total / covers, atol=1e-12)


def test_occlusion_can_be_of_the_probability() -> None:
    network, image = convolutional(), torch.rand(1, 1, 8, 8, generator=seeded(), dtype=torch.float64)
    found = occlusion(network, image, 2, size=8, of="probability", value=0.5)
    network.eval()
    before, after = (network(x).softmax(1)[0, 2] for x in (image, torch.full_like(image, 0.5)))
    assert torch.allclose(found, (before - after).detach().expand(8, 8).to(found.dtype), atol=1e-6)


def test_the_batch_size_of_occlusion_changes_nothing() -> None:
    network, image = convolutional(), torch.rand(1, 1, 8, 8, generator=seeded())
    assert torch.allclose(occlusion(network, image, 0, batch_size=1), occlusion(network, image, 0, batch_size=99))


# Grad-CAM.


def test_grad_cam_is_the_map_worked_out_by_hand() -> None:
    network = nn.Sequential(
        nn.Conv2d(1, 2, 1, bias=False), nn.ReLU(inplace=True), nn.Flatten(), nn.Linear(8, 1, bias=False)
    )
    with torch.no_grad():
        kernels, shares = network.parameters()
        kernels.copy_(torch.tensor([1.0, 2.0]).reshape(2, 1, 1, 1))
        shares.copy_(torch.tensor([[4.0, 0, 0, 0, -1, -1, 0, 0]]))
    image = torch.tensor([[1.0, 2.0], [3.0, 0.0]])[None, None]
    # Maps A1 = x, A2 = 2x. Their weights: a1 = (4 + 0 + 0 + 0) / 4 = 1, a2 = (-1 - 1 + 0 + 0) / 4 = -1/2.
    # After the ReLU that gives a1 x + a2 2x = 0 everywhere. Before it, its slope is 0 where x = 0; same sums.
    assert torch.equal(grad_cam(network, image, 0), torch.zeros(2, 2))
    with torch.no_grad():
        shares[0, 5] = 0  # now a2 = -1/4, and the map is x - x / 2
    assert torch.equal(grad_cam(network, image, 0), image[0, 0] / 2)
    assert torch.equal(grad_cam(network, image, 0, layer="0"), image[0, 0] / 2)


def test_grad_cam_keeps_the_layers_size_or_is_enlarged() -> None:
    network, image = convolutional(), torch.rand(1, 1, 8, 8, generator=seeded())
    own, enlarged = (grad_cam(network, image, 1, "3", enlarged=large) for large in (False, True))
    assert (own.shape, enlarged.shape) == ((4, 4), (8, 8))
    assert own.min() >= 0
    assert own.max() > 0
    assert enlarged.mean().item() == pytest.approx(own.mean().item(), rel=0.2)
    assert torch.equal(grad_cam(network, image, 1), grad_cam(network, image, 1, "5"))  # the tanh is the last with maps


def test_an_overwritten_layer_is_explained_by_its_own_output() -> None:
    torch.manual_seed(0)
    layers = (nn.Conv2d(1, 3, 3), nn.ReLU(), nn.Flatten(), nn.Linear(48, 4))
    image = torch.rand(6, 6, generator=seeded())
    apart = grad_cam(nn.Sequential(*layers), image, 1, "0")
    overwritten = nn.Sequential(layers[0], nn.ReLU(inplace=True), *layers[2:])
    assert torch.equal(grad_cam(overwritten, image, 1, "0"), apart)
    assert torch.equal(gradient(nn.Sequential(nn.ReLU(inplace=True), *layers), image, 1), gradient(
        nn.Sequential(*layers), image, 1
    ))  # fmt: skip


# All three.


@pytest.mark.parametrize("name", MAPS)
def test_a_network_that_looks_at_one_corner_has_all_its_saliency_there(name: str) -> None:
    class Corner(nn.Module):
        def forward(self, images: Tensor) -> Tensor:
            seen = torch.zeros_like(images)
            seen[..., 4:, :4] = images[..., 4:, :4]  # the lower left
            return seen

    network = nn.Sequential(Corner(), nn.Conv2d(1, 1, 1), nn.Flatten(), nn.Linear(64, 2))
    with torch.no_grad():
        for name_, weight in network.named_parameters():
            weight.fill_(0.0 if name_ == "1.bias" else 1.0)
    image = torch.rand(8, 8, generator=seeded()) + 0.1
    options: dict[str, object] = {"size": 2, "stride": 2} if name == "occlusion" else {}
    found = MAPS[name](network, image, 1, **options)
    inside = found[4:, :4]
    assert inside.min() > 0
    assert found.sum().item() == pytest.approx(inside.sum().item(), rel=1e-5)


@pytest.mark.parametrize("name", MAPS)
@pytest.mark.parametrize("frozen", [False, True], ids=["trainable", "frozen"])
def test_weights_gradients_and_modes_stay_as_they_were(name: str, frozen: bool) -> None:
    network = convolutional(torch.float32).train().requires_grad_(not frozen)
    network[1].eval()
    kernels = network.get_parameter("4.weight")
    kernels.grad = torch.ones_like(kernels)
    before = {key: value.clone() for key, value in network.state_dict().items()}
    modes = [part.training for part in network.modules()]
    image = torch.rand(1, 1, 8, 8, generator=seeded())
    kept = image.clone()
    found = MAPS[name](network, image, 3)
    assert all(torch.equal(before[key], value) for key, value in network.state_dict().items())
    assert [part.training for part in network.modules()] == modes
    assert [key for key, value in network.named_parameters() if value.grad is not None] == ["4.weight"]
    assert torch.equal(kernels.grad, torch.ones_like(kernels))
    assert not any(part._forward_hooks for part in network.modules())
    assert torch.equal(image, kept)
    assert not found.requires_grad
    assert torch.equal(found, MAPS[name](network, image, 3))  # dropout is off, so the same again


@pytest.mark.parametrize("name", MAPS)
def test_callers_may_have_switched_gradients_off(name: str) -> None:
    network, image = convolutional(torch.float32), torch.rand(1, 1, 8, 8, generator=seeded())
    wanted = MAPS[name](network, image, 3)
    with torch.no_grad():
        assert torch.equal(MAPS[name](network, image, 3), wanted)
        assert not torch.is_grad_enabled()
    with torch.inference_mode():
        assert torch.equal(MAPS[name](network, image.clone(), 3), wanted)


@pytest.mark.parametrize("recipe", TUTORIALS)
@pytest.mark.parametrize("name", MAPS)
def test_every_tutorial_network_has_its_maps(name: str, recipe: str) -> None:
    torch.manual_seed(0)
    known = get(recipe)
    outputs = 1 if known.binary else 10
    network = build(known.network, classes=outputs, pixels=known.pixels)
    image = (255 * torch.rand(28, 28, generator=seeded())).to(torch.uint8)
    options: dict[str, object] = {"size": 7, "stride": 7} if name == "occlusion" else {}
    if recipe == "matched-filter" and name == "grad_cam":
        with pytest.raises(UsageError, match="A layer must give maps of more than one place for Grad-CAM; no layer of"):
            grad_cam(network, image, 0)
        return
    found = MAPS[name](network, image, outputs - 1, **options)
    assert found.shape == (28, 28)
    assert bool(found.isfinite().all())
    assert found.abs().max() > 0


def test_one_kernel_gets_its_own_weights_as_gradient() -> None:
    known = get("matched-filter")
    network = build(known.network, classes=1, pixels=known.pixels)
    kernel = network.get_parameter("conv1.weight")[0, 0].detach()
    found = gradient(network, torch.zeros(28, 28), 0, kind="signed")
    assert torch.allclose(found, 2 * kernel)  # ink in [0, 1] is brought to [-1, 1], twice as wide


# Bad input.


@pytest.mark.parametrize("name", MAPS)
def test_a_target_out_of_range_is_told_how_many_outputs_there_are(name: str) -> None:
    with pytest.raises(UsageError, match="There is no output 5: the network has 5 outputs; give a target from 0 to 4"):
        MAPS[name](convolutional(), torch.zeros(8, 8), 5)
    with pytest.raises(
        UsageError, match=r"1\.5 is not the number of an output: the network has 5 outputs; give a targ"
    ):
        MAPS[name](convolutional(), torch.zeros(8, 8), 1.5)


@pytest.mark.parametrize("name", MAPS)
def test_an_image_of_another_size_is_refused(name: str) -> None:
    with pytest.raises(ShapeError, match="The network cannot take an image of 1 x 20 x 20, float64: mat1 and mat2"):
        MAPS[name](convolutional(), torch.zeros(20, 20), 0)


@pytest.mark.parametrize(
    ("options", "error", "message"),
    [
        ({"size": 9}, ShapeError, "The covering square, 9 x 9, is larger than the image, 8 x 8; give a size that fits"),
        ({"size": (2, 9)}, ShapeError, "The covering square, 2 x 9, is larger than the image, 8 x 8"),
        ({"size": 0}, UsageError, "The covering square is 0 x 0; give a size of at least 1 pixel."),
        ({"stride": 0}, UsageError, "The stride is 0 x 0; give at least 1 pixel."),
        ({"stride": (1, -2)}, UsageError, "The stride is 1 x -2; give at least 1 pixel."),
        ({"size": 2, "stride": 3}, UsageError, "A stride of 3 x 3 is wider than the covering square, 2 x 2, and would"),
        ({"value": float("nan")}, UsageError, "The square is filled with nan; give a finite number"),
        ({"of": "loss"}, UsageError, "There is no drop of 'loss'; give score or probability."),
        ({"batch_size": 0}, UsageError, "batch_size is 0; it must be at least 1."),
    ],
    ids=str,
)
def test_squares_that_cannot_be_are_refused(options: dict[str, object], error: type, message: str) -> None:
    with pytest.raises(error, match=re.escape(message)):
        MAPS["occlusion"](convolutional(), torch.zeros(8, 8), 0, **options)


def test_an_unknown_kind_of_gradient_is_refused() -> None:
    with pytest.raises(UsageError, match="no kind of gradient 'guided'; give absolute, signed or times-input"):
        gradient(convolutional(), torch.zeros(8, 8), 0, kind="guided")


def test_layers_without_maps_are_told_which_have_them() -> None:
    network = build(("conv 2 3x3", "relu", "flatten", "linear 4", "linear classes"), classes=10, pixels="signed")
    with pytest.raises(UnknownName, match=r"There is no layer 'conv2'\. Did you mean 'conv1'"):
        grad_cam(network, torch.zeros(28, 28), 0, "conv2")
    for layer, shape in (("linear1", "4"), ("pixels", "1 x 28 x 28")):
        message = f"Layer '{layer}', {shape}, does not give maps of more than one place for Grad-CAM; give conv1, relu1"
        with pytest.raises(UsageError, match=message):
            grad_cam(network, torch.zeros(28, 28), 0, layer)


def test_a_layer_that_the_answer_does_not_hang_on_is_refused() -> None:
    class Aside(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.aside, self.head = nn.Conv2d(1, 1, 3), nn.Linear(16, 2)

        def forward(self, images: Tensor) -> Tensor:
            self.aside(images)
            outputs: Tensor = self.head(images.flatten(1))
            return outputs

    with pytest.raises(UsageError, match="Output 1 does not hang on the maps of layer 'aside'; give another layer"):
        grad_cam(Aside(), torch.zeros(4, 4), 1)


class Rounded(Network):
    def forward(self, images: Tensor) -> Tensor:
        return super().forward(images).detach()


def test_a_network_without_gradient_is_told_of_occlusion() -> None:
    network = Rounded(OrderedDict(conv=nn.Conv2d(1, 1, 3), flat=nn.Flatten()), input_shape=(1, 4, 4))
    for ask in (gradient, grad_cam):
        with pytest.raises(UsageError, match=r"Output 0 has no gradient with respect to the image: .*; use occlusion"):
            ask(network, torch.rand(4, 4), 0)
    assert occlusion(network, torch.rand(4, 4), 0, size=2).shape == (4, 4)
