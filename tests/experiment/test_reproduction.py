"""A reproduction runs each variant over seeds, reads what is finished, and refuses what was trained otherwise."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from inkwise.errors import RunError, UnknownName
from inkwise.experiment.reproduction import Reproduction, reproduce, tutorials
from inkwise.experiment.reproduction_table import HEAD, rows, write
from inkwise.recipes import registry
from inkwise.recipes.recipe import Claim, Recipe

Quick = Callable[..., Recipe]


@pytest.fixture
def tutorial(quick: Quick, monkeypatch: pytest.MonkeyPatch) -> str:
    """A small tutorial that the registry knows for the length of one test."""
    claim = Claim(text="99 %", split="validation")
    known = {name: registry.get(name) for name in registry.names()}
    ours = {name: quick(name=name, claim=claim, epochs=1) for name in ("tiny", "tiny@published")}
    monkeypatch.setattr(registry, "_RECIPES", known | ours)
    return "tiny"


@pytest.fixture
def again(tutorial: str, listener: Any, tmp_path: Path) -> Callable[..., Reproduction | None]:
    def run(**settings: Any) -> Reproduction | None:
        return reproduce(tutorial, range(2), tmp_path / "runs", observer=listener, device="cpu", **settings)

    return run


def test_the_tutorials_are_the_recipes_with_a_published_variant() -> None:
    assert tutorials() == ("matched-filter", "small-cnn", "dropout-cnn", "deep-cnn", "batchnorm-cnn")


def test_each_variant_is_trained_once_for_each_seed_and_read_afterwards(
    again: Callable[..., Reproduction | None], tmp_path: Path
) -> None:
    first = again()
    assert first is not None
    reports = {path: path.stat().st_mtime_ns for path in tmp_path.glob("runs/*/report.html")}
    assert {path.parent.name for path in reports} == {
        f"tiny{variant}-seed{seed}" for variant in ("", "@published") for seed in (0, 1)
    }
    assert again() == first
    assert reports == {path: path.stat().st_mtime_ns for path in tmp_path.glob("runs/*/report.html")}
    assert first.corrected.accuracies == first.honest.accuracies  # the two variants are the same training here
    assert first.corrected.accuracies[0] != first.corrected.accuracies[1]
    assert first.published.accuracies != first.honest.accuracies  # on validation, as the claim is


def test_a_stopped_reproduction_goes_on_where_it_stopped(
    again: Callable[..., Reproduction | None], tmp_path: Path
) -> None:
    asked = iter([False] * 14 + [True] * 100)  # 11 steps a run: within the second
    assert again(stop=lambda: next(asked)) is None
    assert len(list(tmp_path.glob("runs/*/evaluation.json"))) == 1
    assert again() is not None
    assert len(list(tmp_path.glob("runs/*/evaluation.json"))) == 4


def test_a_run_of_another_recipe_is_not_taken_for_todays(
    again: Callable[..., Reproduction | None], quick: Quick, monkeypatch: pytest.MonkeyPatch
) -> None:
    again()
    changed = {**{name: registry.get(name) for name in registry.names()}}
    changed["tiny"] = changed["tiny"].model_copy(update={"label_smoothing": 0.1})
    monkeypatch.setattr(registry, "_RECIPES", changed)
    with pytest.raises(RunError, match="was trained with another tiny than today's; remove it, or name another --runs"):
        again()


def test_an_unknown_tutorial_is_named(listener: Any, tmp_path: Path) -> None:
    with pytest.raises(UnknownName, match="smal-cnn@published"):
        reproduce("smal-cnn", [0], tmp_path, observer=listener)


def test_the_table_has_means_spreads_and_the_command(again: Callable[..., Reproduction | None], tmp_path: Path) -> None:
    one = again()
    assert one is not None
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
