"""Listening to a network's layers while it runs: its modes and hooks are as before afterwards.

Layers are the modules that do work: those without children, and those with parameters of their own. They are named by
their dotted name; the second run of one is "relu:2". What is heard is the layer's own output, not a copy, and may be
replaced.
"""

from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from itertools import chain
from typing import Any, Final

import torch
from torch import Tensor, nn
from torch.utils.hooks import RemovableHandle

ITSELF: Final = "network"  # the name of the whole network, where it has parameters of its own or no children
Listener = Callable[[str, nn.Module, Tensor], Tensor | None]


def workers(network: nn.Module) -> dict[str, nn.Module]:
    """Return the modules of `network` that do work, by name."""
    return {
        name or ITSELF: part
        for name, part in network.named_modules()
        if not any(part.children()) or any(True for _ in part.parameters(recurse=False))
    }


class Runs:
    """Names the runs of layers: "relu", then "relu:2"."""

    def __init__(self) -> None:
        self._counts: Counter[str] = Counter()

    def next(self, name: str) -> str:
        """Return what the next run of the layer `name` is called."""
        self._counts[name] += 1
        return name if self._counts[name] == 1 else f"{name}:{self._counts[name]}"


@contextmanager
def at_rest(network: nn.Module) -> Iterator[None]:
    """Put `network` in evaluation mode, and each of its modules back into its own mode afterwards."""
    modes = {part: part.training for part in network.modules()}
    try:
        network.eval()
        yield
    finally:
        for part, mode in modes.items():
            part.training = mode


@contextmanager
def hooked() -> Iterator[list[RemovableHandle]]:
    """Give a list for the handles of hooks; those in it are removed afterwards."""
    handles: list[RemovableHandle] = []
    try:
        yield handles
    finally:
        for handle in handles:
            handle.remove()


@contextmanager
def tapped(network: nn.Module, listener: Listener, *, only: str | None = None) -> Iterator[None]:
    """Call `listener` with name, module and output of each layer that gives a tensor, as it finishes, in one run.

    The network goes on with what the listener returns, or with the output itself where that is None. With `only`, the
    name of one layer or of one of its runs, the others are left alone, and keep their faster ways.
    """
    runs = Runs()

    def leave(name: str, part: nn.Module, _given: tuple[Any, ...], output: Any) -> Tensor | None:
        if not isinstance(output, Tensor):
            return None
        label = runs.next(name)
        return listener(label, part, output) if only in {None, label} else None

    with hooked() as handles:
        for name, part in workers(network).items():
            if only is None or name in {only, only.rpartition(":")[0]}:
                handles.append(part.register_forward_hook(partial(leave, name)))
        yield


def home(network: nn.Module) -> tuple[torch.device, torch.dtype]:
    """Return where the weights of `network` lie and their dtype; the CPU and float32 where it has none.

    Weights that are given and never trained are buffers; they count where there are no others.
    """
    weights = chain(network.parameters(), network.buffers())
    first = next((value for value in weights if value.is_floating_point()), None)
    return (torch.device("cpu"), torch.float32) if first is None else (first.device, first.dtype)
