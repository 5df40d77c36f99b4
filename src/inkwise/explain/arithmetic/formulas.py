"""Activation functions: the value in float64, the formula in symbols, and the formula with the number put in.

Each has its Lipschitz constant too, the steepest it gets, which says how much of an error in x arrives behind it.
"""

from collections.abc import Callable
from math import erf, exp, expm1, isnan, log1p, nan, pi, sqrt, tanh
from typing import Any, Final, NamedTuple

from torch import nn

from inkwise.explain.spelling import calculated, number
from inkwise.models.network import Pixels


class Formula(NamedTuple):
    """A function of one value.

    `symbols` is the formula, `filled` has the number put in, `branch` is the case that applies of a formula with
    several, "as x > 0: x" say. `slope` is the Lipschitz constant.
    """

    result: float
    symbols: str
    filled: str
    slope: float
    branch: str = ""


def formula(module: nn.Module, x: float, channel: int) -> Formula:
    """Return what the activation `module` makes of `x`, a value of `channel` (PReLU may have a slope for each)."""
    if isinstance(module, nn.PReLU):
        made = _leaky(x, float(module.weight.detach()[channel if module.weight.numel() > 1 else 0]))
    else:
        write = next(_FORMULAS[cls] for cls in type(module).__mro__ if cls in _FORMULAS)
        made = write(module, x)
    return made._replace(result=nan, filled="nan", branch="") if isnan(x) else made


def _made(symbols: str, template: str, work: Callable[..., float], *values: float, slope: float = 1.0) -> Formula:
    """Return the formula whose numbers are `values`: in `template` as text, and for `work` to compute."""
    return Formula(work(*values), symbols, calculated(template, work, *values), slope)


def _cases(x: float, above: Formula, below: Formula) -> Formula:
    """Return the one of two formulas that applies, and that it is a case of both."""
    case, made = ("as x > 0", above) if x > 0 else ("as x <= 0", below)
    symbols = f"{above.symbols} where x > 0, otherwise {below.symbols}"
    return made._replace(symbols=symbols, branch=f"{case}: {made.symbols}", slope=max(above.slope, below.slope))


def _leaky(x: float, slope: float) -> Formula:
    return _cases(
        x,
        _made("x", "{}", lambda value: value, x),
        _made(f"{number(slope)} * x", "{} * {}", lambda by, value: by * value, slope, x, slope=abs(slope)),
    )


def _elu(x: float, alpha: float) -> Formula:
    below = min(x, 0.0)  # the case is not taken above, where exp overflows
    return _cases(
        x,
        _made("x", "{}", lambda value: value, x),
        _made(
            f"{number(alpha)} * (exp(x) - 1)",
            "{} * (exp({}) - 1)",
            lambda by, value: by * expm1(value),
            *(alpha, below),
            slope=abs(alpha),
        ),
    )


def _selu(_module: Any, x: float) -> Formula:
    alpha, scale = 1.6732632423543772, 1.0507009873554805
    below = min(x, 0.0)
    return _cases(
        x,
        _made(f"{number(scale)} * x", "{} * {}", lambda by, value: by * value, scale, x, slope=scale),
        _made(
            f"{number(scale)} * {number(alpha)} * (exp(x) - 1)",
            "{} * {} * (exp({}) - 1)",
            lambda by, times, value: by * times * expm1(value),
            *(scale, alpha, below),
            slope=scale * alpha,
        ),
    )


def _gelu(module: Any, x: float) -> Formula:
    if module.approximate == "tanh":
        return _made(
            "x/2 * (1 + tanh(sqrt(2/pi) * (x + 0.044715 x^3)))",
            "{} * (1 + tanh({}))",
            lambda half, inner: half * (1 + tanh(inner)),
            *(x / 2, sqrt(2 / pi) * (x + 0.044715 * x * x * x)),
            slope=1.13,
        )
    return _made(
        "x * P(x), with P(x) = (1 + erf(x / sqrt(2))) / 2, the normal share below x",
        "{} * {}",
        lambda value, share: value * share,
        *(x, (1 + erf(x / sqrt(2))) / 2),
        slope=1.13,
    )


