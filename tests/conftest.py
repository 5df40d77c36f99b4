"""What every test may ask for."""

import os
from pathlib import Path

import pytest

from inkwise.models import registry


@pytest.fixture(scope="session")
def mnist_root() -> Path:
    """The folder with MNIST's four files; skips where $INKWISE_DATA has none."""
    root = os.environ.get("INKWISE_DATA")
    if not root:
        pytest.skip("INKWISE_DATA is not set, so there is no MNIST to test with")
    folder = Path(root) / "mnist"
    if not (folder / "train-images-idx3-ubyte.gz").is_file():
        pytest.skip(f"{folder} does not hold MNIST")
    return folder


@pytest.fixture(autouse=True)
def _own_networks(monkeypatch: pytest.MonkeyPatch) -> None:
    """What a test registers is forgotten after it, so that no test depends on those before it."""
    monkeypatch.setattr(registry, "_BUILDERS", dict(registry._BUILDERS))
