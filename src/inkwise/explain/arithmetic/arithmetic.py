"""The exact arithmetic of one value of any layer, computed anew and compared with the network's own.

A value is explained from the nearest layer that adds up or chooses (a convolution, a linear layer, a pool, a
softmax) through every layer after it that works on one value alone, so that a ReLU's explanation begins with its
convolution. What such a layer was given is taken as recorded. A layer that is not known gives a reason, not an error.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from math import isfinite, isnan

import numpy as np
import torch
from torch import nn

from inkwise.explain.activations import IMAGE, Activations, Call
from inkwise.explain.arithmetic.dense_terms import linear_step, softmax_step
from inkwise.explain.arithmetic.deskew_terms import deskew_step
from inkwise.explain.arithmetic.norm_terms import fold, own_norm
from inkwise.explain.arithmetic.point_terms import filling, passes, place_before, point_step
from inkwise.explain.arithmetic.terms import TOLERANCE, Normalised, Step, WeightedSum, WindowSum
from inkwise.explain.arithmetic.window_terms import window_step
from inkwise.explain.known import SOFTMAXES, SPOKEN, keeps_batch, known
from inkwise.explain.stencil import SLIDING
from inkwise.models.deskewing import Deskewing
from inkwise.models.shape import Shape


@dataclass(frozen=True, eq=False)
class Explanation:
    """One value and how it comes about.

    Attributes:
        layer: the layer's name.
        kind: what it is, "convolution" say.
        shape: of the layer's output, without the batch.
        at: the position in it.
        value: what the network has there.
        steps: the arithmetic in order; the last one is the layer's.
        tolerance: what rounding may make of the difference, as a share of the size of what was added up.
        smallest: the smallest normal number of the network's dtype; what is smaller may be rounded to zero.
        notes: sentences about what could not be shown: where the input comes from, what could not be folded.
    """

    layer: str
    kind: str
    shape: Shape
    at: Shape
    value: float
    steps: tuple[Step, ...]
    tolerance: float
    smallest: float = 0.0
    notes: tuple[str, ...] = ()

    @property
    @np.errstate(all="ignore")
    def computed(self) -> float:
        """The value computed anew in float64."""
        return self.steps[-1].computed

    @property
    def difference(self) -> float:
        """By how much the network's own value differs from the one computed anew."""
        return self.value - self.computed

    @property
    def agrees(self) -> bool:
        """Whether both are the same but for rounding: to 1e-5 of the size of what was added up, in float32.

        Nan is the same as nan, and infinity as infinity of the same sign.
        """
        if not isfinite(self.computed) or not isfinite(self.value):
            return self.value == self.computed or (isnan(self.value) and isnan(self.computed))
        scale = self.steps[-1].scale
        size = max(scale if isfinite(scale) else 0.0, abs(self.computed))
        return abs(self.difference) <= self.tolerance * size + self.smallest


@dataclass(frozen=True)
class Unexplained:
    """One value of a layer whose arithmetic is not known, and the reason."""

    layer: str
    kind: str
    shape: Shape
    at: Shape
    value: float
    reason: str


