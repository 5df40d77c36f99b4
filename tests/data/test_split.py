import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from inkwise.data.dataset import Split
from inkwise.data.split import carve, draw, hold_out, one_against_rest
from inkwise.errors import DataError


def split_of(labels: list[int], name: str = "train") -> Split:
    """A split whose every image tells its own position."""
    images = torch.arange(len(labels)).remainder(256).to(torch.uint8)[:, None, None, None].expand(-1, 1, 2, 2)
    return Split(name, images.clone(), torch.tensor(labels, dtype=torch.int64))


def positions(split: Split) -> list[int]:
    return [int(value) for value in split.images[:, 0, 0, 0]]


def test_what_is_carved_and_what_remains_make_up_the_whole_in_order() -> None:
    whole = split_of([0, 1, 2] * 20)
    train, validation = carve(whole, 12, seed=3)
    assert (train.name, validation.name) == ("train", "validation")
    assert (len(train), len(validation)) == (48, 12)
    assert sorted(positions(train) + positions(validation)) == list(range(60))
    assert positions(train) == sorted(positions(train))
    assert positions(validation) == sorted(positions(validation))
    assert torch.equal(validation.labels, whole.labels[positions(validation)])


def test_every_class_gives_its_share() -> None:
    _, validation = carve(split_of([0] * 60 + [1] * 30 + [2] * 10), 20, seed=0)
    assert validation.labels.bincount().tolist() == [12, 6, 2]


def test_remainders_go_to_the_largest_and_then_to_the_lower_class() -> None:
    _, validation = carve(split_of([0] * 5 + [1] * 5 + [2] * 5), 4, seed=0)
    assert validation.labels.bincount().tolist() == [2, 1, 1]


def test_the_draw_is_the_same_everywhere_and_differs_by_seed() -> None:
    # Written down once: it must not change with numpy, torch or the machine.
    labels = torch.arange(24).remainder(3)
    assert draw(labels, 6, seed=0).nonzero()[:, 0].tolist() == [1, 3, 11, 13, 20, 21]
    assert draw(labels, 6, seed=1).nonzero()[:, 0].tolist() != [1, 3, 11, 13, 20, 21]


@given(labels=st.lists(st.integers(0, 4), min_size=1, max_size=60), data=st.data())
@settings(max_examples=100, deadline=None)
def test_the_draw_meets_its_count_and_is_off_by_less_than_one_per_class(labels: list[int], data: st.DataObject) -> None:
    count = data.draw(st.integers(0, len(labels)))
    chosen = draw(torch.tensor(labels), count, seed=data.draw(st.integers(0, 2**63)))
    assert int(chosen.sum()) == count
    for label in set(labels):
        share = count * labels.count(label) / len(labels)
        assert abs(int((chosen & (torch.tensor(labels) == label)).sum()) - share) < 1


def test_carving_nothing_leaves_everything() -> None:
    train, validation = carve(split_of([0, 1]), 0, seed=0)
    assert (len(train), len(validation)) == (2, 0)
    assert validation.images.shape == (0, 1, 2, 2)


@pytest.mark.parametrize("count", [4, 5000, -1])
def test_a_validation_split_that_leaves_nothing_to_train_on_is_refused(count: int) -> None:
    with pytest.raises(
        DataError, match=f"of {count:,} images cannot be carved from the 4 of train; accepted are 0 to 3"
    ):
        carve(split_of([0, 1, 0, 1]), count, seed=0)


def test_nothing_is_carved_from_test() -> None:
    with pytest.raises(DataError, match="carved from train, not from test: nothing is chosen on test"):
        carve(split_of([0, 1, 0, 1], name="test"), 1, seed=0)


def test_a_share_is_held_out_by_class() -> None:
    train, test = hold_out(split_of([0] * 12 + [1] * 6), 1 / 6, seed=0)
    assert (train.name, test.name) == ("train", "test")
    assert train.labels.bincount().tolist() == [10, 5]
    assert test.labels.bincount().tolist() == [2, 1]


def test_too_few_images_to_hold_some_out_are_refused() -> None:
    with pytest.raises(DataError, match="2 images are too few to hold 17% out as a test split"):
        hold_out(split_of([0, 1]), 1 / 6, seed=0)


def test_one_class_against_the_rest_has_label_1() -> None:
    binary = one_against_rest(split_of([3, 0, 3, 9]), 3)
    assert binary.labels.tolist() == [1, 0, 1, 0]
    assert binary.labels.dtype == torch.int64
    assert positions(binary) == [0, 1, 2, 3]


def test_a_positive_class_without_images_is_refused() -> None:
    with pytest.raises(DataError, match="The train split has no image of class 4; it has 0, 3, so there is nothing"):
        one_against_rest(split_of([3, 0, 3]), 4)
