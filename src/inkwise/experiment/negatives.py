"""Pictures that are no digit, for a recipe that learns what to turn away.

They are drawn once per training and kept nowhere. Those to learn from depend on the recipe's seed, and what they take
of digits they take of train images alone; those that thresholds are chosen on come from the validation images and are
the same in every run. Labels go on where the classes end: "not a digit", then "two digits".
"""

from dataclasses import dataclass

import torch
from jaxtyping import Int64, UInt8
from torch import Tensor

from inkwise.data.dataset import Split
from inkwise.recipes.recipe import Recipe
from inkwise.synthesis.negatives import draw_negatives
from inkwise.training.seeds import derive

_HELD_OUT_SEED = 0  # whatever the recipe's


@dataclass(frozen=True)
class Negatives:
    """Drawn pictures: `images` uint8 (N, 1, 28, 28), `kinds` which reject each is, `families` what each shows."""

    images: UInt8[Tensor, "n 1 28 28"]
    kinds: Int64[Tensor, " n"]
    families: tuple[str, ...]

    def __len__(self) -> int:
        return len(self.kinds)


def with_negatives(recipe: Recipe, train: Split, classes: int) -> Split:
    """Return `train` with the recipe's negatives behind it, labelled from `classes` on; itself where it has none."""
    if not recipe.negatives:
        return train
    drawn = _draw(train, recipe.negatives, derive(recipe.seed, "negatives"))
    return Split(train.name, torch.cat([train.images, drawn.images]), torch.cat([train.labels, classes + drawn.kinds]))


def held_out(recipe: Recipe, validation: Split | None) -> Negatives | None:
    """Return as many pictures of no digit as there are validation images; None where the recipe has no negatives."""
    if not recipe.negatives or validation is None:
        return None
    return _draw(validation, len(validation), derive(_HELD_OUT_SEED, "held-out negatives"))


def _draw(digits: Split, count: int, seed: int) -> Negatives:
    images, kinds, families = draw_negatives(digits.images.numpy(), count, seed)
    return Negatives(torch.from_numpy(images), torch.from_numpy(kinds), families)
