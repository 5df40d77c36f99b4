"""The terms of layers that make each value of one value alone: activations, running norms, what changes nothing."""

import numpy as np
from torch import nn

from inkwise.explain.activations import Call
from inkwise.explain.arithmetic.formulas import formula
from inkwise.explain.arithmetic.norm_terms import running_norm
from inkwise.explain.arithmetic.terms import Moved, Pointwise, Step, common
from inkwise.explain.known import ACTIVATIONS, BATCH_NORMS, DROPOUTS, INSTANCE_NORMS, VIEWS
from inkwise.models.network import Pixels
from inkwise.models.shape import Shape


def passes(module: nn.Module) -> bool:
    """Return whether a known module makes each value of one value alone."""
    if isinstance(module, BATCH_NORMS + INSTANCE_NORMS):
        return module.running_mean is not None  # else the statistics are the image's own
    return isinstance(module, (*ACTIVATIONS, *VIEWS, *DROPOUTS, nn.Identity, Pixels))


def place_before(call: Call, at: Shape) -> Shape:
    """Return where in the layer's input the value at `at` of its output stood."""
    if not isinstance(call.module, VIEWS):
        return at
    flat = int(np.ravel_multi_index(at, call.shape))
    return tuple(int(index) for index in np.unravel_index(flat, tuple(call.given.shape[1:])))


def point_step(call: Call, at: Shape, x: float, scale: float) -> Step:
    """Return the step of a layer that `passes`.

    Args:
        call: The layer's run.
        at: The value's position in its output.
        x: Its input there, computed anew or as recorded.
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
