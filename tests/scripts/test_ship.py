"""A model is shipped from the run that was ordered, and from no other."""

from pathlib import Path
from typing import Any

import pytest
from scripts.ship import ORDERS, recipe_of, require_ordered

from inkwise.errors import RunError
from inkwise.models.shipped import SMALL
from inkwise.recipes.recipe import Recipe
from inkwise.runs.run import Run


def made(folder: Path, recipe: Recipe, *, finished: bool = True) -> Run:
    run = Run.create(folder / "run", recipe)
    if finished:
        run.write_evaluation({})
    return run


def test_a_run_of_the_recipe_is_taken(tmp_path: Path) -> None:
    recipe = recipe_of(ORDERS[SMALL])
    require_ordered(made(tmp_path, recipe), recipe)


def test_words_about_a_recipe_may_change(tmp_path: Path) -> None:
    recipe = recipe_of(ORDERS[SMALL])
    require_ordered(made(tmp_path, recipe.model_copy(update={"title": "Another"})), recipe)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"seed": 7}, r"with seed 0: it differs in seed \(7 for 0\)"),
        ({"epochs": 1, "dataset": "uci-digits"}, r"it differs in dataset \('uci-digits' for 'mnist'\), epochs \(1 for"),
    ],
)
def test_another_run_is_refused(tmp_path: Path, changes: dict[str, Any], message: str) -> None:
    recipe = recipe_of(ORDERS[SMALL])
    with pytest.raises(RunError, match=message):
        require_ordered(made(tmp_path, recipe.model_copy(update=changes)), recipe)


def test_a_run_that_is_not_finished_is_refused(tmp_path: Path) -> None:
    recipe = recipe_of(ORDERS[SMALL])
    with pytest.raises(RunError, match="is not finished; finish it with `inkwise resume"):
        require_ordered(made(tmp_path, recipe, finished=False), recipe)