def _softplus(module: Any, x: float) -> Formula:
    beta, threshold = float(module.beta), float(module.threshold)
    b, limit = number(beta), number(threshold)
    symbols = f"log(1 + exp({b} * x)) / {b}, and x itself where {b} * x > {limit}"
    if beta * x > threshold:
        made = _made(symbols, "{}", lambda value: value, x)
        return made._replace(branch=f"as {b} * x > {limit}: x")
    made = _made(symbols, "log(1 + exp({})) / {}", lambda product, by: _log1pexp(product) / by, beta * x, beta)
    return made._replace(branch=f"as {b} * x <= {limit}: log(1 + exp({b} * x)) / {b}")


def _clamp(low: float, high: float, x: float) -> Formula:
    return _made(
        f"min({number(high)}, max({number(low)}, x))",
        "min({}, max({}, {}))",
        lambda most, least, value: min(most, max(least, value)),
        *(high, low, x),
    )


def _sigmoid(x: float) -> float:
    return 1 / (1 + exp(-x)) if x >= 0 else exp(x) / (1 + exp(x))  # neither overflows


def _log1pexp(x: float) -> float:
    return max(x, 0.0) + log1p(exp(-abs(x)))


def _hard_sigmoid(x: float) -> float:
    return min(1.0, max(0.0, x / 6 + 0.5))


def _pixels(module: Any, x: float) -> Formula:
    mean, deviation = float(module.mean), float(module.deviation)
    return _made(
        f"(x - {number(mean)}) / {number(deviation)}",
        "({} - {}) / {}",
        lambda value, middle, width: (value - middle) / width,
        *(x, mean, deviation),
        slope=1 / abs(deviation),
    )


_FORMULAS: Final[dict[type, Callable[[Any, float], Formula]]] = {
    nn.ReLU: lambda _, x: _made("max(0, x)", "max(0, {})", lambda value: max(0.0, value), x),
    nn.Hardtanh: lambda module, x: _clamp(float(module.min_val), float(module.max_val), x),  # ReLU6 is one
    nn.LeakyReLU: lambda module, x: _leaky(x, float(module.negative_slope)),
    nn.ELU: lambda module, x: _elu(x, float(module.alpha)),
    nn.SELU: _selu,
    nn.GELU: _gelu,
    nn.SiLU: lambda _, x: _made(
        "x / (1 + exp(-x))", "{} / (1 + exp({}))", lambda value, minus: value * _sigmoid(-minus), x, -x, slope=1.1
    ),
    nn.Mish: lambda _, x: _made(
        "x * tanh(log(1 + exp(x)))",
        "{} * tanh(log(1 + exp({})))",
        lambda value, same: value * tanh(_log1pexp(same)),
        *(x, x),
        slope=1.09,
    ),
    nn.Tanh: lambda _, x: _made("tanh(x)", "tanh({})", tanh, x),
    nn.Sigmoid: lambda _, x: _made(
        "1 / (1 + exp(-x))", "1 / (1 + exp({}))", lambda minus: _sigmoid(-minus), -x, slope=0.25
    ),
    nn.LogSigmoid: lambda _, x: _made("-log(1 + exp(-x))", "-log(1 + exp({}))", lambda minus: -_log1pexp(minus), -x),
    nn.Softplus: _softplus,
    nn.Softsign: lambda _, x: _made(
        "x / (1 + |x|)", "{} / (1 + {})", lambda value, size: value / (1 + size), x, abs(x)
    ),
    nn.Hardsigmoid: lambda _, x: _made(
        "min(1, max(0, x/6 + 1/2))",
        "min(1, max(0, {} + 1/2))",
        lambda sixth: min(1.0, max(0.0, sixth + 0.5)),
        x / 6,
        slope=1 / 6,
    ),
    nn.Hardswish: lambda _, x: _made(
        "x * min(1, max(0, x/6 + 1/2))", "{} * {}", lambda value, share: value * share, x, _hard_sigmoid(x), slope=1.5
    ),
    Pixels: _pixels,
}
