"""A recipe's view of a dataset: validation carved the same way for every seed, labels as the recipe asks."""

from collections.abc import Callable

import pytest
import torch

from inkwise.data.dataset import Dataset, Split
from inkwise.data.load import load
from inkwise.errors import DataError, UsageError
from inkwise.experiment.cut import class_names, cut
from inkwise.recipes.recipe import Recipe

Quick = Callable[..., Recipe]


@pytest.fixture(scope="module")
def digits() -> Dataset:
    return load("uci-digits")


def three() -> Dataset:
    """Ninety images, each of which tells its own place."""
    images = torch.arange(90, dtype=torch.uint8)[:, None, None, None].expand(-1, 1, 2, 2).clone()
    split = Split("train", images, torch.arange(90) % 3)
    return Dataset("three", ("a", "b", "c"), {"train": split, "test": Split("test", images, split.labels)}, "", "")


def places(split: Split) -> list[int]:
    return split.images[:, 0, 0, 0].tolist()


def test_validation_is_the_same_whatever_the_recipes_seed(quick: Quick, digits: Dataset) -> None:
    first, second = (cut(quick(seed=seed), digits)["validation"] for seed in (0, 12345))
    assert torch.equal(first.images, second.images)
    assert torch.equal(first.labels, second.labels)


def test_train_and_validation_are_disjoint_and_cover_the_source(quick: Quick) -> None:
    splits = cut(quick(validation=15), three())
    train, validation = places(splits["train"]), places(splits["validation"])
    assert not set(train) & set(validation)
    assert sorted(train + validation) == list(range(90))
    assert splits["validation"].labels.bincount().tolist() == [5, 5, 5]
    assert {name: split.name for name, split in splits.items()} == {name: name for name in splits}


def test_without_validation_there_is_none(quick: Quick) -> None:
    splits = cut(quick(validation=0), three())
    assert sorted(splits) == ["test", "train"]
    assert len(splits["train"]) == 90


def test_test_is_never_touched(quick: Quick) -> None:
    assert places(cut(quick(validation=15), three())["test"]) == list(range(90))


def test_a_yes_or_no_recipe_has_labels_of_its_class_against_the_rest_in_every_split(quick: Quick) -> None:
    recipe = quick(positive=1, loss="mse", decision="threshold", validation=15)
    for split in cut(recipe, three()).values():
        expected = [int(place % 3 == 1) for place in places(split)]
        assert split.labels.tolist() == expected
    assert class_names(recipe, three()) == ("not b", "b")
    assert class_names(quick(), three()) == ("a", "b", "c")


def test_a_class_that_is_not_there_is_refused_with_those_that_are(quick: Quick) -> None:
    recipe = quick(positive=3, loss="mse", decision="threshold")
    message = r"positive is 3, but three has the classes 0 to 2 \(a, b, c\); choose one of these\."
    for look in (cut, class_names):
        with pytest.raises(UsageError, match=message):
            look(recipe, three())


def test_at_most_a_fifth_is_held_out(quick: Quick) -> None:
    for asked, held in ((17, 17), (18, 18), (19, 18), (5000, 18)):
        splits = cut(quick(validation=asked), three())
        assert (len(splits["validation"]), len(splits["train"])) == (held, 90 - held)


def test_too_few_images_to_hold_one_out_are_refused_and_can_be_trained_on_without(quick: Quick) -> None:
    whole = three().split("train")
    few = Split("train", whole.images[:4], whole.labels[:4])
    dataset = Dataset("few", ("a", "b", "c"), {"train": few, "test": few}, "", "")
    message = "few has 4 train images, too few to hold one out for validation; give at least 5, or set validation to 0"
    with pytest.raises(DataError, match=message):
        cut(quick(validation=1), dataset)
    assert len(cut(quick(validation=0), dataset)["train"]) == 4
