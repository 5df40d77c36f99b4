"""A prepared network answers as its network does, whatever the network, and follows it."""

import copy
from collections import OrderedDict

import pytest
import torch
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st
from tests.networks import NETWORKS
from torch import Tensor, nn

from inkwise.data.uci import read_uci_digits
from inkwise.errors import ShapeError, UsageError
from inkwise.models.ensemble import Ensemble
from inkwise.models.folding import fold
from inkwise.models.inference import outputs_of, probabilities_in_batches
from inkwise.models.network import Network, Scale, build
from inkwise.models.prepared import Prepared, _Form
from inkwise.models.single import Single, Unplanned
from inkwise.recipes import registry
from inkwise.recipes.recipe import Recipe

LINES = (
    "conv 4 3x3 pad 1",
    "conv 6 3x3 nobias",
    "conv 4 2x3 stride 2x1",
    "conv 6 3x3 pad 2 dilation 2",
    "conv 4 1x1",
    "conv 4 3x3 groups 2 pad 1",
    "conv 6 3x3 groups 6 pad 1",
    "conv 4 2x3 groups 4 nobias stride 2",
    "batchnorm",
    "relu",
    "relu",
    "maxpool 2",
    "maxpool 3 stride 2",
    "maxpool 3 stride 2 pad 1",
    "maxpool 2x1 stride 1",
    "maxpool 2x1 stride 2",
    "maxpool 1 stride 2",
    "avgpool 2",
    "leakyrelu",
    "gelu",
    "silu",
    "tanh",
    "sigmoid",
    "dropout 0.5",
)
FLAT = ("linear 7", "linear 5 nobias", "batchnorm", "relu", "tanh", "dropout 0.5")
SMALL = ("conv 3 3x3 pad 1", "batchnorm", "relu", "maxpool 2", "flatten", "dropout 0.5", "linear classes")


def lived_in(network: nn.Module, seed: int = 0, *, upside_down: bool = False) -> nn.Module:
    """Random batch statistics, scales and shifts, as after a training; some scales below zero where asked for."""
    draw = torch.Generator().manual_seed(seed)
    for module in network.modules():
        if isinstance(module, nn.BatchNorm1d | nn.BatchNorm2d):
            if module.running_mean is not None and module.running_var is not None:
                module.running_mean.normal_(0, 0.3, generator=draw)
                module.running_var.uniform_(0.2, 2, generator=draw)
            if module.affine:
                module.weight.data.uniform_(-1 if upside_down else 0.3, 1.5, generator=draw)
                module.bias.data.normal_(0, 0.3, generator=draw)
    return network.eval()


def form_of(prepared: Prepared) -> _Form:
    form = prepared._form
    assert form is not None
    return form


def network_of(recipe: Recipe) -> Network:
    torch.manual_seed(1)
    made = build(recipe.network, classes=1 if recipe.binary else 10, pixels=recipe.pixels)
    lived_in(made)
    return made


def pictures(count: int, side: int = 28, channels: int = 1) -> Tensor:
    draw = torch.Generator().manual_seed(3)
    return torch.randint(0, 256, (count, channels, side, side), generator=draw).to(torch.uint8)


@torch.no_grad()
def plain(network: nn.Module, images: Tensor) -> Tensor:
    """Each child in its own order, one image at a time."""
    rows = []
    for image in (images.float() / 255)[:, None]:
        values = image
        for child in network.children():
            values = child(values)
        rows.append(values)
    return torch.cat(rows)


def agree(found: Tensor, expected: Tensor, network: Network) -> None:
    """Fail unless probabilities are equal to 1e-5 and the class is the same but where two are within rounding."""
    ours, theirs = network.probabilities(found), network.probabilities(expected)
    assert (ours - theirs).abs().max() <= 1e-5
    if theirs.shape[1] > 1:
        two = theirs.topk(2, dim=1).values
        clear = two[:, 0] - two[:, 1] > 1e-6
        assert torch.equal(ours.argmax(1)[clear], theirs.argmax(1)[clear])


@pytest.mark.parametrize("name", NETWORKS)
@pytest.mark.parametrize("count", [1, 5])
def test_every_recipes_network_answers_as_it_does_unprepared(name: str, count: int) -> None:
    network = network_of(registry.get(name))
    images = pictures(count)
    expected = plain(network, images)
    prepared = Prepared(network)
    agree(prepared(images.float() / 255), expected, network)
    assert form_of(prepared).many is not None, "it was not prepared at all"


