"""The packaged models are those that were ordered, and their cards say everything."""

import pytest
from scripts.ship import ORDERS, recipe_of

from inkwise.models.file import read_model
from inkwise.models.shipped import NAMES, SMALL, file_of
from inkwise.recipes.recipe import Recipe


@pytest.mark.parametrize("name", NAMES)
def test_the_packaged_file_is_of_the_recipe_that_is_ordered(name: str) -> None:
    _, card = read_model(file_of(name))
    words = {"title", "source", "claim", "defects"}
    assert Recipe.model_validate(card.recipe).model_dump(exclude=words) == recipe_of(ORDERS[name]).model_dump(
        exclude=words
    )
    assert (card.name, card.made_by) == (name, "python -m scripts.ship")
    assert card.purpose
    assert card.limits
    assert card.data["name"] == "mnist"
    assert card.licence
    assert set(card.calibration or {}) == {"temperature"}
    assert {"digit", "confidence"} <= set(card.rejection or {})


def test_the_small_one_is_small() -> None:
    assert file_of(SMALL).stat().st_size < 200_000
