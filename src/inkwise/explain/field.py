"""The receptive field of one value: a box in the image, and in every layer on the way to it.

Only what the layers' settings say counts, not the weights: a pixel outside the box cannot change the value, whatever
the weights are. Each layer is walked backwards, exactly: padding that copies, dilation's gaps and adaptive windows
are followed place by place. Where a layer is unknown, or a forward method computes between its modules, what lies
beyond has a reason instead of a box.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from torch import nn

from inkwise.explain.activations import IMAGE, Activations, Call
from inkwise.explain.known import VIEWS, keeps_batch, known, mixed_axes
from inkwise.explain.spelling import span
from inkwise.explain.stencil import CONVOLUTIONS, NOTHING, SLIDING, TRANSPOSED, Axis, Indices, stencil
from inkwise.models.deskewing import Deskewing
from inkwise.models.shape import Shape


class Box(NamedTuple):
    """A rectangle of a map, in its pixels or values, clipped to it; flat features are one row.

    `whole` is (x, y, width, height) before clipping: it reaches beyond the map where padding is taken. `why` says why
    every value counts where a layer takes something from all of them at once; "" elsewhere.
    """

    x: int
    y: int
    width: int
    height: int
    whole: tuple[int, int, int, int]
    why: str = ""

    def to_dict(self) -> dict[str, object]:
        """Return it as plain data: {"box": [x, y, width, height], "whole": [...]}, with "why" where there is one."""
        return {"box": list(self[:4]), "whole": list(self.whole)} | ({"why": self.why} if self.why else {})


@dataclass(frozen=True)
class Unseen:
    """In place of a box: why it is not known."""

    reason: str

    def to_dict(self) -> dict[str, object]:
        """Return it as plain data: {"reason": ...}."""
        return {"reason": self.reason}


class _Area(NamedTuple):
    """What a value depends on in one map: the indices along each axis, and the span with padding along each."""

    indices: tuple[Indices, ...]
    spans: tuple[tuple[int, int], ...]
    why: str = ""  # it is all of the map


def boxes(activations: Activations, layer: str, at: Sequence[int] | object) -> dict[str, Box | Unseen]:
    """Return the receptive field of one value in the image, in every layer on its path, and in its own.

    Args:
        activations: What `record` gave.
        layer: A layer's name.
        at: The value's position in that layer's output, without the batch: (channel, row, column), say.

    Returns:
        A box by the layer's name, the image first as "image", then in the order the layers ran. Where the path
        cannot be followed, the image and every layer that ran before the break have the reason instead.

    Raises:
        UnknownName: There is no such layer.
        UsageError: There is no such position.
    """
    call = activations.call(layer)
    place = call.place(at)
    area = _Area(tuple(np.array([index]) for index in place), tuple((index, index) for index in place))
    found: dict[str, Box | Unseen] = {layer: _box(area)}
    while True:
        reason = _obstacle(call)
        if reason:
            return _ordered(activations, found, Unseen(reason))
        area = _before(call, area)._replace(why=_why(call, area))
        before = call.before
        assert before is not None
        found[before] = _box(area)
        if before == IMAGE:
            return _ordered(activations, found)
        call = activations.call(before)


def seen(box: Box | Unseen, size: tuple[int, ...]) -> str:
    """Return in a sentence which pixels of the image, of `size` (height, width), a value depends on.

    Of what has one axis, `size` is (length,), and its values are one row.
    """
    if isinstance(box, Unseen):
        return f"Which pixels it depends on is not known: {box.reason}."
    if not box.width:
        return "It depends on no pixel: there is padding alone under the window."
    padding = ", and on padding" if box.whole != box[:4] else ""
    if (box.height, box.width) == (1, *size)[-2:]:
        return f"It depends on the whole image{padding}{box.why and f': {box.why}'}."
    rows, columns = range(box.y, box.y + box.height), range(box.x, box.x + box.width)
    count = "1 pixel" if box.height == box.width == 1 else f"{box.height} x {box.width} pixels"
    return f"It depends on {count} of the image, {span(rows, 'rows')}, {span(columns, 'columns')}{padding}."


def _obstacle(call: Call) -> str:
    """Return why what lies before `call` cannot be followed, "" where it can."""
    if not known(call.module):
        return f"what {call.name} ({type(call.module).__name__}) takes from where is not known"
    if not keeps_batch(call):
        return f"{call.name} does not keep the batch as its first axis"
    if call.before is None:
        return f"the input of {call.name} is computed between modules"
    return ""


def _ordered(
    activations: Activations, found: dict[str, Box | Unseen], beyond: Unseen | None = None
) -> dict[str, Box | Unseen]:
    """Return `found` in the order the layers ran, with `beyond` for all that ran before the first of them."""
    names = (IMAGE, *activations.names)
    if beyond is not None:
        first = min(names.index(name) for name in found)
        found = {**dict.fromkeys(names[:first], beyond), **found}
    return {name: found[name] for name in names if name in found}


def _box(area: _Area) -> Box:
    """Return the box around an area: of its last two axes, of one row where it has a single axis of space."""
    if not area.indices:
        return Box(0, 0, 1, 1, (0, 0, 1, 1), area.why)  # of a single value
    (x, width), (left, right) = _extent(area.indices[-1]), area.spans[-1]
    (y, height), (top, bottom) = (0, 1), (0, 0)
    if len(area.indices) > 2:
        (y, height), (top, bottom) = _extent(area.indices[-2]), area.spans[-2]
    if not width or not height:
        x = y = width = height = 0  # the value sees padding alone
    return Box(x, y, width, height, (left, top, right - left + 1, bottom - top + 1), area.why)


def _extent(indices: Indices) -> tuple[int, int]:
    """Return the first of the indices and how many there are up to the last."""
    return (int(indices.min()), int(np.ptp(indices)) + 1) if indices.size else (0, 0)


def _before(call: Call, area: _Area) -> _Area:
    """Return what `area` of a layer's output depends on in its input."""
    module, given = call.module, tuple(call.given.shape[1:])
    if isinstance(module, SLIDING):
        axes = stencil(module, given[1:], call.shape[1:])
        channels = _channels(module, area.indices[0], given[0], call.shape[0])
        spatial = [
            _slide(axis, indices, span)
            for axis, indices, span in zip(axes, area.indices[1:], area.spans[1:], strict=True)
        ]
        return _Area(
            (channels, *(indices for indices, _ in spatial)), ((0, given[0] - 1), *(span for _, span in spatial))
        )
    if isinstance(module, VIEWS):
        return _viewed(area, call.shape, given)
    if any(not indices.size for indices in area.indices):
        return area  # of padding alone there is nothing to mix
    full = mixed_axes(module, len(given))
    return _Area(
        tuple(np.arange(n) if a in full else area.indices[a] for a, n in enumerate(given)),
        tuple((0, n - 1) if a in full else area.spans[a] for a, n in enumerate(given)),
    )


