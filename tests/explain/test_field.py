"""The box of a value is where its gradient is, and what the summary's formula says."""

from collections import OrderedDict
from collections.abc import Callable
from typing import Any, Literal

import pytest
import torch
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st
from tests.networks import NETWORKS
from torch import Tensor, nn

from inkwise.errors import UnknownName, UsageError
from inkwise.explain.activations import Activations, record
from inkwise.explain.field import Box, Unseen, boxes, seen
from inkwise.models.deskewing import Deskewing
from inkwise.models.network import build
from inkwise.models.summary import summarise
from inkwise.recipes.registry import get

quick = settings(max_examples=100, deadline=None, suppress_health_check=list(HealthCheck))
SIDE = 16
MODES: tuple[Literal["zeros", "reflect", "replicate", "circular"], ...] = ("zeros", "reflect", "replicate", "circular")


def touched(activations: Activations, network: nn.Module, layer: str, at: tuple[int, ...]) -> Tensor:
    """Return which pixels have a gradient, (H, W), by running the chain again in float64."""
    image = activations.image.double().requires_grad_()
    values = image
    for name, module in network.named_children():
        values = module.double()(values)
        if name == layer:
            break
    (gradient,) = torch.autograd.grad(values[(0, *at)], image)
    return gradient[0].abs().sum(0) != 0


@st.composite
def convolution(draw: st.DrawFn) -> Callable[[int], nn.Module]:
    kernel = draw(st.tuples(st.integers(1, 4), st.integers(1, 4)))
    stride, dilation = draw(st.integers(1, 3)), draw(st.integers(1, 2))
    padding: Any = draw(st.one_of(st.integers(0, 2), st.just("same" if stride == 1 else "valid")))
    mode = draw(st.sampled_from(MODES))
    channels, groups = 2 * draw(st.integers(1, 2)), draw(st.integers(1, 2))
    return lambda given: nn.Conv2d(
        given, channels, kernel, stride, padding, dilation, groups if given > 1 else 1, padding_mode=mode
    )


