"""Counts of parts add up to those of the whole, and tell what an evaluation of the whole tells."""

import json
from pathlib import Path

import pytest
import torch
from tests.recognizer_cases import DIGITS, THREE

from inkwise.data.uci import read_uci_digits
from inkwise.errors import DataError
from inkwise.evaluation.evaluation import evaluate
from inkwise.models.file import Card, write_model
from inkwise.recognizer import Recognizer
from inkwise.scoring.counts import Counts, count_answers


def test_parts_add_up_to_the_whole_exactly_and_to_its_evaluation(model: Path) -> None:
    recognizer, split = Recognizer.load(model), read_uci_digits().split("test")
    answers = recognizer.answer(split.images)
    truths = [str(int(label)) for label in split.labels]
    whole = count_answers(answers, truths, recognizer)
    parts = [count_answers(answers[k : k + 37], truths[k : k + 37], recognizer) for k in range(0, len(answers), 37)]
    assert sum(parts[::-1], Counts()) == whole
    told = whole.evaluation(recognizer, "uci-digits")
    probabilities = recognizer.probabilities(split.images)
    expected = evaluate(probabilities, split.labels, DIGITS, dataset="uci-digits", split="all")
    assert told is not None
    assert told.brier == pytest.approx(expected.brier, abs=1e-8)
    assert {**told.to_dict(), "brier": 0} == {**expected.to_dict(), "brier": 0}


def test_a_yes_or_no_model_is_counted_by_its_one_probability(tmp_path: Path) -> None:
    weights = {"conv1.weight": torch.full((1, 1, 28, 28), -0.002)}
    card = Card(recipe=THREE.model_dump(mode="json"), classes=("others", "3"), threshold=0.4)
    write_model(tmp_path / "m.safetensors", weights, card)
    recognizer, split = Recognizer.load(tmp_path / "m.safetensors"), read_uci_digits().split("test")
    labels = (split.labels == 3).long()
    answers = recognizer.answer(split.images)
    told = count_answers(answers, [("others", "3")[int(label)] for label in labels], recognizer).evaluation(
        recognizer, "d"
    )
    probabilities = recognizer.probabilities(split.images)
    expected = evaluate(
        probabilities, labels, ("others", "3"), dataset="d", split="all", decision="threshold", threshold=0.4
    )
    assert told is not None
    assert told.roc_auc is None
    assert (told.errors, told.f1, told.threshold) == (expected.errors, expected.f1, 0.4)
    assert told.brier == pytest.approx(expected.brier, abs=1e-8)


def test_labels_that_are_no_class_are_counted_and_nothing_else(model: Path) -> None:
    recognizer = Recognizer.load(model)
    answers = recognizer.answer(read_uci_digits().split("test").images[:3])
    counts = count_answers(answers, ["A", None, "3"], recognizer)
    assert (counts.strange, counts.tally and counts.tally.n) == (1, 1)
    assert count_answers(answers, [None] * 3, recognizer) == Counts()
    assert Counts().evaluation(recognizer, "d") is None


def test_counts_go_through_json_without_loss(model: Path) -> None:
    recognizer, split = Recognizer.load(model), read_uci_digits().split("test")
    counts = count_answers(recognizer.answer(split.images[:9]), [str(int(k)) for k in split.labels[:9]], recognizer)
    assert Counts.from_dict(json.loads(json.dumps(counts.to_dict()))) == counts
    with pytest.raises(DataError, match="These are no counts"):
        Counts.from_dict({"images": 3})
