"""Real digits that an export is compared on, and others that the ranges of int8 are taken from.

Train and test images of the dataset that the model learned from, where it is on this machine; the packaged digits
otherwise, which is said. Nothing is downloaded. The test split is opened once, when the file is made, and nothing is
chosen on it.
"""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import torch
from jaxtyping import UInt8
from torch import Tensor

from inkwise.data.dataset import Dataset, Split
from inkwise.data.load import load
from inkwise.data.uci import read_uci_digits
from inkwise.errors import DataError, ImageError, ModelError, UsageError
from inkwise.experiment.cut import class_names, cut
from inkwise.recognizer import Recognizer


@dataclass(frozen=True)
class Digits:
    """`train` and `test` of `dataset`; `labelled` says whether their labels are the model's classes."""

    dataset: str
    train: Split
    test: Split
    labelled: bool

    def calibrating(self, count: int) -> UInt8[Tensor, "n 1 h w"]:
        """Return up to `count` train images, evenly spread."""
        images = self.train.images
        return images[torch.linspace(0, len(images) - 1, min(count, len(images))).round().long()]


def find_digits(
    recognizer: Recognizer, *, data: Path | None = None, say: Callable[[str], None] = lambda _: None
) -> Digits:
    """Return digits for `recognizer`.

    Args:
        recognizer: The model; its dataset is looked for first.
        data: Where to look for it first.
        say: Told where the packaged digits take its place.

    Raises:
        ModelError: The network takes images of another size than digits come in.
    """
    shape = recognizer.card.input_shape
    try:
        found = _digits(recognizer, load(recognizer.recipe.dataset, root=data, offline=True, say=say))
    except (DataError, ImageError, UsageError):
        found = _digits(recognizer, read_uci_digits())
        others = "" if found.labelled else "; their classes are not the model's, so no errors are counted"
        say(
            f"{recognizer.recipe.dataset} is not on this machine: the export is made and checked with the packaged UCI "
            f"digits{others}."
        )
    if tuple(found.test.images.shape[1:]) != shape:
        sizes = (" x ".join(map(str, each)) for each in (shape, found.test.images.shape[1:]))
        raise ModelError("The network takes images of {}, and the digits to check an export on are {}.".format(*sizes))
    return found


def _digits(recognizer: Recognizer, dataset: Dataset) -> Digits:
    recipe = recognizer.recipe
    possible = recipe.positive is None or recipe.positive < len(dataset.classes)
    labelled = possible and class_names(recipe, dataset) == recognizer.classes
    # Without its labels a yes-or-no question cannot be cut, and need not be.
    splits = cut(recipe, dataset) if labelled else dict(dataset.splits)
    return Digits(dataset.name, splits["train"], splits["test"], labelled)
