"""Every layer's input and output for one image, recorded by hooks.

Layers are the modules that do work: those without children, and those with parameters of their own, as far as they
give real numbers. A network runs in evaluation mode and without gradients; its mode and its hooks are as before
afterwards. What is recorded are copies, so that a module that works in place spoils nothing. Where a layer's input
is, untouched, what another one gave, the two are linked by `Call.before`; what a forward method computes between its
modules, no hook sees.
"""

from dataclasses import dataclass
from functools import partial
from operator import index
from typing import Any, Final

import torch
from torch import Tensor, nn

from inkwise.convolution.window import spelled
from inkwise.errors import InkwiseError, ShapeError, UnknownName, UsageError
from inkwise.explain.taps import Runs, at_rest, home, hooked, workers
from inkwise.models.shape import Shape

IMAGE: Final = "image"  # what `Call.before` says where the input is the image itself


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

    def place(self, at: object) -> Shape:
        """Return `at` as a tuple of ints; UsageError with the ranges unless it is a position in the output.

        Args:
            at: whole numbers: a sequence, a tensor or an array of them, or one alone where the layer is flat.
        """
        given, count = _whole_numbers(at), len(self.shape)
        ranges = ", ".join(f"{axis} 0 to {n - 1}" for axis, n in zip(axes(count), self.shape, strict=True))
        ranges = f"{self.name} is {spelled(self.shape)}: {ranges}" if ranges else f"{self.name} is a single value"
        example = ", ".join(str(n // 2) for n in self.shape) + "," * (count == 1)
        if given is None:
            raise UsageError(f"{ranges}; a position is whole numbers, such as ({example}), not {at!r}.")
        if len(given) == count and all(0 <= index < size for index, size in zip(given, self.shape, strict=True)):
            return given
        what = ",".join(str(index) for index in given) or "without numbers"
        asked = f"; give {count or 'no'} number{'s' if count != 1 else ''}" if len(given) != count else ""
        raise UsageError(f"{ranges}; there is no position {what}{asked}.")


@dataclass(frozen=True)
class Activations:
    """What a network made of one image.

    Attributes:
        image: (1, ...), as the network was given it: (1, C, H, W) in [0, 1], or whatever was recorded as given.
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


def record(network: nn.Module | object, image: Tensor | object, *, as_given: bool = False) -> Activations:
    """Run `image` through `network` and return what every layer took and gave.

    Args:
        network: any torch.nn.Module that takes one tensor, on any device.
        image: (H, W), (C, H, W) or (1, C, H, W), ink high: uint8, or float in [0, 1]. The network gets (1, C, H, W)
            in [0, 1], of the dtype of its weights.
        as_given: whether `image` goes to the network as it is, of any shape (1, ...), range and real dtype: the input
            of a 1-D network, a sequence of numbers or of indices, an image that is already standardised.

    Raises:
        UsageError: `network` is no module, `image` no tensor or of another dtype, or it leaves [0, 1].
        ShapeError: the image is of another shape, or the network could not take it.
    """
    if not isinstance(network, nn.Module):
        raise UsageError(f"A network is a torch.nn.Module; what was given is {_kind(network)}.")
    if not isinstance(image, Tensor):
        raise UsageError(f"An image is a torch.Tensor; what was given is {_kind(image)}.")
    where, dtype = home(network)
    batch = _checked_as_given(image).to(where) if as_given else _checked(image).to(where, dtype)
    recorder = _Recorder(batch)
    try:
        with at_rest(network), hooked() as handles:
            for name, part in workers(network).items():
                handles += [
                    part.register_forward_pre_hook(recorder.enter, with_kwargs=True),
                    part.register_forward_hook(partial(recorder.leave, name), with_kwargs=True),
                ]
            # Not inference mode, even where the caller is in it: its tensors do not count their changes.
            with torch.inference_mode(mode=False), torch.no_grad():
                outputs = network(batch)
    except InkwiseError:
        raise
    except Exception as error:  # a user's forward method may fail in any way
        reason = (str(error).splitlines() or [""])[0].rstrip(".")
        kind = "" if isinstance(error, RuntimeError) else f"{type(error).__name__}: "
        what = f"{_dtype(batch)} {tuple(batch.shape)}" if as_given else f"an image of {spelled(tuple(batch.shape[1:]))}"
        raise ShapeError(f"The network cannot take {what}: {kind}{reason}.") from error
    found = _first(outputs)
    if found is None:
        raise UsageError(f"The network returned {type(outputs).__name__}; it must return a tensor.")
    return Activations(recorder.image, tuple(recorder.calls), found.clone())


class _Recorder:
    """Collects calls. A tensor is known by the object itself and by how often it was changed in place."""

    def __init__(self, image: Tensor) -> None:
        self.image = image.clone()
        self.calls: list[Call] = []
        self.runs = Runs()
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
        label = self.runs.next(name)
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


def _whole_numbers(at: Any) -> Shape | None:
    """Return whole numbers, or one alone, as a tuple of ints; None where they are anything else."""
    if isinstance(at, str | bytes):
        return None
    try:
        return (index(at),)  # what is no whole number raises TypeError
    except (TypeError, ValueError):
        pass  # a tensor of several numbers raises ValueError
    try:
        return tuple(index(each) for each in at)
    except (TypeError, ValueError):
        return None


def _checked(image: Tensor) -> Tensor:
    """Return `image` as a batch of one (1, C, H, W), float32 in [0, 1]; raise what `record` says."""
    wanted = "One image of (H, W), (C, H, W) or (1, C, H, W) is taken, uint8 or float in [0, 1]"
    cure = "; with as_given=True a tensor of (1, ...) goes to the network as it is"
    shape = tuple(image.shape)
    if image.ndim not in {2, 3, 4} or (image.ndim == 4 and shape[0] != 1):
        raise ShapeError(f"{wanted}; the shape given is {shape}{cure}.")
    if not image.numel():
        raise ShapeError(f"{wanted}; the image given is empty, of shape {shape}.")
    if image.dtype != torch.uint8 and not image.is_floating_point():
        raise UsageError(f"{wanted}; the values given are {_dtype(image)}{cure}.")
    values = image.detach()[(None,) * (4 - image.ndim)]
    if image.dtype == torch.uint8:
        return values.float() / 255
    low, high = (bound.item() for bound in values.aminmax())
    if not (low >= 0 and high <= 1):  # nan fails both comparisons
        cure = "; divide by 255 first" if low >= 0 and 1 < high <= 255 else cure
        raise UsageError(f"{wanted}; the values given go from {low:g} to {high:g}{cure}.")
    return values.float()


def _checked_as_given(image: Tensor) -> Tensor:
    """Return `image`, or raise what `record` says of one that goes to the network as it is."""
    wanted = "A tensor of (1, ...), of real numbers, is taken as it is given"
    if not image.ndim or image.shape[0] != 1 or not image.numel():
        raise ShapeError(f"{wanted}; the shape given is {tuple(image.shape)}.")
    if image.is_complex():
        raise UsageError(f"{wanted}; the values given are {_dtype(image)}.")
    return image.detach()


def _dtype(tensor: Tensor) -> str:
    return str(tensor.dtype).removeprefix("torch.")


def _kind(given: object) -> str:
    return f"the class {given.__name__}" if isinstance(given, type) else type(given).__name__
