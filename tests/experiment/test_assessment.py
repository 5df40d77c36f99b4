"""A model on a dataset and split: the split it says, the classes it knows."""

import copy
from pathlib import Path

import numpy as np
import pytest
import torch

from inkwise.data.load import load
from inkwise.errors import UsageError
from inkwise.experiment.assessment import assess, contrast
from inkwise.experiment.cut import cut
from inkwise.experiment.experiment import Outcome
from inkwise.recognizer import Recognizer


@pytest.fixture(scope="module")
def model(finished: Outcome) -> Recognizer:
    return Recognizer.load(finished.run.folder)


@pytest.fixture(scope="module")
def three(yes_or_no: Outcome) -> Recognizer:
    return Recognizer.load(yes_or_no.run.folder)


def test_test_and_validation_come_out_as_in_the_run(model: Recognizer, finished: Outcome) -> None:
    for split in ("test", "validation"):
        assert assess(model, "uci-digits", split).to_dict() == finished.evaluations[split].to_dict()


def test_every_split_has_its_images_and_all_is_train_and_test_together(model: Recognizer) -> None:
    found = {split: assess(model, "uci-digits", split) for split in ("train", "validation", "test", "all")}
    assert {split: evaluation.n for split, evaluation in found.items()} == {
        "train": 1200, "validation": 97, "test": 500, "all": 1797,
    }  # fmt: skip
    assert {evaluation.split for evaluation in found.values()} == set(found)
    assert found["all"].errors == sum(found[split].errors for split in ("train", "validation", "test"))


def test_a_yes_or_no_model_is_judged_by_its_own_question_and_threshold(three: Recognizer) -> None:
    evaluation = assess(three, "uci-digits")
    assert evaluation.classes == ("not 3", "3")
    labels = cut(three.recipe, load("uci-digits"))["test"].labels
    images = load("uci-digits").split("test").images
    answers = (three.probabilities(images)[:, 0] >= three.threshold).long()
    assert evaluation.errors == int((answers != labels).sum())


def test_another_dataset_of_the_same_classes_is_fine_and_of_others_refused(model: Recognizer, tmp_path: Path) -> None:
    images = np.zeros((20, 28, 28), dtype=np.uint8)
    images[:, 4:24, 12:16] = 255
    np.savez(tmp_path / "ones.npz", images=images, labels=np.arange(20) % 10)
    assert assess(model, f"npz:{tmp_path / 'ones.npz'}", "all").n == 20
    np.savez(tmp_path / "two.npz", images=images, labels=np.arange(20) % 2, classes=np.array(["a", "b"]))
    message = (
        r"two\.npz has the classes a, b, the model answers 0, 1, 2, 3, 4, 5, 6, 7, 8, 9; evaluate it on a dataset of "
        r"the same classes\."
    )
    with pytest.raises(UsageError, match=message):
        assess(model, f"npz:{tmp_path / 'two.npz'}")


def test_an_unknown_split_is_refused_with_those_accepted(model: Recognizer) -> None:
    with pytest.raises(UsageError, match=r"There is no split 'tset'; accepted are train, validation, test, all\."):
        assess(model, "uci-digits", "tset")


def test_a_model_that_held_nothing_out_has_no_validation_split(model: Recognizer) -> None:
    recipe = model.recipe.model_copy(update={"validation": 0})
    other = Recognizer(model.network, model.card, recipe)
    with pytest.raises(UsageError, match="quick held no validation split out of train; use --split train or --split"):
        assess(other, "uci-digits", "validation")


def test_two_models_are_compared_on_the_same_images(model: Recognizer, finished: Outcome) -> None:
    blind = Recognizer(copy.deepcopy(model.network), model.card, model.recipe)
    with torch.no_grad():
        blind.network.get_parameter("linear1.bias")[0] += 1e6  # answers 0, whatever it is shown
    comparison = contrast(model, blind, "uci-digits", names=("seeing", "blind"))
    errors = assess(model, "uci-digits").errors
    assert (comparison.n, comparison.names, comparison.errors) == (500, ("seeing", "blind"), (errors, 450))
    assert len(comparison.fixed_by_a) > len(comparison.fixed_by_b)


def test_models_of_different_questions_are_not_compared(model: Recognizer, three: Recognizer) -> None:
    with pytest.raises(UsageError, match=r"answer different questions \(0, 1, .* and not 3, 3\); compare two of the"):
        contrast(model, three, "uci-digits")


def test_the_labels_of_all_are_those_of_train_and_test(model: Recognizer) -> None:
    dataset = load("uci-digits")
    labels = torch.cat([dataset.split(name).labels for name in ("train", "test")])
    confusion = torch.tensor(assess(model, "uci-digits", "all").confusion)
    assert confusion.sum(1).tolist() == labels.bincount().tolist()


def test_models_that_held_other_images_out_are_compared_on_test_alone(model: Recognizer) -> None:
    recipe = model.recipe.model_copy(update={"validation": 50})
    other = Recognizer(model.network, model.card, recipe)
    assert contrast(model, other, "uci-digits", "test").n == 500
    for split in ("train", "validation"):
        with pytest.raises(UsageError, match=r"hold 97 and 50 images out of train.*compare them on --split test"):
            contrast(model, other, "uci-digits", split)
