"""A network made ready to answer on a CPU: the same values, without what only training needs.

Batch normalisation is folded into the weights, which are laid out once. Many images go through oneDNN in batches
whose feature maps fit the cache; one image through a small network goes through matrix products over fixed buffers.
Outputs equal the network's own up to the order of sums. The network itself stays as it is, and is called as it is
where it cannot be prepared, where someone listens to it by a hook, in training mode, and on any other device.
"""

from collections.abc import Sequence
from operator import attrgetter

import torch
from torch import Tensor, nn

from inkwise.models.batched import Forward, compile_batched, is_possible
from inkwise.models.ensemble import Ensemble
from inkwise.models.folding import fold
from inkwise.models.network import Network
from inkwise.models.shape import Shape
from inkwise.models.single import Single, Unplanned

BATCH = 256  # images at a time where nothing is known of the network
_MAPS = 4 << 20  # bytes of the largest layer's maps for one batch; measured, see docs/log.md
_SMALL = 20_000_000  # multiply-adds up to which one image is answered faster without oneDNN; likewise

_VERSION = attrgetter("_version")  # torch has no public name for it


class Prepared:
    """Answers like `network`, faster; it follows the network's weights when they change in place.

    Args:
        network: A `Network`, an `Ensemble` of them, or any other module, which is then called as it is.
    """

    def __init__(self, network: nn.Module) -> None:
        self.network = network
        self._members = [Prepared(member) for member in network.networks] if isinstance(network, Ensemble) else []
        # A batch normalisation's count of batches means nothing in evaluation.
        self._weights = [weight for weight in (*network.parameters(), *network.buffers()) if weight.is_floating_point()]
        # torch has no public way to ask whether a module has hooks.
        names = ("_forward_hooks", "_forward_pre_hooks")
        self._hooks = [getattr(module, name) for module in network.modules() for name in names]
        self._stamp: tuple[list[int], list[int]] | None = None
        self._many: Forward | None = None
        self._one: Forward | None = None
        self._batch = BATCH

    @property
    def device(self) -> torch.device:
        """Where the network lies."""
        return self._weights[0].device if self._weights else torch.device("cpu")

    @property
    def batch_size(self) -> int:
        """How many images at a time are answered fastest."""
        if self._members:
            return min(member.batch_size for member in self._members)
        self._ready()
        return self._batch

    def __call__(self, images: Tensor) -> Tensor:
        """Return the outputs (N, classes) for float32 images (N, C, H, W) in [0, 1], without gradients.

        Raises:
            ShapeError: The images are of another shape, where the network checks that.
            UsageError: The images are of another dtype, where the network checks that.
        """
        network = self.network
        if isinstance(network, Network) and self._ready() and _fits(images, network.input_shape):
            if self._one is not None and images.shape[0] == 1:
                return self._one(images)
            assert self._many is not None
            with torch.inference_mode():
                return self._many(images)
        with torch.inference_mode():
            if isinstance(network, Ensemble) and not any(self._hooks):
                return network.combine([member(images) for member in self._members])
            outputs: Tensor = network(images)
            return outputs

    def _ready(self) -> bool:
        """Whether the prepared form may be used; made anew where the weights have changed."""
        if self.network.training or any(self._hooks):
            return False
        # In-place writes count a tensor's version up, and a move to another device or type changes its memory.
        stamp = (list(map(_VERSION, self._weights)), list(map(Tensor.data_ptr, self._weights)))
        if stamp != self._stamp:
            self._stamp, self._many, self._one = stamp, None, None
            if isinstance(self.network, Network) and _on_cpu(self._weights) and is_possible():
                with torch.inference_mode(mode=False), torch.no_grad():
                    self._prepare(self.network)
        return self._many is not None

    def _prepare(self, network: Network) -> None:
        row = fold(network)
        sizes, multiply_adds = _measure(row, network.input_shape)
        self._many = compile_batched(row)
        self._batch = min(max(_MAPS // (4 * max(sizes)) // 16 * 16, 16), 512)
        if multiply_adds <= _SMALL:
            try:
                self._one = Single(row, network.input_shape)
            except Unplanned:
                self._one = None


def _fits(images: Tensor, shape: Shape) -> bool:
    return images.is_cpu and images.dtype is torch.float32 and images.shape[1:] == shape and images.shape[0] > 0


def _on_cpu(weights: Sequence[Tensor]) -> bool:
    return all(
        weight.device.type == "cpu" and (weight.dtype == torch.float32 or not weight.is_floating_point())
        for weight in weights
    )


def _measure(row: Sequence[nn.Module], shape: Shape) -> tuple[list[int], int]:
    """Return the number of values behind each module for one image, and the multiply-adds of all."""
    values, sizes, multiply_adds = torch.zeros(1, *shape), [1], 0
    for module in row:
        given = values.shape[1]
        values = module(values)
        sizes.append(values.numel())
        if isinstance(module, nn.Conv2d):
            multiply_adds += values.numel() * module.weight[0].numel()
        elif isinstance(module, nn.Linear):
            multiply_adds += values.numel() * given
    return sizes, multiply_adds
