"""What the layer-by-layer picture shows: one panel for the image, and one for each layer or group of layers.

Layers that leave every value as it is (dropout, the scaling of pixels, flattening of very long maps) are shown
together with the one before; where room is short, so are activations and normalisations. A group shows what came out
of its last layer that changed something. Nothing is drawn here.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from math import prod
from typing import Final, Literal

import numpy as np
from torch import Tensor, nn

from inkwise.errors import ModelError
from inkwise.explain.activations import IMAGE, Activations, Call
from inkwise.explain.figure.marks import Mark
from inkwise.explain.figure.page import Values
from inkwise.explain.known import ACTIVATIONS, NORMS, UNCHANGED, VIEWS
from inkwise.models.network import Pixels
from inkwise.models.shape import Shape

MOST_MAPS: Final = 20  # five in each of four rows
MOST_BARS: Final = 16
MOST_CELLS: Final = 2000
MOST_PANELS: Final = 40

Kind = Literal["maps", "strip", "bars", "gap"]


@dataclass(frozen=True)
class Panel:
    """One picture in the row.

    Attributes:
        name: the layer whose output is shown, "image", or "" for what is no layer's.
        title: what stands above it: the group's first layer.
        note: the group's other layers, or what is shown.
        kind: maps side by side; a strip of many values; bars of a few; or a gap where layers are left out.
        values: maps (K, h, w), or a strip's or bars' (n,).
        shown: which channel each map, or which unit each value is.
        shape: the output's, without the batch.
        choice: how many of how many are shown, and by what rule they were chosen; "" where all are.
        low: the smallest value of the layer, shown or not.
        high: the largest.
    """

    name: str
    title: str
    note: str
    kind: Kind
    values: Values
    shown: tuple[int, ...]
    shape: Shape
    low: float
    high: float
    choice: str = ""

    @property
    def signed(self) -> bool:
        """Whether the layer has a negative value."""
        return self.low < 0

    @property
    def reach(self) -> float:
        """The largest distance from zero."""
        return max(abs(self.low), abs(self.high))

    @property
    def total(self) -> int:
        """How many maps or values the layer has."""
        return prod(self.shape[:-2]) if self.kind == "maps" else prod(self.shape)

    def channel(self, index: int) -> str:
        """Return the channel of a map by its number, "17"; of a layer of planes also which plane, "17,2"."""
        return ",".join(str(int(axis)) for axis in np.unravel_index(index, self.shape[:-2]))


def panels(
    activations: Activations,
    *,
    compact: bool = False,
    layer: str | None = None,
    marked: Mapping[str, Mark] | None = None,
) -> list[Panel]:
    """Return the panels of a network's run in order, the image first.

    Args:
        activations: What `record` gave.
        compact: Whether activations and normalisations are shown with the layer before.
        layer: A layer that must be shown itself.
        marked: What will be marked, by layer: a single channel or value must be among what is shown.

    Raises:
        ModelError: A layer holds nan or infinity.
    """
    found = [_panel(IMAGE, IMAGE, "", _array(activations.image, IMAGE))]
    groups: list[list[Call]] = [[]]
    for call in activations.calls:
        if call.output.ndim < 1 or not call.output.numel():
            continue
        if _joins(call, groups[-1], compact, layer):
            groups[-1].append(call)
        else:
            groups.append([call])
    if groups[0]:
        found[0] = replace(found[0], note=_note(groups[0]))
    for group in groups[1:]:
        call = next(
            (
                each
                for each in reversed(group)
                if each.name == layer or not isinstance(each.module, (*UNCHANGED, *VIEWS))
            ),
            group[0],
        )
        found += _kernel(call)
        values = _array(call.output, call.name)
        found.append(_panel(call.name, group[0].name, _note(group[1:]), values, (marked or {}).get(call.name)))
    return _thinned(found, layer)


def _joins(call: Call, group: Sequence[Call], compact: bool, layer: str | None) -> bool:
    """Return whether `call` is shown together with the group before it; the first group is the image's."""
    last = group[-1].name if group else IMAGE
    if call.before != last or (call.name == layer and last == IMAGE):
        return False
    if isinstance(call.module, Pixels):
        return last == IMAGE
    if isinstance(call.module, UNCHANGED):
        return True
    if isinstance(call.module, VIEWS):
        long, single = prod(call.shape) > MOST_CELLS, call.given.ndim > 2 and prod(call.given.shape[2:]) == 1
        return last != IMAGE and call.name != layer and (long or single)
    if any(each.name == layer for each in group):
        return False  # what is asked for is shown itself
    return compact and last != IMAGE and isinstance(call.module, (*ACTIVATIONS, *NORMS))


