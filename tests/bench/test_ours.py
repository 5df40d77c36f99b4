"""A recipe is trained as it says, timed without its looks, and tested like the others."""

from typing import Any

import pytest
import torch

from inkwise.bench.ours import learn
from inkwise.bench.trial import Trained, make_task
from inkwise.data.uci import read_uci_digits
from inkwise.experiment.experiment import train
from inkwise.recipes import registry
from inkwise.recipes.recipe import Optimizer, Recipe
from inkwise.recognizer import Recognizer

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
