"""Digits written anew beside a recipe's own: behind them, with their labels, and only where digits are learned."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image
from pydantic import ValidationError

from inkwise.data.dataset import Split
from inkwise.data.load import load
from inkwise.errors import UsageError
from inkwise.experiment.plan import Plan
from inkwise.experiment.rewritten import with_rewritten
from inkwise.recipes.recipe import Recipe

Quick = Callable[..., Recipe]


@pytest.fixture(scope="module")
def digits() -> Split:
    split = load("uci-digits").split("train")
    return Split("train", split.images[:80], split.labels[:80])


def test_they_stand_behind_the_train_images_and_depend_on_the_recipes_seed(quick: Quick, digits: Split) -> None:
    made, again, other = (with_rewritten(quick(rewritten=30, seed=seed), digits) for seed in (0, 0, 1))
    assert (made.name, len(made)) == ("train", 110)
    assert torch.equal(made.images[:80], digits.images)
    assert torch.equal(made.images, again.images)
    assert not torch.equal(made.images[80:], other.images[80:])
    assert with_rewritten(quick(), digits) is digits


def test_a_plan_learns_from_them_but_holds_none_of_them_out(quick: Quick) -> None:
    plan = Plan.make(quick(rewritten=25, negatives=10, validation=100), load("uci-digits"), "cpu")
    assert len(plan.material) == len(plan.train) + 35
    assert plan.material.labels[-10:].min() >= 10
    assert plan.validation is not None
    assert len(plan.validation) == 100


def test_what_is_no_digit_is_not_rewritten(quick: Quick, tmp_path: Path) -> None:
    for name in ("cat", "dog"):
        (tmp_path / name).mkdir()
        for number in range(10):
            Image.fromarray(np.pad(np.full((20, 9 + number), 200, np.uint8), 4)).save(tmp_path / name / f"{number}.png")
    recipe = quick(rewritten=5, dataset=f"folder:{tmp_path}")
    with pytest.raises(UsageError, match=r"Digits alone can be rewritten.*2 classes from cat to dog.*set rewritten to"):
        Plan.make(recipe, load(recipe.dataset), "cpu")
    with pytest.raises(ValidationError, match="rewritten by their label: set rewritten to 0"):
        quick(positive=3, rewritten=5, loss="binary-cross-entropy", decision="threshold")
