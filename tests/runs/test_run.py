"""The run folder: never overwritten, written by one process at a time, readable at any moment."""

import json
import math
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from inkwise.errors import RunError
from inkwise.recipes import registry
from inkwise.recipes.recipe import Recipe
from inkwise.runs.run import COLUMNS, Run, folder_name
from inkwise.training.row import Row

ROWS: list[Row] = [
    {"epoch": 0.3333, "step": 50, "split": "validation", "loss": 0.1 + 0.2, "accuracy": 1 / 3, "seconds": 0.1234},
    {"epoch": 1.0, "step": 150, "split": "train", "loss": 1e-17, "accuracy": 1.0, "seconds": 12.5},
]
HOLD = """
import sys, time
from collections.abc import Iterator
from pathlib import Path
from inkwise.runs.run import Run
with Run(Path(sys.argv[1])).lock():
    print("held", flush=True)
    time.sleep(600)
"""


@pytest.fixture
def holder(run: Run) -> Iterator[subprocess.Popen[str]]:
    """A process that holds the run's lock."""
    process = subprocess.Popen([sys.executable, "-c", HOLD, str(run.folder)], stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    assert process.stdout.readline() == "held\n"
    yield process
    process.kill()
    process.wait(timeout=60)
    process.stdout.close()


def test_a_run_begins_with_its_recipe_alone(run: Run, recipe: Recipe) -> None:
    assert sorted(path.name for path in run.folder.iterdir()) == ["recipe.toml", "state"]
    assert run.recipe() == recipe
    assert (run.metrics(), run.events(), run.environment(), run.evaluation()) == ([], [], {}, {})
    assert not run.finished


@pytest.mark.parametrize("name", registry.names())
def test_every_registered_recipe_comes_back_from_its_run_exactly(tmp_path: Path, name: str) -> None:
    recipe = registry.get(name)
    assert Run.create(tmp_path / folder_name(name), recipe).recipe() == recipe


def test_nothing_is_ever_overwritten(run: Run, recipe: Recipe) -> None:
    run.write_evaluation({"test": 1})
    (run.folder.with_name("a-3")).mkdir()
    folders = [Run.create(run.folder, recipe).folder.name for _ in range(3)]
    assert folders == ["a-2", "a-4", "a-5"]
    assert run.evaluation() == {"test": 1}
    assert not any(run.folder.with_name("a-3").iterdir())


def test_a_file_of_the_name_is_refused_and_left(tmp_path: Path, recipe: Recipe) -> None:
    (tmp_path / "a").write_text("mine")
    with pytest.raises(RunError, match=r"Cannot create .*/a: a file of that name is in the way; choose another place"):
        Run.create(tmp_path / "a", recipe)
    assert [path.name for path in tmp_path.iterdir()] == ["a"]
    assert (tmp_path / "a").read_text() == "mine"


def test_a_run_is_found_by_its_folder_and_by_its_models(run: Run, tmp_path: Path) -> None:
    for name in (run.folder, run.best_file, run.last_file):
        found = Run.around(name)
        assert found is not None
        assert found.folder == run.folder
    for other in (run.folder / "else.safetensors", tmp_path, tmp_path / "last.safetensors"):
        assert Run.around(other) is None


def test_processes_that_race_for_a_name_each_get_a_folder_of_their_own(tmp_path: Path) -> None:
    code = """
import sys
from collections.abc import Iterator
from pathlib import Path
from inkwise.recipes.recipe import Recipe
from inkwise.runs.run import Run
sys.stdin.readline()
for _ in range(20):
    print(Run.create(Path(sys.argv[1]) / "a", Recipe(name="r", network=("flatten", "linear classes"))).folder.name)
"""
    command = [sys.executable, "-c", code, str(tmp_path)]
    racers = [subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) for _ in range(2)]
    for racer in racers:  # both are let go once both have started
        assert racer.stdin is not None
        racer.stdin.write("\n")
        racer.stdin.flush()
    made = [name for racer in racers for name in racer.communicate(timeout=300)[0].split()]
    assert sorted(made) == sorted(["a", *(f"a-{number}" for number in range(2, 41))])
    assert all((tmp_path / name / "recipe.toml").is_file() for name in made)


