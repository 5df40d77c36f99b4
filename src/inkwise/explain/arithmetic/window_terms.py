"""The terms of layers that slide a window: convolutions, transposed convolutions, maximum and average pools.

Everything is read from the module's own settings and from what it was given, and computed in float64. The formulas
are those of torch.nn, whose defaults for the edges (ceil_mode, count_include_pad) are followed exactly.
"""

from dataclasses import replace
from math import prod

import numpy as np
import torch
from torch import Tensor, nn

from inkwise.explain.activations import Call
from inkwise.explain.arithmetic.terms import Place, Step, WindowMaximum, WindowMean, WindowSum, common, numbers, scalar
from inkwise.explain.stencil import (
    ADAPTIVE_AVERAGE,
    AVERAGE_POOLS,
    CONVOLUTIONS,
    TRANSPOSED,
    Indices,
    Sliding,
    stencil,
)
from inkwise.models.shape import Shape


def window_step(call: Call, at: Shape) -> Step:
    """Return the step of a layer of `stencil.SLIDING`."""
    space = tuple(call.given.shape[2:])
    axes = stencil(call.module, space, call.shape[1:])
    taps = [axis.taps(index) for axis, index in zip(axes, at[1:], strict=True)]
    place = Place(
        positions=tuple(each.positions for each in taps),
        sources=tuple(each.sources for each in taps),
        starts=tuple(axis.start(index) for axis, index in zip(axes, at[1:], strict=True)),
    )
    if isinstance(call.module, (*CONVOLUTIONS, *TRANSPOSED)):
        return _convolution(call, at, place)
    values = numbers(_under(call.given[0, at[0]][None], place.sources))[0]
    values = np.where(place.inside, values, 0.0)
    if isinstance(call.module, (*AVERAGE_POOLS, *ADAPTIVE_AVERAGE)):
        every = all(size == 1 for size in call.shape[1:]) and place.inside.size == prod(space) == place.inside.sum()
        divisor = _divisor(call.module, place, space)
        return WindowMean(
            **common(call, at),
            kind="global average" if every else "average pool",
            scale=float(np.abs(values).sum()) / abs(divisor),
            place=place,
            values=values,
            divisor=divisor,
        )
    maximum = WindowMaximum(**common(call, at), kind="maximum pool", place=place, values=values)
    return replace(maximum, scale=abs(maximum.computed))


def _under(values: Tensor, sources: tuple[Indices, ...]) -> Tensor:
    """Return the values (C, *window) under a window; what stands where there is no value is left to the caller."""
    for axis, indices in enumerate(sources, start=1):
        values = values.index_select(axis, torch.from_numpy(indices.clip(min=0)).to(values.device))
    return values


def _convolution(call: Call, at: Shape, place: Place) -> WindowSum:
    module = call.module
    assert isinstance(module, (*CONVOLUTIONS, *TRANSPOSED))
    given, out = call.given.shape[1], call.shape[0]
    depth, group = given // module.groups, at[0] // (out // module.groups)
    first = group * depth
    if isinstance(module, TRANSPOSED):  # its weight is (C_in, C_out / groups, *kernel)
        kernel = module.weight[first : first + depth, at[0] % (out // module.groups)]
    else:
        kernel = module.weight[at[0]]
    patch = numbers(_under(call.given[0, first : first + depth], place.sources))
    patch = np.where(place.inside, patch, 0.0)  # (depth, *kernel)
    weights = numbers(kernel)
    bias = None if module.bias is None else scalar(module.bias[at[0]])
    return WindowSum(
        **common(call, at),
        kind="transposed convolution" if isinstance(module, TRANSPOSED) else "convolution",
        scale=float(np.abs(patch * weights).sum()) + abs(bias or 0.0),
        channels=(first, first + depth - 1),
        place=place,
        patch=patch,
        kernel=weights,
        bias=bias,
    )


def _divisor(module: nn.Module, place: Place, space: tuple[int, ...]) -> int:
    """Return by what an average pool divides: how many values there are, with the padding where that counts.

    A window that ceil_mode lets reach beyond the padding counts only up to the padding's end.
    """
    if getattr(module, "divisor_override", None):
        return int(module.divisor_override)  # type: ignore[arg-type]
    if not getattr(module, "count_include_pad", False):
        return int(place.inside.sum())
    axes = stencil(module, space, space)
    ends = [axis.n + axis.after for axis in axes if isinstance(axis, Sliding)]
    return prod(int((positions < end).sum()) for positions, end in zip(place.positions, ends, strict=True))
