"""What a network was when something was computed from it, and whether it still is.

Children, weights and buffers are compared as objects, and weights also by torch's count of in-place writes and by
their memory, which a move to another device or type changes. A write through `.data` moves none of these and is not
seen; nor is a new setting of a layer, such as its stride. Asked before every answer, so a few microseconds are all
it may take. Nothing here knows what was computed.
"""

from itertools import chain
from operator import attrgetter, is_

import torch
from torch import Tensor, nn
from torch.nn.modules import module as everywhere

from inkwise.models.deskewing import Deskewing
from inkwise.models.network import Pixels

# torch has no public names for the count of writes, or to ask whether a module has hooks.
_VERSION = attrgetter("_version")
_TRAINING = attrgetter("training")
_END = object()
_HOOKS = ("_forward_hooks", "_forward_pre_hooks")
# Layers that compute the same in training.
_STEADY = {
    *(nn.Conv2d, nn.Linear, nn.ReLU, nn.MaxPool2d, nn.AvgPool2d, nn.AdaptiveAvgPool2d, nn.Flatten, nn.Identity),
    *(nn.ZeroPad2d, Deskewing, Pixels),
}
_GLOBAL_HOOKS = [getattr(everywhere, f"_global{name}") for name in _HOOKS]


class Snapshot:
    """The children and weights of `network` as they are now."""

    def __init__(self, network: nn.Module) -> None:
        modules = list(network.modules())
        self._modes = [module for module in modules if module is network or type(module) not in _STEADY]
        self._hooks = hooks_of(*modules)
        # Views of torch's own dictionaries: they show what stands there at any time. An empty one of a layer stays so;
        # a row may be given its first child.
        views = [
            table.values()
            for module in modules
            for name, table in vars(module).items()
            if name in {"_modules", "_parameters", "_buffers"}
            and (table or (name == "_modules" and isinstance(module, nn.Sequential)))
        ]
        self._views = [*views, (_END,)]  # with it, a shorter or longer one differs somewhere
        self._held = list(chain.from_iterable(self._views))
        self.tensors = [value for value in self._held if isinstance(value, Tensor)]
        self._weights = [tensor for tensor in self.tensors if tensor.is_floating_point()]
        # Tensors made in inference mode count no writes.
        self.is_counted = not any(tensor.is_inference() for tensor in self.tensors)
        # A batch normalisation in training writes its statistics uncounted, but its count of batches with them.
        self._versions = list(map(_VERSION, self.tensors)) if self.is_counted else []
        self._places = list(map(Tensor.data_ptr, self._weights))

    def is_current(self) -> bool:
        """Return whether the network still has these children and these weights, as far as torch tells."""
        return (
            all(map(is_, chain.from_iterable(self._views), self._held))
            and (not self.is_counted or list(map(_VERSION, self.tensors)) == self._versions)
            and list(map(Tensor.data_ptr, self._weights)) == self._places
        )

    def is_quiet(self) -> bool:
        """Return whether everything computes as in evaluation, and nobody listens to a module by a hook."""
        return not (any(map(_TRAINING, self._modes)) or any(self._hooks))

    def is_float32(self) -> bool:
        """Return whether all lies on the CPU, as float32 where it is of floating point."""
        return all(tensor.device.type == "cpu" for tensor in self.tensors) and all(
            weight.dtype == torch.float32 for weight in self._weights
        )


def hooks_of(*modules: nn.Module) -> list[dict[int, object]]:
    """Return the dictionaries that hooks on a call of these modules stand in, those for every module included."""
    return [*_GLOBAL_HOOKS, *(getattr(module, name) for module in modules for name in _HOOKS)]
