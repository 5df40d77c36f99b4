"""What the recipe `accurate` promises of its size."""

from inkwise.models.summary import summarise
from inkwise.recipes.ours.accurate import RECIPE


def test_it_stays_small_enough_for_a_quarter_of_an_hour_on_one_core() -> None:
    summary = summarise(RECIPE.network, 10)
    assert summary.parameters < 326_000  # of the best published mean
    assert summary.multiply_adds < 9_000_000
    assert summary.multiply_adds * 6 * 60_000 * RECIPE.epochs < 120e12  # operations of a whole training