@given(
    lines=st.lists(st.sampled_from(LINES), min_size=1, max_size=7),
    flat=st.lists(st.sampled_from(FLAT), max_size=3),
    end=st.sampled_from(("linear classes", "linear classes;softmax")),
    seed=st.integers(0, 999),
    count=st.sampled_from((1, 2, 17)),
    pixels=st.sampled_from(("unit", "standard")),
    data=st.data(),
)
@settings(max_examples=80, deadline=None, suppress_health_check=list(HealthCheck))
def test_any_network_of_lines_answers_as_it_does_unprepared(
    lines: list[str], flat: list[str], end: str, seed: int, count: int, pixels: Scale, data: st.DataObject
) -> None:
    pooled = ["globalavgpool"] if data.draw(st.booleans(), label="pooled") else []
    torch.manual_seed(seed)
    try:
        network = build(
            (*lines, *pooled, "flatten", *flat, *end.split(";")),
            classes=3,
            pixels=pixels,
            input_shape=(2, 13, 12),
        )
    except ShapeError:
        assume(False)
    lived_in(network, seed, upside_down=data.draw(st.booleans(), label="scales below zero"))
    images = torch.randint(0, 256, (count, 2, 13, 12), generator=torch.Generator().manual_seed(seed)).to(torch.uint8)
    given_ = images.float() / 255
    before = given_.clone()
    found = Prepared(network)(given_)
    agree(found, plain(network, images), network)
    assert torch.equal(given_, before)


def small(seed: int = 0) -> Network:
    torch.manual_seed(seed)
    network = build(SMALL, classes=4, input_shape=(1, 8, 8))
    lived_in(network, seed)
    return network


def test_one_image_goes_its_own_way_where_the_network_is_small() -> None:
    lines = ("conv 4 3x3", "relu", "maxpool 2", "flatten", "linear classes")
    for network in (small(), build(lines, classes=3, pixels="signed").eval()):
        prepared = Prepared(network)
        prepared(torch.rand(1, *network.input_shape))
        assert isinstance(form_of(prepared).one, Single)


@pytest.mark.parametrize(
    ("front", "pixels"),
    [
        (("deskew",), "unit"),
        (("deskew", "crop 2x1"), "unit"),
        (("crop 2",), "unit"),
        (("crop 2",), "standard"),
        (("crop 0x3",), "standard"),
    ],
)
def test_what_stands_in_front_is_computed_for_one_image_too(front: tuple[str, ...], pixels: Scale) -> None:
    torch.manual_seed(0)
    lines = (*front, "cosines 6 5x5 stride 2", "relu", "maxpool 2", "flatten", "linear classes")
    network = build(lines, classes=10, pixels=pixels).eval()
    digits = read_uci_digits().split("test").images[:60]
    digits = torch.cat([digits, torch.zeros(1, 1, 28, 28).to(torch.uint8), 255 - digits[:5], pictures(5)])
    prepared = Prepared(network)
    found = torch.cat([prepared(image[None].float() / 255) for image in digits])
    assert isinstance(form_of(prepared).one, Single)
    agree(found, plain(network, digits), network)


@pytest.mark.parametrize(
    "lines",
    [
        ("conv 8 3x3", "maxpool 2", "batchnorm", "relu", "conv 8 3x3 groups 8 pad 1", "relu"),
        ("conv 8 3x3", "relu", "maxpool 2", "batchnorm", "conv 8 3x3 groups 8 stride 2", "batchnorm"),
        ("flatten", "relu"),
        ("relu", "maxpool 2"),
    ],
)
@pytest.mark.parametrize("count", [1, 4])
def test_rows_that_chance_seldom_makes_are_answered_too(lines: tuple[str, ...], count: int) -> None:
    torch.manual_seed(0)
    flat = () if "flatten" in lines else ("flatten",)
    network = build((*lines, *flat, "linear classes"), classes=3, pixels="unit")
    network.guarded = False
    lived_in(network, upside_down=True)
    images = torch.randn(count, 1, 28, 28, generator=torch.Generator().manual_seed(0))  # below 0 too
    before = images.clone()
    with torch.no_grad():
        expected = nn.Sequential(*copy.deepcopy(list(network)))(images.clone())
    prepared = Prepared(network)
    torch.testing.assert_close(prepared(images), expected, rtol=1e-4, atol=1e-5)
    assert (count > 1) or isinstance(form_of(prepared).one, Single) or lines[0] == "flatten"
    assert torch.equal(images, before)


