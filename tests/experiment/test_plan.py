"""A plan finds what can be known to fail, and gives the same first weights for the same seed."""

from collections.abc import Callable

import pytest
import torch
from torch import nn

from inkwise.data.dataset import Dataset, Split
from inkwise.data.load import load
from inkwise.errors import DataError, RecipeError, ShapeError, UnknownName, UsageError
from inkwise.experiment.plan import Plan
from inkwise.models.registry import register
from inkwise.recipes.recipe import Recipe

Quick = Callable[..., Recipe]


@pytest.fixture(scope="module")
def digits() -> Dataset:
    return load("uci-digits")


def test_it_has_the_splits_the_classes_and_the_summary(quick: Quick, digits: Dataset) -> None:
    plan = Plan.make(quick(), digits, "cpu")
    assert plan.validation is not None
    assert (len(plan.train), len(plan.validation), len(plan.test)) == (1200, 97, 500)
    assert (plan.classes, plan.outputs, plan.shape) == (tuple("0123456789"), 10, (1, 28, 28))
    assert sum(value.numel() for value in plan.network().parameters()) == plan.summary.parameters


def test_a_yes_or_no_recipe_has_one_output_and_two_classes(quick: Quick, digits: Dataset) -> None:
    plan = Plan.make(quick(positive=3, loss="mse", decision="threshold"), digits, "cpu")
    assert (plan.classes, plan.outputs) == (("not 3", "3"), 1)
    assert plan.network()(torch.zeros(2, 1, 28, 28)).shape == (2, 1)


def test_the_first_weights_are_the_seeds(quick: Quick, digits: Dataset) -> None:
    def weights(seed: int) -> torch.Tensor:
        torch.manual_seed(seed + 99)  # the global generator has no say
        return torch.cat(
            [value.flatten() for value in Plan.make(quick(seed=seed), digits, "cpu").network().parameters()]
        )

    assert torch.equal(weights(1), weights(1))
    assert not torch.equal(weights(1), weights(2))


def test_small_networks_are_computed_in_float32_and_the_reason_is_told(quick: Quick, digits: Dataset) -> None:
    plan = Plan.make(quick(precision="auto", network=("flatten", "linear classes")), digits, "cpu")
    assert plan.compute.dtype == torch.float32
    assert "cpu (as asked), float32 (" in plan.compute.reason


def test_what_cannot_work_is_refused_before_anything_is_trained(quick: Quick, digits: Dataset) -> None:
    with pytest.raises(ShapeError, match=r"Layer 1, conv1 'conv 4 99x99' cannot take"):
        Plan.make(quick(network=("conv 4 99x99", "flatten", "linear classes")), digits, "cpu")
    with pytest.raises(RecipeError, match="layer 2"):
        Plan.make(quick(network=("flatten", "nonsense 3")), digits, "cpu")
    with pytest.raises(UsageError, match="--device tpu is not known"):
        Plan.make(quick(), digits, "tpu")
    with pytest.raises(UnknownName, match="nobody"):
        Plan.make(quick(network="nobody"), digits, "cpu").network()


def test_the_card_says_what_is_known_before_training(quick: Quick, digits: Dataset) -> None:
    card = Plan.make(quick(), digits, "cpu").card()
    assert Recipe.model_validate(card.recipe) == quick()
    assert card.data == {"name": "uci-digits", "hashes": dict(digits.hashes)}
    assert card.licence == digits.licence
    assert card.versions["torch"] == str(torch.__version__)
    assert (card.metrics, card.threshold) == ({}, None)


def test_a_threshold_without_a_yes_in_validation_is_refused_before_training(quick: Quick, digits: Dataset) -> None:
    rare = digits.split("train").labels == 3
    rare[rare.nonzero()[0]] = False  # one 3 alone stays
    kept = ~rare
    train = Split("train", digits.split("train").images[kept], digits.split("train").labels[kept])
    few = Dataset("few", digits.classes, {"train": train, "test": digits.split("test")}, "", "")
    with pytest.raises(
        DataError, match="None of the 97 validation images is of class 3, so no threshold can be chosen"
    ):
        Plan.make(quick(positive=3, loss="binary-cross-entropy", decision="threshold"), few, "cpu")


def test_a_last_layer_of_another_width_is_refused_before_training(quick: Quick, digits: Dataset) -> None:
    with pytest.raises(ShapeError, match="10"):
        Plan.make(quick(network=("flatten", "linear 12")), digits, "cpu")


def test_negatives_add_two_outputs_and_leave_the_splits_as_they_are(quick: Quick, digits: Dataset) -> None:
    plan = Plan.make(quick(negatives=30), digits, "cpu")
    assert (plan.outputs, plan.classes, plan.card().rejects) == (12, digits.classes, ("not a digit", "two digits"))
    assert plan.network()(torch.zeros(2, 1, 28, 28)).shape == (2, 12)
    assert (len(plan.train), len(plan.test)) == (1200, 500)
    assert Plan.make(quick(), digits, "cpu").material.images.shape == (1200, 1, 28, 28)
    assert Plan.make(quick(), digits, "cpu").held_out_negatives is None


def test_negatives_beside_images_of_another_size_are_refused(quick: Quick, digits: Dataset) -> None:
    splits = {name: Split(name, split.images[:, :, ::2, ::2], split.labels) for name, split in digits.splits.items()}
    small = Dataset("small", digits.classes, splits, "", "")
    with pytest.raises(UsageError, match=r"negatives are drawn in MNIST's form, 1 x 28 x 28, and the images of small "):
        Plan.make(quick(negatives=30), small, "cpu")


def test_a_registered_network_is_tried_and_counted_before_training(quick: Quick, digits: Dataset) -> None:
    @register("test-plan-narrow")
    def narrow(classes: int, input_shape: tuple[int, ...]) -> nn.Module:
        return nn.Sequential(nn.Flatten(), nn.Linear(784, classes))

    @register("test-plan-wrong")
    def wrong(classes: int, input_shape: tuple[int, ...]) -> nn.Module:
        return nn.Sequential(nn.Flatten(), nn.Linear(700, classes))

    @register("test-plan-wide")
    def wide(classes: int, input_shape: tuple[int, ...]) -> nn.Module:
        return nn.Sequential(nn.Flatten(), nn.Linear(784, classes + 1))

    assert Plan.make(quick(network="test-plan-narrow"), digits, "cpu").summary.multiply_adds == 7840
    with pytest.raises(ShapeError, match="'test-plan-wrong' cannot take images of"):
        Plan.make(quick(network="test-plan-wrong"), digits, "cpu")
    with pytest.raises(ShapeError, match=r"'test-plan-wide' gives \(11,\) for an image; 10 outputs are needed"):
        Plan.make(quick(network="test-plan-wide"), digits, "cpu")
