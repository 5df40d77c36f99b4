"""A model that is trained already, tested as the others are.

    python -m inkwise.bench.trained runs/accurate

Its training time is the one that its run folder has, where it was trained on a machine like this one, with as many
threads, the same torch, the same instruction set and the same variables that change speed; an ensemble's is the sum
of its members', which `measure` adds up. Its peak memory in training is not known.
"""

from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import Any

from torch import Tensor

from inkwise.bench.identity import of_network
from inkwise.bench.trial import Task, Trained, carry_out, parser_for
from inkwise.errors import DataError
from inkwise.experiment.cut import cut
from inkwise.experiment.environment import machine, speed
from inkwise.recognizer import Recognizer
from inkwise.runs.run import Run

_SAME = ("processor", "cores", "python", "threads", "onednn", "variables")


def learn(task: Task, path: str) -> Trained:
    """Return the model at `path` as if it had been trained now.

    Raises:
        DataError: It learned from other data than those it would be tested with.
    """
    recognizer = Recognizer.load(Path(path))
    name, hashes = recognizer.card.data.get("name"), recognizer.card.data.get("hashes")
    if (name, hashes) != (task.dataset.name, dict(task.dataset.hashes)):
        raise DataError(
            f"{path} learned from {name or 'unknown data'}, and the others learn from {task.dataset.name}; name a "
            "model of the same data, or say --dataset."
        )
    run = Run.open(Path(path)) if Path(path).is_dir() else None
    measured: dict[str, Any] = {} if run is None else run.evaluation()
    environment: dict[str, Any] = {} if run is None else run.environment()

    def predict(digits: Tensor) -> Tensor:
        return recognizer.decide(recognizer.probabilities(digits))

    return Trained(
        measured.get("train_seconds") if _alike(environment) else None,
        measured.get("epochs"),
        sum(weight.numel() for weight in recognizer.network.parameters()),
        len(cut(recognizer.recipe, task.dataset)["train"]),
        str(environment.get("precision", "an unknown type")),
        predict,
        here=False,
        members=tuple(
            {"recipe": member.recipe.name, "seed": member.recipe.seed, **of_network(member)}
            for member in recognizer.members
        ),
    )


def _alike(environment: dict[str, Any]) -> bool:
    """Whether a run was trained where its seconds can stand beside those measured here."""
    here = {**machine(), **speed()}
    same = all(environment.get(name) == here[name] for name in _SAME)
    versions = environment.get("versions", {})
    return same and environment.get("device") == "cpu" and versions.get("torch") == here["versions"]["torch"]


def main(arguments: Sequence[str] | None = None) -> None:
    """Test the model that is named."""
    parser = parser_for(__doc__)
    parser.add_argument("model", help="a model file or a run folder")
    given = parser.parse_args(arguments)
    carry_out(partial(learn, path=given.model), given)


if __name__ == "__main__":
    main()
