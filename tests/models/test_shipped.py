"""A shipped model's name means its file and nothing else; what is a path stays a path."""

from collections.abc import Iterator
from contextlib import chdir
from pathlib import Path

import pytest

from inkwise.errors import ModelError
from inkwise.models import shipped


@pytest.fixture
def folder(tmp_path: Path) -> Iterator[Path]:
    """An empty working folder."""
    with chdir(tmp_path):
        yield tmp_path


@pytest.fixture
def elsewhere(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An installation whose folder of models has the default one alone."""
    place = tmp_path_factory.mktemp("packaged")
    (place / "inkwise.safetensors").touch()
    monkeypatch.setattr(shipped, "FOLDER", place)
    return place


def test_the_default_is_one_of_the_names() -> None:
    assert shipped.NAMES == ("inkwise", "inkwise-small")
    assert shipped.DEFAULT in shipped.NAMES


def test_a_name_is_its_file(elsewhere: Path) -> None:
    assert shipped.find("inkwise") == elsewhere / "inkwise.safetensors"


@pytest.mark.parametrize("path", ["./inkwise", "inkwise/", "runs/inkwise", "Inkwise", "inkwise.safetensors", ""])
def test_other_text_is_a_path(elsewhere: Path, path: str) -> None:
    assert shipped.find(path) is None


def test_a_path_object_is_a_path_whatever_it_is_called(elsewhere: Path) -> None:
    assert shipped.find(Path("inkwise")) is None


def test_a_model_that_was_not_installed_is_told(elsewhere: Path) -> None:
    with pytest.raises(ModelError, match=r"The shipped model inkwise-small is missing from this installation \(.*\);"):
        shipped.find("inkwise-small")


def test_what_a_name_hides_is_told(folder: Path) -> None:
    assert shipped.hidden("inkwise") is None
    (folder / "inkwise").mkdir()
    (folder / "inkwise-small").touch()
    assert shipped.hidden("inkwise") == (
        "inkwise is the model that comes with Inkwise; the folder inkwise in this folder is ./inkwise."
    )
    assert shipped.hidden("inkwise-small") == (
        "inkwise-small is the model that comes with Inkwise; the file inkwise-small in this folder is ./inkwise-small."
    )
    assert shipped.hidden("./inkwise") is None
