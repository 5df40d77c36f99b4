"""Faster layers give the values, and the gradients, of the plain ones."""

import copy
from typing import Any

import pytest
import torch
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from torch import Tensor, nn

from inkwise.models import kernels
from inkwise.models.kernels import Dropout, keep_mask
from inkwise.models.network import build

LINES = (
    "conv 4 3x3 pad 1",
    "conv 3 3x3 pad 1 nobias",
    "batchnorm",
    "relu",
    "relu",
    "maxpool 2",
    "maxpool 3 stride 2 pad 1",
    "maxpool 2 stride 1",
    "avgpool 2",
    "leakyrelu",
)


def plain(network: nn.Sequential, images: Tensor) -> Tensor:
    """Each child in its own order, each into memory of its own."""
    for child in network:
        images = child(images)
    return images


def through(network: nn.Sequential, images: Tensor) -> Tensor:
    """The same in the order of `steps`."""
    for child, overwrite in kernels.steps(network):
        images = kernels.compute(child, images, overwrite)
    return images


def gradients(run: Any, network: nn.Module, images: Tensor, half: bool) -> tuple[Tensor, ...]:
    network.zero_grad()
    images = images.detach().clone(memory_format=torch.preserve_format).requires_grad_()
    with torch.autocast("cpu", torch.bfloat16, enabled=half):
        outputs = run(network, images)
    weight = torch.linspace(-1, 1, outputs.numel()).reshape(outputs.shape)
    (outputs.float() * weight).sum().backward()
    assert images.grad is not None
    return outputs.detach(), images.grad, *(w.grad for w in network.parameters() if w.grad is not None)


def ties(*shape: int, seed: int = 0) -> Tensor:
    """Whole numbers from -2 to 2: negative values, zeros, and many ties under every window."""
    return torch.randint(-2, 3, shape, generator=torch.Generator().manual_seed(seed)).float()


@given(lines=st.lists(st.sampled_from(LINES), min_size=1, max_size=6), seed=st.integers(0, 999), data=st.data())
@settings(max_examples=60, deadline=None)
def test_the_order_of_steps_changes_no_bit_of_outputs_or_gradients(
    lines: list[str], seed: int, data: st.DataObject
) -> None:
    assume(sum("pool" in line for line in lines) <= 3)
    torch.manual_seed(seed)
    network = build((*lines, "globalavgpool", "flatten", "linear classes"), classes=3, input_shape=(2, 12, 12))
    if data.draw(st.booleans(), label="whole numbers for weights, so that ties reach every layer"):
        for weight in network.parameters():
            weight.data = ties(*weight.shape, seed=seed)
    images = ties(3, 2, 12, 12, seed=seed)
    if data.draw(st.booleans(), label="channels last"):
        network.to(memory_format=torch.channels_last)  # type: ignore[call-overload]
        images = images.to(memory_format=torch.channels_last)
    half = data.draw(st.booleans(), label="bfloat16")
    twin = copy.deepcopy(network)
    expected, found = gradients(plain, twin, images, half), gradients(through, network, images, half)
    assert len(expected) == len(found)
    for theirs, ours in zip(expected, found, strict=True):
        assert ours.dtype == theirs.dtype
        assert torch.equal(ours, theirs)


def order(*children: nn.Module) -> list[tuple[str, bool]]:
    return [(type(child).__name__, overwrite) for child, overwrite in kernels.steps(children)]


def test_a_relu_changes_places_with_the_pool_behind_it_and_overwrites_what_nobody_needs() -> None:
    conv, relu, pool, norm = nn.Conv2d(1, 1, 3), nn.ReLU(), nn.MaxPool2d(2), nn.BatchNorm2d(1)
    assert order(conv, relu, pool) == [("Conv2d", False), ("MaxPool2d", False), ("ReLU", True)]
    assert order(conv, norm, relu) == [("Conv2d", False), ("BatchNorm2d", False), ("ReLU", True)]
    assert order(relu, pool) == [("MaxPool2d", False), ("ReLU", True)]
    assert order(relu, relu, pool) == [("ReLU", False), ("ReLU", False), ("MaxPool2d", False)]


def test_what_someone_may_still_need_is_not_overwritten() -> None:
    relu = nn.ReLU()
    assert order(relu) == [("ReLU", False)]  # its input is the caller's
    for before in (nn.Sigmoid(), nn.Flatten(), Dropout(0.5), nn.AvgPool2d(2), nn.LeakyReLU()):
        assert order(before, relu)[1] == ("ReLU", False)


