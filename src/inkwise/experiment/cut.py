"""A dataset's splits as a recipe sees them: validation carved from train, and yes-or-no labels where it asks so."""

from inkwise.data.dataset import Dataset, Split
from inkwise.data.split import carve, one_against_rest
from inkwise.errors import DataError, UsageError
from inkwise.recipes.recipe import Recipe

_SEED = 0  # the validation images are the same in every run, whatever its seed
_MOST = 5  # at most one in so many of the train images is held out: small datasets need theirs for learning


def cut(recipe: Recipe, dataset: Dataset) -> dict[str, Split]:
    """Return "train", "test" and, where the recipe holds images out, "validation".

    `recipe.validation` images are held out, but never more than a fifth of train.

    Raises:
        UsageError: The recipe asks for a class that the dataset does not have.
        DataError: There are too few train images to hold one out.
    """
    splits = {name: dataset.split(name) for name in ("train", "test")}
    if recipe.positive is not None:
        class_names(recipe, dataset)
        splits = {name: one_against_rest(split, recipe.positive) for name, split in splits.items()}
    if recipe.validation:
        count = min(recipe.validation, len(splits["train"]) // _MOST)
        if not count:
            raise DataError(
                f"{dataset.name} has {len(splits['train'])} train images, too few to hold one out for validation; "
                f"give at least {_MOST}, or set validation to 0."
            )
        splits["train"], splits["validation"] = carve(splits["train"], count, _SEED)
    return splits


def class_names(recipe: Recipe, dataset: Dataset) -> tuple[str, ...]:
    """Return what the labels mean: the dataset's classes, or ("not 3", "3") for a yes-or-no recipe."""
    if recipe.positive is None:
        return dataset.classes
    if recipe.positive >= len(dataset.classes):
        raise UsageError(
            f"positive is {recipe.positive}, but {dataset.name} has the classes 0 to {len(dataset.classes) - 1} "
            f"({', '.join(dataset.classes)}); choose one of these."
        )
    name = dataset.classes[recipe.positive]
    return f"not {name}", name
