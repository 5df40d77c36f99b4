import re
from itertools import pairwise
from pathlib import Path

import pytest
import torch
from torch import Tensor, nn

from inkwise.errors import ModelError, ShapeError, UnknownName, UsageError
from inkwise.explain.activations import record
from inkwise.explain.exciting import most_exciting
from inkwise.explain.field import Box, Unseen
from inkwise.models.network import build

LINES = ("conv 3 3x3 pad 1", "relu", "maxpool 2", "conv 4 3x3", "relu", "flatten", "linear 6", "relu", "linear classes")


def noise(count: int, seed: int = 0) -> Tensor:
    return torch.randint(256, (count, 1, 12, 12), generator=torch.Generator().manual_seed(seed), dtype=torch.uint8)


def network(seed: int = 0) -> nn.Module:
    torch.manual_seed(seed)
    return build(LINES, classes=5, input_shape=(1, 12, 12))


@pytest.mark.parametrize("by", ["max", "mean"])
@pytest.mark.parametrize("layer", ["conv1", "relu1", "pool1", "conv2", "flatten1", "linear1", "linear2"])
def test_they_are_those_that_a_look_at_every_image_finds(layer: str, by: str) -> None:
    images, asked = noise(23), network()
    found = most_exciting(asked, images, layer, 2, count=5, by=by, batch_size=4)
    maps = torch.cat([record(asked, image).call(layer).output[:, 2] for image in images])
    flat = maps.reshape(23, -1)
    values = flat.amax(1) if by == "max" else flat.mean(1)
    order = sorted(range(23), key=lambda index: (-values[index].item(), index))[:5]
    if len(set(values.tolist())) == 23:  # equal values may come out in another order by a rounding
        assert [each.index for each in found] == order
    assert [each.value for each in found] == pytest.approx(values[order].tolist(), abs=1e-6)
    for each in found:
        assert each.at[0] == 2
        assert maps[each.index][each.at[1:]].item() == pytest.approx(flat[each.index].max().item(), abs=1e-6)


@pytest.mark.parametrize("layer", ["deskew1", "crop1", "conv1", "pool1"])
def test_layers_with_nothing_to_learn_have_theirs_too(layer: str) -> None:
    lines = ("deskew", "crop 1", "cosines 4 3x3", "maxpool 2", "flatten", "linear classes")
    images, asked = noise(9), build(lines, classes=2, input_shape=(1, 12, 12))
    maps = torch.cat([record(asked, image).call(layer).output[:, 0] for image in images])
    strongest = most_exciting(asked, images, layer, 0, count=1, batch_size=4)[0]
    assert strongest.value == pytest.approx(maps.max().item(), abs=1e-6)
    assert maps[strongest.index][strongest.at[1:]].item() == pytest.approx(strongest.value, abs=1e-6)
    assert isinstance(strongest.box, Box)
    assert strongest.box[:4] == (0, 0, 12, 12)


def test_a_channel_that_looks_for_a_stroke_finds_it_where_it_is() -> None:
    images = torch.zeros(40, 1, 12, 12, dtype=torch.uint8)
    images[17, 0, 4:7, 9] = 255  # an upright stroke of three pixels
    images[31, 0, 2, 3:6] = 255  # a level one
    asked = build(("conv 2 3x3", "relu", "flatten", "linear classes"), classes=2, input_shape=(1, 12, 12))
    with torch.no_grad():
        kernels = asked.get_parameter("conv1.weight").zero_()
        asked.get_parameter("conv1.bias").zero_()
        kernels[1, 0, :, 1] = 1.0
    strongest, second, third = most_exciting(asked, images, "relu1", 1, count=3, batch_size=7)
    assert (strongest.index, strongest.at) == (17, (1, 4, 8))
    assert strongest.value == pytest.approx(3.0)
    assert strongest.box == Box(8, 4, 3, 3, (8, 4, 3, 3))
    assert (second.index, second.at) == (31, (1, 0, 2))
    assert (third.index, third.at, third.value) == (0, (1, 0, 0), 0.0)  # of the many blank ones, the first


def test_equals_come_in_the_order_of_the_dataset_whatever_the_batches() -> None:
    images = noise(3).repeat(5, 1, 1, 1)
    for batch_size in (1, 2, 4, 100):
        found = most_exciting(network(), images, "pool1", 0, count=15, batch_size=batch_size)
        for one, next_one in pairwise(found):
            assert one.value > next_one.value or one.index < next_one.index
        assert [each.index % 3 for each in found[:5]] == [found[0].index % 3] * 5


def test_a_unit_of_a_linear_layer_sees_the_whole_image() -> None:
    (found,) = most_exciting(network(), noise(4), "linear1", 5, count=1)
    assert found.at == (5,)
    assert isinstance(found.box, Box)
    assert found.box[:4] == (0, 0, 12, 12)


def test_where_the_field_is_not_known_there_is_a_reason() -> None:
    class Odd(nn.Module):
        def forward(self, images: Tensor) -> Tensor:
            return images.flip(-1)

    asked = nn.Sequential(Odd(), nn.Conv2d(1, 2, 3), nn.Flatten())
    (found,) = most_exciting(asked, noise(2), "1", 0, count=1)
    assert isinstance(found.box, Unseen)
    assert "Odd" in found.box.reason


def test_fewer_images_than_asked_for_are_all_given() -> None:
    assert len(most_exciting(network(), noise(4), "conv1", 0)) == 4