def test_a_callers_images_are_never_changed() -> None:
    for lines in (("relu", "flatten"), ("relu", "maxpool 2", "flatten"), ("flatten", "relu")):
        network = build((*lines, "linear classes"), classes=3, input_shape=(1, 8, 8))
        network.guarded = False
        images = ties(2, 1, 8, 8)
        before = images.clone()
        network(images)
        assert torch.equal(images, before)


@pytest.mark.parametrize("kind", ["forward", "forward_pre", "full_backward", "full_backward_pre"])
@pytest.mark.parametrize(
    ("name", "pool"), [("conv1", True), ("relu1", True), ("pool1", True), ("conv1", False), ("relu1", False)]
)
def test_who_listens_meets_the_values_of_the_plain_order(kind: str, name: str, pool: bool) -> None:
    torch.manual_seed(0)
    lines = ("conv 2 3x3", "relu", *(["maxpool 2"] if pool else []), "flatten", "linear classes")
    network = build(lines, classes=3, input_shape=(1, 8, 8))
    images = torch.rand(2, 1, 8, 8, requires_grad=True)
    heard: dict[str, list[Any]] = {"plain": [], "network": []}
    for way, run in (("plain", plain), ("network", lambda network, images: network(images))):
        twin = copy.deepcopy(network)

        def listen(_module: nn.Module, *values: Any, way: str = way) -> None:
            heard[way] += [part for value in values for part in (value if isinstance(value, tuple) else (value,))]

        getattr(twin.get_submodule(name), f"register_{kind}_hook")(listen)
        run(twin, images).square().sum().backward()
    assert heard["network"]
    for ours, theirs in zip(heard["network"], heard["plain"], strict=True):
        assert (ours is None) == (theirs is None)
        if ours is not None:
            assert torch.equal(ours, theirs)


@pytest.mark.parametrize("p", [0.25, 0.5, 0.1, 0.9, 1 / 3])
@pytest.mark.parametrize("dtype", [torch.float32, torch.bfloat16])
def test_a_mask_drops_its_share_and_no_other_values_than_one_and_zero(p: float, dtype: torch.dtype) -> None:
    torch.manual_seed(1)
    mask = keep_mask(torch.empty(1_000_003, dtype=dtype), p)
    assert mask.dtype == dtype
    assert set(mask.float().tolist()) == {0.0, 1.0}
    share = (mask == 0).double().mean().item()
    assert abs(share - p) < 5 * (p * (1 - p) / 1e6) ** 0.5 + 1 / 65536


@pytest.mark.parametrize(("p", "levels"), [(0.25, 256), (0.5, 256), (3 / 256, 256), (0.1, 65536), (0.7, 65536)])
def test_the_probability_is_exact_where_it_is_a_multiple_of_256ths(p: float, levels: int, monkeypatch: Any) -> None:
    # Fed with every word of the range once, the mask shows its probability without chance.
    bits = torch.arange(levels, dtype=torch.int32).to(torch.uint8 if levels == 256 else torch.uint16)
    monkeypatch.setattr(Tensor, "random_", lambda words, *_: words.copy_(bits.view(torch.int64)))
    dropped = int((keep_mask(torch.empty(levels), p) == 0).sum())
    assert dropped == round(p * levels)
    assert abs(dropped / levels - p) <= 1 / 65536
    if levels == 256:
        assert dropped / levels == p


@pytest.mark.parametrize("p", [0.5, 0.3])
def test_values_are_dropped_independently_of_their_neighbours_and_of_the_last_mask(p: float) -> None:
    torch.manual_seed(2)
    first, second = (1 - keep_mask(torch.empty(400_000), p).double() for _ in range(2))
    noise = 5 * p * (1 - p) / 400_000**0.5
    for lag in (1, 2, 3, 4, 7, 8, 16, 64):
        assert abs((first[lag:] * first[:-lag]).mean().item() - p * p) < noise + 2e-3 * p
    assert abs((first * second).mean().item() - p * p) < noise + 2e-3 * p


def test_the_seed_decides_the_mask() -> None:
    masks = []
    for seed in (3, 3, 4):
        torch.manual_seed(seed)
        masks.append(keep_mask(torch.empty(1000), 0.5))
    assert torch.equal(masks[0], masks[1])
    assert not torch.equal(masks[0], masks[2])


