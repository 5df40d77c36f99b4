"""The images of a dataset that most excite a channel of a layer: what the channel has learned to look for.

Zeiler and Fergus 2014 (arXiv:1311.2901) show a network's features by such images. The dataset goes through in
batches, no further than the layer, and only the best so far are kept. Nothing is drawn here.
"""

from contextlib import suppress
from dataclasses import dataclass
from operator import index as whole

import torch
from torch import Tensor, nn

from inkwise.errors import ModelError, ShapeError, UsageError
from inkwise.explain.activations import IMAGE, Activations, record
from inkwise.explain.field import Box, Unseen, boxes
from inkwise.explain.taps import at_rest, home, tapped
from inkwise.models.shape import Shape

MEASURES = ("max", "mean")


@dataclass(frozen=True)
class Exciting:
    """One image and how it excites a channel.

    Attributes:
        index: Of the image in the dataset.
        value: The channel's largest value, or its mean.
        at: Position of the channel's largest value in the layer's output, the channel first: (channel, row, column),
            or (unit,) of a layer without places.
        box: The receptive field of that position in the image, in pixels, or why it is not known.
    """

    index: int
    value: float
    at: Shape
    box: Box | Unseen


def most_exciting(
    network: nn.Module,
    images: Tensor,
    layer: str,
    channel: int | object,
    *,
    count: int = 9,
    by: str = "max",
    batch_size: int = 500,
    as_given: bool = False,
) -> tuple[Exciting, ...]:
    """Return the images that most excite a channel, the strongest first; of equals, the lower index first.

    Args:
        network: Takes float (N, C, H, W) in [0, 1]; it runs in evaluation mode and is left as it was.
        images: uint8 (N, C, H, W), ink high; at least one.
        layer: A layer's name as `record` gives it; a linear layer's units count as channels.
        channel: Which channel, from 0.
        count: How many images at most.
        by: "max", the channel's largest value over its places, or "mean", its mean over them.
        batch_size: Images at a time; it bounds memory and changes nothing else.
        as_given: Whether the images go to the network as they are, of any shape (N, ...), range and real dtype, as
            `record` takes them.

    Returns:
        `count` of them, or as many as there are images.

    Raises:
        ModelError: The channel is nan for some image.
        ShapeError: The network cannot take the images.
        UnknownName: There is no such layer.
        UsageError: The images are of another form, there is no such channel or measure, or a number is below 1.
    """
    _check(images, count=count, by=by, batch_size=batch_size, as_given=as_given)
    first = record(network, images[:1], as_given=as_given)
    chosen = _checked_channel(first, layer, channel)
    best = _Best(count)
    where, dtype = home(network)
    start = 0

    def listen(_name: str, _part: nn.Module, output: Tensor) -> None:
        if output.ndim < 2 or len(output) != len(batch):
            raise UsageError(f"Layer {layer!r} does not keep the images apart: {len(batch)} became {len(output)}.")
        maps = output[:, chosen].reshape(len(output), -1)  # (B, places)
        strongest, places = maps.max(1)
        best.meet(start, strongest if by == "max" else maps.mean(1), places)
        raise _Enough

    with at_rest(network), torch.no_grad():
        for start in range(0, len(images), batch_size):
            batch = images[start : start + batch_size].to(where)
            if not as_given:
                batch = batch.to(dtype) / 255
            with suppress(_Enough), tapped(network, listen, only=layer):
                network(batch)
    if not bool(best.values.isfinite().all()):
        index = int(best.indices[~best.values.isfinite()][0])
        raise ModelError(
            f"Channel {chosen} of {layer!r} is {best.values[best.indices == index].item()} for image {index}: the "
            "network's weights are damaged; load or train it anew."
        )
    space = first.call(layer).shape[1:]
    found = []
    for index, value, place in zip(best.indices.tolist(), best.values.tolist(), best.places.tolist(), strict=True):
        at = (chosen, *(int(axis) for axis in torch.unravel_index(torch.tensor(place), space))) if space else (chosen,)
        found.append(Exciting(index, value, at, boxes(first, layer, at)[IMAGE]))
    return tuple(found)


class _Enough(Exception):
    """Ends a run of the network once the layer has spoken."""


class _Best:
    """The strongest so far: values, places and indices of at most `count` images, the strongest first."""

    def __init__(self, count: int) -> None:
        self.count = count
        self.values = torch.empty(0, dtype=torch.float64)
        self.places = self.indices = torch.empty(0, dtype=torch.int64)

    def meet(self, start: int, values: Tensor, places: Tensor) -> None:
        """Take in a batch whose first image has the index `start`."""
        met = torch.cat([self.values, values.detach().double().cpu()])
        # Indices only grow, so a sort that keeps equals in order puts the lower index first. nan comes first of all.
        order = met.argsort(descending=True, stable=True)[: self.count]
        self.values = met[order]
        self.places = torch.cat([self.places, places.cpu()])[order]
        self.indices = torch.cat([self.indices, torch.arange(start, start + len(values))])[order]


def _check(images: Tensor, *, count: int, by: str, batch_size: int, as_given: bool) -> None:
    if not images.numel() or (not as_given and (images.dtype != torch.uint8 or images.ndim != 4)):
        kind = str(images.dtype).removeprefix("torch.")
        wanted = "(N, ...)" if as_given else "uint8 (N, channels, height, width), or any others with as_given=True"
        raise ShapeError(f"The images are {kind} of shape {tuple(images.shape)}; give at least one, {wanted}.")
    if by not in MEASURES:
        raise UsageError(f"Images cannot be ranked by {by!r}; give {' or '.join(MEASURES)}.")
    for name, number in (("count", count), ("batch_size", batch_size)):
        if number < 1:
            raise UsageError(f"{name} is {number}; it must be at least 1.")


def _checked_channel(activations: Activations, layer: str, channel: object) -> int:
    shape = activations.call(layer).shape
    channels = shape[0] if shape else 0
    what = "channels" if len(shape) > 1 else "units"
    have = f"its {what} are 0 to {channels - 1}" if channels else "it has one value for each image and no channels"
    try:
        chosen = whole(channel)  # type: ignore[arg-type]  # what is no whole number raises TypeError
    except (TypeError, ValueError) as error:
        raise UsageError(f"{channel!r} is not the number of a channel of layer {layer!r}: {have}.") from error
    if not 0 <= chosen < channels:
        raise UsageError(f"There is no channel {chosen} in layer {layer!r}: {have}.")
    return chosen
