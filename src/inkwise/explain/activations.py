"""Every layer's input and output for one image, recorded by hooks.

Layers are the modules that do work: those without children, and those with parameters of their own, as far as they
give real numbers. A network runs in evaluation mode and without gradients; its mode and its hooks are as before
afterwards. What is recorded are copies, so that a module that works in place spoils nothing. Where a layer's input
is, untouched, what another one gave, the two are linked by `Call.before`; what a forward method computes between its
modules, no hook sees.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any, Final

import torch
from jaxtyping import Float
from torch import Tensor, nn

from inkwise.convolution.window import spelled
from inkwise.errors import InkwiseError, ShapeError, UnknownName, UsageError
from inkwise.models.shape import Shape

IMAGE: Final = "image"  # what `Call.before` says where the input is the image itself
ITSELF: Final = "network"  # the name of the whole network, where it has parameters of its own or no children


@dataclass(frozen=True)
class Call:
    """One run of one module.

    Attributes:
        name: the module's dotted name; one that runs twice is "relu", then "relu:2".
        module: the module itself.
        given: (1, ...), a copy of its input: of the first tensor, where it takes several.
        output: (1, ...), a copy of its output: of the first tensor, where it gives several.
        before: the name of the call whose output the input is, "image" for the image itself, None where the input
            was computed between modules: a sum of two branches, say, or torch.flatten in a forward method.
    """

    name: str
    module: nn.Module
    given: Tensor
    output: Tensor
    before: str | None

    @property
    def shape(self) -> Shape:
        """The output's shape without the batch."""
        return tuple(self.output.shape[1:])

    def place(self, at: Sequence[int]) -> Shape:
        """Return `at` as a tuple of ints; UsageError with the ranges unless it is a position in the output."""
        given, count = tuple(at), len(self.shape)
        if len(given) == count and all(0 <= index < size for index, size in zip(given, self.shape, strict=True)):
            return given
        ranges = ", ".join(f"{axis} 0 to {n - 1}" for axis, n in zip(axes(count), self.shape, strict=True))
        what = ",".join(str(index) for index in given) or "without numbers"
        asked = f"; give {count} number{'s' if count > 1 else ''}" if len(given) != count else ""
        raise UsageError(f"{self.name} is {spelled(self.shape)}: {ranges}; there is no position {what}{asked}.")


@dataclass(frozen=True)
class Activations:
    """What a network made of one image.

    Attributes:
        image: (1, C, H, W) in [0, 1], as the network was given it.
        calls: every layer's run, in the order in which they finished.
        outputs: what the network returned.
    """

    image: Tensor
    calls: tuple[Call, ...]
    outputs: Tensor

    @property
    def names(self) -> tuple[str, ...]:
        """The names of the layers in the order they ran."""
        return tuple(call.name for call in self.calls)

    def call(self, name: str) -> Call:
        """Return the layer's run called `name`; UnknownName with those that exist."""
        for call in self.calls:
            if call.name == name:
                return call
        raise UnknownName("layer", name, self.names)


def axes(count: int) -> tuple[str, ...]:
    """Return what the `count` axes of a layer's output are called, in the plural."""
    usual = ("channels", "planes", "rows", "columns")
    names = {1: ("features",), 2: ("channels", "places"), 3: (usual[0], *usual[2:]), 4: usual}
    return names.get(count, tuple(f"axis {axis}" for axis in range(count)))


def record(network: nn.Module, image: Tensor) -> Activations:
    """Run `image` through `network` and return what every layer took and gave.

    Args:
        network: any module that takes (1, 1, H, W) in [0, 1], on any device.
        image: (H, W), (1, H, W) or (1, 1, H, W), ink high: uint8, or float in [0, 1].

    Raises:
        UsageError: the image is of another dtype or leaves [0, 1].
        ShapeError: the image is of another shape, or the network could not take it.
    """
    batch = _checked(image)
    first = next((value for value in network.parameters() if value.is_floating_point()), None)
    if first is not None:
        batch = batch.to(first.device, first.dtype)
    recorder = _Recorder(batch)
    own = {
        name or ITSELF: part
        for name, part in network.named_modules()
        if not any(part.children()) or any(True for _ in part.parameters(recurse=False))
    }
    modes = {part: part.training for part in network.modules()}
    handles: list[Any] = []
    try:
        for name, part in own.items():
            handles += [
                part.register_forward_pre_hook(recorder.enter, with_kwargs=True),
                part.register_forward_hook(partial(recorder.leave, name), with_kwargs=True),
            ]
        network.eval()
        # Not inference mode, even where the caller is in it: its tensors do not count their changes.
        with torch.inference_mode(mode=False), torch.no_grad():
            outputs = network(batch)
    except InkwiseError:
        raise
    except Exception as error:  # a user's forward method may fail in any way
        reason = (str(error).splitlines() or [""])[0].rstrip(".")
        kind = "" if isinstance(error, RuntimeError) else f"{type(error).__name__}: "
        raise ShapeError(
            f"The network cannot take an image of {spelled(tuple(batch.shape[1:]))}: {kind}{reason}."
        ) from error
    finally:
        for handle in handles:
            handle.remove()
        for part, mode in modes.items():
            part.training = mode
    found = _first(outputs)
    if found is None:
        raise UsageError(f"The network returned {type(outputs).__name__}; it must return a tensor.")
    return Activations(recorder.image, tuple(recorder.calls), found.clone())


