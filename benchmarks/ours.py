"""Inkwise's way of training a tutorial as published, timed as its peer is.

Looks and evaluations are left out on both sides. Prints one JSON line; run by benchmarks/training.py in a process
of its own.

    python -m benchmarks.ours small-cnn --epochs 1
"""

import argparse
import json
from pathlib import Path

from inkwise.bench.ours import timed
from inkwise.data.load import load
from inkwise.recipes import registry


def train(name: str, epochs: int, data: Path | None) -> dict[str, float | str]:
    """Train tutorial `name` for `epochs`: the seconds from digits in memory to trained weights, and the precision."""
    changes = {"epochs": epochs, "watch_every": 0, "patience": 0, "keep": "last"}  # nothing looks at validation
    done = timed(registry.get(f"{name}@published").model_copy(update=changes), load("mnist", root=data))
    return {"seconds": done.seconds, "precision": str(done.plan.compute.dtype).removeprefix("torch.")}


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("recipe")
    parser.add_argument("--epochs", type=int, default=1)
    parser.add_argument("--data", type=Path)
    arguments = parser.parse_args()
    print(json.dumps(train(arguments.recipe, arguments.epochs, arguments.data)))
