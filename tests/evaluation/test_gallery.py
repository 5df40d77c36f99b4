from dataclasses import replace

import numpy as np
import pytest

from inkwise.errors import UnknownName
from inkwise.evaluation.gallery import Picture, gallery
from inkwise.evaluation.mistakes import worst

PROBABILITIES = np.array([[0.7, 0.2, 0.1], [0.1, 0.6, 0.3], [0.9, 0.05, 0.05], [0.3, 0.3, 0.4], [0.2, 0.5, 0.3]])
LABELS = np.array([0, 2, 1, 0, 0])
PREDICTED = PROBABILITIES.argmax(axis=1)


def order(**asked: object) -> list[int]:
    return [each.index for each in gallery(PROBABILITIES, LABELS, PREDICTED, **asked)]  # type: ignore[arg-type]


def test_by_loss_the_mistakes_are_those_of_the_report() -> None:
    assert order() == [mistake.index for mistake in worst(PROBABILITIES, LABELS)]
    for found, mistake in zip(gallery(PROBABILITIES, LABELS, PREDICTED), worst(PROBABILITIES, LABELS), strict=True):
        assert (found.loss, found.predicted_probability) == (mistake.loss, mistake.predicted_probability)
        assert found.other_probability == mistake.label_probability


def test_the_surest_mistake_or_the_closest_comes_first() -> None:
    assert order(by="confidence") == [2, 1, 4, 3]
    assert order(by="margin") == [3, 4, 1, 2]


def test_only_images_of_a_cell_are_shown() -> None:
    assert order(label=0) == [4, 3]
    assert order(label=0, answered=1) == [4]
    assert order(label=0, right=True) == [4, 3, 0]


def test_two_classes_are_named_the_truth_or_the_runner_up() -> None:
    wrong, right = (gallery(PROBABILITIES, LABELS, PREDICTED, label=label, right=True) for label in (2, 0))
    assert (wrong[0].predicted, wrong[0].other) == (1, 2)
    assert replace(right[-1], loss=0.0, margin=0.0) == Picture(0, 0, 0, 0.7, 1, 0.2, 0.0, 0.0)
    assert (right[-1].loss, right[-1].margin) == pytest.approx((-np.log(0.7), 0.5))


def test_a_yes_or_no_model_has_two_classes() -> None:
    found = gallery(np.array([[0.8], [0.4]]), np.array([0, 1]), np.array([1, 0]))
    assert [(each.index, each.predicted, each.other) for each in found] == [(0, 1, 0), (1, 0, 1)]


def test_an_unknown_order_is_refused() -> None:
    with pytest.raises(UnknownName, match="There is no order 'beauty'"):
        order(by="beauty")
