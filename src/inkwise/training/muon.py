"""Muon: momentum whose matrices are brought near the closest orthogonal one before each step.

A filter bank (C_out, C_in, h, w) is a matrix of C_out rows. Its Nesterov momentum U S V^T becomes about U V^T, so that
every direction of the bank moves by the same length, the rare ones too. Newton-Schulz gets there by a few products.
The last matrix of a network, whose rows are the classes, and all vectors are AdamW's.

Keller Jordan et al. 2024, https://kellerjordan.github.io/posts/muon/; for convolutions his cifar10-airbench.
"""

from collections.abc import Callable, Iterable
from typing import Any

import torch
from jaxtyping import Float
from torch import Tensor, nn, optim
from torch.optim.adamw import adamw

# A quintic with the steepest slope at 0 that keeps singular values within about [0.7, 1.2]; from the source.
_A, _B, _C = 3.4445, -4.7750, 2.0315
_STEPS = 5


class Muon(optim.Optimizer):
    """Muon for every matrix but the last, AdamW for everything else.

    Both groups take the rate `lr`; AdamW's is multiplied by its group's `ratio`, so that a schedule moves both in
    proportion. Weight decay is decoupled: each step shrinks the weights by the group's own rate times `weight_decay`.

    Args:
        weights: A network's weights in the order of its layers.
        lr: Muon's rate: the length of a step in each direction of a square matrix; tall ones take longer steps.
        rest_lr: AdamW's rate.
        momentum: Decay per step of the mean of the gradients; 0 orthogonalises the gradient itself.
        betas: AdamW's.
        eps: AdamW's.
        weight_decay: Share of a weight that a step at rate 1 would take off, for both.
    """

    def __init__(
        self,
        weights: Iterable[nn.Parameter],
        *,
        lr: float,
        rest_lr: float,
        momentum: float,
        betas: tuple[float, float],
        eps: float,
        weight_decay: float,
    ) -> None:
        weights = list(weights)
        matrices = [weight for weight in weights if weight.ndim >= 2][:-1]
        theirs = {id(weight) for weight in matrices}
        rest = [weight for weight in weights if id(weight) not in theirs]
        # The word `fused` has load_state_dict put a saved step counter where the fused kernel wants it.
        groups = [
            {"params": matrices, "orthogonal": True, "ratio": 1.0, "fused": False},
            {"params": rest, "orthogonal": False, "ratio": rest_lr / lr, "fused": True},
        ]
        defaults = {"lr": lr, "momentum": momentum, "betas": betas, "eps": eps, "weight_decay": weight_decay}
        super().__init__(groups, defaults)

    @torch.no_grad()
    def step(self, closure: Callable[[], float] | None = None) -> float | None:  # type: ignore[override]  # torch overloads it
        """Take one step down the gradients that are there; return what `closure` did, where one is given."""
        loss = None
        if closure is not None:
            with torch.enable_grad():
                loss = closure()
        for group in self.param_groups:
            (self._orthogonal_step if group["orthogonal"] else self._adamw_step)(group)
        return loss

    def _orthogonal_step(self, group: dict[str, Any]) -> None:
        rate, momentum = group["lr"] * group["ratio"], group["momentum"]
        for weight in group["params"]:
            if weight.grad is None:
                continue
            state = self.state[weight]
            if not state:
                state["mean"] = torch.zeros_like(weight)
            state["mean"].lerp_(weight.grad, 1 - momentum)
            ahead = weight.grad.lerp(state["mean"], momentum)  # Nesterov's: the mean as the next step will see it
            matrix = ahead.flatten(1)  # (C_out, C_in * h * w)
            rows, columns = matrix.shape
            weight.mul_(1 - rate * group["weight_decay"])
            weight.add_(orthogonal(matrix).view(weight.shape), alpha=-rate * max(1.0, rows / columns) ** 0.5)

    def _adamw_step(self, group: dict[str, Any]) -> None:
        weights = [weight for weight in group["params"] if weight.grad is not None]
        for weight in weights:
            state = self.state[weight]
            if not state:
                state["step"] = torch.zeros((), device=weight.device)
                state["mean"], state["square"] = torch.zeros_like(weight), torch.zeros_like(weight)
        states = [self.state[weight] for weight in weights]
        adamw(
            weights,
            [weight.grad for weight in weights],
            [state["mean"] for state in states],
            [state["square"] for state in states],
            [],
            [state["step"] for state in states],
            fused=True,
            amsgrad=False,
            beta1=group["betas"][0],
            beta2=group["betas"][1],
            lr=group["lr"] * group["ratio"],
            weight_decay=group["weight_decay"],
            eps=group["eps"],
            maximize=False,
        )


def orthogonal(matrix: Float[Tensor, "m n"]) -> Float[Tensor, "m n"]:
    """Return about U V^T for a matrix U S V^T: its singular values brought to about 1, in float32.

    Those above a thousandth of the matrix's length end between 0.6 and 1.3; smaller ones stay smaller.
    A matrix of zeros stays zero.
    """
    wide = matrix if matrix.shape[0] <= matrix.shape[1] else matrix.T
    wide = wide / wide.norm().clamp_min(1e-7)  # no singular value above 1
    for _ in range(_STEPS):
        square = wide @ wide.T
        wide = torch.addmm(wide, torch.addmm(square, square, square, beta=_B, alpha=_C), wide, beta=_A)
    return wide if matrix.shape[0] <= matrix.shape[1] else wide.T
