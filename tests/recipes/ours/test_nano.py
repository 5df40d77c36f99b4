"""What the recipe `nano` promises of its size."""

import pytest

from inkwise.models.summary import summarise
from inkwise.recipes.ours.nano import RECIPE


def test_it_has_fewer_than_8000_parameters_and_a_million_multiply_adds() -> None:
    summary = summarise(RECIPE.network, 10)
    assert summary.parameters < 8_000
    assert summary.multiply_adds < 1_000_000


@pytest.mark.parametrize("classes", [2, 10, 47])
def test_more_classes_cost_a_row_of_the_last_layer_each(classes: int) -> None:
    more = summarise(RECIPE.network, classes)
    assert more.rows[-1].output_shape == (classes,)
    assert more.parameters - summarise(RECIPE.network, 10).parameters == (classes - 10) * (36 + 1)
