"""What the report draws of a training."""

from collections.abc import Callable

import pytest

from inkwise.data.load import load
from inkwise.experiment.course import POINTS, course
from inkwise.experiment.plan import Plan
from inkwise.recipes.recipe import Recipe
from inkwise.training.loop import Trainer
from inkwise.training.nowhere import Nowhere

Quick = Callable[..., Recipe]


def trained(recipe: Recipe) -> Trainer:
    plan = Plan.make(recipe, load("uci-digits"), "cpu")
    trainer = Trainer(recipe, plan.network(), plan.train, plan.validation, plan.validation, plan.compute)
    trainer.run(Nowhere())
    return trainer


def test_an_only_epoch_is_drawn_step_by_step(quick: Quick) -> None:
    trainer = trained(quick(epochs=1))
    train = [row for row in course(trainer) if row["split"] == "train"]
    assert [row["step"] for row in train] == list(range(1, 12))
    assert train[-1]["epoch"] == 1
    assert [row["loss"] for row in train] == pytest.approx(trainer.epoch_losses.tolist())
    assert [row for row in course(trainer) if row["split"] == "validation"] == trainer.history[1:]


def test_many_steps_are_drawn_as_means_that_keep_the_whole(quick: Quick) -> None:
    trainer = trained(quick(epochs=1, batch_size=7))  # 172 steps, the last of 3 images
    train = [row for row in course(trainer) if row["split"] == "train"]
    steps = [row["step"] for row in train]
    assert POINTS / 2 < len(steps) <= POINTS
    images = [min(7 * b, 1200) - 7 * a for a, b in zip([0, *steps], steps, strict=False)]
    for what in ("loss", "accuracy"):
        whole = sum(float(row[what]) * n for row, n in zip(train, images, strict=True)) / 1200
        assert whole == pytest.approx(trainer.history[0][what], abs=1e-5)


def test_several_epochs_are_drawn_as_they_are(quick: Quick) -> None:
    trainer = trained(quick(epochs=2))
    assert course(trainer) == trainer.history
