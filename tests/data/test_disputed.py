"""The labels that people do not uphold are those of the published split, and of no other."""

from dataclasses import replace
from pathlib import Path

import pytest
import torch

from inkwise.data.dataset import Dataset, Split
from inkwise.data.disputed import disputed, disputed_indices
from inkwise.data.load import load
from inkwise.data.registry import DIGITS, find


def made(name: str = "mnist", **hashes: str) -> Dataset:
    """Return a dataset of no images that claims the hashes of MNIST's test split, or others."""
    test = find("mnist").splits[1]
    known = {file.name: file.content or "" for file in (test.images, test.labels)}
    split = Split("test", torch.zeros(0, 1, 28, 28, dtype=torch.uint8), torch.zeros(0, dtype=torch.int64))
    return Dataset(name, DIGITS, {"test": split}, "", "", known | hashes)


def test_fewer_than_three_of_five_people_saw_each_label() -> None:
    table = disputed(made(), "test")
    assert table is not None
    assert len(table) == 15
    assert sorted({each.index for each in table}) == [each.index for each in table]
    for each in table:
        assert each.upheld < 3
        assert each.upheld + each.saw_guess + each.neither == 5
        assert 0 <= each.index < 10_000
        assert each.label != each.guess
        assert {each.label, each.guess} <= set(range(10))


def test_the_labels_are_those_of_mnist_at_these_places(mnist_root: Path) -> None:
    dataset = load("mnist", root=mnist_root)
    table = disputed(dataset, "test")
    assert table is not None
    labels = dataset.split("test").labels
    assert [each.label for each in table] == [int(labels[each.index]) for each in table]
    assert disputed_indices(dataset, "test") == tuple(each.index for each in table)
    assert disputed(dataset, "train") is None


@pytest.mark.parametrize(
    ("dataset", "split"),
    [
        (made(), "train"),
        (made(), "validation"),
        (made(), "all"),
        (made("qmnist"), "test"),
        (made("mine.npz"), "test"),
        (made(**{"t10k-labels-idx1-ubyte.gz": "00ff"}), "test"),
        (made(**{"t10k-images-idx3-ubyte.gz": "00ff"}), "test"),
        (replace(made(), hashes={}), "test"),
    ],
    ids=["train", "validation", "all", "other name", "file", "other labels", "other images", "no hashes"],
)
def test_of_other_data_nothing_is_known(dataset: Dataset, split: str) -> None:
    assert disputed(dataset, split) is None
    assert disputed_indices(dataset, split) is None


def test_packaged_digits_have_none() -> None:
    assert disputed_indices(load("uci-digits"), "test") is None
