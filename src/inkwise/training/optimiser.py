"""Optimisers and the learning rate over a run.

The optimisers are torch's own, fused into one pass over the weights where the device has that; Muon is ours. The rate
is a pure function of the step, so that a resumed run needs no scheduler state.
"""

import math

import torch._dynamo  # noqa: F401  torch.optim imports it at its first use: a second or two that are not training
from torch import nn, optim

from inkwise.recipes.recipe import Optimizer as Settings
from inkwise.recipes.recipe import Recipe, Schedule
from inkwise.training.muon import Muon


def make(network: nn.Module, settings: Settings) -> optim.Optimizer:
    """Return the optimiser that `settings` describe, over all weights of `network`."""
    weights = [weight for weight in network.parameters() if weight.requires_grad]
    fused = all(weight.device.type in {"cpu", "cuda", "mps"} for weight in weights)
    if settings.name == "sgd":
        return optim.SGD(
            weights, lr=settings.lr, momentum=settings.momentum, weight_decay=settings.weight_decay, fused=fused
        )
    if settings.name == "muon":
        return Muon(
            weights,
            lr=settings.lr,
            rest_lr=settings.rest_lr,
            momentum=settings.momentum,
            betas=settings.betas,
            eps=settings.eps,
            weight_decay=settings.weight_decay,
        )
    kind = optim.Adam if settings.name == "adam" else optim.AdamW
    return kind(
        weights,
        lr=settings.lr,
        betas=settings.betas,
        eps=settings.eps,
        weight_decay=settings.weight_decay,
        fused=fused,
    )


def factor(schedule: Schedule, step: int, steps: int) -> float:
    """Return the factor on the learning rate at `step` of `steps` (counted from 0)."""
    warmup = schedule.warmup * steps
    if step < warmup:
        return (step + 1) / (warmup + 1)
    if schedule.name == "constant":
        return 1.0
    done = (step - warmup) / max(1.0, steps - 1 - warmup)
    way = done if schedule.name == "linear" else 0.5 - 0.5 * math.cos(math.pi * done)
    return 1.0 - (1.0 - schedule.final) * way


def set_rate(optimiser: optim.Optimizer, recipe: Recipe, step: int, steps: int) -> float:
    """Set the learning rate for `step` of `steps` and return it."""
    rate = recipe.optimizer.lr * factor(recipe.schedule, step, steps)
    for group in optimiser.param_groups:
        group["lr"] = rate
    return rate
