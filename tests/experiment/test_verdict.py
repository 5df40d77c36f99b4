"""The verdict: honest figures, a threshold from validation alone, and the source's own figure beside them."""

from collections.abc import Callable
from typing import Any

import pytest
import torch

from inkwise.data.dataset import Dataset, Split
from inkwise.data.load import load
from inkwise.evaluation.evaluation import evaluate
from inkwise.evaluation.metrics import choose_threshold
from inkwise.experiment.plan import Plan
from inkwise.experiment.verdict import first_kernels, judge, learned_nothing
from inkwise.recipes.recipe import Claim, Recipe

Quick = Callable[..., Recipe]
YES_OR_NO: dict[str, Any] = {"positive": 3, "loss": "mse", "decision": "threshold"}


@pytest.fixture(scope="module")
def digits() -> Dataset:
    whole = load("uci-digits")
    splits = {name: Split(name, split.images[:300], split.labels[:300]) for name, split in whole.splits.items()}
    return Dataset("digits", whole.classes, splits, "", "")


def plan_of(digits: Dataset, recipe: Recipe) -> Plan:
    return Plan.make(recipe, digits, "cpu")


def test_both_splits_are_judged_in_evaluation_mode(quick: Quick, digits: Dataset) -> None:
    plan = plan_of(digits, quick(validation=50))
    network = plan.network()
    verdict = judge(network, plan)
    assert {name: evaluation.n for name, evaluation in verdict.evaluations.items()} == {"validation": 50, "test": 300}
    with torch.no_grad():
        answers = network.eval()(plan.test.images.float() / 255)
    assert verdict.evaluations["test"].errors == int((answers.argmax(1) != plan.test.labels).sum())
    temperature = (verdict.card.calibration or {})["temperature"]
    torch.testing.assert_close(verdict.probabilities, (answers / temperature).softmax(1))
    assert verdict.card.metrics.keys() == {"digits/validation", "digits/test"}
    assert (verdict.card.threshold, verdict.published, verdict.negatives) == (None, None, None)


def test_without_validation_the_test_split_alone_is_judged(quick: Quick, digits: Dataset) -> None:
    verdict = judge((plan := plan_of(digits, quick(validation=0))).network(), plan)
    assert list(verdict.evaluations) == ["test"]
    assert (verdict.card.calibration, verdict.card.rejection) == (None, None)  # there was nothing to choose them on
    assert (verdict.evaluations["test"].uncalibrated_ece, verdict.evaluations["test"].answered_errors) == (None, None)


def test_the_threshold_is_chosen_on_validation_and_without_it_is_a_half(quick: Quick, digits: Dataset) -> None:
    plan = plan_of(digits, quick(validation=50, **YES_OR_NO))
    network = plan.network()
    verdict = judge(network, plan)
    assert plan.validation is not None
    with torch.no_grad():
        yes = network.eval()(plan.validation.images.float() / 255).sigmoid()
    temperature = (verdict.card.calibration or {})["temperature"]
    expected = choose_threshold((yes.logit() / temperature).sigmoid(), plan.validation.labels)
    assert verdict.card.threshold == pytest.approx(expected, abs=1e-4)
    assert verdict.evaluations["test"].threshold == verdict.card.threshold
    bare = plan_of(digits, quick(validation=0, **YES_OR_NO))
    assert judge(bare.network(), bare).card.threshold == 0.5


def test_a_published_recipe_has_its_sources_figure_beside_ours(quick: Quick, digits: Dataset) -> None:
    claim = Claim(text="98 %", split="validation")
    plan = plan_of(digits, quick(name="quick@published", claim=claim, validation=50))
    verdict = judge(plan.network(), plan)
    ours = verdict.evaluations["validation"].accuracy
    expected = {"split": "validation", "accuracy": ours, "way": "as measured here", "claimed": "98 %"}
    assert verdict.published == expected


def test_argmax_of_one_column_is_always_no(quick: Quick, digits: Dataset) -> None:
    values = YES_OR_NO | {"decision": "argmax-of-one-column"}
    plan = plan_of(digits, quick(name="quick@published", claim=Claim(text="90 %"), validation=0, **values))
    published = judge(plan.network(), plan).published
    assert published is not None
    noes = int((plan.test.labels == 0).sum())
    assert published["accuracy"] == pytest.approx(noes / 301)  # the source divides by one too many
    assert published["way"] == "argmax over a single column"


def test_testing_in_train_mode_is_repeatable_and_leaves_the_network_alone(quick: Quick, digits: Dataset) -> None:
    values: dict[str, Any] = {"name": "quick@published", "claim": Claim(text="99 %"), "test_mode": "train"}
    plan = plan_of(digits, quick(validation=0, **values))
    network = plan.network()
    before = {name: value.clone() for name, value in network.state_dict().items()}
    first, second = (judge(network, plan).published for _ in range(2))
    assert first == second
    assert first is not None
    assert first["way"] == "dropout and batch statistics left on"
    assert all(torch.equal(value, before[name]) for name, value in network.state_dict().items())


@pytest.mark.parametrize("split", ["validation", "train"])
def test_a_claim_on_a_split_that_is_not_judged_has_no_figure(quick: Quick, digits: Dataset, split: str) -> None:
    claim = Claim.model_validate({"text": "97 %", "split": split})
    plan = plan_of(digits, quick(name="quick@published", claim=claim, validation=0))
    assert judge(plan.network(), plan).published is None


def test_the_kernels_shown_are_those_that_see_the_image_given_or_learned(quick: Quick, digits: Dataset) -> None:
    behind = ("relu", "conv 3 3x3", "flatten", "linear classes")
    for first, given in (("cosines 4 5x5 stride 2", True), ("conv 4 5x5 stride 2", False)):
        network = plan_of(digits, quick(network=(first, *behind))).network()
        kernels, told = first_kernels(network)
        assert kernels is not None
        assert kernels.shape == (4, 1, 5, 5)
        assert told is given
    assert first_kernels(plan_of(digits, quick(network=("flatten", "linear classes"))).network()) == (None, False)


def test_a_model_that_always_gives_the_commonest_class_has_learned_nothing() -> None:
    labels = torch.tensor([0, 0, 0, 1, 2])
    always = torch.eye(3)[torch.zeros(5, dtype=torch.int64)]
    better = torch.eye(3)[torch.tensor([0, 0, 0, 1, 0])]
    for probabilities, nothing in ((always, True), (better, False)):
        evaluation = evaluate(probabilities, labels, ("a", "b", "c"), dataset="d", split="test")
        assert learned_nothing(evaluation) is nothing