@np.errstate(all="ignore")  # damaged weights give nan and infinity, which are told
def explain_value(
    activations: Activations, layer: str, at: Sequence[int] | object, *, folded: bool = False
) -> Explanation | Unexplained:
    """Return the arithmetic of one value, or the reason why it is not known.

    Args:
        activations: What `record` gave.
        layer: A layer's name.
        at: The value's position in its output, without the batch: (channel, row, column), or (feature,) once flat.
        folded: Write batch norms into the weights of the convolution or linear layer before them.

    Raises:
        UnknownName: There is no such layer.
        UsageError: There is no such position.
    """
    call = activations.call(layer)
    place = call.place(at)
    reason = obstacle(call)
    if reason:
        value = float(call.output[0][place])
        return Unexplained(layer, type(call.module).__name__, call.shape, place, value, reason)
    chain, start = _chain(activations, call, place)
    notes = [start] if start else []
    steps: list[Step] = []
    for each, spot in chain:
        steps.append(_step(activations, each, spot, steps))
        if folded and isinstance(steps[-1], Normalised):
            notes += _fold(steps)
    if folded and not any(isinstance(step, Normalised) or getattr(step, "fold", None) for step in steps):
        notes.append("There is no batch norm on the way, so there is nothing to fold.")
    last = steps[-1]
    grain = torch.finfo(call.output.dtype if call.output.is_floating_point() else torch.float32)
    tolerance = max(TOLERANCE, 4 * grain.eps)  # half precision rounds to fewer digits
    return Explanation(
        layer,
        last.kind,
        call.shape,
        place,
        last.value,
        tuple(steps),
        tolerance,
        smallest=grain.smallest_normal,
        notes=tuple(notes),
    )


def strongest(call: Call) -> Shape:
    """Return the position of the largest value of a layer's output; the first of equal ones."""
    flat = int(call.output[0].flatten().double().argmax())  # torch has no argmax of truth values
    place = []
    for size in reversed(call.shape):
        flat, index = divmod(flat, size)
        place.append(index)
    return tuple(reversed(place))


def obstacle(call: Call) -> str:
    """Return why the arithmetic of `call` is not known, "" where it is."""
    kind = type(call.module).__name__
    if not known(call.module):
        return f"{call.name} ({kind}) is a layer whose arithmetic is not known here. Known are {SPOKEN}."
    if not keeps_batch(call):
        return (
            f"{call.name} ({kind}) does not keep the batch of one image as its first axis, so its values have no place."
        )
    return ""


def _chain(activations: Activations, call: Call, at: Shape) -> tuple[list[tuple[Call, Shape]], str]:
    """Return the layers to show, each with its position, and a sentence where the first one's input is not shown."""
    chain = [(call, at)]
    while passes(call.module):
        spot = place_before(call, at)
        if spot is None:
            return chain, ""  # padding, which came from nowhere
        at = spot
        if call.before is None:
            return chain, f"What {call.name} takes is computed between modules, so it is taken as recorded."
        if call.before == IMAGE:
            return chain, ""
        before = activations.call(call.before)
        reason = obstacle(before)
        if reason:
            return chain, f"What {call.name} takes is taken as recorded: {reason}"
        call = before
        chain.insert(0, (call, at))
    return chain, ""


def _step(activations: Activations, call: Call, at: Shape, before: Sequence[Step]) -> Step:
    """Return the step of one known layer; one that passes values on takes what the step before it computed."""
    module = call.module
    if passes(module):
        if before:
            return point_step(call, at, before[-1].computed, before[-1].scale)
        spot = place_before(call, at)
        x = filling(call.module) if spot is None else float(call.given[0][spot])
        return point_step(call, at, x, abs(x))
    if isinstance(module, SLIDING):
        return window_step(call, at)
    if isinstance(module, nn.Linear):
        return linear_step(call, at, activations)
    if isinstance(module, SOFTMAXES):
        return softmax_step(call, at)
    if isinstance(module, Deskewing):
        return deskew_step(call, at)
    return own_norm(call, at)


def _fold(steps: list[Step]) -> list[str]:
    """Fold the norm that is the last step into the one before it, in place; return why not where that cannot be."""
    norm = steps[-1]
    assert isinstance(norm, Normalised)
    if norm.own:
        return [f"{norm.layer} takes mean and variance from the image itself, so it cannot be folded."]
    if len(steps) > 1 and isinstance(steps[-2], WindowSum | WeightedSum):
        steps[-2:] = [fold(steps[-2], norm)]
        return []
    follows = f"follows {norm.source}" if norm.source else "takes what is computed between modules"
    return [f"{norm.layer} {follows}, not a convolution or a linear layer, so it cannot be folded."]
