"""Listening to a network's layers while it runs: its modes and hooks are as before afterwards.

Layers are named as in `activations`: modules without children or with parameters of their own, by their dotted name;
the second run of one is "relu:2". What is heard is the layer's own output, not a copy, and may be replaced.
"""

from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from typing import Any

import torch
from torch import Tensor, nn

from inkwise.explain.activations import ITSELF

Listener = Callable[[str, nn.Module, Tensor], Tensor | None]


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
def tapped(network: nn.Module, listener: Listener, *, only: str | None = None) -> Iterator[None]:
    """Call `listener` with name, module and output of each layer that gives a tensor, as it finishes, in one run.

    The network goes on with what the listener returns, or with the output itself where that is None. With `only`, the
    name of one layer or of one of its runs, the others are left alone, and keep their faster ways.
    """
    counts: Counter[str] = Counter()

    def leave(name: str, part: nn.Module, _given: tuple[Any, ...], output: Any) -> Tensor | None:
        if not isinstance(output, Tensor):
            return None
        counts[name] += 1
        label = name if counts[name] == 1 else f"{name}:{counts[name]}"
        return listener(label, part, output) if only in {None, label} else None

    handles = []
    try:
        for name, part in network.named_modules():
            works = not any(part.children()) or any(True for _ in part.parameters(recurse=False))
            label = name or ITSELF
            if works and (only is None or only.rpartition(":")[0] == label or only == label):
                handles.append(part.register_forward_hook(partial(leave, label)))
        yield
    finally:
        for handle in handles:
            handle.remove()


def home(network: nn.Module) -> tuple[torch.device, torch.dtype]:
    """Return where the weights of `network` lie and their dtype; the CPU and float32 where it has none."""
    first = next((value for value in network.parameters() if value.is_floating_point()), None)
    return (torch.device("cpu"), torch.float32) if first is None else (first.device, first.dtype)
