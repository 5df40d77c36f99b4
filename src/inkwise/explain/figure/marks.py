"""What to mark in each layer's picture for one value: its receptive field there, and in which channels.

`field` knows the box; channels are followed here. A convolution takes those of its group, a linear layer all; pools,
activations and normalisations keep to one.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from math import prod

from torch import nn

from inkwise.explain.activations import IMAGE, Activations, Call
from inkwise.explain.field import Box, Unseen, boxes
from inkwise.explain.known import SOFTMAXES, VIEWS
from inkwise.explain.stencil import CONVOLUTIONS, TRANSPOSED
from inkwise.models.shape import Shape

Channels = frozenset[int] | None  # None stands for all of them


@dataclass(frozen=True)
class Mark:
    """A receptive field in one layer: its box, in which of the channels; `at` where it is the value itself."""

    box: Box
    channels: Channels = None
    at: Shape | None = None


def marks(activations: Activations, layer: str, at: Sequence[int] | object) -> tuple[dict[str, Mark], str]:
    """Return the marks by layer, the image as "image", and why the way to the image is not known, or "".

    Raises:
        UnknownName: There is no such layer.
        UsageError: There is no such position.
    """
    found = boxes(activations, layer, at)
    call = activations.call(layer)
    place = call.place(at)
    channels: Channels = frozenset(place[:1]) or None
    result: dict[str, Mark] = {}
    name = layer
    while isinstance(box := found.get(name), Box):
        result[name] = Mark(box, channels, place if name == layer else None)
        if name == IMAGE or call.before is None:
            break
        channels, name = _before(call, channels), call.before
        if name != IMAGE:
            call = activations.call(name)
    reasons = [box.reason for box in found.values() if isinstance(box, Unseen)]
    return result, reasons[0] if reasons else ""


def _before(call: Call, channels: Channels) -> Channels:
    """Return which channels of its input `channels` of a layer's output take."""
    module, given = call.module, tuple(call.given.shape[1:])
    if channels is None or isinstance(module, (nn.Linear, *SOFTMAXES, nn.LayerNorm, nn.GroupNorm)):
        return None
    if isinstance(module, (*CONVOLUTIONS, *TRANSPOSED)):
        outputs, inputs = module.out_channels // module.groups, module.in_channels // module.groups
        return frozenset(channel // outputs * inputs + k for channel in channels for k in range(inputs))
    if isinstance(module, VIEWS):
        flat = len(call.shape) == 1 and given
        return frozenset(index // prod(given[1:]) for index in channels) if flat else None
    return channels
