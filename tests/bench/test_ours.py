"""A recipe is trained as it says, timed without its looks, and tested like the others."""

import time
from typing import Any

import pytest
import torch

from inkwise.bench.contender import OURS
from inkwise.bench.ours import asked_for, learn
from inkwise.bench.trial import Trained, make_task
from inkwise.data.uci import read_uci_digits
from inkwise.experiment.experiment import train
from inkwise.experiment.plan import Plan
from inkwise.recipes import registry
from inkwise.recipes.recipe import Optimizer, Recipe
from inkwise.recognizer import Recognizer
from inkwise.training.loop import Trainer

VALUES: dict[str, Any] = {
    "dataset": "uci-digits",
    "network": ("conv 4 3x3 stride 2", "relu", "flatten", "linear classes"),
    "validation": 97,
    "epochs": 2,
    "batch_size": 110,
    "optimizer": Optimizer(lr=0.01),
}


@pytest.fixture(params=["best", "last"])
def recipe(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Recipe:
    one = Recipe(name="tiny", keep=request.param, **VALUES)
    monkeypatch.setattr(registry, "_RECIPES", {name: registry.get(name) for name in registry.names()} | {"tiny": one})
    return one


def tried(seed: int = 0) -> Trained:
    return learn(make_task(read_uci_digits(), seed), "tiny")


def test_its_answers_are_those_of_the_same_recipe_trained_into_a_run(recipe: Recipe, tmp_path: Any) -> None:
    test = read_uci_digits().split("test")
    run = train(recipe.model_copy(update={"seed": 1}), out=tmp_path / "run", device="cpu").run
    expected = Recognizer.load(run.folder).probabilities(test.images).argmax(1)
    assert torch.equal(tried(1).predict(test.images), expected)


def test_what_it_came_to_is_told(recipe: Recipe) -> None:
    trained = tried()
    assert (trained.epochs, trained.images) == (2, 1200)
    assert trained.parameters == 4 * 10 + (4 * 13 * 13 + 1) * 10
    assert trained.seconds is not None
    assert trained.seconds > 0


def test_a_quick_trial_is_one_epoch_whatever_the_recipe_asks_for(
    recipe: Recipe, monkeypatch: pytest.MonkeyPatch
) -> None:
    patient = recipe.model_copy(update={"least_steps": 100})
    monkeypatch.setattr(registry, "_RECIPES", {"tiny": patient})
    digits = read_uci_digits()
    assert learn(make_task(digits, 0, quick=True), "tiny").epochs == 1
    assert learn(make_task(digits, 0), "tiny").epochs == 10  # of 11 batches: the first count above 99


@pytest.mark.parametrize("name", OURS)
def test_a_quick_trial_of_each_of_ours_is_one_epoch(name: str) -> None:
    task = make_task(read_uci_digits(), 3, quick=True)
    asked = asked_for(task, registry.get(name))
    plan = Plan.make(asked, task.dataset, "cpu")
    trainer = Trainer(asked, plan.network(), plan.train, None, None, plan.compute)
    assert (trainer.epochs, asked.seed) == (1, 3)
    whole = asked_for(make_task(read_uci_digits(), 3), registry.get(name))
    assert (whole.epochs, whole.least_steps) == (registry.get(name).epochs, registry.get(name).least_steps)


def test_planning_is_within_the_clock(recipe: Recipe, monkeypatch: pytest.MonkeyPatch) -> None:
    make = Plan.make.__func__  # type: ignore[attr-defined]

    def slowly(cls: type[Plan], *given: Any) -> Plan:
        time.sleep(1)
        planned: Plan = make(cls, *given)
        return planned

    monkeypatch.setattr(Plan, "make", classmethod(slowly))
    assert (tried().seconds or 0) > 1
