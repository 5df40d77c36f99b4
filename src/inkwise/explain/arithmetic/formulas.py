"""Activation functions: the value in float64, the formula in symbols, and the formula with the number put in."""

from collections.abc import Callable
from math import erf, exp, expm1, log1p, pi, sqrt, tanh
from typing import Any, Final, NamedTuple

from torch import nn

from inkwise.explain.spelling import bracketed as put
from inkwise.explain.spelling import number, signed
from inkwise.models.network import Pixels


class Formula(NamedTuple):
    """A function of one value: the result, in symbols, and with the number put in."""

    result: float
    symbols: str
    filled: str


def formula(module: nn.Module, x: float, channel: int) -> Formula:
    """Return what the activation `module` makes of `x`, a value of `channel` (PReLU may have a slope for each)."""
    if isinstance(module, nn.PReLU):
        return _leaky(x, float(module.weight.detach()[channel if module.weight.numel() > 1 else 0]))
    write = next(_FORMULAS[cls] for cls in type(module).__mro__ if cls in _FORMULAS)
    return write(module, x)


def _leaky(x: float, slope: float) -> Formula:
    filled = put(x) if x > 0 else f"{number(slope)} * {put(x)}"
    return Formula(x if x > 0 else slope * x, f"x where x > 0, otherwise {number(slope)} * x", filled)


def _elu(x: float, alpha: float, scale: float = 1.0) -> Formula:
    times = "" if scale == 1 else f"{number(scale)} * "
    filled = put(x) if x > 0 else f"{number(alpha)} * (exp({number(x)}) - 1)"
    return Formula(
        scale * (x if x > 0 else alpha * expm1(x)),
        f"{times}(x where x > 0, otherwise {number(alpha)} * (exp(x) - 1))",
        times + filled,
    )


def _gelu(module: Any, x: float) -> Formula:
    if module.approximate == "tanh":
        inner = sqrt(2 / pi) * (x + 0.044715 * x**3)
        return Formula(
            0.5 * x * (1 + tanh(inner)),
            "x/2 * (1 + tanh(sqrt(2/pi) * (x + 0.044715 x^3)))",
            f"{put(x / 2)} * (1 + tanh({number(inner)}))",
        )
    share = (1 + erf(x / sqrt(2))) / 2
    return Formula(
        x * share,
        "x * P(x), with P(x) = (1 + erf(x / sqrt(2))) / 2, the normal share below x",
        f"{put(x)} * {number(share)}",
    )


def _softplus(module: Any, x: float) -> Formula:
    beta, threshold = float(module.beta), float(module.threshold)
    straight, b = beta * x > threshold, number(beta)
    return Formula(
        x if straight else _log1pexp(beta * x) / beta,
        f"log(1 + exp({b} * x)) / {b}, and x itself where {b} * x > {number(threshold)}",
        put(x) if straight else f"log(1 + exp({number(beta * x)})) / {b}",
    )


def _clamp(low: float, high: float, x: float) -> Formula:
    return Formula(
        min(high, max(low, x)),
        f"min({number(high)}, max({number(low)}, x))",
        f"min({number(high)}, max({number(low)}, {number(x)}))",
    )


def _sigmoid(x: float) -> float:
    return 1 / (1 + exp(-x)) if x >= 0 else exp(x) / (1 + exp(x))  # neither overflows


def _log1pexp(x: float) -> float:
    return max(x, 0.0) + log1p(exp(-abs(x)))


def _hard_sigmoid(x: float) -> float:
    return min(1.0, max(0.0, x / 6 + 0.5))


def _pixels(module: Any, x: float) -> Formula:
    mean, deviation = float(module.mean), float(module.deviation)
    return Formula(
        (x - mean) / deviation,
        f"(x - {number(mean)}) / {number(deviation)}",
        f"({number(x)} {signed(-mean)}) / {number(deviation)}",
    )


_FORMULAS: Final[dict[type, Callable[[Any, float], Formula]]] = {
    nn.ReLU: lambda _, x: Formula(max(0.0, x), "max(0, x)", f"max(0, {number(x)})"),
    nn.Hardtanh: lambda module, x: _clamp(float(module.min_val), float(module.max_val), x),  # ReLU6 is one
    nn.LeakyReLU: lambda module, x: _leaky(x, float(module.negative_slope)),
    nn.ELU: lambda module, x: _elu(x, float(module.alpha)),
    nn.SELU: lambda _, x: _elu(x, 1.6732632423543772, 1.0507009873554805),
    nn.GELU: _gelu,
    nn.SiLU: lambda _, x: Formula(x * _sigmoid(x), "x / (1 + exp(-x))", f"{put(x)} / (1 + exp({number(-x)}))"),
    nn.Mish: lambda _, x: Formula(
        x * tanh(_log1pexp(x)), "x * tanh(log(1 + exp(x)))", f"{put(x)} * tanh(log(1 + exp({number(x)})))"
    ),
    nn.Tanh: lambda _, x: Formula(tanh(x), "tanh(x)", f"tanh({number(x)})"),
    nn.Sigmoid: lambda _, x: Formula(_sigmoid(x), "1 / (1 + exp(-x))", f"1 / (1 + exp({number(-x)}))"),
    nn.LogSigmoid: lambda _, x: Formula(-_log1pexp(-x), "-log(1 + exp(-x))", f"-log(1 + exp({number(-x)}))"),
    nn.Softplus: _softplus,
    nn.Softsign: lambda _, x: Formula(x / (1 + abs(x)), "x / (1 + |x|)", f"{put(x)} / (1 + {number(abs(x))})"),
    nn.Hardsigmoid: lambda _, x: Formula(
        _hard_sigmoid(x), "min(1, max(0, x/6 + 1/2))", f"min(1, max(0, {number(x / 6)} + 1/2))"
    ),
    nn.Hardswish: lambda _, x: Formula(
        x * _hard_sigmoid(x), "x * min(1, max(0, x/6 + 1/2))", f"{put(x)} * {number(_hard_sigmoid(x))}"
    ),
    Pixels: _pixels,
}
