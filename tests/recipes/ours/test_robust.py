"""What the recipes `robust` and `robust-small` promise: other outputs than a classifier's, and their size."""

import pytest

from inkwise.models.summary import summarise
from inkwise.recipes.ours.robust import RECIPE
from inkwise.recipes.ours.robust_small import RECIPE as SMALL
from inkwise.recipes.recipe import Recipe


@pytest.mark.parametrize("recipe", [RECIPE, SMALL])
def test_they_learn_what_to_turn_away_and_hold_images_out_to_choose_from_when(recipe: Recipe) -> None:
    assert recipe.rejects == ("not a digit", "two digits")
    assert recipe.outputs(10) == 12
    assert recipe.validation
    assert recipe.rewritten


def test_the_small_ones_weights_take_less_than_190_kb() -> None:
    assert summarise(SMALL.network, 12).parameters * 4 < 190_000
    assert summarise(RECIPE.network, 12).parameters < 326_000