def layouts() -> dict[str, Tensor]:
    base = torch.rand(4, 6, 5, 7)
    return {
        "contiguous": base,
        "channels last": base.to(memory_format=torch.channels_last),
        "transposed": base.permute(3, 1, 0, 2),
        "every second": base[:, ::2, 1:, ::3],
        "expanded": torch.rand(4, 1, 5, 1).expand(4, 6, 5, 7),
        "one value expanded": torch.rand(()).expand(2, 3),
        "overlapping": torch.rand(40).as_strided((6, 8), (3, 1)),
        "offset": torch.rand(100)[37:],
        "scalar": torch.rand(()),
        "one": torch.rand(1, 1),
        "tail of a word": torch.rand(13),
    }


@pytest.mark.parametrize("name", layouts())
@pytest.mark.parametrize("p", [0.5, 0.3])
def test_every_layout_is_masked_in_place_and_value_by_value(name: str, p: float) -> None:
    values = layouts()[name] + 0 if name == "scalar" else layouts()[name]
    torch.manual_seed(0)
    mask = keep_mask(values, p)
    assert mask.shape == values.shape
    assert mask.untyped_storage().data_ptr() != values.untyped_storage().data_ptr()
    assert torch.all((mask == 0) | (mask == 1))
    # Repeated, each place is dropped at its rate: none is forgotten and none is filled twice.
    share = torch.stack([keep_mask(values, p) for _ in range(400)]).mean(0)
    assert torch.all((share - (1 - p)).abs() < 6 * (p * (1 - p) / 400) ** 0.5)
    before = values.clone()
    result = Dropout(p)(values)
    assert torch.equal(values, before)
    kept = result != 0
    torch.testing.assert_close(result[kept], values[kept] / (1 - p))


def test_the_memory_layout_is_kept() -> None:
    values = layouts()["channels last"]
    assert keep_mask(values, 0.5).stride() == values.stride()
    assert Dropout(0.5)(values).is_contiguous(memory_format=torch.channels_last)


def test_the_gradient_is_the_mask() -> None:
    values = torch.rand(50, 40).add_(0.1).requires_grad_()
    result = Dropout(0.25)(values)
    result.sum().backward()
    assert values.grad is not None
    torch.testing.assert_close(values.grad, (result != 0).float() / 0.75)
    torch.testing.assert_close(result, values * values.grad)


def test_in_evaluation_it_is_the_identity_and_draws_nothing() -> None:
    values = torch.rand(10)
    torch.manual_seed(0)
    expected = torch.rand(1)
    torch.manual_seed(0)
    assert torch.equal(Dropout(0.5).eval()(values), values)
    assert torch.equal(torch.rand(1), expected)


@pytest.mark.parametrize(("p", "factor"), [(0.0, 1.0), (1.0, 0.0)])
def test_nothing_and_everything_can_be_dropped(p: float, factor: float) -> None:
    values = torch.rand(10)
    assert torch.equal(Dropout(p)(values), values * factor)


def test_no_values_and_no_storage_are_fine() -> None:
    assert Dropout(0.5)(torch.empty(0, 3)).shape == (0, 3)
    assert Dropout(0.5)(torch.empty(2, 3, device="meta")).shape == (2, 3)


def test_a_kernel_as_large_as_the_image_gives_what_the_convolution_gives() -> None:
    torch.manual_seed(0)
    for conv, size, layout in (
        (nn.Conv2d(1, 1, 28, bias=False), (28, 28), torch.contiguous_format),
        (nn.Conv2d(3, 4, (5, 6)), (5, 6), torch.channels_last),
    ):
        values = torch.randn(7, conv.in_channels, *size).to(memory_format=layout).requires_grad_()
        ways = []
        for way in (conv(values), kernels.compute(conv, values, False)):
            (way**2).sum().backward()
            ways.append((way.detach(), values.grad, conv.weight.grad))
            values.grad = conv.weight.grad = None
        for plain, fast in zip(*ways, strict=True):
            torch.testing.assert_close(fast, plain, rtol=1e-4, atol=1e-5)


def test_a_kernel_that_leaves_several_places_or_is_listened_to_stays_a_convolution() -> None:
    heard: list[torch.Size] = []
    conv = nn.Conv2d(1, 2, 5)
    assert kernels.compute(conv, torch.zeros(1, 1, 6, 6), False).shape == (1, 2, 2, 2)
    assert kernels.compute(nn.Conv2d(1, 2, 5, padding=1), torch.zeros(1, 1, 5, 5), False).shape == (1, 2, 3, 3)
    conv.register_forward_hook(lambda _, __, output: heard.append(output.shape))
    kernels.compute(conv, torch.zeros(1, 1, 5, 5), False)
    assert heard == [(1, 2, 1, 1)]
