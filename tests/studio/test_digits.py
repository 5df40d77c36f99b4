from collections.abc import Iterator
from pathlib import Path

import pytest

from inkwise.data.load import load
from inkwise.errors import DataError, UnknownName
from inkwise.studio.digits import find_digits


@pytest.fixture(autouse=True)
def _nothing_remembered(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[None]:
    """No dataset on this machine but the packaged one, and none read before."""
    monkeypatch.delenv("INKWISE_DATA", raising=False)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    find_digits.cache_clear()
    yield
    find_digits.cache_clear()


def test_without_mnist_the_packaged_digits_are_taken() -> None:
    assert find_digits().name == "uci-digits"


def test_with_mnist_it_is_taken(mnist_root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("INKWISE_DATA", str(mnist_root.parent))
    assert find_digits().name == "mnist"
    assert find_digits() is find_digits()


def test_a_dataset_that_is_named_is_taken_or_missed() -> None:
    assert find_digits("UCI_digits").split("test").labels.tolist() == load("uci-digits").split("test").labels.tolist()
    with pytest.raises(DataError, match="mnist is not on this machine"):
        find_digits("mnist")


@pytest.mark.parametrize("name", ["folder:/etc", "npz:/etc/passwd", "../mnist", "mnits"])
def test_no_path_is_taken(name: str) -> None:
    with pytest.raises(UnknownName, match="There is no dataset"):
        find_digits(name)
