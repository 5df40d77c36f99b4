"""Optimisers are torch's own; the rate is a pure function of the step."""

import math
from typing import Any

import pytest
import torch
from torch import nn

from inkwise.recipes.recipe import Optimizer, Schedule
from inkwise.training.optimiser import factor, make, set_rate

SGD = Optimizer(name="sgd", lr=0.1, momentum=0.9, weight_decay=0.01)
ADAM = Optimizer(name="adam", lr=0.01, betas=(0.8, 0.95), eps=1e-6, weight_decay=0.1)
ADAMW = Optimizer(name="adamw", lr=0.01, betas=(0.8, 0.95), eps=1e-6, weight_decay=0.1)


def network() -> nn.Sequential:
    torch.manual_seed(0)
    return nn.Sequential(nn.Linear(4, 5), nn.Tanh(), nn.Linear(5, 2))


def descend(model: nn.Module, optimiser: torch.optim.Optimizer, steps: int = 5) -> None:
    inputs = torch.linspace(-1, 1, 12).reshape(3, 4)
    for _ in range(steps):
        optimiser.zero_grad()
        model(inputs).square().sum().backward()
        optimiser.step()


@pytest.mark.parametrize("settings", [SGD, ADAM, ADAMW], ids=lambda settings: settings.name)
def test_each_optimiser_is_torchs_with_the_recipes_settings(settings: Any) -> None:
    ours, theirs = network(), network()
    values = settings.model_dump(exclude={"name", "rest_lr"})
    if settings.name == "sgd":
        reference: torch.optim.Optimizer = torch.optim.SGD(
            theirs.parameters(), lr=0.1, momentum=0.9, weight_decay=0.01, foreach=False
        )
    else:
        del values["momentum"]
        kind = torch.optim.Adam if settings.name == "adam" else torch.optim.AdamW
        reference = kind(theirs.parameters(), **values, foreach=False)
    made = make(ours, settings)
    assert type(made) is type(reference)
    descend(ours, made)
    descend(theirs, reference)
    for mine, other in zip(ours.parameters(), theirs.parameters(), strict=True):
        torch.testing.assert_close(mine, other, rtol=1e-5, atol=1e-7)


def test_frozen_weights_are_left_alone() -> None:
    model = network()
    weight = model.get_parameter("0.weight").requires_grad_(False)
    before = weight.clone()
    descend(model, make(model, ADAMW))
    assert torch.equal(weight, before)


def test_a_constant_rate_is_one_throughout() -> None:
    assert [factor(Schedule(), step, 7) for step in range(7)] == [1.0] * 7


@pytest.mark.parametrize("name", ["linear", "cosine"])
@pytest.mark.parametrize("final", [0.0, 0.25])
def test_the_way_down_starts_at_one_ends_at_final_and_never_rises(name: Any, final: Any) -> None:
    schedule = Schedule(name=name, final=final)
    way = [factor(schedule, step, 11) for step in range(11)]
    assert way[0] == 1.0
    assert way[10] == pytest.approx(final, abs=1e-12)
    assert way[5] == pytest.approx((1 + final) / 2)
    assert way == sorted(way, reverse=True)


def test_linear_and_cosine_go_by_their_formulas() -> None:
    assert factor(Schedule(name="linear"), 2, 11) == pytest.approx(0.8)
    assert factor(Schedule(name="cosine"), 2, 11) == pytest.approx(0.5 + 0.5 * math.cos(0.2 * math.pi))


@pytest.mark.parametrize("name", ["constant", "linear", "cosine"])
def test_the_warm_up_rises_by_equal_steps_to_the_height(name: Any) -> None:
    way = [factor(Schedule(name=name, warmup=0.4), step, 10) for step in range(10)]
    assert way[:5] == pytest.approx([0.2, 0.4, 0.6, 0.8, 1.0])
    assert max(way) == 1.0


@pytest.mark.parametrize("steps", [1, 2, 3, 7])
@pytest.mark.parametrize("warmup", [0.0, 0.1, 0.5, 0.99])
@pytest.mark.parametrize("name", ["constant", "linear", "cosine"])
def test_short_runs_keep_the_factor_above_zero_at_first_and_at_most_one(name: Any, warmup: Any, steps: Any) -> None:
    way = [factor(Schedule(name=name, warmup=warmup), step, steps) for step in range(steps)]
    assert 0 < way[0] <= 1
    assert all(0 <= value <= 1 for value in way)


def test_the_rate_is_the_recipes_times_the_factor_in_every_group(recipe_of: Any) -> None:
    recipe = recipe_of(optimizer=Optimizer(lr=0.5), schedule=Schedule(name="linear"))
    optimiser = make(network(), recipe.optimizer)
    for step, rate in ((0, 0.5), (5, 0.25), (10, 0.0), (0, 0.5)):
        assert set_rate(optimiser, recipe, step, 11) == pytest.approx(rate)
        assert all(group["lr"] == pytest.approx(rate) for group in optimiser.param_groups)
