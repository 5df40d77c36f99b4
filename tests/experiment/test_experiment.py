"""From a recipe to a finished run folder; stopped, continued, and refused in one sentence where that cannot be."""

import json
import re
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from inkwise.errors import DataError, RunError, TrainingError, UsageError
from inkwise.experiment.experiment import Outcome, resume, train
from inkwise.models.file import read_model
from inkwise.recipes.recipe import Optimizer, Recipe
from inkwise.recognizer import Recognizer
from inkwise.runs.run import Run
from inkwise.runs.state import read_state

Quick = Callable[..., Recipe]
WEIGHTS = ("best.safetensors", "last.safetensors")


def timeless(run: Run) -> list[Any]:
    return [{key: value for key, value in row.items() if key != "seconds"} for row in run.metrics()]


def stop_at(step: int) -> Callable[[], bool]:
    asked = iter(range(1, 1_000_000))
    return lambda: next(asked) >= step


@pytest.fixture
def stopped(quick: Quick, tmp_path: Path) -> Run:
    """A run that was stopped in the middle of its second epoch."""
    outcome = train(quick(), out=tmp_path / "stopped", device="cpu", stop=stop_at(16))
    assert (outcome.ending, outcome.evaluations) == ("stopped", {})
    return outcome.run


@pytest.fixture(scope="session")
def nearly(tmp_path_factory: pytest.TempPathFactory, quick: Quick) -> Run:
    """The same run, stopped one step before its end."""
    return train(quick(), out=tmp_path_factory.mktemp("nearly") / "a", device="cpu", stop=stop_at(21)).run


@pytest.fixture
def digits(tmp_path: Path) -> Callable[[int], Path]:
    """Write a small dataset of noise, another for another seed, to the same file."""

    def write(seed: int) -> Path:
        draws = np.random.default_rng(seed)
        images = draws.integers(0, 256, (90, 28, 28), dtype=np.uint8)
        path = tmp_path / "digits.npz"
        np.savez(path, images=images, labels=np.arange(90) % 10)
        return path

    return write


def test_a_training_leaves_the_whole_run_folder(finished: Outcome, quick: Quick) -> None:
    run = finished.run
    assert finished.ending == "finished"
    promised = {
        "recipe.toml", "environment.json", "metrics.csv", "events.jsonl", "best.safetensors", "last.safetensors",
        "state", "evaluation.json", "confusion.csv", "errors.csv", "report.html",
    }  # fmt: skip
    found = {path.name for path in run.folder.iterdir()}
    assert promised <= found
    assert {path.suffix for path in map(Path, found - promised)} == {".png"}
    assert run.finished
    assert run.recipe() == quick()
    assert not list(run.folder.rglob("*.part"))
    assert not run.owner_file.exists()


def test_the_evaluation_is_that_of_the_kept_model(finished: Outcome) -> None:
    run, test = finished.run, finished.evaluations["test"]
    values = run.evaluation()
    assert values["test"] == json.loads(json.dumps(test.to_dict()))
    assert (values["test"]["n"], values["validation"]["n"]) == (500, 97)
    assert values["train_seconds"] == pytest.approx(finished.train_seconds, abs=1e-3)
    assert values["epochs"] == 2
    assert values["kept_epoch"] in {1, 2}
    assert test.accuracy > 0.5
    assert "published" not in values


def test_the_model_file_carries_its_recipe_metrics_and_data(finished: Outcome) -> None:
    _, card = read_model(finished.run.model_file)
    assert card.recipe["name"] == "quick"
    assert card.classes == tuple("0123456789")
    assert card.metrics["uci-digits/test"]["errors"] == finished.evaluations["test"].errors
    assert card.data["name"] == "uci-digits"
    assert card.data["hashes"] == finished.run.environment()["dataset"]["hashes"]
    assert card.licence
    assert card.calibration is not None
    assert card.rejection is not None
    assert len(card.weights) == 64
    assert finished.evaluations["validation"].uncalibrated_ece is not None
    _, last = read_model(finished.run.last_file)
    assert last.metrics == {}


