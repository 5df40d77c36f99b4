from pathlib import Path

import pytest

from inkwise.data.locate import cache_folder, find_file, not_found, places
from inkwise.data.registry import SOURCES
from inkwise.errors import DataError

MNIST = SOURCES["mnist"]


@pytest.fixture(autouse=True)
def elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.setenv("INKWISE_DATA", str(tmp_path / "variable"))


def fill(folder: Path, *, but: str = "", raw: bool = False) -> Path:
    folder.mkdir(parents=True)
    for file in MNIST.files:
        if file.name != but:
            (folder / (file.name.removesuffix(".gz") if raw else file.name)).touch()
    return folder


def test_places_are_the_folder_given_then_the_variable_then_the_cache(tmp_path: Path) -> None:
    assert [place.folder for place in places(MNIST, tmp_path / "given")] == [
        tmp_path / "given",
        tmp_path / "given" / "mnist",
        tmp_path / "variable" / "mnist",
        tmp_path / "cache" / "inkwise" / "mnist",
    ]


def test_without_folder_and_variable_there_is_the_cache_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("INKWISE_DATA")
    assert [place.folder for place in places(MNIST)] == [cache_folder(MNIST)]


@pytest.mark.parametrize("raw", [False, True])
def test_a_folder_with_every_file_is_complete(tmp_path: Path, raw: bool) -> None:
    fill(tmp_path / "given", raw=raw)
    assert [place.complete for place in places(MNIST, tmp_path / "given")] == [True, False, False, False]


def test_a_folder_that_lacks_a_file_says_which(tmp_path: Path) -> None:
    fill(tmp_path / "variable" / "mnist", but="t10k-labels-idx1-ubyte.gz")
    (place,) = [place for place in places(MNIST) if "variable" in place.folder.parts]
    assert not place.complete
    assert place.missing == ("t10k-labels-idx1-ubyte.gz",)


@pytest.mark.parametrize("name", ["a-idx3-ubyte.gz", "a-idx3-ubyte", "a.idx3-ubyte.gz", "a.idx3-ubyte"])
def test_a_file_is_found_under_each_of_its_names(tmp_path: Path, name: str) -> None:
    (tmp_path / name).touch()
    assert find_file(tmp_path, "a-idx3-ubyte.gz") == tmp_path / name
    assert find_file(tmp_path, "b-idx3-ubyte.gz") is None


def test_what_is_not_found_is_told_with_where_and_what_to_do(tmp_path: Path) -> None:
    fill(tmp_path / "variable" / "mnist", but="train-labels-idx1-ubyte.gz")
    message = str(not_found(MNIST, places(MNIST)))
    assert f"looked in {tmp_path / 'variable' / 'mnist'} (lacks train-labels-idx1-ubyte.gz); " in message
    assert f"; {tmp_path / 'cache' / 'inkwise' / 'mnist'}. Run" in message
    for way in ("`inkwise data fetch mnist`", "--data", "INKWISE_DATA", "--dataset uci-digits"):
        assert way in message


def test_a_user_without_a_home_is_told_to_name_a_folder(monkeypatch: pytest.MonkeyPatch) -> None:
    def homeless() -> Path:
        raise RuntimeError("Could not determine home directory.")

    monkeypatch.delenv("XDG_CACHE_HOME")
    monkeypatch.delenv("LOCALAPPDATA", raising=False)
    monkeypatch.setattr(Path, "home", homeless)
    with pytest.raises(DataError, match="There is no home folder for a cache; set XDG_CACHE_HOME or INKWISE_DATA"):
        cache_folder(MNIST)
