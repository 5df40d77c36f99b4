from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest

from inkwise.evaluation.evaluation import Disputes, Evaluation, evaluate
from inkwise.evaluation.phrases import chance, count, disputes, headline, percent, score, turned_away

Make = Callable[..., tuple[np.ndarray, np.ndarray]]


@pytest.fixture
def result(make: Make) -> Evaluation:
    made = evaluate(*make(0, 50, 10), "0123456789", dataset="mnist", split="test")
    return replace(made, n=10_000, errors=103, accuracy=0.9897, interval=(0.98752, 0.99149), abstained=0)


def test_the_headline_tells_the_result_in_one_sentence(result: Evaluation) -> None:
    assert headline(result) == (
        "Reads 98.97 % of 10,000 test digits it has never seen: 103 errors; 95 % interval 98.75 to 99.15."
    )


def test_only_an_unwatched_test_split_is_called_unseen(result: Evaluation) -> None:
    assert headline(result, watched=True).startswith("Reads 98.97 % of 10,000 test digits: 103 errors")
    assert "never seen" not in headline(replace(result, split="validation"))


def test_classes_that_are_no_digits_are_called_images(result: Evaluation) -> None:
    assert "test images" in headline(replace(result, classes=("shirt", "shoe")))


def test_abstentions_are_told(result: Evaluation) -> None:
    told = headline(replace(result, abstained=66, answered_errors=40))
    assert told.endswith(
        "103 errors; 95 % interval 98.75 to 99.15. Free to abstain it answers 9,934 of them: 40 errors."
    )
    assert "abstain" not in headline(replace(result, answered_errors=103))


def test_pictures_turned_away_are_counted_and_the_worst_family_named() -> None:
    negatives = {"rejected": 1990, "n": 2000, "auroc": {"letters": 0.9981, "noise": 1.0}}
    assert turned_away(negatives) == (
        "Turned away: 1,990 / 2,000 held-out pictures that are no digit.\nAUROC at least 0.9981 (letters)."
    )


def test_a_yes_or_no_question_is_told_as_one(make: Make) -> None:
    made = evaluate(*make(0, 9, 1), ("other digits", "3"), dataset="mnist", split="test", decision="threshold")
    assert headline(made).startswith("Tells 3 from other digits in ")


@pytest.mark.parametrize(
    ("probability", "words"),
    [(0.97, "97 %"), (0.5, "50 %"), (0.01, "1 %"), (0.0002, "0.02 %"),
     (0.9987, "99.87 %"), (0, "<0.01 %"), (1, ">99.99 %")],
)  # fmt: skip
def test_a_chance_has_decimals_only_near_none_and_all(probability: float, words: str) -> None:
    assert chance(float(probability)) == words


def test_figures_are_written_with_fixed_decimals() -> None:
    assert (percent(0.98971), percent(8990 / 10001, 3), percent(None)) == ("98.97 %", "89.891 %", "undefined")
    assert (score(0.5), score(None)) == ("0.5000", "undefined")
    assert (count(1, "error"), count(1203, "error")) == ("1 error", "1,203 errors")


def test_errors_on_disputed_labels_are_counted_and_named(result: Evaluation) -> None:
    assert disputes(result) is None
    some = replace(result, disputed=Disputes((947, 2597), 15))
    assert disputes(some) == "2 errors are on the 15 labels that people do not uphold: images 947, 2597"
    none = replace(result, disputed=Disputes((), 15))
    assert disputes(none) == "0 errors are on the 15 labels that people do not uphold"