def test_the_rows_and_events_tell_the_whole_story(finished: Outcome) -> None:
    rows, events = finished.run.metrics(), finished.run.events()
    assert [(row["epoch"], row["step"], row["split"]) for row in rows] == [
        (epoch, 11 * epoch, split) for epoch in (1, 2) for split in ("train", "validation")
    ]
    kinds = [event["kind"] for event in events if event["kind"] != "step"]
    assert kinds == ["start", *["metrics"] * 4, "end"]
    assert [event["split"] for event in events if event["kind"] == "metrics"] == [row["split"] for row in rows]


def test_the_environment_tells_machine_versions_and_data(finished: Outcome) -> None:
    environment = finished.run.environment()
    assert environment["device"] == "cpu"
    assert environment["precision"] == "float32"
    assert environment["compute"] == "cpu (as asked), float32 (as the recipe says)"
    assert {"torch", "inkwise", "numpy"} <= environment["versions"].keys()
    assert environment["dataset"]["name"] == "uci-digits"


def test_a_taken_name_becomes_the_next_which_is_said(quick: Quick, tmp_path: Path, listener: Any) -> None:
    for name, said in (("a", "a"), ("a-2", "a-2 (a is taken)")):
        outcome = train(quick(epochs=1), out=tmp_path / "a", device="cpu", observer=listener, stop=lambda: True)
        assert outcome.run.folder == tmp_path / name
        assert f"Run folder: {tmp_path / said}" in listener.said


def test_epochs_that_are_added_are_said_with_the_flag_that_sets_them(
    quick: Quick, tmp_path: Path, listener: Any
) -> None:
    run = train(quick(least_steps=30), out=tmp_path / "a", device="cpu", observer=listener, stop=stop_at(1)).run
    assert "3 epochs, so that at least 30 steps are made; --epochs N to set it." in listener.said
    resume(run.folder, device="cpu", observer=listener, stop=stop_at(1))
    assert "3 epochs, so that at least 30 steps are made." in listener.said  # resume takes no epochs


