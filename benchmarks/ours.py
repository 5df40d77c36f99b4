"""Inkwise's way of training a tutorial as published, timed as its peer is.

Looks and evaluations are left out on both sides. Prints one JSON line; run by benchmarks/training.py in a process
of its own.

    python -m benchmarks.ours small-cnn --epochs 1
"""

import argparse
import json
import time
from pathlib import Path

from inkwise.data.load import load
from inkwise.experiment.plan import Plan
from inkwise.recipes import registry
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


def train(name: str, epochs: int, data: Path | None) -> dict[str, float | str]:
    """Train tutorial `name` for `epochs`: the seconds from tensors in memory to trained weights, and the precision."""
    recipe = registry.get(f"{name}@published").model_copy(update={"epochs": epochs, "watch_every": 0, "patience": 0})
    plan = Plan.make(recipe, load("mnist", root=data), "cpu")
    began = time.perf_counter()
    trainer = Trainer(recipe, plan.network(), plan.train, None, None, plan.compute)
    trainer.run(Nowhere())
    seconds = time.perf_counter() - began
    return {"seconds": seconds, "precision": str(plan.compute.dtype).removeprefix("torch.")}


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("recipe")
    parser.add_argument("--epochs", type=int, default=1)
    parser.add_argument("--data", type=Path)
    arguments = parser.parse_args()
    print(json.dumps(train(arguments.recipe, arguments.epochs, arguments.data)))
