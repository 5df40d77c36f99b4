"""What every recipe of ours promises: no score chooses, any number of classes, and other digits are learned too."""

import pytest
import torch

from inkwise.data.load import load
from inkwise.experiment.plan import Plan
from inkwise.models.inference import outputs_of
from inkwise.models.summary import summarise
from inkwise.recipes import registry
from inkwise.training.loop import Trainer
from inkwise.training.nowhere import Nowhere

OURS = ("fast", "accurate", "nano", "robust", "robust-small")


@pytest.mark.parametrize("name", OURS)
def test_nothing_of_what_it_becomes_is_chosen_by_a_score(name: str) -> None:
    recipe = registry.get(name)
    assert recipe.keep == "last"
    assert recipe.patience == 0
    assert not recipe.watch_test


@pytest.mark.parametrize("classes", [2, 10, 47])
@pytest.mark.parametrize("name", OURS)
def test_its_last_layer_has_as_many_outputs_as_there_are_classes(name: str, classes: int) -> None:
    assert summarise(registry.get(name).network, classes).rows[-1].output_shape == (classes,)


@pytest.mark.parametrize(("name", "epochs", "least"), [("accurate", 3, 0.8), ("nano", 8, 0.9)])
def test_it_learns_the_packaged_digits_in_a_few_steps(name: str, epochs: int, least: float) -> None:
    changes = {"dataset": "uci-digits", "epochs": epochs, "least_steps": 0}
    plan = Plan.make(registry.get(name).model_copy(update=changes), load("uci-digits"), "cpu")
    trainer = Trainer(plan.recipe, plan.network(), plan.train, plan.validation, None, plan.compute)
    assert trainer.run(Nowhere()) == "finished"
    trainer.network.load_state_dict(trainer.weights())
    right = outputs_of(trainer.network, plan.test.images, batch_size=500).argmax(1) == plan.test.labels
    assert right.float().mean() > least
    assert all(bool(torch.isfinite(value).all()) for value in trainer.weights().values())
