"""What a peer really does, step by step, as torch itself tells it."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import pytest
import torch
from torch import Tensor, nn
from torch.nn.modules.module import register_module_forward_pre_hook
from torch.optim.optimizer import register_optimizer_step_pre_hook


@dataclass
class Seen:
    """Of each step: the optimiser's kind and settings, and the images that the network was given."""

    optimisers: list[str] = field(default_factory=list)
    settings: list[dict[str, Any]] = field(default_factory=list)
    batches: list[Tensor] = field(default_factory=list)


@pytest.fixture
def seen() -> Iterator[Seen]:
    """Filled while a peer trains; nothing is replaced."""
    seen = Seen()

    def step(optimiser: torch.optim.Optimizer, *_: Any) -> None:
        seen.optimisers.append(type(optimiser).__name__)
        seen.settings.append({name: value for name, value in optimiser.param_groups[0].items() if name != "params"})

    def forward(module: nn.Module, given: Any) -> None:
        if type(module).__name__ == "Net" and module.training:
            seen.batches.append(given[0].detach().clone())

    hooks = (register_optimizer_step_pre_hook(step), register_module_forward_pre_hook(forward))
    yield seen
    for hook in hooks:
        hook.remove()
