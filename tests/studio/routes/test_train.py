"""Trainings from the page are the command line's own, in processes of their own, followed while they learn."""

import os
import signal
import time
from base64 import b64decode
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx
import numpy as np
import pytest
import torch
from tests.studio_server import Served, serving

from inkwise.explain.kernels import kernels_of
from inkwise.recognizer import Recognizer
from inkwise.runs.run import Run

LIMIT = 300  # seconds that a slow machine may take
SHORT = {
    "dataset": "uci-digits",
    "network": "conv 2 3x3, relu, flatten, linear classes",
    "epochs": "2",
    "validation": "100",
}


def told(answer: httpx.Response) -> dict[str, Any]:
    values: dict[str, Any] = answer.json()
    return values


def start(client: httpx.Client, fields: dict[str, str], recipe: str = "small-cnn") -> dict[str, Any]:
    return told(client.post("/api/train/start", json={"recipe": recipe, "fields": fields}))


def wait(client: httpx.Client, run: str, done: Callable[[dict[str, Any]], bool]) -> dict[str, Any]:
    """Follow a run until `done` says so, and return what was told last."""
    deadline = time.monotonic() + LIMIT
    while True:
        now = told(client.get("/api/train/follow", params={"run": run}))
        if done(now):
            return now
        assert time.monotonic() < deadline, now
        time.sleep(0.1)


@pytest.fixture(scope="module")
def trained(client: httpx.Client) -> dict[str, Any]:
    """A short training from the page, to its end."""
    run = start(client, SHORT)["run"]
    return wait(client, run, lambda now: now["state"] not in {"starting", "running"})


def test_the_form_has_every_field_with_its_help_and_what_the_recipe_has(client: httpx.Client) -> None:
    fields = {each["name"]: each for each in told(client.get("/api/train/form?recipe=accurate"))["fields"]}
    assert fields["optimizer.lr"]["help"] == "learning rate at the height of the schedule"
    assert fields["optimizer.name"]["schema"]["enum"] == ["sgd", "adam", "adamw", "muon"]
    assert fields["positive"]["value"] == "none"
    assert not {"name", "source", "claim.text"} & set(fields)


def test_what_the_form_shows_is_accepted_as_it_stands(client: httpx.Client) -> None:
    for recipe in ("small-cnn", "accurate"):
        fields = told(client.get(f"/api/train/form?recipe={recipe}"))["fields"]
        typed = {each["name"]: each["value"] for each in fields}
        assert told(client.post("/api/train/check", json={"recipe": recipe, "fields": typed})) == {"fine": True}


@pytest.mark.parametrize(
    ("recipe", "fields", "message"),
    [
        ("small-cnn", {"epochs": "0"}, "small-cnn: epochs is 0; it must be a whole number of at least 1."),
        ("small-cnn", {"epocs": "1"}, "there is no setting 'epocs'. Did you mean 'epochs'?"),
        ("small-cnn", {"network": "flatten, linear 7, linear classes, conv 8 3x3"}, "conv 8 3x3"),
        ("smal-cnn", {}, "There is no recipe 'smal-cnn'. Did you mean 'small-cnn'"),
        ("../recipe.toml", {}, "There is no recipe '../recipe.toml'."),
        ("small-cnn", {"dataset": "folder:/etc"}, "There is no dataset 'folder:/etc'."),
    ],
)
def test_a_bad_field_is_told_in_the_recipes_words_and_nothing_is_started(
    client: httpx.Client, runs: Path, recipe: str, fields: dict[str, str], message: str
) -> None:
    before = sorted(runs.iterdir())
    assert message in start(client, fields, recipe)["error"]["message"]
    assert sorted(runs.iterdir()) == before


def test_a_training_from_the_page_is_that_of_the_command_line(trained: dict[str, Any], runs: Path) -> None:
    assert (trained["state"], trained["run"]) == ("finished", "small-cnn")
    run = Run(runs / "small-cnn")
    assert run.evaluation()["test"]["accuracy"] == trained["test"]["accuracy"]
    assert run.recipe().epochs == 2
    assert [event["kind"] for event in trained["events"]][-1] == "end"
    rows = [event for event in trained["events"] if event["kind"] == "metrics"]
    assert [(row["epoch"], row["split"], row["loss"]) for row in rows] == [
        (row["epoch"], row["split"], row["loss"]) for row in run.metrics()
    ]


def test_what_comes_later_is_asked_for_from_where_one_was(client: httpx.Client, trained: dict[str, Any]) -> None:
    again = told(client.get("/api/train/follow", params={"run": "small-cnn", "start": trained["next"]}))
    assert (again["events"], again["begin"]) == ([], trained["next"])
    amid = told(client.get("/api/train/follow", params={"run": "small-cnn", "start": 3}))
    assert (amid["begin"], len(amid["events"])) == (0, len(trained["events"]))