def test_what_has_no_plan_for_one_image_is_answered_like_many() -> None:
    network = build(("avgpool 2", "flatten", "linear classes"), classes=3).eval()
    with pytest.raises(Unplanned):
        Single(fold(network), network.input_shape)
    agree(Prepared(network)(pictures(1).float() / 255), plain(network, pictures(1)), network)


@pytest.mark.parametrize("count", [1, 6])
def test_answers_stay_when_the_next_are_given(count: int) -> None:
    network, first, second = small(), torch.rand(count, 1, 8, 8), torch.rand(count, 1, 8, 8)
    prepared = Prepared(network)
    kept = prepared(first)
    before = kept.clone()
    assert not torch.equal(prepared(second), before)
    assert torch.equal(kept, before)


@pytest.mark.parametrize("count", [1, 6])
def test_it_follows_weights_and_statistics_that_change(count: int) -> None:
    network, other, images = small(), small(seed=5), pictures(count, 8)
    prepared = Prepared(network)
    prepared(images.float() / 255)
    network.load_state_dict(other.state_dict())
    agree(prepared(images.float() / 255), plain(other, images), network)
    with torch.no_grad():
        network.get_buffer("batchnorm1.running_mean").add_(1)
    agree(prepared(images.float() / 255), plain(network, images), network)
    network.get_parameter("linear1.weight").data = torch.zeros(4, 48)
    agree(prepared(images.float() / 255), plain(network, images), network)


def test_the_network_itself_is_left_as_it_is() -> None:
    network = small()
    before = copy.deepcopy(network.state_dict())
    draws = torch.random.get_rng_state()
    for count in (1, 3):
        Prepared(network)(torch.rand(count, 1, 8, 8, generator=torch.Generator().manual_seed(0)))
    assert torch.equal(torch.random.get_rng_state(), draws)
    assert [type(child).__name__ for child in network] == [
        *("Conv2d", "BatchNorm2d", "ReLU", "MaxPool2d", "Flatten", "Dropout", "Linear")
    ]
    assert all(torch.equal(value, before[name]) for name, value in network.state_dict().items())
    assert all(weight.requires_grad for weight in network.parameters())


@pytest.mark.parametrize("count", [1, 3])
@pytest.mark.parametrize("kind", ["forward", "forward_pre"])
def test_who_listens_to_a_layer_is_heard_every_time(kind: str, count: int) -> None:
    network, heard = small(), []
    prepared = Prepared(network)
    images = torch.rand(count, 1, 8, 8)
    expected = prepared(images)
    handle = getattr(network.get_submodule("relu1"), f"register_{kind}_hook")(lambda *_: heard.append(1))
    torch.testing.assert_close(prepared(images), expected)
    prepared(images)
    assert len(heard) == 2
    handle.remove()
    prepared(images)
    assert len(heard) == 2


def test_in_training_mode_the_network_is_called_as_it_is() -> None:
    network = small().train()
    prepared = Prepared(network)
    before = network.get_buffer("batchnorm1.running_mean").clone()
    prepared(torch.rand(3, 1, 8, 8))
    assert not torch.equal(network.get_buffer("batchnorm1.running_mean"), before)


class Residual(nn.Module):
    """A module that no line can say, with a probability for each class as its answer."""

    outputs = "probabilities"

    def __init__(self) -> None:
        super().__init__()
        self.conv, self.norm, self.head = nn.Conv2d(1, 1, 3, padding=1), nn.BatchNorm2d(1), nn.Linear(64, 3)

    def forward(self, images: Tensor) -> Tensor:
        softmax: Tensor = self.head((images + self.norm(self.conv(images)).relu()).flatten(1)).softmax(1)
        return softmax


