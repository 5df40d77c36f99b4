import re

import numpy as np
import pytest
import torch

from inkwise.errors import DataError
from inkwise.evaluation.answers import check_answers, check_labels, check_predicted

GOOD = np.array([[0.9, 0.1], [0.2, 0.8]], dtype=np.float32)
LABELS = np.array([0, 1])


def test_tensors_and_arrays_give_the_same_answers() -> None:
    from_array = check_answers(GOOD, LABELS)
    from_tensor = check_answers(torch.tensor(GOOD, requires_grad=True), torch.tensor(LABELS))
    np.testing.assert_array_equal(from_array.probabilities, from_tensor.probabilities)
    assert from_array.probabilities.dtype == from_tensor.probabilities.dtype == np.float64
    assert from_tensor.labels.dtype == np.int64


def test_half_precision_is_taken() -> None:
    rows = torch.tensor(GOOD).bfloat16()
    assert len(check_answers(rows, torch.tensor(LABELS))) == 2


def test_one_column_is_widened_to_no_and_yes() -> None:
    answers = check_answers(np.array([[0.25], [1.0]]), LABELS)
    assert answers.binary
    np.testing.assert_array_equal(answers.probabilities, [[0.75, 0.25], [0.0, 1.0]])
    assert not check_answers(GOOD, LABELS).binary


def test_a_flat_array_is_the_probability_of_yes() -> None:
    np.testing.assert_array_equal(check_answers(np.array([0.25, 1.0]), LABELS).positive, [0.25, 1.0])


def test_yes_is_answered_from_the_threshold_up() -> None:
    answers = check_answers(np.array([0.3, 0.5, 0.7]), np.array([0, 1, 1]))
    assert answers.decide().tolist() == [0, 1, 1]
    assert answers.decide(0.3).tolist() == [1, 1, 1]
    assert answers.decide(0.71).tolist() == [0, 0, 0]


def test_of_equal_probabilities_the_first_class_is_answered() -> None:
    assert check_answers(np.array([[0.5, 0.5]]), np.array([1])).decide().tolist() == [0]


@pytest.mark.parametrize(
    ("probabilities", "labels", "message"),
    [
        (np.zeros((0, 3)), np.zeros(0, int), "There are no images to evaluate; at least one row"),
        (GOOD, np.array([0]), "There are 2 rows of probabilities but 1 labels; each image needs one of each."),
        (GOOD, np.array([0, 2]), "The labels hold 2 at row 1, outside the 2 classes; 0 to 1 are accepted."),
        (GOOD, np.array([-1, 0]), "The labels hold -1 at row 0, outside the 2 classes"),
        (GOOD, np.array([0.0, 1.0]), "The labels are of type float64; whole numbers that index the classes"),
        (GOOD, np.array([[0], [1]]), "The labels have shape (2, 1); one whole number per image"),
        (np.zeros((2, 2, 2)), LABELS, "The probabilities have shape (2, 2, 2); (N, C), a row for each image"),
        (np.zeros((2, 0)), LABELS, "The probabilities have shape (2, 0); (N, C)"),
        (np.array([[1, 0], [0, 1]]), LABELS, "The probabilities are of type int64; real numbers from 0 to 1"),
        (np.array([[0.5, 0.5], [np.nan, 1]]), LABELS,
         "1 of 2 rows of probabilities hold nan or infinity (the first is row 1"),
        (np.array([[0.5, 0.5], [3.0, -2.0]]), LABELS,
         "Row 1 of the probabilities reaches from -2 to 3; 0 to 1 is accepted"),
        (np.array([[0.5, 0.5], [0.5, 0.6]]), LABELS, "Row 1 of the probabilities sums to 1.1; each row must sum to 1"),
        (np.array([1.5, 0.5]), LABELS, "Row 0 of the probabilities reaches from 1.5 to 1.5; 0 to 1 is accepted"),
    ],
)  # fmt: skip
def test_what_cannot_be_judged_is_told_in_one_sentence(
    probabilities: np.ndarray, labels: np.ndarray, message: str
) -> None:
    with pytest.raises(DataError, match=re.escape(message)):
        check_answers(probabilities, labels)


def test_a_yes_or_no_score_of_several_columns_is_refused() -> None:
    with pytest.raises(DataError, match="have 2 columns, but a yes-or-no score takes one column"):
        _ = check_answers(GOOD, LABELS).positive


def test_given_answers_may_abstain_but_not_leave_the_classes() -> None:
    assert check_predicted(np.array([-1, 1]), 2, 2).tolist() == [-1, 1]
    with pytest.raises(DataError, match=r"The predicted classes hold 2 at row 0, outside the 2 classes"):
        check_predicted(np.array([2, 1]), 2, 2)
    with pytest.raises(DataError, match="There are 3 labels but 2 predicted classes"):
        check_predicted(np.array([0, 1]), 3, 2)
    with pytest.raises(DataError, match="The predicted classes are of type float64"):
        check_predicted(np.array([0.0, 1.0]), 2, 2)


def test_labels_of_any_whole_type_are_taken() -> None:
    for kind in (np.uint8, np.int32, np.bool_):
        assert check_labels(np.array([0, 1], dtype=kind), 2).dtype == np.int64
