"""The digits that shipped models are measured on, each set whole and in MNIST's form.

MNIST's test split is in that form. The others come as pictures and go through the normaliser, as a user's own do; the
UCI digits also as the packaged dataset has them. Nothing is ever fitted to any of these. Semeion is looked for in
`$INKWISE_DATA/semeion` alone: 1,593 digits by about 80 people, 16 x 16 pixels of ink or none, UCI Machine Learning
Repository.
"""

import gzip
import os
from collections.abc import Callable
from functools import cache
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray

from inkwise.data.dataset import Dataset, Split
from inkwise.data.load import load
from inkwise.data.locate import VARIABLE
from inkwise.data.normaliser import normalise
from inkwise.data.npz import read_arrays
from inkwise.data.uci import PATH as UCI
from inkwise.data.uci import read_uci_digits
from inkwise.errors import DataError

DIGITS = tuple("0123456789")
Say = Callable[[str], None]


def digit_sets(say: Say) -> dict[str, tuple[Dataset, Split]]:
    """Return each set by "name/split"; one whose files are not here is left out, which is said."""
    found = {}
    for read in (mnist_test, semeion, uci_pictures, uci_dataset):
        try:
            dataset = read()
        except DataError as error:
            say(f"Left out: {error}")
            continue
        (split,) = dataset.splits.values()
        found[f"{dataset.name}/{split.name}"] = (dataset, split)
    return found


def mnist_test() -> Dataset:
    """Return MNIST with its test split alone."""
    whole = load("mnist")
    return Dataset(whole.name, whole.classes, {"test": whole.split("test")}, whole.licence, whole.origin, whole.hashes)


def semeion() -> Dataset:
    """Return all of Semeion; DataError where it is not on this machine."""
    file = data_folder("semeion") / "semeion.data.gz"
    if not file.is_file():
        raise DataError(f"There is no {file}; put Semeion's data file, compressed by gzip, there.")
    with gzip.open(file, "rt", encoding="ascii") as lines:
        table = np.array([line.split() for line in lines if line.strip()], np.float64)  # (1593, 256 + 10)
    pictures = (255 * table[:, :256].reshape(-1, 16, 16)).astype(np.uint8)
    return _of_pictures("semeion", pictures, table[:, 256:].argmax(1))


@cache
def uci_pictures() -> Dataset:
    """Return the packaged digits as pictures of 8 x 8 pixels, through the normaliser."""
    arrays = read_arrays(UCI)
    return _of_pictures("uci-digits, 8 x 8", np.rint(arrays["images"] * (255 / 16)).astype(np.uint8), arrays["labels"])


def uci_dataset() -> Dataset:
    """Return the packaged digits as the dataset `uci-digits` has them, all of them as one split."""
    whole = read_uci_digits()
    parts = whole.splits.values()
    both = Split("all", torch.cat([part.images for part in parts]), torch.cat([part.labels for part in parts]))
    return Dataset(whole.name, whole.classes, {"all": both}, whole.licence, whole.origin, whole.hashes)


def data_folder(name: str) -> Path:
    """Return where the files of `name` are looked for; DataError where no folder for data is named."""
    variable = os.environ.get(VARIABLE)
    if not variable:
        raise DataError(f"{VARIABLE} is not set, so nobody knows where {name} is; set it to the folder of the data.")
    return Path(variable).expanduser() / name


def _of_pictures(name: str, pictures: NDArray[np.uint8], labels: NDArray[np.generic]) -> Dataset:
    forms = np.stack([normalise(picture).image for picture in pictures])[:, None]  # (N, 1, 28, 28)
    split = Split("all", torch.from_numpy(forms), torch.from_numpy(labels.astype(np.int64)))
    return Dataset(name, DIGITS, {"all": split}, "", "pictures through the normaliser")
