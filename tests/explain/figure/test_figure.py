"""The picture as a page: nothing overlaps or is cut off, and what is marked is marked everywhere it should be."""

import io
import re
from itertools import pairwise

import pytest
import torch
from PIL import Image
from tests.networks import NETWORKS
from torch import Tensor, nn

from inkwise.errors import UnknownName, UsageError
from inkwise.explain.activations import Activations, record
from inkwise.explain.figure.blocks import TITLE
from inkwise.explain.figure.figure import WIDTH, draw, laid_out
from inkwise.explain.figure.page import FIELD, Page, text_width
from inkwise.models.network import build
from inkwise.recipes.registry import get

DIGITS = tuple("0123456789")
MARKS: dict[str, tuple[str, tuple[int, ...]]] = {
    "matched-filter": ("conv1", (0, 0, 0)),
    "small-cnn": ("conv2", (3, 6, 7)),
    "dropout-cnn": ("flatten1", (5000,)),
    "deep-cnn": ("linear1", (5,)),
    "batchnorm-cnn": ("pool2", (4, 3, 3)),
    "fast": ("pool1", (6, 1, 2)),
    "accurate": ("conv4", (70, 3, 2)),
    "nano": ("conv7", (20, 3, 6)),
    "robust-small": ("conv4", (30, 3, 2)),
}
Case = tuple[Activations, tuple[str, ...], tuple[float, ...]]


def case(recipe: str) -> Case:
    """Activations, classes and probabilities of a recipe's network with weights of its own."""
    torch.manual_seed(0)
    known = get(recipe)
    network = build(known.network, classes=1 if known.binary else 10, pixels=known.pixels)
    for name, value in network.named_buffers():
        if name.endswith(("running_mean", "running_var")):  # the other buffers are what a layer computes with
            value.uniform_(-0.5, 0.5) if name.endswith("mean") else value.uniform_(0.5, 2.0)
    activations = record(network, torch.rand(28, 28, generator=torch.Generator().manual_seed(1)))
    probabilities = tuple(network.probabilities(activations.outputs)[0].tolist())
    return activations, ("not 3", "3") if known.binary else DIGITS, probabilities


def texts(page: Page) -> list[str]:
    return [text.string for text in page.texts]


def framed(page: Page) -> int:
    return sum(path.colour == FIELD and not path.filled and len(path.xs) == 5 for path in page.paths)


def boxes(page: Page) -> list[tuple[str, float, float, float, float]]:
    """Every text, picture and arrow with left, top, right and bottom."""
    found = []
    for text in page.texts:
        width, high = text_width(text.string, text.size, bold=text.bold), text.size * 200 / 72
        left = text.x - width * {"left": 0, "center": 0.5, "right": 1}[text.across]
        top = text.y - high * {"baseline": 0.8, "center": 0.5, "top": 0, "bottom": 1}[text.down]
        found.append((text.string, left, top, left + width, top + high))
    for x, y, picture in page.pictures:
        found.append(("picture", x, y, x + picture.shape[1], y + picture.shape[0]))
    arrows = (path for path in page.paths if len(path.xs) == 3)
    found += [("arrow", min(path.xs), min(path.ys), max(path.xs), max(path.ys)) for path in arrows]
    return found


@pytest.mark.parametrize("marked", [False, True], ids=["plain", "marked"])
@pytest.mark.parametrize("recipe", NETWORKS)
def test_nothing_overlaps_and_nothing_is_cut_off(recipe: str, marked: bool) -> None:
    activations, classes, probabilities = case(recipe)
    layer, at = MARKS[recipe.split("@", maxsplit=1)[0]] if marked else (None, None)
    page, width, height = laid_out(activations, layer, at, classes=classes, probabilities=probabilities)
    placed = boxes(page)
    assert width <= WIDTH
    for name, left, top, right, bottom in placed:
        assert min(left, top) >= 0, name
        assert right <= width, name
        assert bottom <= height, name
    # A strip's columns touch, and each is a picture of its own.
    columns = [each for each in placed if each[0] != "picture" or each[3] - each[1] > 24]
    for i, (name, left, top, right, bottom) in enumerate(columns):
        for other, left2, top2, right2, bottom2 in columns[i + 1 :]:
            apart = right <= left2 or right2 <= left or bottom <= top2 or bottom2 <= top
            assert apart, f"{name!r} and {other!r}"


@pytest.mark.parametrize("recipe", MARKS)
def test_every_layer_is_named_with_its_shape(recipe: str) -> None:
    activations, classes, probabilities = case(recipe)
    page, _, _ = laid_out(activations, classes=classes, probabilities=probabilities)
    written = " ".join(texts(page))
    for call in activations.calls:
        assert re.search(rf"\b{call.name}\b", written), call.name
    assert "1 x 28 x 28" in texts(page)
    assert "answer" in texts(page)


def test_the_same_input_gives_the_same_bytes_and_dark_others() -> None:
    activations, classes, probabilities = case("matched-filter")
    light, again, dark = (
        draw(activations, "conv1", (0, 0, 0), classes=classes, probabilities=probabilities, dark=dark)
        for dark in (False, False, True)
    )
    assert light == again
    assert light != dark
    picture = Image.open(io.BytesIO(dark))
    _, width, height = laid_out(activations, "conv1", (0, 0, 0), classes=classes, probabilities=probabilities)
    assert picture.size == (width, height)
    assert picture.convert("RGB").getpixel((2, 2)) == (0x19, 0x1C, 0x20)


