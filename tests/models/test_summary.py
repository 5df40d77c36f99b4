"""Formula and reality agree: shapes, parameters, multiply-adds, receptive fields."""

import re
from dataclasses import replace
from typing import Any

import pytest
import torch
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st
from torch import Tensor, nn
from torch.utils.flop_counter import FlopCounterMode

from inkwise.convolution.sight import Sight
from inkwise.errors import InkwiseError, ShapeError
from inkwise.models.network import build
from inkwise.models.notation import parse
from inkwise.models.sequence import trace
from inkwise.models.shape import Shape
from inkwise.models.summary import Row, check, summarise, summarise_module

SMALL = ("conv 8 3x3 pad 1", "relu", "maxpool 2", "conv 16 3x3 pad 1", "relu", "maxpool 2", "flatten", "linear classes")
quick = settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))


# Random networks that fit, as lines of layers.
size = st.one_of(
    st.integers(1, 4).map(str), st.tuples(st.integers(1, 4), st.integers(1, 4)).map("{0[0]}x{0[1]}".format)
)
margin = st.integers(0, 2)


@st.composite
def conv(draw: st.DrawFn, *, grouped: bool = True) -> str:
    split = draw(st.integers(1, 2)) if grouped else 1
    options = [
        f"stride {draw(st.integers(1, 2))}",
        f"pad {draw(margin)}x{draw(margin)}",
        f"dilation {draw(st.integers(1, 2))}",
        f"groups {split}",
        "nobias",
    ]
    kept = [option for option in options if draw(st.booleans())]
    return f"conv {split * draw(st.integers(1, 4))} {draw(size)} {' '.join(kept)}"


@st.composite
def pool(draw: st.DrawFn) -> str:
    side, stride = draw(st.integers(1, 3)), draw(st.integers(1, 3))
    pad = f" pad {draw(st.integers(0, side // 2))}"
    return f"{draw(st.sampled_from(('maxpool', 'avgpool')))} {side} stride {stride}{pad if draw(st.booleans()) else ''}"


anywhere = st.sampled_from(("relu", "leakyrelu", "gelu", "silu", "tanh", "sigmoid", "batchnorm", "dropout 0.3"))
flat = st.one_of(anywhere, st.integers(1, 9).map("linear {}".format), st.just("softmax"))


@st.composite
def networks(draw: st.DrawFn, spatial: st.SearchStrategy[str] | None = None) -> tuple[str, ...]:
    start = draw(st.lists(st.one_of(conv(), pool(), anywhere) if spatial is None else spatial, min_size=1, max_size=5))
    end = draw(st.lists(flat, max_size=3))
    pooled = ["globalavgpool"] if draw(st.booleans()) else []
    return tuple(" ".join(line.split()) for line in (*start, *pooled, "flatten", *end, "linear classes"))


def assume_fits(lines: tuple[str, ...]) -> None:
    try:
        trace(lines, 10)
    except ShapeError:
        assume(False)


@quick
@given(networks(), st.integers(1, 12))
def test_the_formula_agrees_with_the_real_network(lines: tuple[str, ...], classes: int) -> None:
    assume_fits(lines)
    network = build(lines, classes=classes)
    summary = summarise(lines, classes)
    check(summary, network)
    assert summary.parameters == sum(value.numel() for value in network.parameters())


@quick
@given(networks())
def test_multiply_adds_are_half_of_what_torch_counts(lines: tuple[str, ...]) -> None:
    assume_fits(lines)
    network = build(lines, classes=10).eval()
    with FlopCounterMode(display=False) as counter:
        network(torch.zeros(1, 1, 28, 28))
    assert summarise(lines, 10).multiply_adds == counter.get_total_flops() / 2


