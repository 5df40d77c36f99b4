"""Recipes by name; every one of them walks the same conformance test."""

from pathlib import Path

import pytest

from inkwise.errors import UnknownName, UsageError
from inkwise.models.network import build
from inkwise.models.summary import check, summarise
from inkwise.recipes import registry
from inkwise.recipes.load import resolve, to_toml
from inkwise.recipes.recipe import Recipe


def test_each_tutorial_is_there_corrected_and_as_published() -> None:
    tutorials = ("matched-filter", "small-cnn", "dropout-cnn", "deep-cnn", "batchnorm-cnn")
    expected = [name for tutorial in tutorials for name in (tutorial, f"{tutorial}@published")]
    assert [name for name in registry.names() if name in expected] == expected


@pytest.mark.parametrize("name", registry.names())
def test_every_recipe_is_whole(name: str, tmp_path: Path) -> None:
    recipe = registry.get(name)
    assert recipe.name == name
    assert recipe.title
    assert len(recipe.title) <= 23  # what the list has room for at 80 columns
    outputs = 1 if recipe.binary else 10
    check(summarise(recipe.network, outputs), build(recipe.network, classes=outputs, pixels=recipe.pixels))
    assert all(defect.endswith(".") for defect in recipe.defects)
    path = tmp_path / "copy.toml"
    path.write_text(to_toml(recipe), encoding="utf-8")
    assert resolve(str(path)) == recipe


@pytest.mark.parametrize("name", [name for name in registry.names() if "@" not in name])
def test_a_corrected_recipe_has_no_defect(name: str) -> None:
    recipe = registry.get(name)
    assert recipe.defects == ()
    assert recipe.shuffle
    if f"{name}@published" in registry.names():
        assert recipe.keep == "best"
    # Nothing is chosen on test: a best epoch needs images held out, or there is no choice and the last one is kept.
    assert recipe.validation > 0 or recipe.keep == "last"
    assert recipe.test_mode == "eval"
    assert not recipe.watch_test
    assert recipe.decision in {"argmax", "threshold"}
    assert recipe.network[-1] not in {"softmax", "sigmoid"}


@pytest.mark.parametrize("name", ["fast", "accurate", "nano"])
def test_ours_have_no_published_form_which_is_said(name: str) -> None:
    message = f"^{name} has no published form, since it is of no tutorial; give {name} alone.$"
    with pytest.raises(UsageError, match=message):
        registry.get(f"{name}@published")


@pytest.mark.parametrize("name", [name for name in registry.names() if name.endswith("@published")])
def test_a_published_recipe_names_its_defects_and_keeps_its_claim(name: str) -> None:
    recipe, corrected = registry.get(name), registry.get(name.removesuffix("@published"))
    assert recipe.defects
    assert recipe.claim == corrected.claim is not None
    assert (recipe.epochs, recipe.batch_size) == (corrected.epochs, corrected.batch_size)


def test_an_unknown_recipe_is_refused_with_a_suggestion() -> None:
    with pytest.raises(UnknownName, match=r"There is no recipe 'smal-cnn'. Did you mean 'small-cnn'"):
        registry.get("smal-cnn")


def test_a_name_is_registered_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(registry, "_RECIPES", {})
    mine = registry.register(Recipe(name="mine", network=("flatten", "linear classes")))
    assert registry.register(mine) is registry.get("mine")
    with pytest.raises(UsageError, match="There is already a recipe 'mine'; choose another name"):
        registry.register(Recipe(name="mine", network=("flatten", "linear classes"), epochs=3))