def test_the_second_run_of_a_layer_is_told_from_its_first() -> None:
    class Twice(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.scale = nn.Conv2d(1, 1, 1, bias=False)

        def forward(self, images: Tensor) -> Tensor:
            outputs: Tensor = self.scale(self.scale(images)).flatten(1)
            return outputs

    asked = Twice()
    nn.init.constant_(asked.scale.weight, 2.0)
    images = torch.full((1, 1, 2, 2), 255, dtype=torch.uint8)
    values = [most_exciting(asked, images, layer, 0)[0].value for layer in ("scale", "scale:2")]
    assert values == [2.0, 4.0]


def test_nothing_behind_the_layer_is_computed_for_the_dataset(tmp_path: Path) -> None:
    ran = tmp_path / "ran"

    class Behind(nn.Module):
        def forward(self, values: Tensor) -> Tensor:
            ran.write_text(ran.read_text() + str(len(values)) if ran.exists() else str(len(values)))
            return values

    most_exciting(nn.Sequential(nn.Conv2d(1, 2, 3), Behind(), nn.Flatten()), noise(9), "0", 0, batch_size=4)
    assert ran.read_text() == "1"  # the one image that told the layers' shapes


def test_the_network_is_left_as_it_was() -> None:
    asked = network().train()
    before = {name: value.clone() for name, value in asked.state_dict().items()}
    most_exciting(asked, noise(5), "conv2", 1)
    assert all(part.training for part in asked.modules())
    assert not any(part._forward_hooks for part in asked.modules())
    assert all(torch.equal(before[name], value) for name, value in asked.state_dict().items())


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"count": 0}, "count is 0; it must be at least 1."),
        ({"batch_size": -1}, "batch_size is -1; it must be at least 1."),
        ({"by": "median"}, "Images cannot be ranked by 'median'; give max or mean."),
        ({"channel": 3}, "There is no channel 3 in layer 'conv1': its channels are 0 to 2."),
        ({"channel": -1}, "There is no channel -1 in layer 'conv1': its channels are 0 to 2."),
        ({"channel": 1.5}, "1.5 is not the number of a channel of layer 'conv1': its channels are 0 to 2."),
        ({"layer": "linear1", "channel": 6}, "There is no channel 6 in layer 'linear1': its units are 0 to 5."),
    ],
    ids=str,
)
def test_what_does_not_exist_is_told(options: dict[str, object], message: str) -> None:
    asked: dict[str, object] = {"layer": "conv1", "channel": 0, **options}
    call: object = most_exciting
    assert callable(call)
    with pytest.raises(UsageError, match=re.escape(message)):
        call(network(), noise(2), **asked)


def test_an_unknown_layer_is_told_with_those_that_exist() -> None:
    with pytest.raises(UnknownName, match="There is no layer 'conv3'"):
        most_exciting(network(), noise(2), "conv3", 0)


@pytest.mark.parametrize(
    "images",
    [torch.zeros(2, 1, 12, 12), noise(2)[:, 0], noise(0)],
    ids=["float", "3-d", "none"],
)
def test_images_of_another_form_are_refused(images: Tensor) -> None:
    given = f"{str(images.dtype).removeprefix('torch.')} of shape {tuple(images.shape)}"
    with pytest.raises(ShapeError, match=re.escape(f"The images are {given}; give at least one, uint8 (N, chan")):
        most_exciting(network(), images, "conv1", 0)


def test_images_of_colour_are_ranked_too() -> None:
    images = torch.zeros(3, 3, 4, 4, dtype=torch.uint8)
    images[1, 2, 3, 0] = 255
    asked = nn.Sequential(nn.Conv2d(3, 1, 1, bias=False), nn.Flatten())
    nn.init.ones_(asked[0].weight)  # type: ignore[arg-type]
    (found,) = most_exciting(asked, images, "0", 0, count=1)
    assert (found.index, found.value, found.at, found.box) == (1, 1.0, (0, 3, 0), Box(0, 3, 1, 1, (0, 3, 1, 1)))


def test_signals_are_ranked_as_they_are_given() -> None:
    signals = torch.zeros(5, 2, 9)
    signals[3, 1, 6], signals[4, 0, 2] = 700.0, 30.0
    asked = nn.Sequential(nn.Conv1d(2, 1, 1, bias=False), nn.Flatten())
    nn.init.ones_(asked[0].weight)  # type: ignore[arg-type]
    first, second = most_exciting(asked, signals, "0", 0, count=2, batch_size=2, as_given=True)
    assert (first.index, first.value, first.at, first.box) == (3, 700.0, (0, 6), Box(6, 0, 1, 1, (6, 0, 1, 1)))
    assert (second.index, second.value) == (4, 30.0)
    with pytest.raises(ShapeError, match=r"are float32 of shape \(0, 2, 9\); give at least one, \(N, ...\)\."):
        most_exciting(asked, signals[:0], "0", 0, as_given=True)


def test_nan_is_told_with_the_image() -> None:
    asked = network()
    with torch.no_grad():
        asked.get_parameter("conv1.weight")[1] = float("nan")
    with pytest.raises(ModelError, match="Channel 1 of 'conv1' is nan for image 0: the network's weights are damaged"):
        most_exciting(asked, noise(3), "conv1", 1)


def test_a_layer_that_mixes_the_images_is_refused() -> None:
    asked = nn.Sequential(nn.Flatten(0), nn.Unflatten(0, (-1, 72)), nn.Linear(72, 2))
    with pytest.raises(UsageError, match="Layer '2' does not keep the images apart: 3 became 6"):
        most_exciting(asked, noise(3), "2", 0)