@quick
@given(networks(spatial=st.one_of(conv(grouped=False), pool().map(lambda line: line.replace("max", "avg")))), st.data())
def test_the_receptive_field_holds_exactly_the_pixels_with_a_gradient(
    lines: tuple[str, ...], data: st.DataObject
) -> None:
    assume_fits(lines)
    # Positive weights and mean pooling: no pixel that reaches a value can cancel out.
    lines = lines[: next(i for i, line in enumerate(lines) if line in {"globalavgpool", "flatten"})]
    rows = summarise(lines, 10).rows
    sight, extent = _sight(rows[-1]), rows[-1].output_shape[1:]
    at = tuple(data.draw(st.sampled_from((size // 2, 0, size - 1))) for size in extent)
    image = torch.zeros(1, 1, 28, 28, dtype=torch.float64, requires_grad=True)
    values = image
    for step, layer in enumerate(lines):
        module = _layer(layer, rows[step - 1].output_shape if step else (1, 28, 28)).double()
        for weight in module.parameters():
            nn.init.ones_(weight)
        values = module(values)
    (gradient,) = torch.autograd.grad(values[0, 0, at[0], at[1]], image)
    seen = gradient[0, 0].nonzero()
    starts = [sight.start[axis] + at[axis] * sight.jump[axis] for axis in (0, 1)]
    ends = [start + size for start, size in zip(starts, sight.size, strict=True)]
    inside = min(starts) >= 0 and max(ends) <= 28
    for axis in (0, 1):
        touched = set(seen[:, axis].tolist())
        assert touched <= set(range(starts[axis], ends[axis]))
        if inside:  # at the border, padding takes the place of pixels
            assert {starts[axis], ends[axis] - 1} <= touched
        if inside and _dense(lines):
            assert touched == set(range(starts[axis], ends[axis]))


def _sight(row: Row) -> Sight:
    assert row.sight is not None
    return row.sight


def _layer(line: str, shape: Shape) -> nn.Module:
    return parse(line).build(shape)


def _dense(lines: tuple[str, ...]) -> bool:
    """Whether neither dilation nor a stride wider than its window leaves pixels out."""
    windows = [window for line in lines if (window := parse(line).window((1, 1))) is not None]
    return all(d == 1 and s <= m for w in windows for d, s, m in zip(w.dilation, w.stride, w.kernel, strict=True))


def test_a_dilated_kernel_reaches_its_outermost_pixels() -> None:
    sight = _sight(summarise(("conv 1 3 dilation 2", "maxpool 2", "conv 1 3 dilation 3"), 10).rows[-1])
    assert (sight.size, sight.jump, sight.start) == ((18, 18), (2, 2), (0, 0))


def test_a_margin_left_out_moves_where_a_value_looks_and_nothing_else() -> None:
    sight = _sight(summarise(("crop 2x3", "conv 1 3 stride 2"), 10).rows[-1])
    assert (sight.size, sight.jump, sight.start) == ((3, 3), (2, 2), (2, 3))


@pytest.mark.parametrize("before", [(), ("conv 1 3x3 stride 2", "relu")], ids=["image", "map"])
def test_after_a_deskewing_every_value_sees_all_that_the_map_saw(before: tuple[str, ...]) -> None:
    rows = summarise((*before, "deskew", "crop 2", "conv 1 3x3 pad 1", "maxpool 2"), 10).rows
    size = (27, 27) if before else (28, 28)  # windows of 3 pixels, from 0 to 24
    for row in rows[len(before) :]:
        assert (_sight(row).size, _sight(row).jump, _sight(row).start) == (size, (0, 0), (0, 0))


def test_a_pixel_far_away_does_change_a_deskewed_value() -> None:
    generator = torch.Generator().manual_seed(0)
    image = torch.rand(1, 1, 28, 28, generator=generator, requires_grad=True)
    (gradient,) = torch.autograd.grad(_layer("deskew", (1, 28, 28))(image)[0, 0, 5, 6], image)
    assert (gradient[0, 0, [0, 0, -1, -1], [0, -1, 0, -1]] != 0).all()


def test_the_small_network_comes_to_the_figures_worked_out_by_hand() -> None:
    summary = summarise(SMALL, 10)
    assert (summary.parameters, summary.multiply_adds) == (9098, 290_080)
    conv1, _, pool1, conv2, _, pool2, flatten, linear = summary.rows
    assert (conv1.name, conv1.line, conv1.output_shape) == ("conv1", "conv 8 3x3 pad 1", (8, 28, 28))
    assert (conv1.parameters, conv1.multiply_adds) == (80, 8 * 28 * 28 * 9)
    assert [_sight(row).size[0] for row in (conv1, pool1, conv2, pool2)] == [3, 4, 8, 10]
    assert [_sight(row).jump[0] for row in (conv1, pool1, conv2, pool2)] == [1, 2, 2, 4]
    assert _sight(linear).size == (34, 34)  # 10 + 6 * 4: the whole image and the padding around it
    assert (pool2.formula, flatten.formula) == ("floor((14 + 2*0 - 2) / 2) + 1 = 7", "16 * 7 * 7 = 784")


def test_the_dense_network_has_790021_parameters() -> None:
    lines = ("linear 512", "linear 512", "linear classes")
    summary = summarise(lines, classes=5, input_shape=(1024,))
    assert summary.parameters == 790_021
    check(summary, build(lines, classes=5, input_shape=(1024,)))


@pytest.mark.parametrize(
    ("field", "value", "message"),
    [
        (
            "output_shape",
            (8, 14, 14),
            "by formula its output shape would be 8 x 14 x 14, but the network has 8 x 28 x 28",
        ),
        ("parameters", 72, "by formula its parameters would be 72, but the network has 80"),
        ("multiply_adds", 1000, "by formula its multiply-adds would be 1,000, but the network has 56,448"),
    ],
)
def test_a_disagreement_names_the_layer(field: str, value: Any, message: str) -> None:
    summary = summarise(SMALL, 10)
    wrong = replace(summary, rows=(replace(summary.rows[0], **{field: value}), *summary.rows[1:]))
    with pytest.raises(InkwiseError, match=re.escape(f"conv1 'conv 8 3x3 pad 1': {message}")):
        check(wrong, build(SMALL, classes=10))


def test_other_layers_are_a_disagreement() -> None:
    with pytest.raises(
        InkwiseError, match=r"The summary has the layers conv1, .*, but the network ran flatten1, linear1"
    ):
        check(summarise(SMALL, 10), build(("flatten", "linear classes"), classes=10))


def test_any_module_can_be_measured_and_is_left_as_it_was() -> None:
    class Residual(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.conv = nn.Conv2d(1, 1, 3, padding=1)
            self.scale = nn.Parameter(torch.ones(3))
            self.head = nn.Linear(784, 10)

        def forward(self, x: Tensor) -> Tensor:
            outputs: Tensor = self.head((x + self.conv(self.conv(x))).flatten(1))
            return outputs

    module = Residual().train()
    module.head.eval()
    before = {name: value.clone() for name, value in module.state_dict().items()}
    summary = summarise_module(module)
    assert [row.name for row in summary.rows] == ["conv", "head", ""]
    assert summary.parameters == 10 + 7850 + 3
    assert summary.rows[0].multiply_adds == 2 * 784 * 9  # it ran twice
    assert summary.rows[1].output_shape == (10,)
    assert module.training
    assert not module.head.training
    assert all(torch.equal(before[name], value) for name, value in module.state_dict().items())
    assert not module.conv._forward_hooks


@pytest.mark.parametrize(
    "conv",
    [
        nn.Conv2d(2, 4, 3, groups=2),
        nn.ConvTranspose2d(2, 6, (2, 3), stride=2, groups=2),
        nn.Linear(8, 5),
        nn.Conv1d(2, 3, (3,)),
    ],
)
def test_a_modules_multiply_adds_are_half_of_what_torch_counts(conv: nn.Module) -> None:
    shape = (2, 8) if isinstance(conv, nn.Conv1d) else (2, 8, 8)
    with FlopCounterMode(display=False) as counter:
        conv(torch.zeros(1, *shape))
    assert summarise_module(conv, shape).multiply_adds == counter.get_total_flops() / 2


def test_a_module_that_cannot_take_the_image_is_a_shape_error() -> None:
    with pytest.raises(ShapeError, match="The network cannot take an image of 1 x 28 x 28: mat1 and mat2"):
        summarise_module(nn.Sequential(nn.Flatten(), nn.Linear(3, 2)))
