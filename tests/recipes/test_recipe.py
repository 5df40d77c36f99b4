"""A recipe is frozen, refuses unknown fields, and its fields have to agree."""

import pytest
from pydantic import ValidationError

from inkwise.recipes.recipe import Disagreement, Recipe

BINARY = {"positive": 3, "loss": "binary-cross-entropy", "decision": "threshold"}


def recipe(**fields: object) -> Recipe:
    return Recipe.model_validate({"name": "mine", "network": ("flatten", "linear classes"), **fields})


def test_the_everyday_recipe_is_the_default() -> None:
    assert recipe().loss == "cross-entropy"
    assert not recipe().binary
    assert recipe(**BINARY).binary


def test_a_recipe_with_negatives_has_two_outputs_more_than_classes() -> None:
    assert recipe(negatives=1).rejects == ("not a digit", "two digits")
    assert recipe().rejects == recipe(**BINARY).rejects == ()
    assert [recipe(**more).outputs(26) for more in ({}, {"negatives": 9}, BINARY)] == [26, 28, 1]


def test_a_recipe_cannot_change() -> None:
    mine = recipe()
    for name in Recipe.model_fields:
        with pytest.raises(ValidationError, match="frozen"):
            setattr(mine, name, getattr(mine, name))


@pytest.mark.parametrize(
    ("fields", "sentence"),
    [
        ({"positive": 3, "decision": "threshold"}, "loss must be binary-cross-entropy or mse"),
        ({"positive": 3, "loss": "mse"}, "decision must be threshold"),
        ({"loss": "mse"}, "loss mse needs positive, the class that is asked for"),
        ({"decision": "threshold"}, "decision threshold needs positive, the class that is asked for"),
        ({**BINARY, "negatives": 5}, "a yes-or-no question, which has no output for negatives: set negatives to 0"),
        ({"patience": 2, "validation": 0}, "patience needs a validation split: set validation above 0"),
        ({**BINARY, "label_smoothing": 0.1}, "label_smoothing works with cross-entropy alone"),
        (
            {"optimizer": {"momentum": 0.9}},
            "optimizer.momentum works with sgd and muon alone; adam takes optimizer.betas",
        ),
        ({"optimizer": {"rest_lr": 0.1}}, "optimizer.rest_lr works with muon alone; adam has one rate, optimizer.lr"),
    ],
)
def test_fields_that_do_not_agree_are_refused(fields: dict[str, object], sentence: str) -> None:
    with pytest.raises(ValidationError) as caught:
        recipe(**fields)
    disagreement = caught.value.errors()[0]["ctx"]["error"]
    assert isinstance(disagreement, Disagreement)
    assert any(sentence in text for _, text in disagreement.faults)
