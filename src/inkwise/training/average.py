"""The exponential moving average of weights and batch statistics.

After each step a <- d a + (1 - d) w. The decay rises with the steps taken, min(d, (1 + t) / (10 + t)), so that the
random first weights are forgotten soon (Tarvainen and Valpola 2017, arXiv:1703.01780, and TensorFlow's form of it).
"""

from collections.abc import Mapping

import torch
from torch import Tensor, nn


class Average:
    """A slowly following copy of a network's floating-point weights and buffers."""

    def __init__(self, network: nn.Module, decay: float) -> None:
        self.decay = decay
        self.followed = [value for value in network.state_dict().values() if value.is_floating_point()]
        self.names = [name for name, value in network.state_dict().items() if value.is_floating_point()]
        self.values = [value.detach().clone() for value in self.followed]

    @torch.no_grad()
    def update(self, step: int) -> None:
        """Follow the network after `step` (counted from 0)."""
        decay = min(self.decay, (1 + step) / (10 + step))
        torch._foreach_lerp_(self.values, self.followed, 1 - decay)

    def state_dict(self) -> dict[str, Tensor]:
        """Return the averaged values by the network's names."""
        return dict(zip(self.names, self.values, strict=True))

    def load_state_dict(self, state: Mapping[str, Tensor]) -> None:
        """Take back what `state_dict` gave."""
        for name, value in zip(self.names, self.values, strict=True):
            value.copy_(state[name])
