"""The keeper puts what was learned into the run folder, the resume state last."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch

from inkwise.data.load import load
from inkwise.errors import RunError
from inkwise.experiment.keeper import RunKeeper, Silent
from inkwise.experiment.plan import Plan
from inkwise.models.file import read_model
from inkwise.recipes.recipe import Recipe
from inkwise.runs.run import Run
from inkwise.runs.state import read_state
from inkwise.training.row import Row

ROW: Row = {"epoch": 1.0, "step": 3, "split": "train", "loss": 0.5, "accuracy": 0.25, "seconds": 1.5}


@pytest.fixture
def run(tmp_path: Path, quick: Callable[..., Recipe]) -> Run:
    return Run.create(tmp_path / "a", quick())


@pytest.fixture
def plan(quick: Callable[..., Recipe]) -> Plan:
    return Plan.make(quick(), load("uci-digits"), "cpu")


def state(best: float | None) -> dict[str, Any]:
    weights = {} if best is None else {"w": torch.full((2,), best)}
    return {"step": 3, "last": {"w": torch.tensor([1.0, 2.0])}, "best": weights}


def test_rows_are_logged_shown_and_kept_with_the_next_save(run: Run, plan: Plan, listener: Any) -> None:
    keeper = RunKeeper(run, plan, [ROW], listener)
    second: Row = {**ROW, "step": 6}
    keeper.record(second)
    assert listener.rows == [second]
    assert [event["step"] for event in run.events()] == [6]
    assert run.metrics() == []
    keeper.save(state(None))
    assert run.metrics() == [ROW, second]


def test_a_save_writes_models_and_state(run: Run, plan: Plan) -> None:
    keeper = RunKeeper(run, plan, [], Silent())
    keeper.save(state(None))
    assert not run.best_file.exists()  # within the first epoch there is no best yet
    keeper.save(state(7.0))
    for path, value in ((run.last_file, 2.0), (run.best_file, 7.0)):
        weights, card = read_model(path)
        assert weights["w"][1] == value
        assert card.recipe["name"] == "quick"
    saved = read_state(run)
    assert saved is not None
    assert saved["step"] == 3


@pytest.mark.parametrize(("keep", "validation", "names"), [
    ("last", 0, {"last"}), ("last", 97, {"last", "best"}), ("best", 0, {"last", "best"}),
])  # fmt: skip
def test_a_best_model_is_written_where_something_chose_it_or_keeps_it(
    tmp_path: Path, quick: Callable[..., Recipe], keep: str, validation: int, names: set[str]
) -> None:
    recipe = quick(keep=keep, validation=validation)
    run = Run.create(tmp_path / "a", recipe)
    RunKeeper(run, Plan.make(recipe, load("uci-digits"), "cpu"), [], Silent()).save(state(7.0))
    assert {path.stem for path in run.folder.glob("*.safetensors")} == names


def test_a_save_that_fails_leaves_the_older_state(run: Run, plan: Plan) -> None:
    keeper = RunKeeper(run, plan, [], Silent())
    keeper.save(state(None))
    run.last_file.unlink()
    run.last_file.mkdir()
    with pytest.raises(RunError, match=r"Cannot write .*last\.safetensors: a folder of that name is in the way"):
        keeper.save({**state(None), "step": 9})
    saved = read_state(run)
    assert saved is not None
    assert saved["step"] == 3


def test_progress_is_shown_each_time_and_logged_at_most_once_a_second(
    run: Run, plan: Plan, listener: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    clock = iter([10.0, 10.5, 10.9, 11.1, 11.2])
    monkeypatch.setattr("inkwise.experiment.keeper.time.monotonic", lambda: next(clock))
    keeper = RunKeeper(run, plan, [], listener)
    for step in range(5):
        keeper.progress(step, 5, 0.5, 0.25, 1234.5678)
    assert listener.shown == [(step, 5, 0.5, 0.25, 1234.5678) for step in range(5)]
    assert [event["step"] for event in run.events()] == [0, 3]
    assert run.events()[0].items() >= {"kind": "step", "steps": 5, "loss": 0.5, "images_per_second": 1235}.items()


def test_the_model_of_each_epoch_is_kept_where_its_folder_is(run: Run, plan: Plan) -> None:
    keeper = RunKeeper(run, plan, [ROW], Silent())
    keeper.save(state(None))
    assert run.epochs() == []
    run.epochs_folder.mkdir()
    keeper.save(state(None))
    assert run.epochs() == [1]
    assert read_model(run.epoch_file(1))[0]["w"][1] == 2.0
    keeper.save({**state(None), "step": 4})  # within the second epoch
    assert run.epochs() == [1]
