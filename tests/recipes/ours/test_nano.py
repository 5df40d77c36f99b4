"""What the recipe `nano` promises: its size, its choice without a look, and that it learns other digits too."""

import pytest

from inkwise.data.load import load
from inkwise.experiment.plan import Plan
from inkwise.models.inference import outputs_of
from inkwise.models.summary import summarise
from inkwise.recipes.ours.nano import RECIPE
from inkwise.training.loop import Trainer
from inkwise.training.nowhere import Nowhere


def test_it_has_fewer_than_8000_parameters_and_a_million_multiply_adds() -> None:
    summary = summarise(RECIPE.network, 10)
    assert summary.parameters < 8_000
    assert summary.multiply_adds < 1_000_000


def test_nothing_of_what_it_becomes_is_chosen_by_a_score() -> None:
    assert RECIPE.keep == "last"
    assert RECIPE.patience == 0
    assert not RECIPE.watch_test


@pytest.mark.parametrize("classes", [2, 10, 47])
def test_more_classes_cost_a_row_of_the_last_layer_each(classes: int) -> None:
    more = summarise(RECIPE.network, classes)
    assert more.rows[-1].output_shape == (classes,)
    assert more.parameters - summarise(RECIPE.network, 10).parameters == (classes - 10) * (36 + 1)


def test_it_learns_the_packaged_digits_in_a_few_steps() -> None:
    recipe = RECIPE.model_copy(update={"dataset": "uci-digits", "epochs": 8, "least_steps": 0})
    plan = Plan.make(recipe, load("uci-digits"), "cpu")
    trainer = Trainer(plan.recipe, plan.network(), plan.train, plan.validation, None, plan.compute)
    assert trainer.run(Nowhere()) == "finished"
    trainer.network.load_state_dict(trainer.weights())
    right = outputs_of(trainer.network, plan.test.images, batch_size=500).argmax(1) == plan.test.labels
    assert right.float().mean() > 0.9
