import shutil
from pathlib import Path

import pytest

from inkwise.recipes import registry
from inkwise.runs.run import Run
from inkwise.studio.notes import note_of_file, note_of_recipe, note_of_run


@pytest.fixture
def run(runs: Path, tmp_path: Path) -> Run:
    shutil.copytree(runs / "tiny", tmp_path / "tiny")
    return Run(tmp_path / "tiny")


def test_a_finished_run_tells_its_accuracy_and_where_it_was_measured(run: Run) -> None:
    accuracy = run.evaluation()["test"]["accuracy"]
    assert note_of_run(run) == f"{100 * accuracy:.2f} % of uci-digits test"


def test_an_unfinished_run_tells_how_far_it_is(run: Run) -> None:
    run.evaluation_file.unlink()
    assert note_of_run(run) == "not finished, epoch 3"
    run.metrics_file.unlink()
    assert note_of_run(run) == "not finished"


def test_a_damaged_run_is_no_reason_to_fail(run: Run) -> None:
    run.evaluation_file.write_text("[")
    assert note_of_run(run) == "not finished"


def test_a_recipe_tells_the_size_of_its_network() -> None:
    assert note_of_recipe(registry.get("small-cnn")) == "not trained, 9,098 parameters"


def test_a_model_file_tells_what_its_card_does(run: Run, tmp_path: Path) -> None:
    assert "%" in note_of_file(run.model_file)
    (tmp_path / "no.safetensors").write_bytes(b"no model")
    assert note_of_file(tmp_path / "no.safetensors") == ""
    assert note_of_file(tmp_path / "missing.safetensors") == ""
