"""The terms of layers whose values depend on all features at once: linear layers and softmax."""

from dataclasses import replace
from typing import Final

import numpy as np
from torch import nn

from inkwise.explain.activations import IMAGE, Activations, Call
from inkwise.explain.arithmetic.terms import Share, WeightedSum, common, numbers, scalar
from inkwise.explain.known import DROPOUTS, known, mixed_axes
from inkwise.models.shape import Shape


def linear_step(call: Call, at: Shape, activations: Activations) -> WeightedSum:
    """Return the step of a linear layer, with where its inputs were before they were flattened."""
    module = call.module
    assert isinstance(module, nn.Linear)
    inputs, weights = numbers(call.given[0][at[:-1]]), numbers(module.weight[at[-1]])
    bias = None if module.bias is None else scalar(module.bias[at[-1]])
    return WeightedSum(
        **common(call, at),
        kind="linear layer",
        scale=float(np.abs(inputs * weights).sum()) + abs(bias or 0.0),
        inputs=inputs,
        weights=weights,
        bias=bias,
        origin=_origin(call, activations),
    )


def softmax_step(call: Call, at: Shape) -> Share:
    """Return the step of a softmax, its logarithm, or softmin."""
    given = call.given[0]
    axes = mixed_axes(call.module, given.ndim)
    axis = next(iter(axes), None)
    if axis is None:  # over the batch, which has one image
        logits, index = given[at].reshape(1), 0
    else:
        logits, index = given.movedim(axis, -1)[at[:axis] + at[axis + 1 :]], at[axis]
    log = isinstance(call.module, nn.LogSoftmax)
    share = Share(
        **common(call, at),
        kind=next(name for base, name in _KINDS.items() if isinstance(call.module, base)),
        logits=numbers(logits),
        index=index,
        sign=-1 if isinstance(call.module, nn.Softmin) else 1,
        log=log,
    )
    ends = abs(share.logits[index]) + abs((share.sign * share.logits).max())  # of the exponent, z less the largest
    return replace(share, scale=float(ends if log else share.computed * (1 + ends)))


_KINDS: Final = {nn.Softmax: "softmax", nn.LogSoftmax: "log-softmax", nn.Softmin: "softmin"}


def _origin(call: Call, activations: Activations) -> tuple[str, Shape] | None:
    """Return the map that was flattened into this layer's inputs, where nothing but dropout stands between."""
    while call.before not in {None, IMAGE}:
        call = activations.call(str(call.before))
        if isinstance(call.module, nn.Flatten) and known(call.module) and call.before is not None:
            return call.before, tuple(call.given.shape[1:])
        if not (isinstance(call.module, (*DROPOUTS, nn.Identity)) and known(call.module)):
            return None
    return None
