"""Splits made from splits: a validation share carved out of train, and one class against the rest.

The same seed gives the same images on every machine and with every numpy: the draw uses the raw stream of PCG64,
which numpy guarantees (NEP 19), and not the methods of its Generator, which may change. Nothing is ever carved out
of a split called "test".
"""

import numpy as np
import torch
from jaxtyping import Bool, Int64
from torch import Tensor

from inkwise.data.dataset import Split
from inkwise.errors import DataError


def carve(train: Split, count: int, seed: int) -> tuple[Split, Split]:
    """Split `train` into what remains of it and a validation split, stratified by class.

    Args:
        train: The split to take from.
        count: How many images go to validation; each class gives its share, rounded so that they add up.
        seed: Not negative; decides which.

    Returns:
        The remaining train split and the validation split, each in the order of the source.

    Raises:
        DataError: `count` is negative, or leaves no image to train on, or the split is called "test".
    """
    if train.name == "test":
        raise DataError("Validation is carved from train, not from test: nothing is chosen on test.")
    if count < 0 or (count and count >= len(train)):
        raise DataError(
            f"A validation split of {count:,} images cannot be carved from the {len(train):,} of {train.name}; "
            f"accepted are 0 to {max(0, len(train) - 1):,}."
        )
    chosen = draw(train.labels, count, seed)
    return _take(train, ~chosen, train.name), _take(train, chosen, "validation")


def hold_out(whole: Split, share: float, seed: int) -> tuple[Split, Split]:
    """Split a source that has no test split into train and test, stratified by class.

    Args:
        whole: Every image of the source.
        share: The part that becomes test, above 0 and below 1.
        seed: Decides which.

    Returns:
        The train and the test split.

    Raises:
        DataError: There are too few images for both.
    """
    count = round(len(whole) * share)
    if not 0 < count < len(whole):
        raise DataError(
            f"{len(whole):,} images are too few to hold {share:.0%} out as a test split; give more, or give train and "
            "test apart."
        )
    chosen = draw(whole.labels, count, seed)
    return _take(whole, ~chosen, "train"), _take(whole, chosen, "test")


def one_against_rest(split: Split, positive: int) -> Split:
    """Return the split with label 1 for the class `positive` and 0 for every other.

    Raises:
        DataError: No image is of that class.
    """
    labels = (split.labels == positive).long()
    if not labels.any():
        raise DataError(
            f"The {split.name} split has no image of class {positive}; it has {_listed(split.labels)}, so there is "
            "nothing to tell from the rest."
        )
    return Split(split.name, split.images, labels)


def draw(labels: Int64[Tensor, " n"], count: int, seed: int) -> Bool[Tensor, " n"]:
    """Choose `count` of the labelled rows, each class in proportion.

    A class of n out of N gives count * n / N, rounded down; those with the largest remainders give one more until
    the count is met, the lower class first where they tie.

    Args:
        labels: The class of each row.
        count: How many to choose, 0 to N.
        seed: Not negative.

    Returns:
        True where a row is chosen.
    """
    classes, sizes = np.unique(labels.numpy(), return_counts=True)
    exact = sizes.astype(object) * count  # whole numbers, so that no rounding differs between machines
    quotas = np.array([int(value // max(1, len(labels))) for value in exact], dtype=np.int64)
    remainders = np.array([int(value % max(1, len(labels))) for value in exact], dtype=np.int64)
    quotas[np.argsort(-remainders, kind="stable")[: count - int(quotas.sum())]] += 1
    keys = np.random.PCG64(seed).random_raw(len(labels))
    chosen = np.zeros(len(labels), dtype=np.bool_)
    for label, quota in zip(classes, quotas, strict=True):
        rows = np.flatnonzero(labels.numpy() == label)
        chosen[rows[np.argsort(keys[rows], kind="stable")[:quota]]] = True
    return torch.from_numpy(chosen)


def _take(split: Split, mask: Bool[Tensor, " n"], name: str) -> Split:
    return Split(name, split.images[mask], split.labels[mask])


def _listed(labels: Int64[Tensor, " n"]) -> str:
    return ", ".join(str(label) for label in np.unique(labels.numpy())) or "none"
