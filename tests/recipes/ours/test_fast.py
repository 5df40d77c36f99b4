"""The recipe `fast`: little to learn, nothing to compute back through the first layer, and enough on few digits."""

from inkwise.data.load import load
from inkwise.experiment.plan import Plan
from inkwise.experiment.verdict import judge
from inkwise.models.summary import summarise
from inkwise.recipes.ours.fast import RECIPE
from inkwise.training.loop import Trainer
from inkwise.training.nowhere import Nowhere


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


def test_it_learns_a_thousand_digits_unchanged() -> None:
    plan = Plan.make(RECIPE.model_copy(update={"dataset": "uci-digits"}), load("uci-digits"), "cpu")
    trainer = Trainer(plan.recipe, plan.network(), plan.train, None, None, plan.compute)
    assert trainer.run(Nowhere()) == "finished"
    network = plan.network()
    network.load_state_dict(trainer.weights())
    assert judge(network, plan).evaluations["test"].accuracy > 0.95
    assert trainer.epochs > 1
    assert RECIPE.least_steps <= trainer.step < RECIPE.least_steps + trainer.batches.count  # not one epoch more
