from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from inkwise.evaluation.mistakes import worst

Make = Callable[..., tuple[np.ndarray, np.ndarray]]


@given(st.integers(0, 2**32), st.integers(1, 60), st.integers(2, 6))
def test_mistakes_are_the_wrong_answers_by_falling_loss(make: Make, seed: int, n: int, classes: int) -> None:
    probabilities, labels = make(seed, n, classes)
    found = worst(probabilities, labels)
    wrong = np.flatnonzero(probabilities.argmax(axis=1) != labels)
    assert sorted(m.index for m in found) == wrong.tolist()
    assert [m.loss for m in found] == sorted((m.loss for m in found), reverse=True)
    for m in found:
        assert m.label == labels[m.index] != m.predicted
        assert m.predicted_probability == probabilities[m.index].max()
        assert m.loss == pytest.approx(-np.log(m.label_probability))


def test_at_most_k_are_given_and_equal_losses_keep_their_order() -> None:
    probabilities = np.array([[0.3, 0.7], [0.1, 0.9], [0.3, 0.7], [0.9, 0.1]])
    found = worst(probabilities, np.zeros(4, dtype=np.int64), 2)
    assert [m.index for m in found] == [1, 0]


def test_a_threshold_decides_what_is_a_mistake() -> None:
    scores, labels = np.array([[0.3], [0.6]]), np.array([1, 0])
    assert [m.index for m in worst(scores, labels, threshold=0.5)] == [0, 1]
    assert worst(scores, labels, threshold=0.2)[0].index == 1
    assert worst(scores, labels, threshold=0.2)[0].predicted_probability == pytest.approx(0.6)


def test_an_abstention_is_no_mistake() -> None:
    probabilities = np.array([[0.9, 0.1], [0.9, 0.1]])
    found = worst(probabilities, np.array([1, 1]), predicted=np.array([-1, 0]))
    assert [m.index for m in found] == [1]


def test_a_mistake_is_plain_numbers() -> None:
    (only,) = worst(np.array([[0.75, 0.25]]), np.array([1]))
    assert only.to_dict() == {
        "index": 0, "label": 1, "predicted": 0,
        "predicted_probability": 0.75, "label_probability": 0.25, "loss": pytest.approx(np.log(4)),
    }  # fmt: skip
