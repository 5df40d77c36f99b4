"""Small data, small networks and a keeper in memory, for the loop's tests."""

import copy
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import pytest
import torch

from inkwise.data.augmentation import Augmentation
from inkwise.data.dataset import Split
from inkwise.models.network import build
from inkwise.recipes.recipe import Optimizer, Recipe, Schedule
from inkwise.training.device import Compute
from inkwise.training.loop import State, Trainer
from inkwise.training.row import Row
from inkwise.training.seeds import derive

PLAIN = ("flatten", "linear 8", "relu", "linear classes")
FULL = ("conv 4 3x3 pad 1", "batchnorm", "relu", "maxpool 2", "flatten", "dropout 0.3", "linear classes")


@dataclass
class Memory:
    """A keeper that remembers; `states` are copies, as a file would be."""

    rows: list[Row] = field(default_factory=list)
    shown: list[tuple[int, int, float, float, float]] = field(default_factory=list)
    states: list[State] = field(default_factory=list)

    def record(self, row: Row) -> None:
        self.rows.append(row)

    def progress(self, step: int, steps: int, loss: float, accuracy: float, images_per_second: float) -> None:
        self.shown.append((step, steps, loss, accuracy, images_per_second))

    def save(self, state: State) -> None:
        self.states.append(copy.deepcopy(state))


def blobs(count: int = 27, name: str = "train", seed: int = 0) -> Split:
    """Images of 8x8 with a bright band whose place is the class, one of three, in noise."""
    generator = torch.Generator().manual_seed(seed)
    labels = torch.arange(count) % 3
    images = torch.randint(0, 120, (count, 1, 8, 8), generator=generator, dtype=torch.uint8)
    for row, label in enumerate(labels.tolist()):
        images[row, 0, 1 + 2 * label : 3 + 2 * label] += 100
    return Split(name, images, labels)


def recipe_of(**changes: Any) -> Recipe:
    """A small recipe without anything special."""
    values: dict[str, Any] = {
        "name": "small",
        "network": PLAIN,
        "epochs": 3,
        "batch_size": 8,
        "precision": "float32",
        "optimizer": Optimizer(lr=0.01),
    }
    return Recipe(**values | changes)


def everything(**changes: Any) -> Recipe:
    """A recipe in which all that could go wrong with a resume is switched on."""
    values: dict[str, Any] = {
        "network": FULL,
        "schedule": Schedule(name="cosine", warmup=0.2),
        "augmentation": Augmentation(rotate=10, shift=1, thickness=0.5, elastic=0.3),
        "average": 0.9,
        "patience": 2,
        "watch_every": 3,
        "label_smoothing": 0.1,
    }
    return recipe_of(**values | changes)


def trainer_of(
    recipe: Recipe, train: Split | None = None, validation: Split | None = None, watched: Split | None = None
) -> Trainer:
    """A trainer on the CPU, its network initialised from the recipe's seed."""
    train = blobs() if train is None else train
    torch.manual_seed(derive(recipe.seed, "weights"))
    outputs = 1 if recipe.binary else 3
    network = build(recipe.network, classes=outputs, pixels=recipe.pixels, input_shape=(1, 8, 8))
    dtype = torch.bfloat16 if recipe.precision == "bfloat16" else torch.float32
    return Trainer(recipe, network, train, validation, watched, Compute(torch.device("cpu"), dtype, "a test"))


@pytest.fixture(name="blobs", scope="session")
def _blobs() -> Callable[..., Split]:
    return blobs


@pytest.fixture(name="recipe_of", scope="session")
def _recipe_of() -> Callable[..., Recipe]:
    return recipe_of


@pytest.fixture(name="everything", scope="session")
def _everything() -> Callable[..., Recipe]:
    return everything


@pytest.fixture(name="trainer_of", scope="session")
def _trainer_of() -> Callable[..., Trainer]:
    return trainer_of


@pytest.fixture
def memory() -> Memory:
    return Memory()


@pytest.fixture(name="memories", scope="session")
def _memories() -> Callable[[], Memory]:
    return Memory
