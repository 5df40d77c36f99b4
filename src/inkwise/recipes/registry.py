"""Recipes by name: NAME is the corrected tutorial or one of ours, NAME@published the one with its defect."""

from collections.abc import Iterable

from inkwise.errors import UnknownName, UsageError
from inkwise.recipes.ours import accurate, fast, nano, robust, robust_small
from inkwise.recipes.recipe import Recipe
from inkwise.recipes.tutorials import batchnorm_cnn, deep_cnn, dropout_cnn, matched_filter, small_cnn

_RECIPES: dict[str, Recipe] = {}


def register(recipe: Recipe) -> Recipe:
    """Make `recipe` known by its name and return it; UsageError where another recipe has that name."""
    if _RECIPES.get(recipe.name, recipe) != recipe:
        raise UsageError(f"There is already a recipe {recipe.name!r}; choose another name.")
    _RECIPES[recipe.name] = recipe
    return recipe


def get(name: str) -> Recipe:
    """Return the recipe called `name`.

    Raises:
        UsageError: It is asked for as published, and is a recipe of ours.
        UnknownName: There is none; what comes close is suggested.
    """
    if name not in _RECIPES:
        own = name.removesuffix("@published")
        if own in _RECIPES and own != name:
            raise UsageError(f"{own} has no published form, since it is of no tutorial; give {own} alone.")
        raise UnknownName("recipe", name, _RECIPES)
    return _RECIPES[name]


def names() -> tuple[str, ...]:
    """Return every name: the tutorials, each followed by its published variant, then ours."""
    return tuple(_RECIPES)


def _register_all(recipes: Iterable[Recipe]) -> None:
    for recipe in recipes:
        register(recipe)


_register_all(
    recipe
    for tutorial in (matched_filter, small_cnn, dropout_cnn, deep_cnn, batchnorm_cnn)
    for recipe in (tutorial.RECIPE, tutorial.PUBLISHED)
)
_register_all(ours.RECIPE for ours in (fast, accurate, nano, robust, robust_small))
