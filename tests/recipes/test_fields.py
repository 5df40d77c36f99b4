"""Settings by dotted name: complete, explained, and read from what is typed."""

import pytest

from inkwise.recipes.fields import fields, groups
from inkwise.recipes.recipe import Recipe

BY_NAME = {setting.name: setting for setting in fields()}


def test_every_setting_is_there_once_in_the_order_of_the_source() -> None:
    assert len(BY_NAME) == len(fields())
    top = list(dict.fromkeys(name.split(".")[0] for name in BY_NAME))
    assert top == list(Recipe.model_fields)
    assert groups() == ("claim", "optimizer", "schedule", "augmentation")


@pytest.mark.parametrize("name", BY_NAME)
def test_every_setting_says_what_it_is_and_what_it_accepts(name: str) -> None:
    assert BY_NAME[name].comment
    assert BY_NAME[name].accepts


def test_defaults_are_the_recipes() -> None:
    recipe = Recipe(name="mine", network=("flatten",))
    for setting in fields():
        if not setting.required and not setting.name.startswith("claim."):
            value = recipe
            for part in setting.name.split("."):
                value = getattr(value, part)
            assert value == setting.default


@pytest.mark.parametrize(
    ("name", "accepts"),
    [
        ("optimizer.lr", "a finite number above 0"),
        ("optimizer.weight_decay", "a finite number of at least 0"),
        ("optimizer.momentum", "a finite number from 0 to below 1"),
        ("optimizer.name", "one of sgd, adam, adamw, muon"),
        ("optimizer.betas", "2 values separated by commas, each a finite number from 0 to below 1"),
        ("epochs", "a whole number of at least 1"),
        ("seed", "a whole number from 0 to 9,223,372,036,854,775,807"),
        ("positive", "a whole number of at least 0, or none"),
        ("shuffle", "true or false"),
        ("augmentation.rotate", "a finite number from 0 to 180"),
        ("title", "text"),
        ("defects", "a list of texts"),
    ],
)
def test_what_is_accepted_is_said_in_words(name: str, accepts: str) -> None:
    assert BY_NAME[name].accepts == accepts


@pytest.mark.parametrize(
    ("name", "text", "value"),
    [
        ("epochs", "3", 3),
        ("epochs", "3.5", "3.5"),
        ("optimizer.lr", " 1e-3 ", 0.001),
        ("optimizer.betas", "0.9, 0.95", (0.9, 0.95)),
        ("optimizer.betas", "0.9", "0.9"),
        ("optimizer.betas", "0.9,x", (0.9, "x")),
        ("shuffle", "No", False),
        ("shuffle", "on", True),
        ("shuffle", "maybe", "maybe"),
        ("positive", "none", None),
        ("positive", "3", 3),
        ("dataset", "folder:my digits", "folder:my digits"),
        ("defects", "One, and only one.", ("One, and only one.",)),
        ("network", "conv 8 3x3, relu ,flatten", ("conv 8 3x3", "relu", "flatten")),
        ("network", "flatten", ("flatten",)),
        ("network", "my-network", "my-network"),
    ],
)
def test_what_is_typed_becomes_a_value_or_stays_for_the_check(name: str, text: str, value: object) -> None:
    assert BY_NAME[name].read(text) == value
