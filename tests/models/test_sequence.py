"""Names, shapes, and networks that cannot work."""

import re

import pytest

from inkwise.errors import RecipeError, ShapeError
from inkwise.models.sequence import require_classes, trace


def test_layers_are_named_by_kind_and_count() -> None:
    lines = ("conv 2 3", "relu", "maxpool 2", "conv 4 3", "avgpool 2", "globalavgpool", "flatten", "linear classes")
    assert [step.name for step in trace(lines, 10)] == [
        "conv1",
        "relu1",
        "pool1",
        "conv2",
        "pool2",
        "pool3",
        "flatten1",
        "linear1",
    ]


def test_each_layer_gets_what_the_one_before_gives() -> None:
    steps = trace(("conv 8 3x3 pad 1", "maxpool 2", "flatten", "linear classes"), 10)
    assert [step.output_shape for step in steps] == [(8, 28, 28), (8, 14, 14), (1568,), (10,)]
    assert [step.input_shape for step in steps[1:]] == [step.output_shape for step in steps[:-1]]


@pytest.mark.parametrize(
    ("lines", "message"),
    [
        (
            ("conv 4 3", "conv 8 3", "maxpool 8", "conv 40 5x5"),
            "Layer 4, conv3 'conv 40 5x5' cannot take 8 x 3 x 3: floor((3 + 2*0 - 5) / 1) + 1 = -1; the size must come",
        ),
        (("conv 8 40x3",), "height floor((28 + 2*0 - 40) / 1) + 1 = -11, width floor((28 + 2*0 - 3) / 1) + 1 = 26;"),
        (("maxpool 30",), "Layer 1, pool1 'maxpool 30' cannot take 1 x 28 x 28: floor((28 + 2*0 - 30) / 30) + 1 = 0;"),
        (
            ("maxpool 2 pad 2",),
            "'maxpool 2 pad 2' cannot take 1 x 28 x 28: a pool's pad must be at most half its kernel.",
        ),
        (
            ("conv 8 3", "conv 9 3 groups 3"),
            "conv2 'conv 9 3 groups 3' cannot take 8 x 26 x 26: groups 3 must divide 8 in",
        ),
        (
            ("flatten", "conv 8 3"),
            "'conv 8 3' cannot take 784: it needs channels x height x width, so it must come before",
        ),
        (("linear 10",), "'linear 10' cannot take 1 x 28 x 28: it needs flat features; put flatten before it."),
        (("softmax",), "'softmax' cannot take 1 x 28 x 28: it needs flat features; put flatten before it."),
    ],
)
def test_a_layer_that_does_not_fit_is_named_with_the_formula(lines: tuple[str, ...], message: str) -> None:
    with pytest.raises(ShapeError, match=re.escape(message)):
        trace(lines, 10)


def test_every_line_that_cannot_be_read_is_listed() -> None:
    with pytest.raises(RecipeError) as caught:
        trace(("rleu", "relu", "conv"), 10)
    assert [fault.split(",")[0] for fault in caught.value.faults] == ["layer 1", "layer 3"]


def test_a_network_has_layers() -> None:
    with pytest.raises(RecipeError, match="there are no layers; give at least one, such as 'conv 8 3x3 pad 1'"):
        trace((), 10)


def test_the_last_layer_gives_one_value_for_each_class() -> None:
    require_classes(trace(("flatten", "linear classes"), 10), 10)
    with pytest.raises(ShapeError, match="linear1 'linear 5', gives 5 values, but 10 outputs are needed; end with"):
        require_classes(trace(("flatten", "linear 5"), 10), 10)
    with pytest.raises(ShapeError, match="conv1 'conv 1 3', gives 1 x 26 x 26 values, but one output is needed"):
        require_classes(trace(("conv 1 3",), 1), 1)