class _Recorder:
    """Collects calls. A tensor is known by the object itself and by how often it was changed in place."""

    def __init__(self, image: Tensor) -> None:
        self.image = image.clone()
        self.calls: list[Call] = []
        self.counts: Counter[str] = Counter()
        self.running: list[tuple[Tensor, str | None]] = []
        self.known: dict[int, tuple[Tensor, int, str, Tensor]] = {}  # the tensor stays alive, so its id stays its own
        self.know(image, IMAGE, self.image)

    def know(self, tensor: Tensor, name: str, copy: Tensor) -> None:
        self.known[id(tensor)] = (tensor, _changes(tensor), name, copy)

    def enter(self, _part: nn.Module, given: tuple[Any, ...], named: dict[str, Any]) -> None:
        tensor = _first((given, named))
        if tensor is None:
            self.running.append((torch.empty(0), None))
            return
        _, changes, name, copy = self.known.get(id(tensor), (tensor, -1, "", tensor))
        if changes == _changes(tensor):
            self.running.append((copy, name))
        else:
            self.running.append((tensor.detach().clone(), None))

    def leave(self, name: str, part: nn.Module, _given: tuple[Any, ...], _named: dict[str, Any], output: Any) -> None:
        given, before = self.running.pop()
        tensor = _first(output)
        if tensor is None or not tensor.ndim or not tensor.numel() or tensor.is_complex():
            return  # nothing that could be looked at value by value
        self.counts[name] += 1
        label = name if self.counts[name] == 1 else f"{name}:{self.counts[name]}"
        copy = tensor.detach().clone()
        self.calls.append(Call(label, part, given, copy, before))
        self.know(tensor, label, copy)


def _changes(tensor: Tensor) -> int:
    """Return how often `tensor` was changed in place."""
    return 0 if tensor.is_inference() else tensor._version  # noqa: SLF001  # torch has no public name for it


def _first(values: Any) -> Tensor | None:
    """Return the first tensor in nested tuples, lists and dicts."""
    if isinstance(values, Tensor):
        return values
    if isinstance(values, dict):
        values = list(values.values())
    if isinstance(values, list | tuple):
        return next((found for value in values if (found := _first(value)) is not None), None)
    return None


def _checked(image: Tensor) -> Float[Tensor, "1 1 h w"]:
    """Return `image` as a batch of one, float32 in [0, 1]; raise what `record` says."""
    wanted = "One image of (H, W), (1, H, W) or (1, 1, H, W) is taken, uint8 or float in [0, 1]"
    shape = tuple(image.shape)
    if image.ndim not in {2, 3, 4} or any(size != 1 for size in shape[:-2]):
        raise ShapeError(f"{wanted}; the shape given is {shape}.")
    if not image.numel():
        raise ShapeError(f"{wanted}; the image given is empty, of shape {shape}.")
    if image.dtype != torch.uint8 and not image.is_floating_point():
        raise UsageError(f"{wanted}; the values given are {str(image.dtype).removeprefix('torch.')}.")
    values = image.detach()[(None,) * (4 - image.ndim)]
    if image.dtype == torch.uint8:
        return values.float() / 255
    low, high = (bound.item() for bound in values.aminmax())
    if not (low >= 0 and high <= 1):  # nan fails both comparisons
        cure = "; divide by 255 first" if 1 < high <= 255 else ""
        raise UsageError(f"{wanted}; the values given go from {low:g} to {high:g}{cure}.")
    return values.float()
