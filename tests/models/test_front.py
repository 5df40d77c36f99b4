"""The lines of layers with nothing to learn: their shapes, their arithmetic, what they refuse."""

import re

import pytest
import torch

from inkwise.errors import ShapeError
from inkwise.models.network import Scale, build
from inkwise.models.notation import parse
from inkwise.models.summary import summarise


def test_a_crop_leaves_out_its_margin() -> None:
    images = torch.rand(2, 3, 8, 9)
    network = build(("crop 1x2", "flatten", "linear classes"), classes=10, input_shape=(3, 8, 9))
    assert torch.equal(network[0](images), images[:, :, 1:7, 2:7])
    layer = parse("crop 1x2")
    assert layer.output_shape((3, 8, 9)) == (3, 6, 5)
    assert layer.parameters((3, 8, 9)) == layer.multiply_adds((3, 8, 9)) == 0


def test_a_crop_moves_what_a_later_layer_sees() -> None:
    rows = summarise(("crop 2", "conv 1 5x5 stride 2", "flatten", "linear classes"), classes=10).rows
    assert rows[1].output_shape == (1, 10, 10)


def test_cosines_count_their_products_and_no_trained_values() -> None:
    layer = parse("cosines 16 5x5 stride 2")
    assert layer.output_shape((1, 24, 24)) == (16, 10, 10)
    assert layer.multiply_adds((1, 24, 24)) == 16 * 100 * 25
    assert layer.parameters((1, 24, 24)) == 0


@pytest.mark.parametrize("pixels", ["signed", "standard"])
def test_deskewing_is_refused_where_the_background_is_not_0(pixels: Scale) -> None:
    lines = ("deskew", "flatten", "linear classes")
    with pytest.raises(ShapeError, match=rf"deskew1 'deskew' finds the ink by its background of 0, .*'{pixels}' moves"):
        build(lines, classes=10, pixels=pixels)


@pytest.mark.parametrize(
    ("line", "shape", "message"),
    [
        ("deskew", (2, 28, 28), "'deskew' cannot take 2 x 28 x 28: it needs one channel x height x width, ink on a ba"),
        ("deskew", (784,), "it needs one channel x height x width"),
        ("crop 14", (1, 28, 28), "'crop 14' cannot take 1 x 28 x 28: floor((28 + 2*-14 - 1) / 1) + 1 = 0"),
        ("crop 2", (784,), "it needs channels x height x width, so it must come before flatten"),
        ("cosines 15 5x5", (1, 28, 28), "an even number of them up to 50 from a 5x5 kernel"),
        ("cosines 52 5x5", (1, 28, 28), "an even number of them up to 50 from a 5x5 kernel"),
        ("cosines 8 3x3", (2, 28, 28), "it needs one channel"),
    ],
)
def test_what_a_layer_cannot_take_is_said(line: str, shape: tuple[int, ...], message: str) -> None:
    with pytest.raises(ShapeError, match=re.escape(message)):
        parse(line).output_shape(shape)
