import pytest
import torch

from inkwise.data.uci import read_uci_digits
from inkwise.experiment.plan import Plan
from inkwise.recipes import registry
from inkwise.studio.untrained import untrained


def test_its_weights_are_those_that_training_begins_with() -> None:
    recipe = registry.get("small-cnn").model_copy(update={"dataset": "uci-digits"})
    begun = Plan.make(recipe, read_uci_digits(), "cpu").network().state_dict()
    made = untrained(recipe).network.state_dict()
    assert made.keys() == begun.keys()
    for name, weights in begun.items():
        torch.testing.assert_close(made[name], weights, rtol=0, atol=0)


def test_random_numbers_go_on_as_if_nothing_had_been_built() -> None:
    torch.manual_seed(3)
    expected = torch.rand(2)
    torch.manual_seed(3)
    untrained(registry.get("small-cnn"))
    assert torch.equal(torch.rand(2), expected)


@pytest.mark.parametrize("name", registry.names())
def test_every_recipe_has_an_answer(name: str) -> None:
    recognizer = untrained(registry.get(name))
    answer = recognizer.answer(torch.zeros(1, 1, 28, 28, dtype=torch.uint8))[0]
    assert len(answer.probabilities) == len(recognizer.classes) == (2 if recognizer.recipe.binary else 10)
    assert sum(answer.probabilities) == pytest.approx(1, abs=1e-5)
