"""Layers of one value each: the formula gives what torch gives, in symbols and with the number put in."""

import ast
import itertools
import math
import operator
from collections.abc import Callable

import pytest
import torch
from torch import Tensor, nn

from inkwise.explain.activations import Activations, record
from inkwise.explain.arithmetic.arithmetic import Explanation, explain_value
from inkwise.explain.arithmetic.formulas import formula
from inkwise.explain.arithmetic.table import render
from inkwise.explain.arithmetic.terms import Moved, Pointwise
from inkwise.explain.known import ACTIVATIONS, DROPOUTS
from inkwise.models.network import Pixels

Layer = Callable[[nn.Module, Tensor], Activations]
VALUES = torch.tensor([-1000.0, -30.0, -6.5, -3.0, -1.0, -0.2, 0.0, 1e-6, 0.2, 1.0, 3.0, 5.9, 6.5, 30.0, 1000.0])
VARIANTS = [
    *(cls() for cls in ACTIVATIONS),
    nn.LeakyReLU(0.3),
    nn.PReLU(4, 0.1),
    nn.ELU(0.5),
    nn.GELU("tanh"),
    nn.Softplus(2.0, 10.0),
    nn.Hardtanh(-2.0, 0.5),
    Pixels(0.1307, 0.3081),
]


@pytest.mark.parametrize("module", VARIANTS, ids=repr)
def test_the_formula_gives_what_torch_gives(module: nn.Module) -> None:
    if isinstance(module, nn.PReLU) and module.weight.numel() > 1:
        nn.init.uniform_(module.weight, -1, 2)
    given = VALUES.double()[None, None].expand(1, 4, -1)
    with torch.no_grad():
        wanted = module.double()(given)[0]
    for channel in (0, 3):
        for x, value in zip(VALUES.double().tolist(), wanted[channel].tolist(), strict=True):
            assert formula(module, x, channel).result == pytest.approx(value, rel=1e-12, abs=1e-300)


@pytest.mark.parametrize("module", VARIANTS, ids=repr)
def test_the_slope_is_the_steepest_there_is(module: nn.Module) -> None:
    x = torch.linspace(-9, 9, 4001, dtype=torch.float64)[None, None].expand(1, 4, -1).requires_grad_()
    (steepness,) = torch.autograd.grad(module.double()(x).sum(), x)
    for channel in (0, 3):
        slope = formula(module, 0.5, channel).slope
        assert 0.97 * slope <= float(steepness[0, channel].abs().max()) <= slope * (1 + 1e-7)


FUNCTIONS: dict[str, Callable[..., float]] = {
    "exp": math.exp,
    "tanh": math.tanh,
    "log": math.log,
    "min": min,
    "max": max,
}
OPERATORS: dict[type[ast.operator], Callable[[float, float], float]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
}


def worked_out(node: ast.AST) -> float:
    """Work out a formula with its numbers put in."""
    match node:
        case ast.Expression(body):
            return worked_out(body)
        case ast.Constant(float() | int() as value):
            return value
        case ast.UnaryOp(ast.USub(), value):
            return -worked_out(value)
        case ast.BinOp(left, op, right):
            return OPERATORS[type(op)](worked_out(left), worked_out(right))
        case ast.Call(ast.Name(name), values):
            return FUNCTIONS[name](*map(worked_out, values))
    raise AssertionError(ast.dump(node))


@pytest.mark.parametrize("module", VARIANTS, ids=repr)
@pytest.mark.parametrize("x", [-2.5, -0.25, 0.75, 30.0])
def test_the_formula_with_its_number_comes_to_the_value(module: nn.Module, x: float) -> None:
    made = formula(module, x, 0)
    assert worked_out(ast.parse(made.filled, mode="eval")) == pytest.approx(made.result, abs=2e-4 * max(1, abs(x)))


@pytest.mark.parametrize(
    ("module", "x", "symbols", "filled"),
    [
        (nn.ReLU(), -0.5, "max(0, x)", "max(0, -0.5000)"),
        (nn.ReLU6(), 7.0, "min(6.0000, max(0, x))", "min(6.0000, max(0, 7.0000))"),
        (nn.LeakyReLU(0.1), -2.0, "x where x > 0, otherwise 0.1000 * x", "0.1000 * (-2.0000)"),
        (nn.Sigmoid(), 2.0, "1 / (1 + exp(-x))", "1 / (1 + exp(-2.0000))"),
        (nn.SiLU(), -2.0, "x / (1 + exp(-x))", "(-2.0000) / (1 + exp(2.0000))"),
        (Pixels(0.5, 0.5), 0.25, "(x - 0.5000) / 0.5000", "(0.2500 - 0.5000) / 0.5000"),
    ],
    ids=["relu", "relu6", "leakyrelu", "sigmoid", "silu", "pixels"],
)
def test_formulas_read_as_in_a_book(module: nn.Module, x: float, symbols: str, filled: str) -> None:
    made = formula(module, x, 0)
    assert (made.symbols, made.filled) == (symbols, filled)


