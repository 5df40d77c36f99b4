"""The terms of a normalisation: (x - mean) / sqrt(variance + eps) * gamma + beta.

A batch norm takes mean and variance from training, where it kept running averages; one without them, and layer,
group and instance norm, take those of the image at hand. Folding writes a batch norm into the weights before it:
every weight times gamma / sqrt(variance + eps), and the bias moved to match. The value stays the same.
"""

from dataclasses import replace
from math import prod
from typing import Any

import numpy as np
from torch import Tensor, nn

from inkwise.explain.activations import Call
from inkwise.explain.arithmetic.terms import (
    Fold,
    Normalised,
    WeightedSum,
    WindowSum,
    common,
    normalising,
    numbers,
    scalar,
)
from inkwise.explain.known import BATCH_NORMS, INSTANCE_NORMS
from inkwise.models.shape import Shape


def running_norm(call: Call, at: Shape, x: float, scale: float) -> Normalised:
    """Return the step of a norm by the statistics that training kept, for the input `x`."""
    module, channel = call.module, at[0]
    assert isinstance(module, BATCH_NORMS + INSTANCE_NORMS)
    assert module.running_mean is not None
    assert module.running_var is not None
    gamma, beta = (
        default if each is None else scalar(each[channel])
        for each, default in ((module.weight, 1.0), (module.bias, 0.0))
    )
    statistics = scalar(module.running_mean[channel]), scalar(module.running_var[channel])
    return _normalised(call, at, x, scale, statistics, (gamma, beta), "running averages kept in training", own=False)


def own_norm(call: Call, at: Shape) -> Normalised:
    """Return the step of a norm by the image's own mean and variance: layer, group, instance norm."""
    module, given = call.module, call.given[0]
    if isinstance(module, nn.LayerNorm):
        rank = len(module.normalized_shape)
        inside, spot = given[at[: given.ndim - rank]], at[-rank:]
        over = f"of the {prod(module.normalized_shape)} values normalised together"
    else:
        size = given.shape[0] // module.num_groups if isinstance(module, nn.GroupNorm) else 1
        first = at[0] // size * size
        inside, spot = given[first : first + size], at[:1]
        which = f"channels {first} to {first + size - 1}" if size > 1 else f"channel {first}"
        over = f"of this image's {inside.numel()} values of {which}"
    values = numbers(inside)
    weights = [getattr(module, name, None) for name in ("weight", "bias")]
    gamma, beta = (
        scalar(each[spot]) if isinstance(each, Tensor) else default
        for each, default in zip(weights, (1.0, 0.0), strict=True)
    )
    statistics = float(values.mean()), float(values.var())
    scale = float(np.abs(values).max())
    return _normalised(call, at, scalar(given[at]), scale, statistics, (gamma, beta), over, own=True)


def fold(sum_step: WindowSum | WeightedSum, norm: Normalised) -> WindowSum | WeightedSum:
    """Return one step that gives what `sum_step` and then `norm` give."""
    factor, bias = norm.factor, sum_step.bias or 0.0
    taken = Fold(norm.layer, factor, norm.mean, norm.beta, bias)
    moved = (bias - norm.mean) * factor + norm.beta
    shared: dict[str, Any] = {"fold": taken, "bias": moved, "value": norm.value, "scale": norm.scale}
    if isinstance(sum_step, WindowSum):
        return replace(sum_step, kernel=sum_step.kernel * factor, **shared)
    return replace(sum_step, weights=sum_step.weights * factor, **shared)


def _normalised(
    call: Call,
    at: Shape,
    x: float,
    scale: float,
    statistics: tuple[float, float],
    affine: tuple[float, float],
    over: str,
    *,
    own: bool,
) -> Normalised:
    (mean, variance), (gamma, beta) = statistics, affine
    eps = float(call.module.eps)  # type: ignore[arg-type]
    kind = type(call.module).__name__
    return Normalised(
        **common(call, at),
        kind=next((name for start, name in _KINDS.items() if kind.startswith(start)), kind),
        scale=(scale + abs(mean)) * abs(normalising(variance, eps, gamma)) + abs(beta),
        x=x,
        mean=mean,
        variance=variance,
        eps=eps,
        gamma=gamma,
        beta=beta,
        over=over,
        own=own,
    )


_KINDS = {
    "Batch": "batch norm",
    "Instance": "instance norm",
    "Layer": "layer norm",
    "Group": "group norm",
}
