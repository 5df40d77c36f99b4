"""The newest finished run is found by when it finished."""

import os
from pathlib import Path

import pytest

from inkwise.errors import RunError
from inkwise.recipes.recipe import Recipe
from inkwise.runs.newest import newest
from inkwise.runs.run import Run


def test_the_run_that_finished_last_is_taken_whatever_its_name(tmp_path: Path, recipe: Recipe) -> None:
    for name, finished in (("a", 300), ("b", 500), ("c", 400)):
        run = Run.create(tmp_path / name, recipe)
        run.write_evaluation({})
        os.utime(run.evaluation_file, (finished, finished))
    Run.create(tmp_path / "d", recipe)  # newer, and not finished
    assert newest(tmp_path).folder == tmp_path / "b"


def test_where_none_is_finished_it_says_what_to_do(tmp_path: Path, recipe: Recipe) -> None:
    Run.create(tmp_path / "a", recipe)
    for root in (tmp_path, tmp_path / "none"):
        with pytest.raises(RunError, match=r"There is no finished run in .*; train one \(`inkwise train small-cnn`\)"):
            newest(root)