@pytest.mark.parametrize("module", [*(cls() for cls in DROPOUTS), nn.Identity()], ids=repr)
def test_dropout_and_identity_change_nothing_and_say_why(module: nn.Module, alone: Layer) -> None:
    rank = next((int(name[-2]) for name in [type(module).__name__] if name.endswith("d")), 1)
    values = torch.randn(1, 2, *(3,) * rank)
    at = (1,) + (2,) * rank
    explanation = explain_value(alone(module, values), "layer", at)
    assert isinstance(explanation, Explanation)
    (step,) = explanation.steps
    assert isinstance(step, Moved)
    assert step.computed == values[0][at].item()
    assert step.why == ("every value is passed on" if step.kind == "identity" else "dropout acts in training alone")


@pytest.mark.parametrize(
    ("module", "shape", "at", "before"),
    [
        (nn.Flatten(), (2, 3, 4), (17,), (1, 1, 1)),
        (nn.Flatten(2), (2, 3, 4), (1, 5), (1, 1, 1)),
        (nn.Flatten(), (6,), (4,), (4,)),
        (nn.Unflatten(1, (2, 3)), (6,), (1, 2), (5,)),
    ],
    ids=["all", "space", "flat", "unflatten"],
)
def test_a_flat_value_knows_where_it_was(
    module: nn.Module, shape: tuple[int, ...], at: tuple[int, ...], before: tuple[int, ...], alone: Layer
) -> None:
    values = torch.randn(1, *shape)
    explanation = explain_value(alone(module, values), "layer", at)
    assert isinstance(explanation, Explanation)
    (step,) = explanation.steps
    assert isinstance(step, Moved)
    assert step.came_from == before
    assert step.computed == explanation.value == values[0][before].item()


@pytest.mark.parametrize(
    ("ends", "at", "before", "kind"),
    [
        ((-2, -2, -1, -1), (1, 0, 0), (1, 1, 2), "crop"),
        ((1, 0, 2, 0), (0, 2, 1), (0, 0, 0), "padding"),
        ((1, 0, 2, 0), (0, 1, 1), None, "padding"),
        ((1, 0, 2, 0), (0, 2, 0), None, "padding"),
        ((-3, 2, 0, 0), (1, 3, 2), (1, 3, 5), "padding and crop"),
        ((-3, 2, 0, 0), (1, 3, 3), None, "padding and crop"),
    ],
    ids=str,
)
def test_a_margin_moves_a_value_or_has_none(
    ends: tuple[int, int, int, int], at: tuple[int, ...], before: tuple[int, ...] | None, kind: str, alone: Layer
) -> None:
    values = torch.randn(1, 2, 5, 6)
    for module, filling in ((nn.ZeroPad2d(ends), 0.0), (nn.ConstantPad2d(ends, 0.5), 0.5)):
        explanation = explain_value(alone(module, values), "layer", at)
        assert isinstance(explanation, Explanation)
        (step,) = explanation.steps
        assert isinstance(step, Moved)
        assert (step.came_from, step.kind) == (before, kind)
        assert step.computed == explanation.value == (filling if before is None else values[0][before].item())


@pytest.mark.parametrize("cls", [nn.ZeroPad1d, nn.ZeroPad2d, nn.ZeroPad3d])
def test_a_margin_of_other_ranks_is_followed_too(cls: type[nn.Module], alone: Layer) -> None:
    rank = int(cls.__name__[-2])
    make: Callable[..., nn.Module] = cls
    values = torch.randn(1, 2, *(3, 4, 5)[:rank])
    activations = alone(make(tuple(range(2 * rank))), values)
    for at in itertools.product(*map(range, activations.calls[0].shape)):
        explanation = explain_value(activations, "layer", at)
        assert isinstance(explanation, Explanation)
        assert explanation.difference == 0


def test_behind_padding_there_is_nothing_to_explain_further() -> None:
    network = nn.Sequential(nn.Conv2d(1, 1, 3), nn.ZeroPad2d(1), nn.Sigmoid())
    activations = record(network, torch.rand(5, 5))
    outside = explain_value(activations, "2", (0, 0, 3))
    inside = explain_value(activations, "2", (0, 1, 3))
    assert isinstance(outside, Explanation)
    assert isinstance(inside, Explanation)
    assert [step.kind for step in outside.steps] == ["padding", "Sigmoid"]
    assert (outside.computed, outside.notes) == (0.5, ())
    assert "0: padding, where the map before has no value" in render(outside)
    assert [step.kind for step in inside.steps] == ["convolution", "padding", "Sigmoid"]
    assert "unchanged from channel 0, row 0, column 2 of 0" in render(inside)
    assert inside.agrees


def test_an_activation_alone_takes_its_input_as_recorded(alone: Layer) -> None:
    explanation = explain_value(alone(nn.Tanh(), torch.tensor([[0.5, -0.5]])), "layer", (1,))
    assert isinstance(explanation, Explanation)
    (step,) = explanation.steps
    assert isinstance(step, Pointwise)
    assert (step.x, step.source) == (-0.5, None)
    assert explanation.notes == ("What layer takes is computed between modules, so it is taken as recorded.",)
