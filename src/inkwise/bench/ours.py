"""A recipe of ours, timed as its peers are.

    python -m inkwise.bench.ours small-cnn --seed 0

A recipe that holds nothing out for a choice is timed by the wall, from tensors to weights. One that chooses its epoch
on validation is timed by the trainer, which leaves the looks out, as they are for all. Nothing is written.
"""

import time
from collections.abc import Sequence
from functools import partial

from torch import Tensor

from inkwise.bench.trial import Task, Trained, carry_out, parser_for
from inkwise.experiment.plan import Plan
from inkwise.recipes.load import resolve
from inkwise.recognizer import Recognizer
from inkwise.training.loop import State, Trainer
from inkwise.training.row import Row


class Nowhere:
    """A keeper that keeps nothing."""

    def record(self, row: Row) -> None:
        """Pass over."""

    def progress(self, step: int, steps: int, loss: float, accuracy: float, images_per_second: float) -> None:
        """Pass over."""

    def save(self, state: State) -> None:
        """Pass over."""


def learn(task: Task, recipe: str) -> Trained:
    """Train the recipe called `recipe` on the CPU."""
    asked = resolve(recipe, {})
    asked = asked.model_copy(update={"seed": task.seed, "epochs": task.epochs(asked.epochs), "watch_every": 0})
    plan = Plan.make(asked, task.dataset, "cpu")
    looks = plan.validation is not None and (asked.keep == "best" or asked.patience > 0)
    began = time.perf_counter()
    trainer = Trainer(asked, plan.network(), plan.train, plan.validation if looks else None, None, plan.compute)
    built = time.perf_counter() - began
    before = trainer.seconds
    trainer.run(Nowhere())
    weights = trainer.best if asked.keep == "best" else trainer.weights()
    seconds = built + trainer.seconds - before if looks else time.perf_counter() - began

    network = plan.network()
    network.load_state_dict(weights)
    recognizer = Recognizer(network, plan.card(), asked)

    def predict(digits: Tensor) -> Tensor:
        return recognizer.decide(recognizer.probabilities(digits))

    return Trained(
        seconds,
        trainer.step / trainer.batches.count,
        sum(weight.numel() for weight in network.parameters()),
        len(plan.train),
        str(plan.compute.dtype).removeprefix("torch."),
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