@pytest.mark.parametrize("name", [".", "..", "/", "x/.."])
def test_a_folder_without_a_name_of_its_own_is_refused(recipe: Recipe, name: str) -> None:
    with pytest.raises(RunError, match=r"is no name for a new run folder; give --out one, such as runs/first\."):
        Run.create(Path(name), recipe)


def test_a_run_that_cannot_be_made_leaves_nothing_behind(tmp_path: Path, recipe: Recipe) -> None:
    if os.name != "posix":
        pytest.skip("limits on files are POSIX's")
    code = """
import resource, signal, sys
from collections.abc import Iterator
from pathlib import Path
from inkwise.errors import RunError
from inkwise.recipes.recipe import Recipe
from inkwise.runs.run import Run
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
resource.setrlimit(resource.RLIMIT_FSIZE, (10, 10))
try:
    Run.create(Path(sys.argv[1]) / "a", Recipe(name="r", network=("flatten", "linear classes")))
except RunError as error:
    print(error)
"""
    done = subprocess.run(
        [sys.executable, "-c", code, str(tmp_path)], capture_output=True, text=True, timeout=300, check=True
    )
    assert done.stdout.startswith(f"Cannot write {tmp_path}/a/recipe.toml: the file would be larger than")
    assert not any(tmp_path.iterdir())


def test_a_place_that_cannot_hold_a_folder_is_one_sentence(tmp_path: Path, recipe: Recipe) -> None:
    (tmp_path / "file").write_text("")
    for out in (tmp_path / "file" / "a", tmp_path / "file" / "b" / "a"):
        with pytest.raises(RunError, match=r"Cannot create .*file.*; choose another"):
            Run.create(out, recipe)


def test_opening_refuses_what_is_no_run(tmp_path: Path, run: Run) -> None:
    assert Run.open(run.folder).recipe() == run.recipe()
    (tmp_path / "file").write_text("")
    for folder in (tmp_path, tmp_path / "none", tmp_path / "file"):
        with pytest.raises(RunError, match=r"is not a run folder: it has no recipe\.toml; give a folder that"):
            Run.open(folder)


def test_the_model_is_the_one_that_the_recipe_keeps(tmp_path: Path, recipe: Recipe) -> None:
    for keep, name in (("best", "best.safetensors"), ("last", "last.safetensors")):
        run = Run.create(tmp_path / keep, recipe.model_copy(update={"keep": keep}))
        assert run.model_file == run.folder / name


def test_a_run_in_use_is_refused_with_the_other_process(run: Run, holder: Any) -> None:
    message = rf"a is in use by another process \(process {holder.pid}\); wait for it, stop it, or train under another"
    with pytest.raises(RunError, match=message), run.lock():
        pass
    assert run.owner_file.read_text() == f"process {holder.pid}"  # the refused one took nothing away


def test_a_killed_process_leaves_no_lock_and_no_half_written_files(run: Run, holder: Any) -> None:
    left = [run.folder / ".best.safetensors.abc.part", run.state_file.parent / ".training.pt.abc.part"]
    for path in left:
        path.write_text("half")
    os.kill(holder.pid, signal.SIGKILL)
    holder.wait(timeout=60)
    with run.lock():
        assert run.owner_file.read_text() == f"process {os.getpid()}"
        assert not any(path.exists() for path in left)
    assert not run.owner_file.exists()


def test_the_lock_is_held_against_this_process_too_and_given_back_whatever_happens(run: Run) -> None:
    with pytest.raises(ValueError, match="mine"), run.lock():  # noqa: PT012 (the block is the subject)
        with pytest.raises(RunError, match=rf"process {os.getpid()}"), run.lock():
            pass
        raise ValueError("mine")
    with run.lock():
        pass


def test_a_lock_without_a_name_is_still_a_lock(run: Run, holder: Any) -> None:
    run.owner_file.unlink()
    with pytest.raises(RunError, match=r"in use by another process \(unknown\)"), run.lock():
        pass


def test_metrics_come_back_to_the_bit(run: Run) -> None:
    run.write_metrics(ROWS)
    assert run.metrics() == ROWS
    assert run.metrics_file.read_text().splitlines()[0] == ",".join(COLUMNS)
    run.write_metrics(ROWS[:1])
    assert run.metrics() == ROWS[:1]


