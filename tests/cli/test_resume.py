import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from inkwise.experiment.experiment import train
from inkwise.models.file import read_model
from inkwise.runs.run import Run

Call = Callable[..., Any]


def test_a_stopped_run_is_finished_and_then_refused(inkwise: Call, run: Path, tmp_path: Path) -> None:
    recipe = Run.open(run).recipe()
    stopped = train(recipe, out=tmp_path / "run", stop=lambda: True).run
    assert not stopped.finished
    done = inkwise("resume", stopped.folder, "--json")
    assert done.code == 0
    (line,) = done.lines
    assert json.loads(line)["epochs"] == recipe.epochs
    assert "Resuming at step 1 of" in done.err
    # It ends where the run that nobody stopped ended.
    assert read_model(stopped.model_file)[0].keys() == read_model(run / "best.safetensors")[0].keys()
    for name, value in read_model(stopped.model_file)[0].items():
        assert value.equal(read_model(run / "best.safetensors")[0][name])
    again = inkwise("resume", stopped.folder)
    assert again.code == 1
    assert f"{stopped.folder} is finished; read {stopped.report_file}" in again.err


@pytest.mark.parametrize("name", ["none", ".", "file"])
def test_what_is_no_run_is_one_sentence(inkwise: Call, name: str) -> None:
    Path("file").write_text("")
    done = inkwise("resume", name)
    assert done.code == 1
    assert done.err == (
        f"inkwise: {name} is not a run folder: it has no recipe.toml; give a folder that `inkwise train` wrote.\n"
    )


def test_a_run_in_use_names_who_has_it(inkwise: Call, run: Path, tmp_path: Path) -> None:
    other = Run.create(tmp_path / "run", Run.open(run).recipe())
    with other.lock():
        done = inkwise("resume", other.folder)
    assert done.code == 1
    assert f"{other.folder} is in use by another process (process " in done.err