def _why(call: Call, area: _Area) -> str:
    """Return why `area` of a layer's output depends on all of its input, where that is not plain from its kind."""
    if isinstance(call.module, Deskewing) and all(indices.size for indices in area.indices):
        return f"{call.name} moves its rows by the slope of all the ink"
    return area.why


def _slide(axis: Axis, indices: Indices, span: tuple[int, int]) -> tuple[Indices, tuple[int, int]]:
    """Return the indices and the span that a sliding layer takes along one axis."""
    taken = [axis.taps(int(index)).sources for index in indices]
    found = np.unique(np.concatenate([*taken, np.array([], dtype=np.int64)]))
    return found[found != NOTHING], axis.reach(*span)


def _channels(module: nn.Module, indices: Indices, given: int, out: int) -> Indices:
    """Return the input channels that the output channels `indices` take: those of their groups; a pool's own."""
    if not isinstance(module, (*CONVOLUTIONS, *TRANSPOSED)):
        return indices
    groups = np.unique(indices // (out // module.groups))
    return (groups[:, None] * (given // module.groups) + np.arange(given // module.groups)).ravel()


def _viewed(area: _Area, shape: Shape, given: Shape) -> _Area:
    """Return the places that the same values had in another shape; the box around them, where they are no box."""
    if all(indices.size == n for indices, n in zip(area.indices, shape, strict=True)):
        indices = tuple(np.arange(n) for n in given)
    else:
        flat = np.ravel_multi_index(np.ix_(*area.indices), shape).ravel()
        indices = tuple(np.unique(each) for each in np.unravel_index(flat, given))
    return _Area(indices, tuple((int(each.min()), int(each.max())) if each.size else (0, -1) for each in indices))
