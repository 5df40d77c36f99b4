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
def tapped(network: nn.Module, listener: Listener) -> Iterator[None]:
    """Call `listener` with name, module and output of each layer that gives a tensor, as it finishes.

    The network goes on with what the listener returns, or with the output itself where that is None.
    """
    counts: Counter[str] = Counter()

    def leave(name: str, part: nn.Module, _given: tuple[Any, ...], output: Any) -> Tensor | None:
        if not isinstance(output, Tensor):
            return None
        counts[name] += 1
        return listener(name if counts[name] == 1 else f"{name}:{counts[name]}", part, output)

    handles = []
    try:
        for name, part in network.named_modules():
            if not any(part.children()) or any(True for _ in part.parameters(recurse=False)):
                handles.append(part.register_forward_hook(partial(leave, name or ITSELF)))
        yield
    finally:
        for handle in handles:
            handle.remove()


def home(network: nn.Module) -> tuple[torch.device, torch.dtype]:
    """Return where the weights of `network` lie and their dtype; the CPU and float32 where it has none."""
    first = next((value for value in network.parameters() if value.is_floating_point()), None)
    return (torch.device("cpu"), torch.float32) if first is None else (first.device, first.dtype)
