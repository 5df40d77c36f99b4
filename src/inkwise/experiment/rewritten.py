"""Digits written anew, for a recipe that learns to read other pens and habits than its dataset's.

They are drawn once per training and kept nowhere, from the train images alone and by the recipe's seed.
"""

import torch

from inkwise.data.dataset import Split
from inkwise.recipes.recipe import Recipe
from inkwise.synthesis.rewriting import rewrite
from inkwise.training.seeds import derive


def with_rewritten(recipe: Recipe, train: Split) -> Split:
    """Return `train` with the recipe's rewritten digits behind it; itself where it has none."""
    if not recipe.rewritten:
        return train
    drawn = rewrite(train, recipe.rewritten, derive(recipe.seed, "rewritten"))
    return Split(train.name, torch.cat([train.images, drawn.images]), torch.cat([train.labels, drawn.labels]))
