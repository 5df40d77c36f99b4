import json
import re
from collections.abc import Callable

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from inkwise.errors import DataError
from inkwise.evaluation.answers import check_answers
from inkwise.evaluation.evaluation import Disputes, Evaluation, _check_request, evaluate
from inkwise.evaluation.intervals import wilson
from inkwise.evaluation.metrics import choose_threshold, roc_auc

Make = Callable[..., tuple[np.ndarray, np.ndarray]]
YES = ("other digits", "3")


@given(st.integers(0, 2**32), st.integers(1, 60), st.sampled_from([1, 2, 3, 10]), st.booleans())
def test_json_gives_the_evaluation_back(make: Make, seed: int, n: int, classes: int, abstain: bool) -> None:
    probabilities, labels = make(seed, n, classes)
    made = evaluate(
        probabilities,
        labels,
        [str(k) for k in range(max(2, classes))],
        dataset="mnist",
        split="test",
        decision="threshold" if classes == 1 else "argmax",
        abstain=np.arange(n) % 3 == 0 if abstain else None,
        disputed=range(0, n, 2) if n % 2 else None,
        temperature=1.5 if abstain else None,
    )
    text = json.dumps(made.to_dict(), allow_nan=False)
    assert Evaluation.from_dict(json.loads(text)) == made


def test_an_evaluation_has_the_promised_figures() -> None:
    probabilities = torch.tensor([[0.9, 0.1, 0.0], [0.2, 0.7, 0.1], [0.6, 0.3, 0.1], [0.1, 0.2, 0.7]])
    made = evaluate(probabilities, torch.tensor([0, 1, 2, 2]), ("a", "b", "c"), dataset="d", split="validation")
    values = made.to_dict()
    assert {"dataset", "split", "n", "errors", "accuracy", "nll", "ece", "confusion", "abstained"} <= values.keys()
    assert (made.dataset, made.split, made.n, made.errors, made.abstained) == ("d", "validation", 4, 1, 0)
    assert made.accuracy == 0.75
    assert made.interval == wilson(3, 4)
    assert made.confusion == ((1, 0, 0), (0, 1, 0), (1, 0, 1))
    assert made.nll == pytest.approx(-np.log([0.9, 0.7, 0.1, 0.7]).mean(), rel=1e-6)
    assert [row.name for row in made.per_class] == ["a", "b", "c"]
    assert made.per_class[2].recall == 0.5
    assert made.per_class[0].precision == 0.5
    assert sum(b.count for b in made.calibration) == 4
    assert (made.binary, made.threshold, made.roc_auc, made.published_accuracy) == (False, None, None, None)


def test_what_is_undefined_is_none() -> None:
    made = evaluate(np.array([[0.9, 0.1, 0.0]]), np.array([0]), "abc", dataset="d", split="test")
    assert made.per_class[1].recall is None
    assert made.per_class[1].precision is None
    assert made.calibration[0].accuracy is None
    assert made.macro_f1 == 1.0


def test_a_yes_or_no_question_gets_its_scores(make: Make) -> None:
    scores, labels = make(7, 400, 1)
    threshold = choose_threshold(scores, labels)
    made = evaluate(scores, labels, YES, dataset="mnist", split="test", decision="threshold", threshold=threshold)
    assert made.binary
    assert made.threshold == threshold
    assert made.precision == made.per_class[1].precision
    assert made.recall == made.per_class[1].recall
    assert made.roc_auc == roc_auc(scores, labels)
    assert made.f1 is not None
    assert made.f1_interval is not None
    assert made.f1_interval[0] < made.f1 < made.f1_interval[1]
    assert made.published_accuracy is None


def test_the_published_accuracy_stands_beside_the_honest_one() -> None:
    labels = np.repeat([0, 1], [8990, 1010])
    scores = np.where(np.arange(10000) % 50 == 0, 1 - labels, labels).astype(np.float32)  # wrong every 50th time
    made = evaluate(scores, labels, YES, dataset="mnist", split="test", decision="argmax-of-one-column")
    assert made.published_accuracy == 8990 / 10001
    assert made.accuracy == 0.98


def test_one_class_alone_has_no_area_and_says_why() -> None:
    made = evaluate(np.array([[0.2], [0.4]]), np.array([0, 0]), YES, dataset="d", split="test", decision="threshold")
    assert made.roc_auc is None
    assert made.roc_auc_reason == "all 2 labels are 0"
    assert (made.precision, made.recall, made.f1, made.f1_interval) == (None, None, None, None)


