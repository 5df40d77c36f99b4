import numpy as np

from inkwise.reading.scores import Scores

SCORES = Scores(np.eye(10)[:4], np.array([[1, 0, 0], [0, 1, 0], [0, 0, 1], [0.5, 0.25, 0.25]]))


def test_scores_of_some_pictures_are_taken_by_their_places() -> None:
    some = SCORES[[2, 0]]
    assert len(some) == 2
    np.testing.assert_array_equal(some.digits.argmax(axis=1), [2, 0])
    np.testing.assert_array_equal(some.kinds, [[0, 0, 1], [1, 0, 0]])


def test_a_range_keeps_their_order() -> None:
    part = SCORES[1:3]
    np.testing.assert_array_equal(part.digits, SCORES.digits[1:3])
    np.testing.assert_array_equal(part.kinds, SCORES.kinds[1:3])
    assert len(SCORES[:0]) == 0
