"""What is chosen on held-out images: it changes no answer, keeps its promises there, and is left out without them."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
import torch

from inkwise.data.dataset import Split
from inkwise.data.load import load
from inkwise.evaluation.metrics import choose_threshold
from inkwise.experiment.experiment import Outcome
from inkwise.experiment.negatives import Negatives
from inkwise.experiment.settling import rejection_figures, settle
from inkwise.models.file import Card
from inkwise.models.network import Network, build
from inkwise.recipes.recipe import REJECTS, Recipe
from inkwise.recognizer import Recognizer

Quick = Callable[..., Recipe]
LINES = ("flatten", "linear classes")


def unsettled(model: Recognizer) -> Recognizer:
    """The same model as it was when it was trained."""
    card = model.card.model_copy(update={"calibration": None, "rejection": None, "threshold": None})
    return Recognizer(model.network, card, model.recipe)


@pytest.fixture(scope="module")
def trained(finished: Outcome) -> Recognizer:
    return unsettled(Recognizer.load(finished.run.folder))


@pytest.fixture(scope="module")
def held_out() -> Split:
    test = load("uci-digits").split("test")
    return Split("validation", test.images[:300], test.labels[:300])


@pytest.fixture(scope="module")
def wary(quick: Quick) -> Recognizer:
    """A model that takes a picture for as many digits as it has bright rows, and knows no class from another."""
    network: Network = build(LINES, classes=12)
    with torch.no_grad():
        for weight in network.parameters():
            weight.zero_()
        weights, bias = network.get_parameter("linear1.weight"), network.get_parameter("linear1.bias")
        weights[10:] = torch.tensor([-0.1, 0.1])[:, None]
        bias[10:] = torch.tensor([5.0, -45.0])
    recipe = quick(network=LINES, negatives=4)
    card = Card(recipe=recipe.model_dump(mode="json"), classes=tuple("0123456789"), rejects=REJECTS)
    return Recognizer(network, card, recipe)


def bright(rows: int, count: int) -> torch.Tensor:
    images = torch.zeros(count, 1, 28, 28, dtype=torch.uint8)
    images[:, :, :rows] = 255
    return images


def test_temperature_and_thresholds_change_no_answer_and_calibrate(trained: Recognizer, held_out: Split) -> None:
    settled = settle(trained, held_out)
    before, after = (model.judge(held_out.images) for model in (trained, settled))
    assert torch.equal(settled.decide(after.probabilities), trained.decide(before.probabilities))
    rows = torch.arange(len(held_out))
    costs = [-judged.probabilities[rows, held_out.labels].log().mean() for judged in (before, after)]
    assert costs[1] < costs[0]
    rejection = settled.card.rejection
    assert rejection is not None
    accepted = [answer.accepted for answer in settled.answer(held_out.images)]
    assert sum(accepted) / 300 == pytest.approx(rejection["accepted"])
    assert sum(accepted) >= 0.985 * 300
    wrong = settled.decide(after.probabilities) != held_out.labels
    assert float(wrong[torch.tensor(accepted)].float().mean()) == pytest.approx(rejection["risk"])
    assert rejection["digit"] == 0  # this model cannot tell


def test_without_held_out_images_the_card_has_none(trained: Recognizer) -> None:
    assert settle(trained, None).card == trained.card


def test_a_yes_or_no_gets_a_temperature_and_the_threshold_of_its_answer(quick: Quick, held_out: Split) -> None:
    asked: dict[str, Any] = {"positive": 3, "loss": "mse", "decision": "threshold"}
    recipe = quick(network=LINES, **asked)
    torch.manual_seed(0)
    network = build(LINES, classes=1)
    card = Card(recipe=recipe.model_dump(mode="json"), classes=("not 3", "3"))
    model = Recognizer(network, card, recipe)
    split = replace(held_out, labels=(held_out.labels == 3).long())
    settled = settle(model, split)
    assert settled.card.rejection is None
    assert settled.card.calibration is not None
    chances = settled.probabilities(split.images)
    assert settled.card.threshold == settled.threshold == choose_threshold(chances, split.labels)
    own = choose_threshold(model.probabilities(split.images), split.labels)
    assert torch.equal(settled.decide(chances), (model.probabilities(split.images)[:, 0] >= own).long())
    assert settle(model, None).card.threshold == 0.5


def test_the_chance_of_one_digit_is_cut_between_digits_and_negatives(wary: Recognizer) -> None:
    digits = Split("validation", bright(10, 60), torch.arange(60) % 10)
    negatives = Negatives(torch.cat([bright(1, 20), bright(27, 20)]), torch.arange(40) // 20, ("thin", "full") * 20)
    settled = settle(wary, digits, negatives)
    assert settled.rejection is not None
    one = settled.judge(torch.cat([digits.images, negatives.images])).kinds[:, 0]
    assert one[60:].max() < settled.rejection.digit < one[:60].min()
    shown = Negatives(negatives.images, negatives.kinds, ("thin",) * 20 + ("full",) * 20)
    assert rejection_figures(settled, digits, shown) == {
        "n": 40,
        "rejected": 40,
        "auroc": {"thin": 1.0, "full": 1.0},
        "rejected_share": {"thin": 1.0, "full": 1.0},
    }
    assert [answer.reason for answer in settled.answer(negatives.images[[0, -1]])] == list(REJECTS)
    assert settle(wary, digits).card.rejection != settled.card.rejection
