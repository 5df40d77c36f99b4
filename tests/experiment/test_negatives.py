"""Pictures of no digit beside a recipe's images: behind them, labelled on from the classes, held out apart."""

from collections.abc import Callable
from pathlib import Path

import pytest
import torch

from inkwise.data.dataset import Split
from inkwise.data.load import load
from inkwise.experiment.assessment import assess
from inkwise.experiment.experiment import train
from inkwise.experiment.negatives import held_out, with_negatives
from inkwise.recipes.recipe import Recipe
from inkwise.recognizer import Recognizer

Quick = Callable[..., Recipe]


@pytest.fixture(scope="module")
def digits() -> Split:
    split = load("uci-digits").split("train")
    return Split("train", split.images[:80], split.labels[:80])


def test_they_stand_behind_the_train_images_with_labels_behind_the_classes(quick: Quick, digits: Split) -> None:
    made = with_negatives(quick(negatives=60), digits, 10)
    assert (made.name, len(made)) == ("train", 140)
    assert torch.equal(made.images[:80], digits.images)
    assert torch.equal(made.labels[:80], digits.labels)
    assert set(made.labels[80:].tolist()) == {10, 11}
    assert made.images[80:].flatten(1).any(1).sum() > 30  # most show something
    assert with_negatives(quick(), digits, 10) is digits


def test_they_depend_on_the_recipes_seed_alone(quick: Quick, digits: Split) -> None:
    first, again, other = (with_negatives(quick(negatives=30, seed=seed), digits, 10) for seed in (0, 0, 1))
    assert torch.equal(first.images, again.images)
    assert torch.equal(first.labels, again.labels)
    assert not torch.equal(first.images, other.images)


def test_those_for_thresholds_are_the_same_in_every_run_and_others_than_those_to_learn_from(
    quick: Quick, digits: Split
) -> None:
    one, two = (held_out(quick(negatives=30, seed=seed), digits) for seed in (0, 1))
    assert one is not None
    assert two is not None
    assert len(one) == len(digits) == len(one.families)
    assert torch.equal(one.images, two.images)
    assert set(one.kinds.tolist()) == {0, 1}
    learned = with_negatives(quick(negatives=80), digits, 10).images[80:]
    assert not torch.equal(learned, one.images)
    assert held_out(quick(), digits) is None
    assert held_out(quick(negatives=30), None) is None


def test_a_training_with_them_tells_how_it_turns_them_away(quick: Quick, tmp_path: Path) -> None:
    outcome = train(quick(negatives=120), out=tmp_path / "wary", device="cpu")
    model, values = Recognizer.load(outcome.run.folder), outcome.run.evaluation()
    assert model.outputs(torch.zeros(1, 1, 28, 28, dtype=torch.uint8)).shape == (1, 12)
    negatives = values["negatives"]
    assert negatives["n"] == 97
    assert set(negatives["auroc"]) == set(negatives["rejected_share"])
    assert model.card.metrics["drawn negatives/validation"] == negatives
    assert (model.card.rejection or {})["digit"] > 0
    assert assess(model, "uci-digits").to_dict() == outcome.evaluations["test"].to_dict()
    assert len(outcome.evaluations["test"].confusion) == 10
