"""The recipe `fast`: little to learn, nothing to compute back through the first layer, and enough on few digits."""

from pathlib import Path

from inkwise.data.load import load
from inkwise.experiment.experiment import train
from inkwise.experiment.plan import Plan
from inkwise.models.summary import summarise
from inkwise.recipes.ours.fast import RECIPE


def test_it_is_one_pass_over_every_image_of_mnist() -> None:
    assert RECIPE.epochs == 1
    assert RECIPE.validation == 0
    assert RECIPE.keep == "last"
    assert RECIPE.least_steps <= -(-60_000 // RECIPE.batch_size)  # adds nothing where there are as many images


def test_it_takes_a_third_of_the_published_routes_multiply_adds() -> None:
    published = 24 * 25 * 24 * 24 + 32 * 24 * 9 * 10 * 10 + 800 * 256 + 256 * 10
    assert summarise(RECIPE.network, classes=10).multiply_adds < published / 3


def test_no_gradient_reaches_its_first_layer() -> None:
    plan = Plan.make(RECIPE.model_copy(update={"dataset": "uci-digits"}), load("uci-digits"), "cpu")
    names = [name for name, _ in plan.network().named_parameters()]
    assert names[0] == "conv2.weight"


def test_it_learns_a_thousand_digits_unchanged(tmp_path: Path) -> None:
    recipe = RECIPE.model_copy(update={"dataset": "uci-digits"})
    outcome = train(recipe, out=tmp_path / "run", device="cpu")
    assert outcome.evaluations["test"].accuracy > 0.95
    steps, epochs = outcome.run.metrics()[-1]["step"], outcome.run.evaluation()["epochs"]
    assert epochs > 1
    assert RECIPE.least_steps <= steps < RECIPE.least_steps + steps / epochs  # fewer than one epoch more