@pytest.mark.parametrize("count", [1, 9])
@pytest.mark.parametrize(
    "body",
    [
        Residual(),
        nn.Sequential(nn.Sequential(nn.Conv2d(1, 2, 3, padding_mode="circular", padding=1), nn.ReLU()), nn.Flatten()),
        nn.Sequential(nn.Conv2d(1, 2, 3, padding="same"), nn.BatchNorm2d(2, affine=False), nn.Flatten()),
        nn.Sequential(nn.BatchNorm2d(1, track_running_stats=False), nn.Flatten(), nn.ReLU()),
        nn.Sequential(nn.MaxPool2d(3, 2, dilation=2), nn.ReLU(), nn.AdaptiveAvgPool2d(2), nn.Flatten(2), nn.Flatten()),
    ],
    ids=["residual", "circular", "same", "no statistics", "pools"],
)
def test_a_users_own_module_answers_as_it_does_unprepared(body: nn.Module, count: int) -> None:
    lived_in(body)
    network = Network(OrderedDict(body=body), input_shape=(1, 8, 8), guarded=True).eval()
    images = torch.rand(count, 1, 8, 8)
    with torch.no_grad():
        expected = body(images)
    torch.testing.assert_close(Prepared(network)(images), expected)
    torch.testing.assert_close(Prepared(body)(images), expected)


def test_an_ensemble_answers_as_it_does_unprepared() -> None:
    ensemble = Ensemble([small(1), small(2), small(3)]).eval()
    for count in (0, 1, 4):
        images = torch.rand(count, 1, 8, 8)
        with torch.no_grad():
            expected = ensemble(images)
        torch.testing.assert_close(Prepared(ensemble)(images), expected)


def test_what_the_network_refuses_is_refused_with_its_sentence() -> None:
    prepared = Prepared(small())
    with pytest.raises(ShapeError, match=r"and was given shape \(2, 1, 9, 9\)"):
        prepared(torch.zeros(2, 1, 9, 9))
    with pytest.raises(UsageError, match="and was given uint8; divide by 255 first"):
        prepared(torch.zeros(2, 1, 8, 8, dtype=torch.uint8))


def test_a_network_of_other_numbers_than_float32_is_called_as_it_is() -> None:
    network = small().double()
    network.guarded = False
    assert Prepared(network)(torch.rand(2, 1, 8, 8, dtype=torch.float64)).dtype == torch.float64


@pytest.mark.parametrize("batch_size", [1, 2, 7, None])
def test_any_number_of_images_at_a_time_gives_the_same(batch_size: int | None) -> None:
    network, images = small(), pictures(23, 8)
    found = probabilities_in_batches(Prepared(network), images, batch_size=batch_size)
    torch.testing.assert_close(found, network.probabilities(outputs_of(network, images)))
    assert not found.is_inference()


def test_no_images_give_no_probabilities() -> None:
    assert probabilities_in_batches(Prepared(small()), pictures(0, 8)).shape == (0, 4)


def test_wide_maps_make_small_batches() -> None:
    wide = build(("conv 64 3x3", "relu", "flatten", "linear classes"), classes=10).eval()
    assert 16 <= Prepared(wide).batch_size < Prepared(small()).batch_size <= 512


def test_on_trained_weights_no_digit_changes_its_class() -> None:
    digits = read_uci_digits().split("train")
    images, labels = digits.images[:600].float() / 255, digits.labels[:600].long()
    torch.manual_seed(0)
    network = build(
        ("conv 8 3x3 pad 1", "batchnorm", "relu", "maxpool 2", "conv 8 3x3", "relu", "flatten", "linear classes"),
        classes=10,
        pixels="standard",
    )
    optimiser = torch.optim.Adam(network.parameters(), 0.01)
    for step in range(30):
        rows = slice(step % 6 * 100, step % 6 * 100 + 100)
        optimiser.zero_grad()
        nn.functional.cross_entropy(network(images[rows]), labels[rows]).backward()  # type: ignore[no-untyped-call]
        optimiser.step()
    network.eval()
    test = read_uci_digits().split("test")
    expected = plain(network, test.images)
    assert (expected.argmax(1) == test.labels).float().mean() > 0.8, "it learned nothing"
    prepared = Prepared(network)
    agree(prepared(test.images.float() / 255), expected, network)
    agree(torch.cat([prepared(image[None].float() / 255) for image in test.images[:100]]), expected[:100], network)