@pytest.mark.parametrize("text", ["epoch,step\n1,2\n", f"{','.join(COLUMNS)}\n1,2,train,x,0.5,1\n", "\x00"])
def test_damaged_metrics_are_one_sentence(run: Run, text: str) -> None:
    run.metrics_file.write_text(f"{','.join(COLUMNS)}\n1,2\n" if text == "\x00" else text)
    with pytest.raises(RunError, match=r"metrics\.csv cannot be read; restore it, or train again under another name"):
        run.metrics()


def test_events_are_kept_in_order_with_their_time(run: Run) -> None:
    run.append_event("start", step=0)
    run.append_event("metrics", **ROWS[0])
    first, second = run.events()
    assert (first["kind"], first["step"]) == ("start", 0)
    assert ROWS[0].items() <= second.items()
    assert 1.7e9 < first["time"] <= second["time"]


def test_a_half_written_last_event_is_passed_over(run: Run) -> None:
    run.append_event("start")
    for half in (b'{"time": 1, "ki', b'{"time": 1}', b"\xc3", b""):
        whole = run.events_file.read_bytes()
        run.events_file.write_bytes(whole + half)
        assert [event["kind"] for event in run.events()] == ["start"]
        run.events_file.write_bytes(whole)


def test_a_damaged_event_elsewhere_is_one_sentence(run: Run) -> None:
    run.events_file.write_bytes(b'{"kind\n{}\n')
    with pytest.raises(RunError, match=r"events\.jsonl cannot be read"):
        run.events()


def test_events_are_json_that_every_reader_takes(run: Run) -> None:
    run.append_event("step", loss=math.nan, accuracy=-math.inf, step=3)

    def refuse(name: str) -> None:
        raise AssertionError(f"{name} is no JSON")

    event = json.loads(run.events_file.read_text(), parse_constant=refuse)
    assert (event["loss"], event["accuracy"], event["step"]) == (None, None, 3)


def test_events_are_cut_to_a_size_and_never_lengthened(run: Run) -> None:
    assert run.events_size() == 0
    run.cut_events(0)
    assert not run.events_file.exists()
    run.append_event("start")
    size = run.events_size()
    run.append_event("step")
    run.cut_events(size)
    run.cut_events(10 * size)
    assert [event["kind"] for event in run.events()] == ["start"]
    assert run.events_size() == size


def test_a_run_is_finished_with_its_evaluation(run: Run) -> None:
    run.write_environment({"threads": 2})
    run.write_evaluation({"test": {"errors": 96}})
    assert run.finished
    assert run.evaluation() == {"test": {"errors": 96}}
    assert run.environment() == {"threads": 2}


@pytest.mark.parametrize("content", [b"{", b"\xff\xfe"])
def test_a_damaged_table_is_one_sentence(run: Run, content: bytes) -> None:
    run.evaluation_file.write_bytes(content)
    with pytest.raises(RunError, match=r"evaluation\.json cannot be read; restore it, or train again"):
        run.evaluation()


@pytest.mark.parametrize(
    ("name", "folder"),
    [
        ("small-cnn@published", "small-cnn@published"),
        ("My net, v2 / new", "My-net-v2-new"),
        ("../../etc", "etc"),
        ("..", "run"),
        ("", "run"),
        ("größe", "größe"),
    ],
)
def test_any_recipe_name_becomes_one_folder_name(name: str, folder: str) -> None:
    assert folder_name(name) == folder


def test_events_are_read_on_from_where_one_was_and_anew_after_a_cut(run: Run) -> None:
    assert run.events_since(0) == ([], 0, 0)
    run.append_event("start")
    first, begin, end = run.events_since(0)
    assert ([event["kind"] for event in first], begin, end) == (["start"], 0, run.events_size())
    run.append_event("step", step=7)
    with run.events_file.open("a") as file:
        file.write('{"kind": "half')
    second, begin, last = run.events_since(end)
    assert ([event["step"] for event in second], begin) == ([7], end)
    assert last < run.events_size()  # the half line comes later
    run.cut_events(end)
    assert [event["kind"] for event in run.events_since(last)[0]] == ["start"]
    assert run.events_since(5)[1] == 0


def test_epochs_that_were_kept_are_listed_in_order(run: Run) -> None:
    assert run.epochs() == []
    run.epochs_folder.mkdir()
    for name in ("0010.safetensors", "0002.safetensors", "note.safetensors", ".0003.safetensors.x.part"):
        (run.epochs_folder / name).touch()
    assert run.epochs() == [2, 10]
    assert run.epoch_file(2).is_file()
