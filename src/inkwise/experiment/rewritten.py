"""Digits written anew, for a recipe that learns to read other pens and habits than its dataset's.

They are drawn once per training and kept nowhere. Those to learn from are made of train images alone, by the recipe's
seed; those on which temperature and thresholds are chosen are made of validation images and are the same in every run.
"""

import torch

from inkwise.data.dataset import Split
from inkwise.recipes.recipe import Recipe
from inkwise.synthesis.rewriting import rewrite
from inkwise.training.seeds import derive

_HELD_OUT_SEED = 0  # whatever the recipe's


def with_rewritten(recipe: Recipe, train: Split) -> Split:
    """Return `train` with the recipe's rewritten digits behind it; itself where it has none."""
    if not recipe.rewritten:
        return train
    return _joined(train, rewrite(train, recipe.rewritten, derive(recipe.seed, "rewritten")))


def held_out_digits(recipe: Recipe, validation: Split | None) -> Split | None:
    """Return the digits that a trained model is settled on: the validation images, and as many of them written anew.

    The latter only where the recipe learns from such digits; None where nothing is held out.
    """
    if validation is None or not recipe.rewritten:
        return validation
    return _joined(validation, rewrite(validation, len(validation), derive(_HELD_OUT_SEED, "held-out rewritten")))


def _joined(first: Split, second: Split) -> Split:
    return Split(first.name, torch.cat([first.images, second.images]), torch.cat([first.labels, second.labels]))
