"""A fingerprint is of what decides a contender's outcome, and of nothing else."""

import ast
from collections.abc import Iterable
from dataclasses import replace
from importlib.metadata import version
from pathlib import Path

import pytest

import inkwise
from inkwise.bench import identity
from inkwise.bench.contender import OWN_SOURCES, PEERS, Contender, of_recipe
from inkwise.bench.identity import differing, fingerprint, require_alike, sources
from inkwise.errors import UsageError
from inkwise.recipes import registry

PACKAGE = Path(inkwise.__file__).parent


def test_settings_are_those_of_the_recipe_but_for_its_seed() -> None:
    one, recipe = of_recipe("small-cnn"), registry.get("small-cnn")
    same, other = (replace(one, recipe=recipe.model_copy(update=changes)) for changes in ({"seed": 5}, {"epochs": 11}))
    assert fingerprint(one) == fingerprint(same)
    assert fingerprint(other).keys() == fingerprint(one).keys() == {"settings", "sources", "versions"}
    assert {name for name, text in fingerprint(other).items() if text != fingerprint(one)[name]} == {"settings"}
    require_alike([one, same])
    with pytest.raises(
        UsageError, match=r"small-cnn and small-cnn would make one row, small-cnn, .*: epochs 10, now 11"
    ):
        require_alike([one, other])


def test_sources_are_of_names_and_contents(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(identity, "_ROOT", tmp_path)
    (tmp_path / "room").mkdir()
    (tmp_path / "a.py").write_text("a = 1", encoding="utf-8")
    (tmp_path / "room" / "b.py").write_text("b = 1", encoding="utf-8")
    (tmp_path / "room" / "notes.txt").write_text("old", encoding="utf-8")
    before = sources(["a.py", "room"])
    (tmp_path / "room" / "notes.txt").write_text("new", encoding="utf-8")
    assert sources(["room", "a.py"]) == before
    (tmp_path / "room" / "b.py").write_text("b = 2", encoding="utf-8")
    edited = sources(["a.py", "room"])
    (tmp_path / "room" / "b.py").rename(tmp_path / "room" / "c.py")
    assert len({before, edited, sources(["a.py", "room"]), sources(["a.py"])}) == 4
    assert sources([]) == ""


@pytest.mark.parametrize("name", ["training/muon.py", "training/loop.py", "models/layer.py", "bench/ours.py"])
def test_what_trains_ours_is_among_its_sources(name: str) -> None:
    files = {file for source in OWN_SOURCES for file in identity._files(PACKAGE / source)}
    assert PACKAGE / name in files
    assert all(file.is_file() for file in files)


def imported(file: Path) -> Iterable[Path]:
    """The files of the benchmark that a file of it imports."""
    for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("inkwise.bench"):
            yield PACKAGE.parent / f"{(node.module or '').replace('.', '/')}.py"


@pytest.mark.parametrize("peer", PEERS, ids=lambda peer: peer.name)
def test_a_peers_sources_are_its_file_and_what_of_the_benchmark_it_imports(peer: Contender) -> None:
    own = PACKAGE.parent / f"{peer.module.replace('.', '/')}.py"
    assert {PACKAGE / name for name in peer.sources} == {own, *imported(own)}


def test_versions_are_of_the_libraries() -> None:
    assert fingerprint(of_recipe("small-cnn"))["versions"].startswith(f"inkwise {version('inkwise')}, torch ")
    made_up = Contender("a", "", "", "a", libraries=("pillow", "no-such-package"))
    assert fingerprint(made_up) == {"versions": f"no-such-package not installed, pillow {version('pillow')}"}
    assert {peer.name for peer in PEERS if not peer.libraries} == {"published-fast"}  # torch is in the conditions


def test_what_differs_is_told_part_by_part() -> None:
    before, now = {"settings": "a", "weights": "w"}, {"settings": "b", "weights": "v", "versions": "keras 3"}
    assert differing(before, now, weights=False) == "settings a, now b; versions none, now keras 3"
    assert differing(before, now, weights=True) == "settings a, now b; weights w, now v; versions none, now keras 3"
    assert differing(before, before, weights=True) == ""
