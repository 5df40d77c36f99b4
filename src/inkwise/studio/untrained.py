"""A recipe's network before training, as a model: the weights that training starts from, and no skill at all."""

import torch

from inkwise.data.registry import DIGITS
from inkwise.models.file import Card
from inkwise.models.network import build
from inkwise.recipes.recipe import Recipe
from inkwise.recognizer import Recognizer
from inkwise.training.seeds import derive


def untrained(recipe: Recipe) -> Recognizer:
    """Return the network of `recipe` with its first weights; torch's own random numbers go on as before.

    Raises:
        RecipeError, ShapeError, UnknownName: As for `inkwise.models.network.build`.
    """
    # The recipes that have a name are all of digits.
    classes = DIGITS if recipe.positive is None else (f"not {recipe.positive}", f"{recipe.positive}")
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(derive(recipe.seed, "weights"))
        network = build(recipe.network, classes=recipe.outputs(len(classes)), pixels=recipe.pixels)
    card = Card(recipe=recipe.model_dump(mode="json"), classes=classes, rejects=recipe.rejects)
    return Recognizer(network, card, recipe)