def _note(group: Sequence[Call]) -> str:
    return f"then {', '.join(call.name for call in group)}" if group else ""


def _array(values: Tensor, name: str) -> Values:
    """Return one image's tensor without its batch; ModelError where it is not finite."""
    array: Values = values[0].detach().cpu().double().numpy()
    if not np.isfinite(array).all():
        raise ModelError(
            f"Layer {name!r} holds nan or infinity for this image: the network's weights are damaged; load or train it "
            "anew."
        )
    return array


def _panel(name: str, title: str, note: str, values: Values, mark: Mark | None = None) -> Panel:
    shape = tuple(values.shape)
    panel = Panel(name, title, note, "maps", values, (), shape, float(values.min()), float(values.max()))
    if len(shape) < 2 or prod(shape[1:]) == 1:
        return _flat(panel, values.reshape(-1), mark.box.x if mark is not None else 0)
    maps = values.reshape(-1, *shape[-2:])  # two axes are one map: channels down, places across
    asked = None
    if mark is not None and mark.channels is not None and len(mark.channels) == 1 and len(shape) > 2:
        place = mark.at[:-2] if mark.at is not None else (*mark.channels, *(0 for _ in shape[1:-2]))
        asked = int(np.ravel_multi_index(place, shape[:-2]))
    shown = _strongest(maps, MOST_MAPS, asked)
    choice = ""
    if len(shown) < len(maps):
        weak = asked is not None and asked not in _strongest(maps, MOST_MAPS, None)
        choice = f"the strongest {len(shown) - weak} of {len(maps):,}"
        panel = replace(panel, shown=shown)
        choice += f", and {panel.channel(asked)}" if weak and asked is not None else ""
    return replace(panel, values=maps[list(shown)], shown=shown, choice=choice)


def _flat(panel: Panel, values: Values, asked: int) -> Panel:
    """Return a strip or bars; of a very long one those around the value asked for, or the first."""
    if len(values) <= MOST_BARS:
        return replace(panel, kind="bars", values=values, shown=tuple(range(len(values))))
    start = max(0, min(asked - MOST_CELLS // 2, len(values) - MOST_CELLS))
    shown = tuple(range(start, min(len(values), start + MOST_CELLS)))
    choice = f"{len(shown):,} of {len(values):,} shown" if len(shown) < len(values) else ""
    return replace(panel, kind="strip", values=values[list(shown)], shown=shown, choice=choice)


def _strongest(maps: Values, most: int, asked: int | None) -> tuple[int, ...]:
    """Return the indices of the maps with the largest values, in their own order, `asked` among them."""
    peaks = np.abs(maps).max(axis=(1, 2))
    if asked is not None:
        peaks[asked] = np.inf
    return tuple(sorted(np.argsort(-peaks, kind="stable")[:most].tolist()))


def _kernel(call: Call) -> list[Panel]:
    """Return the kernel and its products where a single one covers the whole of a single map; nothing otherwise."""
    module = call.module
    if not (
        type(module) is nn.Conv2d
        and tuple(module.weight.shape) == (1, *call.given.shape[1:])
        and call.given.shape[1] == 1
        and prod(call.shape) == 1
    ):
        return []
    kernel = _array(module.weight, call.name)
    products = kernel * _array(call.given, call.name)
    # With its window no larger than the map, padding is none, and the products are all there is to sum up.
    if module.padding not in {(0, 0), "valid"}:
        return []
    return [
        _panel("", "kernel", f"of {call.name}", kernel),
        _panel("", "products", "pixel times kernel", products),
    ]


def _thinned(found: list[Panel], layer: str | None) -> list[Panel]:
    """Return the panels, or of very many those at either end and the one asked for, with gaps between."""
    if len(found) <= MOST_PANELS:
        return found
    half = MOST_PANELS // 2
    kept = {*range(half), *range(len(found) - half, len(found))}
    kept |= {index for index, panel in enumerate(found) if layer is not None and panel.name == layer}
    thinned: list[Panel] = []
    missing = 0
    for index, panel in enumerate(found):
        if index not in kept:
            missing += 1
            continue
        if missing:
            thinned.append(Panel("", f"{missing} more", "not shown", "gap", np.zeros(0), (), (), 0.0, 0.0))
            missing = 0
        thinned.append(panel)
    return thinned
