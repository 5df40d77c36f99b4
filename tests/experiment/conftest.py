"""A quick recipe on the packaged digits, and one finished run of it."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from inkwise.data.augmentation import Augmentation
from inkwise.experiment.experiment import Outcome, train
from inkwise.recipes.recipe import Optimizer, Recipe, Schedule
from inkwise.training.row import Row

NETWORK = ("conv 4 3x3 stride 2", "batchnorm", "relu", "flatten", "dropout 0.25", "linear classes")


class Listener:
    """An observer that remembers what it was told."""

    def __init__(self) -> None:
        self.said: list[str] = []
        self.rows: list[Row] = []
        self.shown: list[tuple[int, int, float, float, float]] = []

    def say(self, text: str) -> None:
        self.said.append(text)

    def progress(self, step: int, steps: int, loss: float, accuracy: float, images_per_second: float) -> None:
        self.shown.append((step, steps, loss, accuracy, images_per_second))

    def row(self, row: Row) -> None:
        self.rows.append(row)


def quick_recipe(**changes: Any) -> Recipe:
    """Two epochs of a small network with all that a resume could get wrong."""
    values: dict[str, Any] = {
        "name": "quick",
        "dataset": "uci-digits",
        "validation": 97,
        "network": NETWORK,
        "epochs": 2,
        "batch_size": 110,
        "precision": "float32",
        "optimizer": Optimizer(lr=0.01),
        "schedule": Schedule(name="cosine", warmup=0.1),
        "augmentation": Augmentation(rotate=10, shift=1),
        "average": 0.9,
    }
    return Recipe(**values | changes)


@pytest.fixture(scope="session")
def quick() -> Callable[..., Recipe]:
    return quick_recipe


@pytest.fixture
def listener() -> Listener:
    return Listener()


@pytest.fixture(scope="session")
def finished(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Outcome]:
    """A finished run; tests read it and leave it as it is."""
    folder = tmp_path_factory.mktemp("finished") / "quick"
    yield train(quick_recipe(), out=folder, device="cpu")
    assert sorted(path.name for path in folder.parent.iterdir()) == ["quick"]


@pytest.fixture(scope="session")
def yes_or_no(tmp_path_factory: pytest.TempPathFactory) -> Outcome:
    """A finished run that asks whether a digit is a 3; tests read it and leave it as it is."""
    recipe = quick_recipe(positive=3, loss="binary-cross-entropy", decision="threshold", epochs=1)
    return train(recipe, out=tmp_path_factory.mktemp("three") / "quick", device="cpu")
