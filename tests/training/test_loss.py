"""Losses by name, the floor of the published softmax, and what counts as right."""

import math
from typing import Any

import pytest
import torch
from torch.nn import functional

from inkwise.data.dataset import Split
from inkwise.recipes.recipe import Optimizer
from inkwise.training.loss import correct, make

LABELS = torch.arange(10)


def test_cross_entropy_is_torchs_with_the_recipes_smoothing(recipe_of: Any) -> None:
    logits = torch.randn(10, 10, generator=torch.Generator().manual_seed(0))
    for smoothing in (0.0, 0.1):
        loss = make(recipe_of(label_smoothing=smoothing), "logits")(logits, LABELS)
        log = logits.log_softmax(1)
        expected = -((1 - smoothing) * log[LABELS, LABELS] + smoothing * log.mean(1)).mean()
        torch.testing.assert_close(loss, expected)


def test_a_softmax_before_cross_entropy_cannot_come_below_its_floor(recipe_of: Any) -> None:
    loss = make(recipe_of(), "probabilities")
    perfect = torch.eye(10)
    floor = math.log(math.e + 9) - 1
    assert floor == pytest.approx(1.461, abs=5e-4)
    assert loss(perfect, LABELS).item() == pytest.approx(floor, abs=1e-6)
    for sharpness in (0.0, 1.0, 10.0, 1000.0):
        assert loss((sharpness * perfect).softmax(1), LABELS).item() >= floor - 1e-6


def test_mse_is_of_the_one_output_and_the_label(recipe_of: Any) -> None:
    recipe = recipe_of(loss="mse", positive=3, decision="threshold")
    outputs, labels = torch.tensor([[0.2], [0.9], [0.5]]), torch.tensor([0, 1, 1])
    assert make(recipe, "probabilities")(outputs, labels).item() == pytest.approx((0.04 + 0.01 + 0.25) / 3)


def test_binary_cross_entropy_is_the_same_of_a_logit_and_of_its_probability(recipe_of: Any) -> None:
    recipe = recipe_of(loss="binary-cross-entropy", positive=3, decision="threshold")
    logits, labels = torch.tensor([[-2.0], [0.5], [3.0]]), torch.tensor([0, 0, 1])
    by_logit = make(recipe, "logits")(logits, labels)
    torch.testing.assert_close(by_logit, make(recipe, "probabilities")(logits.sigmoid(), labels))
    expected = functional.softplus(torch.tensor([-2.0, 0.5, -3.0])).mean()
    torch.testing.assert_close(by_logit, expected)


def test_the_largest_output_is_the_answer() -> None:
    outputs = torch.tensor([[0.1, 3.0, 0.2], [5.0, 1.0, 2.0], [0.0, 0.0, 1.0]])
    assert correct(outputs, torch.tensor([1, 2, 2]), 0.0).item() == 2


@pytest.mark.parametrize(("middle", "right"), [(0.0, 3), (0.5, 4)])
def test_one_output_answers_yes_from_the_middle_on(middle: Any, right: Any) -> None:
    outputs = torch.tensor([[-1.0], [0.4], [0.5], [0.0], [2.0]])
    labels = torch.tensor([0, 0, 1, 1, 1]) if middle == 0.5 else torch.tensor([0, 0, 0, 1, 1])
    assert correct(outputs, labels, middle).item() == right


def test_yes_or_no_recipes_learn_with_each_of_their_losses(
    recipe_of: Any, trainer_of: Any, blobs: Any, memories: Any
) -> None:
    whole = blobs(60)
    train = Split("train", whole.images, (whole.labels == 2).long())
    for loss, lines in (
        ("binary-cross-entropy", ("flatten", "linear classes")),
        ("binary-cross-entropy", ("flatten", "linear classes", "sigmoid")),
        ("mse", ("flatten", "linear classes", "sigmoid")),
    ):
        recipe = recipe_of(
            network=lines, loss=loss, positive=2, decision="threshold", epochs=15, optimizer=Optimizer(lr=0.03)
        )
        trainer = trainer_of(recipe, train)
        trainer.run(memories())
        assert trainer.history[-1]["accuracy"] > 0.95
