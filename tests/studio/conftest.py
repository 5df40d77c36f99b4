"""A Studio that runs, over a folder with one trained model of the packaged digits."""

from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from tests.studio_server import Served, serving

from inkwise.experiment.experiment import train
from inkwise.recipes.recipe import Optimizer, Recipe

TINY = Recipe(
    name="tiny",
    dataset="uci-digits",
    network=("flatten", "linear classes"),
    validation=200,
    epochs=3,
    batch_size=64,
    optimizer=Optimizer(lr=0.01),
)


@pytest.fixture(scope="session")
def runs(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A runs folder with the runs tiny and below/tiny, of one training."""
    folder = tmp_path_factory.mktemp("studio") / "runs"
    train(TINY, out=folder / "below" / "tiny")
    train(TINY, out=folder / "tiny")
    return folder


@pytest.fixture(scope="session")
def served(runs: Path) -> Iterator[Served]:
    with serving(runs) as studio:
        yield studio


@pytest.fixture(scope="session")
def client(served: Served) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=served.url, timeout=60) as client:
        yield client
