"""A shipped model is loaded by its name from any folder, and a run or file of that name by its path."""

from collections.abc import Iterator
from contextlib import chdir
from pathlib import Path

import pytest
from tests.recognizer_cases import DIGITS, LINEAR, Weights

from inkwise.errors import ModelError
from inkwise.models import shipped
from inkwise.models.file import Card, write_model
from inkwise.recognizer import Recognizer


@pytest.fixture
def default(weights: Weights, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """An installation that ships a model of one layer, in a working folder with another file of its name."""
    place, work = tmp_path / "packaged", tmp_path / "work"
    place.mkdir()
    work.mkdir()
    monkeypatch.setattr(shipped, "FOLDER", place)
    path = place / "inkwise.safetensors"
    for target, licence in ((path, "shipped"), (work / "inkwise", "own")):
        card = Card(recipe=LINEAR.model_dump(mode="json"), classes=DIGITS, licence=licence)
        write_model(target, weights, card)
    with chdir(work):
        yield path


def test_it_is_loaded_where_no_model_is_named(default: Path) -> None:
    assert Recognizer.load().path == default


def test_its_name_is_never_a_file_here(default: Path) -> None:
    assert Recognizer.load("inkwise").card.licence == "shipped"
    for own in ("./inkwise", Path("inkwise")):
        assert Recognizer.load(own).card.licence == "own"


@pytest.mark.parametrize("name", ["inkwise-smal", "runs/none"])
def test_a_path_without_a_model_says_which_are_shipped(default: Path, name: str) -> None:
    with pytest.raises(ModelError, match=rf"no model file or run folder {name}; .*: inkwise or inkwise-small\."):
        Recognizer.load(name)
