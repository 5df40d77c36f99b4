import numpy as np
import pytest
from tests.reading_cases import template

from inkwise.reading.orientation import find_turn
from inkwise.reading.scores import Judge

FORMS = np.stack([template(digit) for digit in "23457"])[:, None]


@pytest.mark.parametrize("turn", range(4))
def test_the_turn_that_reads_best_is_found(judge: Judge, turn: int) -> None:
    lying = np.ascontiguousarray(np.rot90(FORMS, -turn, axes=(2, 3)))
    found, chance = find_turn(lying, judge)
    assert found == turn
    assert chance > 0.8


def test_where_nothing_tells_the_page_stays_as_it_was(judge: Judge) -> None:
    round_ones = np.stack([template("0")] * 3)[:, None]
    assert find_turn(round_ones, judge)[0] == 0
    assert find_turn(FORMS[:0], judge) == (0, 0.0)
