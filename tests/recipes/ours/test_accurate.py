"""What the recipe `accurate` promises: its size, its choice without a look, and that it learns other digits too."""

import pytest
import torch

from inkwise.data.load import load
from inkwise.experiment.plan import Plan
from inkwise.models.inference import outputs_of
from inkwise.models.summary import summarise
from inkwise.recipes.ours.accurate import RECIPE
from inkwise.training.loop import Trainer
from inkwise.training.nowhere import Nowhere


def test_it_stays_small_enough_for_a_quarter_of_an_hour_on_one_core() -> None:
    summary = summarise(RECIPE.network, 10)
    assert summary.parameters < 326_000  # of the best published mean
    assert summary.multiply_adds < 9_000_000
    assert summary.multiply_adds * 6 * 60_000 * RECIPE.epochs < 120e12  # operations of a whole training


def test_nothing_of_what_it_becomes_is_chosen_by_a_score() -> None:
    assert RECIPE.keep == "last"
    assert RECIPE.patience == 0
    assert not RECIPE.watch_test


@pytest.mark.parametrize("classes", [2, 10, 47])
def test_its_last_layer_has_as_many_outputs_as_there_are_classes(classes: int) -> None:
    assert summarise(RECIPE.network, classes).rows[-1].output_shape == (classes,)


def test_it_learns_the_packaged_digits_in_a_few_steps() -> None:
    recipe = RECIPE.model_copy(update={"dataset": "uci-digits", "epochs": 3, "least_steps": 0})
    plan = Plan.make(recipe, load("uci-digits"), "cpu")
    trainer = Trainer(plan.recipe, plan.network(), plan.train, plan.validation, None, plan.compute)
    assert trainer.run(Nowhere()) == "finished"
    trainer.network.load_state_dict(trainer.weights())
    right = outputs_of(trainer.network, plan.test.images, batch_size=500).argmax(1) == plan.test.labels
    assert right.float().mean() > 0.8
    assert all(bool(torch.isfinite(value).all()) for value in trainer.weights().values())