def test_a_value_is_marked_in_every_map_that_it_depends_on() -> None:
    activations, _, _ = case("small-cnn")
    page, _, _ = laid_out(activations, "conv2", (3, 6, 7))
    # The image, eight maps each of conv1, relu1 and pool1, the value itself, and the legend's own frame.
    assert framed(page) == 1 + 3 * 8 + 1 + 1
    value = activations.call("conv2").output[0, 3, 6, 7].item()
    (words,) = (words for words in texts(page) if "sees" in words)
    assert words.startswith("conv2 at 3,6,7: ")
    assert f"{abs(value):.2f}" in words
    assert words.endswith("it sees 8 x 8 pixels of the image")
    assert [text.string for text in page.texts if text.colour == FIELD] == ["conv2"]


def test_a_layer_alone_stands_out_without_frames() -> None:
    page, _, _ = laid_out(case("small-cnn")[0], "relu2")
    assert framed(page) == 0
    assert [text.string for text in page.texts if text.colour == FIELD] == ["relu2"]


def test_a_small_network_is_shown_in_full_and_a_deep_one_in_the_compact_form() -> None:
    assert {"conv1", "relu1", "pool1", "conv2", "relu2", "pool2"} <= set(texts(laid_out(case("small-cnn")[0])[0]))
    deep = texts(laid_out(case("deep-cnn")[0])[0])
    assert {"then relu1", "then relu2, batchnorm1"} <= set(deep)
    assert "the strongest 20 of 40" in deep


@pytest.mark.parametrize("recipe", NETWORKS)
def test_an_arrow_stands_between_two_panels_of_a_row_and_at_no_rows_end(recipe: str) -> None:
    activations, classes, probabilities = case(recipe)
    page, _, _ = laid_out(activations, classes=classes, probabilities=probabilities)
    titles = [(text.x, text.y) for text in page.texts if text.bold and text.size == TITLE]
    arrows = [max(path.xs) for path in page.paths if len(path.xs) == 3]
    assert len(arrows) == len(titles) - len({y for _, y in titles})


def test_rows_reach_the_right_end_of_the_widest_where_they_can() -> None:
    activations, classes, probabilities = case("accurate")
    page, width, _ = laid_out(activations, classes=classes, probabilities=probabilities)
    tops = sorted({text.y for text in page.texts if text.bold and text.size == TITLE})
    ends = [max(right for _, _, top, right, _ in boxes(page) if first < top < below) for first, below in pairwise(tops)]
    assert len(ends) > 1
    assert min(ends) >= width - 44 - 20  # the margin, and a little where the gaps are at their widest


def test_where_the_field_is_not_known_the_reason_is_told() -> None:
    class Twice(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.one, self.two = nn.Conv2d(1, 2, 3), nn.Conv2d(2, 2, 3)

        def forward(self, images: Tensor) -> Tensor:
            outputs: Tensor = self.two(2 * self.one(images))
            return outputs

    page, _, _ = laid_out(record(Twice(), torch.rand(12, 12)), "two", (0, 1, 1))
    assert "what it sees is not known: the input of two is computed between modules" in " ".join(texts(page))


# The answer.


def test_the_answer_is_the_most_probable_class_unless_told() -> None:
    activations, classes, _ = case("matched-filter")
    page, _, _ = laid_out(activations, classes=classes, probabilities=(0.35,))
    assert {"not 3, 65 %", "35.00 %"} <= set(texts(page))
    page, _, _ = laid_out(activations, classes=classes, probabilities=(0.35,), answer=1)
    assert "3, 35 %" in texts(page)
    assert [text.string for text in page.texts if text.bold][-2:] == ["3", "35.00 %"]
    plain, _, _ = laid_out(activations, probabilities=(0.35,))
    assert "no, 65 %" in texts(plain)


def test_without_probabilities_there_is_no_answer() -> None:
    activations, classes, _ = case("small-cnn")
    assert "answer" not in texts(laid_out(activations, classes=classes)[0])


def test_of_many_classes_the_most_probable_are_shown() -> None:
    torch.manual_seed(0)
    network = nn.Sequential(nn.Flatten(), nn.Linear(16, 47))
    activations = record(network, torch.rand(4, 4))
    chances = torch.full((47,), 0.01)
    chances[40] = 0.54
    page, _, _ = laid_out(activations, probabilities=chances.tolist())
    assert {"40, 54 %", "the likeliest 12 of 47", "54.00 %"} <= set(texts(page))


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"at": (0, 0, 0)}, "A position (0, 0, 0) was given without a layer; give the layer too."),
        ({"layer": "conv1", "at": (8, 0, 0)}, "there is no position 8,0,0"),
        ({"probabilities": (0.5, 1.5)}, "The probabilities to be shown are not all in [0, 1]"),
        ({"probabilities": (float("nan"),)}, "The probabilities to be shown are not all in [0, 1]"),
        (
            {"probabilities": (0.5, 0.5), "classes": DIGITS},
            "There are 2 probabilities for 10 classes; give one for each",
        ),
        (
            {"probabilities": (0.5, 0.5), "answer": 2},
            "There is no answer 2 among 2 probabilities; give its index from 0",
        ),
    ],
    ids=str,
)
def test_what_does_not_fit_is_told(options: dict[str, object], message: str) -> None:
    call: object = laid_out
    assert callable(call)
    with pytest.raises(UsageError, match=re.escape(message)):
        call(case("small-cnn")[0], **options)


def test_an_unknown_layer_is_told() -> None:
    with pytest.raises(UnknownName, match="There is no layer 'conv7'"):
        draw(case("small-cnn")[0], "conv7")
