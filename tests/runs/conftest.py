"""A run folder to try things on."""

from pathlib import Path

import pytest

from inkwise.recipes.recipe import Recipe
from inkwise.runs.run import Run


@pytest.fixture
def recipe() -> Recipe:
    return Recipe(name="small", network=("flatten", "linear classes"), epochs=3)


@pytest.fixture
def run(tmp_path: Path, recipe: Recipe) -> Run:
    return Run.create(tmp_path / "runs" / "a", recipe)
