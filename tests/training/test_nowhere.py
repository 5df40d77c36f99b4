"""A training that is kept nowhere is trained all the same."""

from inkwise.data.load import load
from inkwise.experiment.plan import Plan
from inkwise.recipes.recipe import Recipe
from inkwise.training.loop import Keeper, Trainer
from inkwise.training.nowhere import Nowhere


def test_it_is_a_keeper_that_a_trainer_takes() -> None:
    recipe = Recipe(name="tiny", dataset="uci-digits", network=("flatten", "linear classes"), epochs=1)
    plan = Plan.make(recipe, load("uci-digits"), "cpu")
    trainer = Trainer(recipe, plan.network(), plan.train, plan.validation, None, plan.compute)
    assert isinstance(Nowhere(), Keeper)
    assert trainer.run(Nowhere()) == "finished"
    assert trainer.step == trainer.steps
