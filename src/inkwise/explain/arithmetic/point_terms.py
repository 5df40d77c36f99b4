"""The terms of layers that make each value of one value alone: activations, running norms, what changes nothing.

A margin that is left out changes nothing but places; one that is added has a constant, of no value at all.
"""

import numpy as np
from torch import nn

from inkwise.explain.activations import Call
from inkwise.explain.arithmetic.formulas import formula
from inkwise.explain.arithmetic.norm_terms import running_norm
from inkwise.explain.arithmetic.terms import Moved, Pointwise, Step, common
from inkwise.explain.known import ACTIVATIONS, BATCH_NORMS, DROPOUTS, INSTANCE_NORMS, VIEWS
from inkwise.explain.stencil import MARGINS, NOTHING, stencil
from inkwise.models.network import Pixels
from inkwise.models.shape import Shape


def passes(module: nn.Module) -> bool:
    """Return whether a known module makes each value of one value alone."""
    if isinstance(module, BATCH_NORMS + INSTANCE_NORMS):
        return module.running_mean is not None  # else the statistics are the image's own
    return isinstance(module, (*ACTIVATIONS, *VIEWS, *DROPOUTS, *MARGINS, nn.Identity, Pixels))


def place_before(call: Call, at: Shape) -> Shape | None:
    """Return where in the layer's input the value at `at` of its output stood; None where there is padding."""
    if isinstance(call.module, MARGINS):
        axes = stencil(call.module, tuple(call.given.shape[2:]), call.shape[1:])
        spots = [int(axis.taps(index).sources[0]) for axis, index in zip(axes, at[1:], strict=True)]
        return None if NOTHING in spots else (at[0], *spots)
    if not isinstance(call.module, VIEWS):
        return at
    flat = int(np.ravel_multi_index(at, call.shape))
    return tuple(int(index) for index in np.unravel_index(flat, tuple(call.given.shape[1:])))


def filling(margin: nn.Module) -> float:
    """Return what one of MARGINS fills its padding with."""
    assert isinstance(margin, MARGINS)
    return float(margin.value)


def point_step(call: Call, at: Shape, x: float, scale: float) -> Step:
    """Return the step of a layer that `passes`.

    Args:
        call: The layer's run.
        at: The value's position in its output.
        x: Its input there, computed anew or as recorded; where there is padding, its value.
        scale: The size of what was added up to x.
    """
    module = call.module
    if isinstance(module, BATCH_NORMS + INSTANCE_NORMS):
        return running_norm(call, at, x, scale)
    if isinstance(module, (*ACTIVATIONS, Pixels)):
        made = formula(module, x, at[0])
        return Pointwise(
            **common(call, at),
            kind="scaling of the pixels" if isinstance(module, Pixels) else type(module).__name__,
            scale=made.slope * scale + abs(made.result),
            x=x,
            result=made.result,
            formula=made.symbols,
            branch=made.branch,
            filled=made.filled,
        )
    if isinstance(module, MARGINS):
        return _margin(call, at, x, scale)
    if isinstance(module, VIEWS):
        why = "the same values in a row" if isinstance(module, nn.Flatten) else "the same values in another shape"
    else:
        why = "dropout acts in training alone" if isinstance(module, DROPOUTS) else "every value is passed on"
    kind = "dropout" if isinstance(module, DROPOUTS) else type(module).__name__.lower()
    return Moved(
        **common(call, at),
        kind=kind,
        scale=scale,
        x=x,
        came_from=place_before(call, at),
        shape_before=tuple(call.given.shape[1:]),
        why=why,
    )


def _margin(call: Call, at: Shape, x: float, scale: float) -> Moved:
    """Return the step of a layer that adds a margin of a constant, or leaves one out, or both on different sides."""
    assert isinstance(call.module, MARGINS)
    ends = call.module.padding
    added, left_out = any(end > 0 for end in ends), any(end < 0 for end in ends)
    kind = "crop" if left_out and not added else "padding" if added and not left_out else "padding and crop"
    came_from = place_before(call, at)
    return Moved(
        **common(call, at),
        kind=kind,
        scale=scale,
        x=x,
        came_from=came_from,
        shape_before=tuple(call.given.shape[1:]),
        why="padding, where the map before has no value" if came_from is None else "the margin is elsewhere",
    )
