"""Runs made up for a test, a book of them, and a small model that is really trained."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch

from inkwise.bench.book import Book, Conditions, Run
from inkwise.experiment.experiment import train
from inkwise.models.file import read_model, write_model
from inkwise.recipes import registry
from inkwise.recipes.recipe import Optimizer, Recipe
from inkwise.runs.run import Run as RunFolder

CONDITIONS = Conditions(
    dataset="mnist",
    processor="a processor",
    cores=2,
    threads=2,
    instructions="AVX2",
    environment={"ONEDNN_MAX_CPU_ISA": "AVX2"},
    python="3.11.7",
    torch="2.13.0",
)


TINY = Recipe(
    name="tiny",
    title="A tiny one",
    dataset="uci-digits",
    network=("flatten", "linear classes"),
    validation=97,
    epochs=2,
    batch_size=110,
    optimizer=Optimizer(lr=0.01),
)


def a_run(name: str, seed: int = 0, **changes: Any) -> Run:
    """A run of 10 s with 100 errors of 10,000."""
    values: dict[str, Any] = {
        "name": name,
        "seed": seed,
        "ours": False,
        "what": f"what {name} is",
        "call": "2026-01-01T00:00:00+00:00",
        "command": "inkwise bench",
        "conditions": CONDITIONS,
        "import_seconds": 1.5,
        "seconds": 10.0,
        "errors": 100,
        "n": 10_000,
        "parameters": 1000,
        "epochs": 2.0,
        "train_images": 60_000,
        "precision": "float32",
        "peak_mb": 400.0,
        "images_per_second": 20_000.0,
        "latency_ms": 0.5,
        "threads": 2,
        "versions": {"torch": "2.13.0"},
    }
    return Run(**values | changes)


@pytest.fixture(scope="session")
def run_of() -> Callable[..., Run]:
    return a_run


@pytest.fixture
def book(tmp_path: Path) -> Book:
    """Two seeds of a recipe of ours and of the reference, which took turns, and one run of a peer."""
    book = Book(tmp_path / "bench")
    for seed in (0, 1):
        book.append(a_run("fast", seed, ours=True, seconds=2.0 + seed, errors=90 + 10 * seed, parameters=9_000))
        book.append(a_run("published-fast", seed, seconds=10.0 + 2 * seed, errors=96 + 10 * seed))
    book.append(a_run("classical", 0, seconds=200.0, errors=130, peak_mb=None, import_seconds=None))
    return book


@pytest.fixture(scope="session")
def tiny_trained(tmp_path_factory: pytest.TempPathFactory) -> RunFolder:
    """A run folder of `tiny` with seed 4; tests read it and leave it as it is."""
    return train(TINY.model_copy(update={"seed": 4}), out=tmp_path_factory.mktemp("tiny") / "run", device="cpu").run


@pytest.fixture
def tiny_run(tiny_trained: RunFolder, monkeypatch: pytest.MonkeyPatch) -> RunFolder:
    """The same, and `tiny` is registered."""
    monkeypatch.setattr(registry, "_RECIPES", {name: registry.get(name) for name in registry.names()} | {"tiny": TINY})
    return tiny_trained


@pytest.fixture
def model_of(tiny_run: RunFolder, tmp_path: Path) -> Callable[..., Path]:
    """Write the model file of another network like `tiny`'s: weights a little off, other values in its recipe."""
    weights, card = read_model(tiny_run.model_file)
    noise = torch.Generator().manual_seed(0)

    def write(**changes: Any) -> Path:
        path = tmp_path / f"model-{len(list(tmp_path.glob('model-*')))}.safetensors"
        others = {name: value + 0.01 * torch.randn(value.shape, generator=noise) for name, value in weights.items()}
        write_model(path, others, card.model_copy(update={"recipe": card.recipe | changes}))
        return path

    return write
