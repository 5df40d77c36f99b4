"""Which runs are in training is told by the note of who holds their lock, if that process is ours at all."""

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from inkwise.errors import RunError, UnknownName
from inkwise.recipes import registry
from inkwise.runs.run import Run
from inkwise.studio.library import Library
from inkwise.studio.trainings import Trainings, _Started, about


@pytest.fixture
def trainings(tmp_path: Path) -> Trainings:
    return Trainings(Library(tmp_path))


@pytest.fixture
def sleeper() -> Iterator["subprocess.Popen[bytes]"]:
    """A process that has nothing to do with training."""
    process = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"])
    yield process
    process.kill()
    process.wait()


def begun(trainings: Trainings, name: str) -> Run:
    return Run.create(trainings.library.runs / name, registry.get("small-cnn"))


def test_a_note_left_by_a_killed_training_does_not_make_its_run_live(
    trainings: Trainings, sleeper: "subprocess.Popen[bytes]"
) -> None:
    run = begun(trainings, "a")
    assert trainings.state("a") == ("stopped", "")
    run.owner_file.write_text(f"process {sleeper.pid}")  # another program has its number now
    assert trainings.state("a") == ("stopped", "")
    with pytest.raises(RunError, match="a is not in training"):
        trainings.stop("a")
    assert sleeper.poll() is None


def test_a_name_that_a_training_is_about_to_take_is_not_given_twice(
    trainings: Trainings, sleeper: "subprocess.Popen[bytes]"
) -> None:
    runs = trainings.library.runs
    assert trainings._free(runs / "a") == runs / "a"
    trainings._started["a"] = _Started(sleeper, runs / "said")
    assert trainings.state("a") == ("starting", "")
    assert trainings._free(runs / "a") == runs / "a-2"
    begun(trainings, "a-2")
    assert trainings._free(runs / "a") == runs / "a-3"
    assert sorted(trainings.names()) == ["a", "a-2"]


def test_a_training_that_failed_tells_its_last_sentence(trainings: Trainings) -> None:
    said = trainings.library.runs / "said"
    words = "import sys; print('Reading', file=sys.stderr); sys.exit('inkwise: There is no dataset.')"
    with said.open("wb") as file:
        process = subprocess.Popen([sys.executable, "-c", words], stderr=file)
    trainings._started["a"] = _Started(process, said)
    process.wait()
    assert trainings.state("a") == ("failed", "There is no dataset.")


def test_a_run_that_is_not_there_is_told(trainings: Trainings) -> None:
    for what in (trainings.state, trainings.resume, trainings.stop):
        with pytest.raises(UnknownName, match=r"There is no run '\.\./a'"):
            what("../a")


def test_where_a_run_stands_comes_from_its_events(trainings: Trainings) -> None:
    run = begun(trainings, "a")
    assert (about(run)["step"], about(run)["steps"], about(run)["left"]) == (0, 0, None)
    run.append_event("start", step=0, steps=100, compute="cpu")
    run.append_event("metrics", epoch=1.0, step=10, split="train", loss=1.0, accuracy=0.5, seconds=1.0)
    run.append_event("step", step=20, steps=100, loss=0.9, accuracy=0.6, images_per_second=7)
    told = about(run)
    assert (told["step"], told["steps"], told["per_epoch"], told["epochs"], told["speed"]) == (20, 100, 10, 10, 7)
    assert [row["step"] for row in told["rows"]] == [10]