def test_each_epoch_has_its_own_kernels_and_mistakes(client: httpx.Client, trained: dict[str, Any], runs: Path) -> None:
    epochs = told(client.get("/api/train/epochs?run=small-cnn"))
    assert ([each["epoch"] for each in epochs["epochs"]], epochs["all"]) == ([0, 1, 2], True)
    wrong = [told(client.get(f"/api/train/confusion?run=small-cnn&epoch={epoch}")) for epoch in range(3)]
    assert wrong[2]["errors"] < wrong[0]["errors"]
    assert (wrong[2]["n"], wrong[2]["of"], wrong[2]["split"]) == (100, 100, "validation")
    for epoch, each in enumerate(wrong[1:], 1):
        row = [row for row in Run(runs / "small-cnn").metrics() if row["epoch"] == epoch and row["split"] != "train"]
        assert each["accuracy"] == pytest.approx(row[0]["accuracy"])
    assert (
        "has not kept epoch 9; it has 0, 1, 2."
        in told(client.get("/api/train/confusion?run=small-cnn&epoch=9"))["error"]["message"]
    )


def test_a_replay_is_of_the_epochs_own_weights(client: httpx.Client, trained: dict[str, Any], runs: Path) -> None:
    run = trained["run"]
    replayed = told(client.post("/api/train/replay", params={"run": run, "epoch": 1}))
    kernels = replayed["kernels"]
    found = np.frombuffer(b64decode(kernels["values"]), "<f4").reshape(kernels["shape"])
    network = Recognizer.load(Run(runs / run).epoch_file(1)).network
    assert torch.equal(torch.from_numpy(found.copy()), kernels_of(network, "conv1").weights.flatten(0, 1))
    assert [each["name"] for each in replayed["maps"]] == ["conv1", "linear1"]


def test_a_training_is_stopped_resumed_and_outlives_the_server(tmp_path: Path) -> None:
    long = {**SHORT, "epochs": "100000", "patience": "0"}
    with serving(tmp_path / "runs") as first, httpx.Client(base_url=first.url, timeout=60) as client:
        run = start(client, long)["run"]
        wait(client, run, lambda now: now["state"] == "running" and now.get("step", 0) > 0)
        process = int(Run(tmp_path / "runs" / run).owner_file.read_text().split()[1])
    os.kill(process, 0)  # it is still there
    with serving(tmp_path / "runs") as second, httpx.Client(base_url=second.url, timeout=60) as client:
        before = wait(client, run, lambda now: now["state"] == "running")["step"]
        wait(client, run, lambda now: now["step"] > before)
        refused = told(client.post("/api/train/resume", params={"run": run}))
        assert "is in training already" in refused["error"]["message"]
        assert told(client.post("/api/train/stop", params={"run": run})) == {"run": run}
        wait(client, run, lambda now: now["state"] == "stopped")
        assert "is not in training" in told(client.post("/api/train/stop", params={"run": run}))["error"]["message"]
        assert told(client.post("/api/train/resume", params={"run": run})) == {"run": run}
        wait(client, run, lambda now: now["state"] == "running" and now["events"][-1]["kind"] != "stop")
        kept = Run(tmp_path / "runs" / run)
        wait(client, run, lambda _now: kept.owner_file.is_file())
        os.kill(int(kept.owner_file.read_text().split()[1]), signal.SIGKILL)
        wait(client, run, lambda now: now["state"] == "stopped")
        assert kept.events()


def test_a_training_that_cannot_begin_says_why(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("INKWISE_DATA", str(tmp_path))
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    with serving(tmp_path / "runs") as studio, httpx.Client(base_url=studio.url, timeout=60) as client:
        run = start(client, {"dataset": "kmnist"})["run"]
        failed = wait(client, run, lambda now: now["state"] not in {"starting", "running"})
        assert failed["state"] == "failed"
        assert "kmnist" in failed["said"]
        assert [each["run"] for each in told(client.get("/api/train/runs"))["runs"]] == [run]


def test_runs_are_listed_wherever_they_were_started(client: httpx.Client, served: Served) -> None:
    listed = {each["run"]: each for each in told(client.get("/api/train/runs"))["runs"]}
    assert listed["tiny"]["state"] == listed["below/tiny"]["state"] == "finished"
    epochs = told(client.get("/api/train/epochs?run=tiny"))
    assert not epochs["all"]
    assert 0 in [each["epoch"] for each in epochs["epochs"]]
    assert "There is no run '../tiny'" in told(client.get("/api/train/follow?run=../tiny"))["error"]["message"]
