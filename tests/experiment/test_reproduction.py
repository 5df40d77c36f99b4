"""A reproduction runs each variant over seeds, reads what is finished, and refuses what was trained otherwise."""

import json
from collections.abc import Callable
from pathlib import Path
from shutil import copytree, rmtree
from typing import Any

import pytest

from inkwise.errors import RunError, UnknownName
from inkwise.experiment.keeper import Silent
from inkwise.experiment.reproduction import Reproduction, reproduce, tutorials
from inkwise.experiment.reproduction_table import HEAD, rows, write
from inkwise.recipes import registry
from inkwise.recipes.recipe import Claim, Recipe
from inkwise.runs.run import Run

Quick = Callable[..., Recipe]


SEEDS = range(2)


def with_tiny(quick: Quick) -> dict[str, Recipe]:
    """What the registry knows, and a small tutorial."""
    claim = Claim(text="99 %", split="validation")
    ours = {name: quick(name=name, claim=claim, epochs=1) for name in ("tiny", "tiny@published")}
    return {name: registry.get(name) for name in registry.names()} | ours


@pytest.fixture
def tutorial(quick: Quick, monkeypatch: pytest.MonkeyPatch) -> str:
    """A small tutorial that the registry knows for the length of one test."""
    monkeypatch.setattr(registry, "_RECIPES", with_tiny(quick))
    return "tiny"


@pytest.fixture(scope="module")
def reproduced(quick: Quick, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Reproduction]:
    """The folder of its finished runs, which tests leave as it is, and what they came to."""
    runs = tmp_path_factory.mktemp("reproduced") / "runs"
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(registry, "_RECIPES", with_tiny(quick))
        found = reproduce("tiny", SEEDS, runs, observer=Silent(), device="cpu")
    assert found is not None
    return runs, found


@pytest.fixture
def finished(reproduced: tuple[Path, Reproduction], tmp_path: Path) -> Path:
    """A copy of the finished runs, where `again` looks for them."""
    copytree(reproduced[0], tmp_path / "runs")
    return tmp_path / "runs"


@pytest.fixture
def again(tutorial: str, listener: Any, tmp_path: Path) -> Callable[..., Reproduction | None]:
    def run(**settings: Any) -> Reproduction | None:
        return reproduce(tutorial, SEEDS, tmp_path / "runs", observer=listener, device="cpu", **settings)

    return run


def test_the_tutorials_are_the_recipes_with_a_published_variant() -> None:
    assert tutorials() == ("matched-filter", "small-cnn", "dropout-cnn", "deep-cnn", "batchnorm-cnn")


def test_each_variant_is_trained_once_for_each_seed_and_read_afterwards(
    reproduced: tuple[Path, Reproduction], finished: Path, again: Callable[..., Reproduction | None]
) -> None:
    _, first = reproduced
    reports = {path: path.stat().st_mtime_ns for path in finished.glob("*/report.html")}
    assert {path.parent.name for path in reports} == {
        f"tiny{variant}-seed{seed}" for variant in ("", "@published") for seed in (0, 1)
    }
    assert again() == first
    assert reports == {path: path.stat().st_mtime_ns for path in finished.glob("*/report.html")}
    assert first.corrected.accuracies == first.honest.accuracies  # the two variants are the same training here
    assert first.corrected.accuracies[0] != first.corrected.accuracies[1]
    assert first.published.accuracies != first.honest.accuracies  # on validation, as the claim is


def test_a_stopped_reproduction_goes_on_where_it_stopped(
    finished: Path, again: Callable[..., Reproduction | None]
) -> None:
    for name in ("tiny@published-seed1", "tiny-seed0"):  # the first and the last of four are there
        rmtree(finished / name)
    asked = iter([False] * 3 + [True] * 100)  # 11 steps a run: within the second
    assert again(stop=lambda: next(asked)) is None
    assert not Run(finished / "tiny@published-seed1").finished
    assert (finished / "tiny@published-seed1").is_dir()
    assert not (finished / "tiny-seed0").exists()
    assert again() is not None
    assert len(list(finished.glob("*/evaluation.json"))) == 4


def test_a_run_of_another_recipe_is_not_taken_for_todays(
    finished: Path, again: Callable[..., Reproduction | None], quick: Quick, monkeypatch: pytest.MonkeyPatch
) -> None:
    changed = with_tiny(quick)
    changed["tiny"] = changed["tiny"].model_copy(update={"label_smoothing": 0.1})
    monkeypatch.setattr(registry, "_RECIPES", changed)
    with pytest.raises(RunError, match="was trained with another tiny than today's; remove it, or name another --runs"):
        again()


def test_an_unknown_tutorial_is_named(listener: Any, tmp_path: Path) -> None:
    with pytest.raises(UnknownName, match="smal-cnn@published"):
        reproduce("smal-cnn", [0], tmp_path, observer=listener)


def test_the_table_has_means_spreads_and_the_command(reproduced: tuple[Path, Reproduction], tmp_path: Path) -> None:
    _, one = reproduced
    (row,) = rows([one])
    assert len(row) == len(HEAD)
    assert row[:2] == ("tiny", "99 %")
    assert row[2].endswith("%, validation")
    assert f"{100 * one.corrected.mean:.2f} ± " in row[4]
    page = write(tmp_path / "results", [one], "inkwise reproduce tiny --seeds 2").read_text(encoding="utf-8")
    assert "`inkwise reproduce tiny --seeds 2`" in page
    assert "over 2 seeds" in page
    assert "in float32 for tiny" in page
    values = json.loads((tmp_path / "results" / "tutorials.json").read_text(encoding="utf-8"))
    assert values["tutorials"][0]["corrected"]["accuracies"] == list(one.corrected.accuracies)
