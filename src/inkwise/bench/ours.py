"""A recipe of ours, timed as its peers are.

    python -m inkwise.bench.ours small-cnn --seed 0

The clock starts with the dataset in memory: cutting splits out of it, checking shapes and choosing a precision count,
then building and training, up to a copy of the weights. A recipe that holds nothing out for a choice is timed by the
wall. One that chooses its epoch on validation is timed by the trainer once that is built, which leaves the looks out,
as they are for all. Nothing is written.
"""

import time
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial

from torch import Tensor

from inkwise.bench.trial import Task, Trained, carry_out, parser_for
from inkwise.data.dataset import Dataset
from inkwise.experiment.plan import Plan
from inkwise.recipes.load import resolve
from inkwise.recipes.recipe import Recipe
from inkwise.recognizer import Recognizer
from inkwise.training.loop import Trainer
from inkwise.training.nowhere import Nowhere


@dataclass(frozen=True)
class Timed:
    """A training that is over: what was planned, the trainer with its weights, and the seconds it took."""

    plan: Plan
    trainer: Trainer
    weights: dict[str, Tensor]
    seconds: float


def asked_for(task: Task, recipe: Recipe) -> Recipe:
    """Return `recipe` with the task's seed and without looks within an epoch; a quick task has exactly one epoch."""
    changes: dict[str, int] = {"seed": task.seed, "watch_every": 0}
    if task.quick:
        changes |= {"epochs": task.epochs(recipe.epochs), "least_steps": 0}  # least_steps would add epochs again
    return recipe.model_copy(update=changes)


def timed(recipe: Recipe, dataset: Dataset) -> Timed:
    """Train `recipe` on the CPU, timed from the dataset in memory to trained weights."""
    began = time.perf_counter()
    plan = Plan.make(recipe, dataset, "cpu")
    looks = plan.validation is not None and (recipe.keep == "best" or recipe.patience > 0)
    trainer = Trainer(recipe, plan.network(), plan.material, plan.validation if looks else None, None, plan.compute)
    built = time.perf_counter() - began
    before = trainer.seconds
    trainer.run(Nowhere())
    weights = trainer.best if recipe.keep == "best" else trainer.weights()
    seconds = built + trainer.seconds - before if looks else time.perf_counter() - began
    return Timed(plan, trainer, weights, seconds)


def learn(task: Task, recipe: str) -> Trained:
    """Train the recipe called `recipe` on the CPU."""
    done = timed(asked_for(task, resolve(recipe, {})), task.dataset)
    network = done.plan.network()
    network.load_state_dict(done.weights)
    recognizer = Recognizer(network, done.plan.card(), done.plan.recipe)

    def predict(digits: Tensor) -> Tensor:
        return recognizer.decide(recognizer.probabilities(digits))

    return Trained(
        done.seconds,
        done.trainer.step / done.trainer.batches.count,
        sum(weight.numel() for weight in network.parameters()),
        len(done.plan.material),
        str(done.plan.compute.dtype).removeprefix("torch."),
        predict,
    )


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the recipe that is named."""
    parser = parser_for(__doc__)
    parser.add_argument("recipe", help="its name, or its file")
    given = parser.parse_args(arguments)
    carry_out(partial(learn, recipe=given.recipe), given)


if __name__ == "__main__":
    main()