@st.composite
def pool(draw: st.DrawFn) -> Callable[[int], nn.Module]:
    size, stride = draw(st.integers(1, 3)), draw(st.integers(1, 3))
    options: dict[str, Any] = {"padding": draw(st.integers(0, size // 2)), "ceil_mode": draw(st.booleans())}
    return lambda _: nn.AvgPool2d(size, stride, **options)


@st.composite
def transposed(draw: st.DrawFn) -> Callable[[int], nn.Module]:
    kernel, stride = draw(st.integers(1, 3)), draw(st.integers(1, 3))
    padding, groups = draw(st.integers(0, kernel - 1)), draw(st.integers(1, 2))
    return lambda given: nn.ConvTranspose2d(
        given, 2, kernel, stride, padding, output_padding=stride - 1, groups=groups if given > 1 else 1
    )


@st.composite
def margin(draw: st.DrawFn) -> Callable[[int], nn.Module]:
    ends = draw(st.tuples(*[st.integers(-3, 2)] * 4))
    return lambda _: nn.ZeroPad2d(ends)


SMOOTH: list[Callable[[int], nn.Module]] = [
    nn.BatchNorm2d,
    lambda _: nn.Tanh(),
    lambda _: nn.Dropout(0.5),
    lambda _: nn.AdaptiveAvgPool2d(3),
]


@pytest.mark.filterwarnings("ignore:Using padding='same' with even kernel lengths")
@quick
@given(
    st.lists(st.one_of(convolution(), pool(), transposed(), margin(), st.sampled_from(SMOOTH)), min_size=1, max_size=4),
    st.data(),
)
def test_no_pixel_outside_the_box_has_a_gradient_and_all_its_sides_do(
    makers: list[Callable[[int], nn.Module]], data: st.DataObject
) -> None:
    torch.manual_seed(0)
    children: OrderedDict[str, nn.Module] = OrderedDict()
    values = torch.rand(1, 1, SIDE, SIDE)
    image = values[0, 0]
    for index, make in enumerate(makers):
        children[f"layer{index}"] = module = make(values.shape[1]).eval()
        try:
            values = module(values)
        except RuntimeError:  # a kernel too large, or a padding that cannot be reflected
            assume(False)
        assume(values.shape[2] <= 40)
    network = nn.Sequential(children)
    activations = record(network, image)
    last = activations.calls[-1]
    at = tuple(data.draw(st.integers(0, size - 1)) for size in last.shape)
    box = boxes(activations, last.name, at)["image"]
    assert isinstance(box, Box)
    seen = touched(activations, network, last.name, at)
    rows, columns = (seen.any(axis).nonzero().flatten() for axis in (1, 0))
    if not box.width:
        assert not seen.any()
        return
    assert (int(columns[0]), int(rows[0])) == (box.x, box.y)
    assert (int(columns[-1]) + 1 - box.x, int(rows[-1]) + 1 - box.y) == (box.width, box.height)


@pytest.mark.parametrize("name", NETWORKS)
def test_a_tutorials_boxes_are_what_the_summary_says(
    name: str, tutorial: Callable[[str], nn.Module], image: Tensor
) -> None:
    recipe = get(name)
    activations = record(tutorial(name), image)
    for row in summarise(recipe.network, 1 if recipe.binary else 10).rows:
        assert row.sight is not None
        shape = activations.call(row.name).shape
        at = tuple(size // 2 for size in shape)
        box = boxes(activations, row.name, at)["image"]
        assert isinstance(box, Box)
        place = at[1:] if len(at) == 3 else (0, 0)
        if len(at) == 1 and all(each.name != "linear1" for each in _until(activations, row.name)):
            continue  # flatten: the summary has one place for all features, a box has one for each
        starts = [s + i * j for s, i, j in zip(row.sight.start, place, row.sight.jump, strict=True)]
        assert box.whole == (starts[1], starts[0], row.sight.size[1], row.sight.size[0])
        clipped = [range(max(0, s), min(28, s + n)) for s, n in zip(starts, row.sight.size, strict=True)]
        assert box[:4] == (clipped[1][0], clipped[0][0], len(clipped[1]), len(clipped[0]))


@pytest.mark.parametrize("layer", ["deskew1", "crop1", "conv1", "pool1"])
def test_behind_a_deskewing_every_pixel_has_a_gradient_and_the_box_is_the_whole_image(
    layer: str, tutorial: Callable[[str], nn.Module], image: Tensor
) -> None:
    activations = record(tutorial("fast"), image)
    call = activations.call(layer)
    at = (0, *(size // 2 for size in call.shape[1:]))
    pixels = activations.image.clone().requires_grad_()
    values = pixels
    for name, module in tutorial("fast").named_children():
        values = module(values)
        if name == layer:
            break
    (gradient,) = torch.autograd.grad(values[(0, *at)], pixels)
    why = "deskew1 moves its rows by the slope of all the ink"
    assert boxes(activations, layer, at)["image"] == Box(0, 0, 28, 28, (0, 0, 28, 28), why)
    # Paper too, since ink put there would turn the slope; a few pixels would turn it by nothing.
    assert (gradient != 0).float().mean() > 0.98
    assert (gradient[0, 0, [0, 0, -1, -1], [0, -1, 0, -1]] != 0).all()


def test_a_deskewing_that_sees_padding_alone_sees_no_pixel() -> None:
    network = nn.Sequential(Deskewing(3, 3), nn.ZeroPad2d(1))
    found = boxes(record(network, torch.rand(3, 3)), "1", (0, 0, 2))
    assert found["0"] == found["image"] == Box(0, 0, 0, 0, (1, -1, 1, 1))


def _until(activations: Activations, name: str) -> list[Any]:
    return list(activations.calls[: activations.names.index(name) + 1])


def test_boxes_come_from_the_image_to_the_layer_itself(image: Tensor) -> None:
    network = build(("conv 2 3x3 pad 1", "relu", "maxpool 2", "conv 3 3x3", "flatten", "linear classes"), classes=10)
    activations = record(network, image)
    found = boxes(activations, "conv2", (0, 0, 11))
    assert found == {
        "image": Box(21, 0, 7, 7, (21, -1, 8, 8)),
        "conv1": Box(22, 0, 6, 6, (22, 0, 6, 6)),
        "relu1": Box(22, 0, 6, 6, (22, 0, 6, 6)),
        "pool1": Box(11, 0, 3, 3, (11, 0, 3, 3)),
        "conv2": Box(11, 0, 1, 1, (11, 0, 1, 1)),
    }


def test_a_flat_feature_is_the_one_value_it_was(image: Tensor) -> None:
    network = build(("conv 3 5x5", "flatten", "linear 7", "softmax", "linear classes"), classes=10)
    activations = record(network, image)
    found = boxes(activations, "flatten1", (2 * 576 + 3 * 24 + 5,))
    assert found["conv1"] == Box(5, 3, 1, 1, (5, 3, 1, 1))
    assert found["image"] == Box(5, 3, 5, 5, (5, 3, 5, 5))
    found = boxes(activations, "softmax1", (4,))
    assert found["linear1"] == Box(0, 0, 7, 1, (0, 0, 7, 1))
    assert found["image"] == Box(0, 0, 28, 28, (0, 0, 28, 28))


@pytest.mark.parametrize(
    ("module", "box"),
    [
        (nn.LayerNorm([4, 4]), (0, 0, 4, 4)),
        (nn.LayerNorm([4]), (0, 2, 4, 1)),
        (nn.GroupNorm(2, 2), (0, 0, 4, 4)),
        (nn.InstanceNorm2d(2), (0, 0, 4, 4)),
        (nn.InstanceNorm2d(2, track_running_stats=True), (1, 2, 1, 1)),
        (nn.BatchNorm2d(2, track_running_stats=False), (0, 0, 4, 4)),
        (nn.BatchNorm2d(2), (1, 2, 1, 1)),
        (nn.Softmax(dim=1), (1, 2, 1, 1)),
        (nn.Softmax(dim=-1), (0, 2, 4, 1)),
        (nn.LogSoftmax(dim=2), (1, 0, 1, 4)),
        (nn.Linear(4, 4), (0, 2, 4, 1)),
        (nn.Flatten(2), (1, 2, 1, 1)),
    ],
    ids=repr,
)
def test_what_mixes_values_sees_all_that_it_mixes(module: nn.Module, box: tuple[int, ...]) -> None:
    torch.manual_seed(0)
    network = nn.Sequential(nn.Conv2d(1, 2, 1), module)
    activations = record(network, torch.rand(4, 4))
    at = (1, 9) if isinstance(module, nn.Flatten) else (1, 2, 1)
    found = boxes(activations, "1", at)["0"]
    assert isinstance(found, Box)
    assert found[:4] == box


def test_a_value_that_sees_padding_alone_has_an_empty_box() -> None:
    activations = record(nn.Conv2d(1, 1, 1, padding=1), torch.rand(3, 3))
    assert boxes(activations, "network", (0, 0, 2))["image"] == Box(0, 0, 0, 0, (1, -1, 1, 1))


class Branches(nn.Module):
    """Two branches that are added between modules, and an LSTM after them."""

    def __init__(self) -> None:
        super().__init__()
        self.one, self.two = nn.Conv2d(1, 1, 3, padding=1), nn.Conv2d(1, 1, 5, padding=2)
        self.after = nn.Conv2d(1, 1, 3, padding=1)
        self.squeeze, self.lstm, self.head = nn.Flatten(1, 2), nn.LSTM(28, 5, batch_first=True), nn.ReLU()

    def forward(self, x: Tensor) -> Tensor:
        values, _ = self.lstm(self.squeeze(self.after(self.one(x) + self.two(x))))
        outputs: Tensor = self.head(values)
        return outputs


def test_beyond_a_sum_between_modules_there_is_a_reason(image: Tensor) -> None:
    found = boxes(record(Branches(), image), "after", (0, 5, 5))
    reason = Unseen("the input of after is computed between modules")
    assert found == {"image": reason, "one": reason, "two": reason, "after": Box(5, 5, 1, 1, (5, 5, 1, 1))}
    found = boxes(record(Branches(), image), "two", (0, 5, 5))
    assert list(found) == ["image", "two"]  # the other branch is not on its path


def test_beyond_an_unknown_layer_there_is_a_reason(image: Tensor) -> None:
    found = boxes(record(Branches(), image), "head", (3, 2))
    assert found["image"] == Unseen("what lstm (LSTM) takes from where is not known")
    assert found["squeeze"] == found["image"]
    assert found["lstm"] == Box(2, 0, 1, 1, (2, 0, 1, 1))


def test_beyond_a_layer_without_the_batch_there_is_a_reason(image: Tensor) -> None:
    class Unbatched(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.conv, self.relu = nn.Conv2d(1, 2, 3), nn.ReLU()

        def forward(self, x: Tensor) -> Tensor:
            outputs: Tensor = self.relu(self.conv(x[0]))
            return outputs

    found = boxes(record(Unbatched(), image), "relu", (3, 2))
    assert found["image"] == Unseen("relu does not keep the batch as its first axis")


def test_what_does_not_exist_is_told(image: Tensor) -> None:
    activations = record(nn.Conv2d(1, 2, 3), image)
    with pytest.raises(UnknownName, match="There is no layer 'conv1'"):
        boxes(activations, "conv1", (0, 0, 0))
    with pytest.raises(UsageError, match="there is no position 2,0,0"):
        boxes(activations, "network", (2, 0, 0))


def test_a_sentence_says_which_pixels_are_seen() -> None:
    size = (28, 28)
    assert seen(Unseen("it is a riddle"), size) == "Which pixels it depends on is not known: it is a riddle."
    assert seen(Box(0, 0, 0, 0, (-3, -3, 3, 3)), size) == (
        "It depends on no pixel: there is padding alone under the window."
    )
    assert seen(Box(0, 0, 28, 28, (0, 0, 28, 28)), size) == "It depends on the whole image."
    assert seen(Box(4, 5, 1, 1, (4, 5, 1, 1)), size) == "It depends on 1 pixel of the image, row 5, column 4."
    assert seen(Box(0, 5, 2, 3, (-1, 5, 3, 3)), size) == (
        "It depends on 3 x 2 pixels of the image, rows 5 to 7, columns 0 to 1, and on padding."
    )
    assert seen(Box(0, 0, 28, 28, (0, 0, 28, 28), "all of it turns"), size) == (
        "It depends on the whole image: all of it turns."
    )


def test_a_box_as_plain_data_says_why_where_there_is_a_reason() -> None:
    assert Box(1, 2, 3, 4, (0, 2, 4, 4)).to_dict() == {"box": [1, 2, 3, 4], "whole": [0, 2, 4, 4]}
    assert Box(0, 0, 3, 4, (0, 0, 3, 4), "all of it turns").to_dict()["why"] == "all of it turns"
