"""A network made ready to answer on a CPU: the same values, without what only training needs.

Batch normalisation is folded into the weights, which are laid out once. Many images go through oneDNN in batches
whose feature maps fit the cache; one image through a small network goes through matrix products over fixed buffers.
Outputs equal the network's own up to the order of sums. The network itself stays as it is, and is called as it is
where it cannot be prepared, where someone listens to it by a hook, where a part of it is in training mode, and on any
other device.
"""

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from itertools import chain
from threading import Lock

import torch
from torch import Tensor, nn

from inkwise.models.batched import Forward, compile_batched, is_possible
from inkwise.models.ensemble import Ensemble
from inkwise.models.folding import fold
from inkwise.models.network import Network, check_images
from inkwise.models.shape import Shape
from inkwise.models.single import Single, Unplanned
from inkwise.models.snapshot import Snapshot, hooks_of

BATCH = 256  # images at a time where nothing is known of the network

# Chosen on two cores with 1 MiB of second-level cache each and 32 MiB of third; see docs/log.md.
_MAPS = 12 << 20  # bytes of the largest layer's maps for one batch
_SMALL = 20_000_000  # multiply-adds up to which one image is answered without oneDNN

_CPU = torch.device("cpu")


@dataclass(frozen=True)
class _Form:
    """What was made of a network that was as `snapshot` says; `many` is None where it cannot be prepared."""

    snapshot: Snapshot
    shape: Shape
    many: Forward | None = None
    one: Forward | None = None
    batch: int = BATCH


class Prepared:
    """Answers like `network`, faster; any number of threads may ask at once.

    It follows the network: weights that are written in place or replaced, children that are replaced, modes and
    moves. What torch does not tell is not seen: a write through `weight.data`, or a new setting of a layer, such as
    its stride; make a new one then. A copy, or what is unpickled, is prepared anew.

    Args:
        network: A `Network`, an `Ensemble` of them, or any other module, which is then called as it is.
    """

    def __init__(self, network: nn.Module) -> None:
        self.network = network
        self._lock = Lock()
        self._form: _Form | None = None
        self._members: list[Prepared] = []

    def __reduce__(self) -> tuple[type["Prepared"], tuple[nn.Module]]:
        return Prepared, (self.network,)

    @property
    def batch_size(self) -> int:
        """How many images at a time are answered fastest."""
        return self.intake()[1]

    def intake(self) -> tuple[torch.device, int]:
        """Return where the network lies, and how many images at a time are answered fastest."""
        form = self._ready()
        if form is not None:
            return _CPU, form.batch
        first = next(chain(self.network.parameters(), self.network.buffers()), None)
        where = _CPU if first is None else first.device
        if type(self.network) is Ensemble:
            return where, min(member.batch_size for member in self._prepared_members(self.network))
        return where, BATCH

    def __call__(self, images: Tensor) -> Tensor:
        """Return the outputs (N, classes) for float32 images (N, C, H, W) in [0, 1], without gradients.

        Raises:
            ShapeError: The images are of another shape, where the network checks that.
            UsageError: The images are of another dtype or leave [0, 1], where the network checks that.
        """
        network = self.network
        if isinstance(network, Network | Ensemble):
            networks = network.networks if isinstance(network, Ensemble) else (network,)
            if any(each.guarded for each in networks):
                check_images(images, network.input_shape)
        return self.answer(images)

    def answer(self, images: Tensor) -> Tensor:
        """Return the same for images that are known to be in [0, 1], as those that come from uint8 are.

        Raises:
            ShapeError: The images are of another shape, where the network checks that.
            UsageError: The images are of another dtype, where the network checks that.
        """
        network = self.network
        form = self._ready()
        if form is not None and _fits(images, form.shape):
            if form.one is not None and images.shape[0] == 1:
                return form.one(images)
            assert form.many is not None
            with torch.inference_mode():
                return form.many(images)
        with torch.inference_mode():
            if type(network) is Ensemble and not any(hooks_of(network)):
                return network.combine([member.answer(images) for member in self._prepared_members(network)])
            outputs: Tensor = network(images)
            return outputs

    def _prepared_members(self, ensemble: Ensemble) -> "list[Prepared]":
        members, networks = self._members, ensemble.networks
        if [id(member.network) for member in members] != list(map(id, networks)):
            members = self._members = [Prepared(network) for network in networks]
        return members

    def _ready(self) -> _Form | None:
        """Return the prepared form, made anew where the network has changed; None where the network is to be called."""
        form = self._form
        if form is None or not form.snapshot.is_current():
            if not isinstance(self.network, Network):
                return None
            with self._lock:
                form = self._form  # another thread may have been first
                if form is None or not form.snapshot.is_current():
                    # Taken before the weights are read: what changes meanwhile makes the form stale, not wrong.
                    snapshot = Snapshot(self.network)
                    if not snapshot.is_quiet():
                        return None
                    form = self._form = _prepare(self.network, snapshot)
        return form if form.many is not None and form.snapshot.is_quiet() else None


def _prepare(network: Network, snapshot: Snapshot) -> _Form:
    if not (snapshot.is_counted and snapshot.is_float32() and is_possible()):
        return _Form(snapshot, network.input_shape)
    with torch.inference_mode(mode=False), torch.no_grad():
        row = fold(network)
        sizes, multiply_adds = _measure(row, network.input_shape)
        batch = min(max(_MAPS // (4 * max(sizes)) // 16 * 16, 16), 512)
        one = None
        if multiply_adds <= _SMALL:
            with suppress(Unplanned):
                one = Single(row, network.input_shape)
        return _Form(snapshot, network.input_shape, compile_batched(row), one, batch)


def _fits(images: Tensor, shape: Shape) -> bool:
    return images.is_cpu and images.dtype is torch.float32 and images.shape[1:] == shape and images.shape[0] > 0


def _measure(row: Sequence[nn.Module], shape: Shape) -> tuple[list[int], int]:
    """Return the number of values behind each module for one image, and the multiply-adds of all."""
    values, sizes, multiply_adds = torch.zeros(1, *shape, dtype=torch.float32, device=_CPU), [1], 0
    for module in row:
        given = values.shape[1]
        values = module(values)
        sizes.append(values.numel())
        if isinstance(module, nn.Conv2d):
            multiply_adds += values.numel() * module.weight[0].numel()
        elif isinstance(module, nn.Linear):
            multiply_adds += values.numel() * given
    return sizes, multiply_adds
