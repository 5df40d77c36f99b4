import pytest
import torch

from inkwise.data.dataset import Dataset, Split
from inkwise.errors import DataError


def split_of(labels: list[int], name: str = "train") -> Split:
    return Split(name, torch.zeros((len(labels), 1, 2, 2), dtype=torch.uint8), torch.tensor(labels))


def dataset_of(**splits: Split) -> Dataset:
    return Dataset("tiny", ("a", "b"), splits, "CC0", "Made by hand.")


def test_a_split_is_as_long_as_its_labels() -> None:
    assert len(split_of([0, 1, 1])) == 3


def test_images_and_labels_of_different_counts_are_refused() -> None:
    with pytest.raises(DataError, match="The test split has 2 images but 3 labels; each image needs one label"):
        Split("test", torch.zeros((2, 1, 2, 2), dtype=torch.uint8), torch.tensor([0, 1, 0]))


def test_a_split_is_found_by_name_and_a_wrong_name_lists_those_that_exist() -> None:
    dataset = dataset_of(train=split_of([0]), test=split_of([1]))
    assert dataset.split("test").labels.tolist() == [1]
    with pytest.raises(DataError, match="tiny has no split 'tets'; it has train, test"):
        dataset.split("tets")


@pytest.mark.parametrize("wrong", [2, -1])
def test_a_label_outside_the_classes_is_refused_by_value_and_position(wrong: int) -> None:
    with pytest.raises(DataError, match=f"tiny, train split: label {wrong} at position 2 is outside .* are 0 to 1"):
        dataset_of(train=split_of([0, 1, wrong, 7]))