def test_without_out_the_run_lies_in_runs_under_the_recipes_name(
    quick: Quick, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    outcome = train(quick(name="a b@published"), device="cpu", stop=lambda: True)
    assert outcome.run.folder == Path("runs/a-b@published")


@pytest.mark.parametrize("step", [11, 16])  # between two epochs, and within one
def test_a_stopped_run_ends_as_an_unbroken_one(
    quick: Quick, finished: Outcome, tmp_path: Path, listener: Any, step: int
) -> None:
    run = train(quick(), out=tmp_path / "a", device="cpu", stop=stop_at(step)).run
    assert not run.finished
    assert run.events()[-1] | {"time": 0} == {"time": 0, "kind": "stop", "step": step}
    outcome = resume(run.folder, device="cpu", observer=listener)
    assert outcome.ending == "finished"
    assert f"Resuming at step {step} of 22." in listener.said
    for name in WEIGHTS:
        assert (run.folder / name).read_bytes() == (finished.run.folder / name).read_bytes()
    assert timeless(run) == timeless(finished.run)
    assert [row["step"] for row in listener.rows] == [at for at in (11, 11, 22, 22) if at > step]
    assert outcome.evaluations == finished.evaluations
    assert outcome.train_seconds > 0


@pytest.mark.parametrize("keep", ["best", "last"])
def test_an_early_stop_says_so_and_the_epoch_that_the_recipe_keeps_is_judged(
    quick: Quick, tmp_path: Path, keep: str
) -> None:
    recipe = quick(epochs=40, patience=1, average=0.0, optimizer=Optimizer(lr=0.3), keep=keep)
    outcome = train(recipe, out=tmp_path / "a", device="cpu")
    assert outcome.ending == "early"
    run, values = outcome.run, outcome.run.evaluation()
    assert run.events()[-1]["ending"] == "early"
    assert 1 < values["epochs"] < 40
    assert values["kept_epoch"] == values["epochs"] - (keep == "best")  # the last epoch was not the best
    assert run.model_file.name == f"{keep}.safetensors"
    state = read_state(run)
    assert state is not None
    weights, card = read_model(run.model_file)
    assert all(np.array_equal(value, state[keep][name]) for name, value in weights.items())
    assert card.metrics["uci-digits/test"]["errors"] == values["test"]["errors"]


def test_a_yes_or_no_recipe_chooses_its_threshold_on_validation(yes_or_no: Outcome) -> None:
    run = yes_or_no.run
    model = Recognizer.load(run.folder)
    assert model.classes == ("not 3", "3")
    assert model.card.threshold == run.evaluation()["test"]["threshold"] == model.threshold
    assert "roc_auc" in run.evaluation()["test"]


def test_a_recipe_that_does_not_fit_leaves_no_folder(quick: Quick, tmp_path: Path) -> None:
    refused: list[tuple[type[Exception], str, dict[str, Any]]] = [
        (UsageError, "positive is 10, but uci-digits has the classes 0 to 9",
         {"positive": 10, "loss": "mse", "decision": "threshold"}),
        (DataError, "There is no|does not exist", {"dataset": f"npz:{tmp_path / 'none.npz'}"}),
        (UsageError, "cannot take", {"network": ("conv 4 99x99", "flatten", "linear classes")}),
    ]  # fmt: skip
    for kind, message, changes in refused:
        with pytest.raises(kind, match=message):
            train(quick(**changes), out=tmp_path / "a", device="cpu")
    with pytest.raises(UsageError, match="--device gpu is not known"):
        train(quick(), out=tmp_path / "a", device="gpu")
    assert not any(tmp_path.iterdir())


def test_a_loss_that_explodes_leaves_what_was_good(quick: Quick, tmp_path: Path) -> None:
    # A weight decay that multiplies the weights by -19 a step: some thirty steps, three epochs.
    explosive = Optimizer(name="sgd", lr=1.0, weight_decay=20.0)
    recipe = quick(network=("flatten", "linear classes"), optimizer=explosive, schedule=quick().schedule.model_copy(
        update={"name": "constant", "warmup": 0.0}), average=0.0, epochs=9)  # fmt: skip
    with pytest.raises(TrainingError, match=r"at step \d+ \(epoch [34]\); what was saved before it is kept"):
        train(recipe, out=tmp_path / "a", device="cpu")
    run = Run.open(tmp_path / "a")
    for path in (run.best_file, run.last_file):
        weights, _ = read_model(path)
        assert all(bool(value.isfinite().all()) for value in weights.values())
    state = read_state(run)
    assert state is not None
    assert state["step"] in {22, 33}
    with pytest.raises(TrainingError, match="at step"):  # and resuming meets the same end
        resume(run.folder, device="cpu")


def test_a_finished_run_is_not_resumed(finished: Outcome) -> None:
    folder = finished.run.folder
    message = f"{folder} is finished; read {folder / 'report.html'}, or train again under another name with"
    with pytest.raises(RunError, match=re.escape(message)):
        resume(folder)


def test_a_run_in_use_by_a_real_process_is_not_resumed(stopped: Run, holder: "subprocess.Popen[str]") -> None:
    with pytest.raises(RunError, match=rf"is in use by another process \(process {holder.pid}\); wait for it"):
        resume(stopped.folder)


@pytest.fixture
def holder(stopped: Run) -> "Iterator[subprocess.Popen[str]]":
    code = (
        "import sys, time; from pathlib import Path; from inkwise.runs.run import Run\n"
        "with Run(Path(sys.argv[1])).lock(): print('held', flush=True); time.sleep(600)"
    )
    process = subprocess.Popen([sys.executable, "-c", code, str(stopped.folder)], stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    assert process.stdout.readline() == "held\n"
    yield process
    process.kill()
    process.wait(timeout=60)
    process.stdout.close()


def test_a_run_whose_data_changed_is_not_resumed(
    quick: Quick, tmp_path: Path, digits: Callable[[int], Path], listener: Any
) -> None:
    recipe = quick(dataset=f"npz:{digits(0)}", validation=10, batch_size=10)
    run = train(recipe, out=tmp_path / "a", device="cpu", stop=stop_at(3)).run
    digits(1)
    before = {path: path.read_bytes() for path in run.folder.rglob("*") if path.is_file()}
    with pytest.raises(RunError, match=r"is not the data that .*a was begun with \(the SHA-256 differ\); point --data"):
        resume(run.folder, device="cpu")
    assert {path: path.read_bytes() for path in run.folder.rglob("*") if path.is_file()}.keys() == before.keys()
    assert run.state_file.read_bytes() == before[run.state_file]
    digits(0)
    assert resume(run.folder, device="cpu", observer=listener, stop=lambda: True).ending == "stopped"
    assert any(text.startswith("Resuming at step 3 of") for text in listener.said)


def test_a_run_whose_recipe_was_changed_is_not_resumed(stopped: Run) -> None:
    text = stopped.recipe_file.read_text()
    stopped.recipe_file.write_text(text.replace("epochs = 2", "epochs = 3"))
    message = (
        f"{stopped.recipe_file} was changed after {stopped.folder} was begun; undo that, or train it anew with "
        f"`inkwise train {stopped.recipe_file}`."
    )
    with pytest.raises(RunError, match=re.escape(message)):
        resume(stopped.folder, device="cpu")
    stopped.recipe_file.write_text(text)
    assert resume(stopped.folder, device="cpu", stop=lambda: True).ending == "stopped"


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("recipe.toml", "is not a run folder: it has no recipe.toml; give a folder that `inkwise train` wrote."),
        ("environment.json", "environment.json is gone or has no hashes, so nobody can tell whether the data are"),
    ],
)
def test_a_run_that_lost_a_file_it_needs_is_not_resumed(stopped: Run, name: str, message: str) -> None:
    (stopped.folder / name).unlink()
    with pytest.raises(RunError, match=re.escape(message)):
        resume(stopped.folder, device="cpu")