def test_abstentions_are_counted_beside_the_answers_to_all() -> None:
    probabilities, labels = np.array([[0.9, 0.1], [0.6, 0.4], [0.8, 0.2]]), np.array([0, 1, 1])
    all_answered = evaluate(probabilities, labels, "ab", dataset="d", split="test")
    made = evaluate(probabilities, labels, "ab", dataset="d", split="test", abstain=np.array([False, True, False]))
    assert (made.n, made.errors, made.correct, made.confusion) == (3, 2, 1, all_answered.confusion)
    assert made.accuracy == all_answered.accuracy == pytest.approx(1 / 3)
    assert made.interval == wilson(1, 3)
    assert (made.abstained, made.answered, made.answered_errors, made.answered_accuracy) == (1, 2, 1, 0.5)
    assert (all_answered.answered, all_answered.answered_errors) == (3, None)
    assert all_answered.answered_accuracy == pytest.approx(1 / 3)
    nobody = evaluate(probabilities, labels, "ab", dataset="d", split="test", abstain=np.ones(3, np.bool_))
    assert (nobody.answered, nobody.answered_errors, nobody.answered_accuracy) == (0, 0, None)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"classes": ("a",)}, "1 class names were given for 2 classes; one for each column is accepted."),
        ({"decision": "threshold"}, "The decision threshold does not fit probabilities of 2 columns; argmax does."),
        ({"threshold": 1.5}, "A threshold of 1.5 was given; a probability from 0 to 1 is accepted."),
        ({"abstain": np.array([1, 0])}, "The abstentions are int64 (2,); true or false for each of 2 images"),
    ],
)
def test_a_request_that_does_not_fit_is_refused(change: dict[str, object], message: str) -> None:
    request: dict[str, object] = {"classes": ("a", "b"), "dataset": "d", "split": "test"} | change
    with pytest.raises(DataError, match=re.escape(message)):
        evaluate(np.array([[0.9, 0.1], [0.6, 0.4]]), np.array([0, 1]), **request)  # type: ignore[arg-type]


def test_an_unknown_decision_is_refused() -> None:
    answers = check_answers(np.array([[0.9]]), np.array([1]))
    message = "There is no decision 'best'; argmax, threshold, argmax-of-one-column are accepted."
    with pytest.raises(DataError, match=re.escape(message)):  # past the type check that tests run with
        _check_request(answers, YES, "best", 0.5)


def test_one_column_needs_a_threshold() -> None:
    with pytest.raises(DataError, match="The decision argmax does not fit probabilities of 1 column; threshold does"):
        evaluate(np.array([[0.9]]), np.array([1]), YES, dataset="d", split="test")
    with pytest.raises(DataError, match="3 class names were given for 2 classes; two, for no and yes, are accepted"):
        evaluate(np.array([[0.9]]), np.array([1]), "abc", dataset="d", split="test", decision="threshold")


@pytest.mark.parametrize("change", [{"interval": None}, {"per_class": [{"nonsense": 1}]}, {"confusion": 3}])
def test_what_is_no_evaluation_is_refused(make: Make, change: dict[str, object]) -> None:
    values = evaluate(*make(0, 5, 2), "ab", dataset="d", split="test").to_dict() | change
    with pytest.raises(DataError, match="This is not an evaluation"):
        Evaluation.from_dict(values)
    with pytest.raises(DataError, match="This is not an evaluation"):
        Evaluation.from_dict({})


def test_further_fields_are_left_alone(make: Make) -> None:
    made = evaluate(*make(0, 5, 2), "ab", dataset="d", split="test")
    assert Evaluation.from_dict({**made.to_dict(), "train_seconds": 3.5}) == made


def test_errors_on_disputed_labels_are_named_and_remain_errors(make: Make) -> None:
    probabilities, labels = make(0, 60, 10)
    predicted = probabilities.argmax(1)
    wrong, right = np.flatnonzero(predicted != labels).tolist(), np.flatnonzero(predicted == labels).tolist()
    assert len(wrong) > 3
    asked = [wrong[2], right[0], wrong[0], wrong[1]]
    abstain = np.arange(60) == wrong[1]

    def judged(disputed: list[int] | None) -> Evaluation:
        return evaluate(
            probabilities, labels, "0123456789", dataset="mnist", split="test", abstain=abstain, disputed=disputed
        )

    made, plain = judged(asked), judged(None)
    assert made.disputed == Disputes((wrong[0], wrong[1], wrong[2]), 4)  # abstained from or not
    assert (made.errors, made.accuracy) == (plain.errors, plain.accuracy)
    assert made.to_dict()["disputed"] == {"errors": wrong[:3], "of": 4}
    assert plain.to_dict()["disputed"] is None


@pytest.mark.parametrize("index", [-1, 60])
def test_a_disputed_image_that_is_not_there_is_refused(make: Make, index: int) -> None:
    with pytest.raises(DataError, match=f"Image {index} is called disputed; indices from 0 to 59 are accepted"):
        evaluate(*make(0, 60, 10), "0123456789", dataset="mnist", split="test", disputed=[index])
