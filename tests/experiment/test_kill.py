"""Killed or interrupted at any moment and resumed, a run ends as if nothing had happened: processes really killed."""

import os
import random
import signal
import time
from collections.abc import Callable
from multiprocessing.context import ForkServerProcess
from pathlib import Path
from typing import Any

import pytest
from tests.forked import LIMIT, Done, Python, begin, begin_python

from inkwise.experiment.experiment import resume, train
from inkwise.recipes.load import to_toml
from inkwise.recipes.recipe import Recipe
from inkwise.runs.run import Run

Quick = Callable[..., Recipe]


def wait_for(condition: Callable[[], bool], alive: Callable[[], bool]) -> None:
    """Wait until `condition`, or until the process is not alive any more."""
    deadline = time.monotonic() + LIMIT
    while not condition() and alive():
        assert time.monotonic() < deadline, "nothing came of it"
        time.sleep(0.001)


def to_the_end(process: ForkServerProcess) -> None:
    process.join(LIMIT)
    assert process.exitcode == 0


def owner(run: Run) -> str:
    return run.owner_file.read_text() if run.owner_file.is_file() else ""


def trained(run: Run, steps: int) -> bool:
    rows = run.metrics()
    return bool(rows) and rows[-1]["step"] == steps


def timeless(run: Run) -> list[Any]:
    return [{key: value for key, value in row.items() if key != "seconds"} for row in run.metrics()]


def require_same(run: Run, unbroken: Run) -> None:
    """What was learned is the same to the byte, and the run folder tells one story without repetitions."""
    for name in ("best.safetensors", "last.safetensors", "confusion.csv", "errors.csv", "recipe.toml"):
        assert (run.folder / name).read_bytes() == (unbroken.folder / name).read_bytes(), name
    assert timeless(run) == timeless(unbroken)
    events = run.events()
    assert [event["kind"] for event in events].count("start") == 1
    assert [event["step"] for event in events if event["kind"] == "metrics"] == [row["step"] for row in run.metrics()]
    assert not list(run.folder.rglob("*.part"))
    assert not owner(run)


@pytest.mark.slow
def test_killed_at_random_moments_and_resumed_it_ends_with_the_same_bytes(quick: Quick, tmp_path: Path) -> None:
    seed = random.SystemRandom().randrange(10**6)
    print(f"The moments are drawn from seed {seed}.")  # shown where the test fails
    draw = random.Random(seed)  # noqa: S311 (nothing to do with secrets)
    recipe = quick(epochs=4, patience=3, watch_every=5)
    unbroken = Run(tmp_path / "unbroken")
    to_the_end(begin(train, recipe, out=unbroken.folder, device="cpu"))
    steps = unbroken.metrics()[-1]["step"]

    run = Run(tmp_path / "broken")
    killed: list[str] = []

    def attempt(moment: str, due: Callable[[str], bool], *, after: float = 0.0, save_every: float = 0.0) -> None:
        """Train or resume, and kill the process `after` seconds from when it is `due`, by the name of its lock."""
        if run.recipe_file.is_file():
            process = begin(resume, run.folder, device="cpu", save_every=save_every)
        else:
            process = begin(train, recipe, out=run.folder, device="cpu", save_every=save_every)
        wait_for(lambda: due(f"process {process.pid}"), process.is_alive)
        time.sleep(after)
        process.kill()
        process.join(LIMIT)
        assert process.exitcode == -signal.SIGKILL, moment
        killed.append(moment)

    attempt("once there is a folder", lambda _: run.recipe_file.is_file(), save_every=1000.0)
    assert not run.state_file.exists()
    attempt("once it is locked", lambda me: owner(run) == me, after=draw.uniform(0, 0.02), save_every=1000.0)
    for _ in range(4):
        attempt("while training", lambda me: owner(run) == me, after=draw.uniform(0.05, 0.8))
    attempt("while judging", lambda _: trained(run, steps), after=draw.uniform(0, 0.1))
    picture = draw.choice(["loss.png", "accuracy.png"])
    attempt("while writing the report", lambda _: (run.folder / picture).is_file())
    assert not run.evaluation()
    assert len(killed) == 8

    to_the_end(begin(resume, run.folder, device="cpu"))
    assert run.finished
    require_same(run, unbroken)


@pytest.mark.slow
def test_the_command_line_killed_interrupted_and_resumed_ends_with_the_same_bytes(quick: Quick, tmp_path: Path) -> None:
    recipe = quick(epochs=12)
    (tmp_path / "recipe.toml").write_text(to_toml(recipe))
    unbroken, run = Run(tmp_path / "unbroken"), Run(tmp_path / "run")
    whole = begin(train, recipe, out=unbroken.folder, device="cpu")

    def inkwise(*words: object) -> Python:
        return begin_python("-m", "inkwise", *words, "--device", "cpu", folder=tmp_path)

    def end_by(number: signal.Signals, begun: Python, after: float) -> Done:
        wait_for(lambda: bool(run.metrics()) and run.metrics()[-1]["epoch"] >= after, lambda: begun.alive)
        assert begun.process.pid is not None
        os.kill(begun.process.pid, number)
        return begun.end()

    assert end_by(signal.SIGKILL, inkwise("train", "recipe.toml", "--out", "run"), 1).code == -signal.SIGKILL
    stopped = end_by(signal.SIGINT, inkwise("resume", "run"), run.metrics()[-1]["epoch"] + 1)
    assert stopped.code == 130
    assert stopped.err.splitlines()[-1] == "Stopped; the state is saved. Continue with: inkwise resume run"
    assert not run.evaluation()

    last = inkwise("resume", "run", "--json").end()
    assert last.code == 0, last.err
    assert run.finished
    assert '"run": "run"' in last.out
    to_the_end(whole)
    require_same(run, unbroken)