@pytest.mark.parametrize(
    "name", ["metrics.csv", "events.jsonl", "best.safetensors", "last.safetensors", "state/training.pt", "state"]
)
def test_a_run_that_lost_what_can_be_made_again_makes_it_again(
    stopped: Run, nearly: Run, listener: Any, name: str
) -> None:
    path = stopped.folder / name
    if path.is_dir():
        shutil.rmtree(path)
    else:
        path.unlink()
    left = 21 if name.startswith("state") else 5
    assert resume(stopped.folder, device="cpu", observer=listener, stop=stop_at(left)).ending == "stopped"
    for weights in WEIGHTS:
        assert (stopped.folder / weights).read_bytes() == (nearly.folder / weights).read_bytes()
    assert timeless(stopped) == timeless(nearly)
    again = "No state was saved yet: starting from the beginning." in listener.said
    assert again == name.startswith("state")
    assert [event["kind"] for event in stopped.events()].count("start") == (name != "events.jsonl")


def test_a_damaged_state_is_refused(stopped: Run) -> None:
    stopped.state_file.write_bytes(stopped.state_file.read_bytes()[:-100])
    with pytest.raises(RunError, match=r"training\.pt is damaged, so .* cannot be resumed; train again under another"):
        resume(stopped.folder, device="cpu")


def test_what_is_no_run_is_refused(tmp_path: Path) -> None:
    with pytest.raises(RunError, match="is not a run folder"):
        resume(tmp_path)
