"""What networks made of the pictures that were drawn last: recorded once, asked for at every move over a map.

An ensemble is several networks, of which one is looked at. Activations are the explain room's, and exact.
"""

import hashlib
from collections import OrderedDict
from dataclasses import dataclass
from threading import Lock
from typing import TYPE_CHECKING, Final

from inkwise.errors import UsageError

if TYPE_CHECKING:
    from torch import Tensor

    from inkwise.explain.activations import Activations
    from inkwise.models.network import Network
    from inkwise.recognizer import Recognizer

_KEPT: Final = 6  # recordings of the largest network of ours take a few megabytes each


@dataclass(frozen=True)
class Recording:
    """One network at work on one picture: `image` is uint8 (1, 1, H, W), `reason` why it holds no digit, else None."""

    recognizer: "Recognizer"
    network: "Network"
    image: "Tensor"
    reason: str | None
    activations: "Activations"


class Recordings:
    """Makes recordings, and keeps the last few; any number of threads may ask."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._kept: OrderedDict[tuple[int, int, bytes], Recording] = OrderedDict()

    def get(self, recognizer: "Recognizer", picture: bytes, member: int = 0) -> Recording:
        """Return what a network made of a picture.

        Args:
            recognizer: The model.
            picture: An image file of one digit; without a byte, an image without ink.
            member: Which network of an ensemble.

        Raises:
            ImageError: The picture cannot be read.
            UsageError: There is no such member.
        """
        # While a recording is kept, its model is, and no other can have its id.
        key = (id(recognizer), member, hashlib.sha256(picture).digest())
        with self._lock:
            if key in self._kept:
                self._kept.move_to_end(key)
                return self._kept[key]
        made = _record(recognizer, picture, member)
        with self._lock:
            self._kept[key] = made
            while len(self._kept) > _KEPT:
                self._kept.popitem(last=False)
        return made


def _record(recognizer: "Recognizer", picture: bytes, member: int) -> Recording:
    import torch

    from inkwise.data.image import load_grey
    from inkwise.data.normaliser import normalise
    from inkwise.explain.activations import record

    network = _network(recognizer, member)
    reason: str | None = None
    if picture:
        form = normalise(load_grey(picture))
        image, reason = torch.from_numpy(form.image)[None, None], form.reason
    else:
        image = torch.zeros(1, *recognizer.card.input_shape, dtype=torch.uint8)
    return Recording(recognizer, network, image, reason, record(network, image))


def _network(recognizer: "Recognizer", member: int) -> "Network":
    from inkwise.models.ensemble import Ensemble

    networks = tuple(recognizer.network.networks) if isinstance(recognizer.network, Ensemble) else (recognizer.network,)
    if not 0 <= member < len(networks):
        raise UsageError(f"There is no network {member}; this model has the networks 0 to {len(networks) - 1}.")
    return networks[member]
