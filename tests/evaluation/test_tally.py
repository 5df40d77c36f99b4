import json
import re
from collections.abc import Callable
from functools import reduce
from itertools import pairwise
from operator import add

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from sklearn import metrics as oracle

from inkwise.errors import DataError
from inkwise.evaluation.tally import BINS, Tally, class_scores, macro_f1

Make = Callable[..., tuple[np.ndarray, np.ndarray]]
SEEDS, SIZES, CLASSES = st.integers(0, 2**32), st.integers(1, 60), st.integers(2, 6)


@given(SEEDS, SIZES, CLASSES, st.lists(st.integers(0, 60), max_size=4))
def test_shards_add_to_exactly_the_tally_of_the_whole(
    make: Make, seed: int, n: int, classes: int, cuts: list[int]
) -> None:
    probabilities, labels = make(seed, n, classes)
    edges = sorted({0, len(labels), *(min(cut, len(labels)) for cut in cuts)})
    shards = [Tally.of(probabilities[a:b], labels[a:b]) for a, b in pairwise(edges)]
    whole = Tally.of(probabilities, labels)
    assert reduce(add, shards) == whole
    assert reduce(add, reversed(shards)) == whole
    assert Tally.zero(whole.classes) + whole == whole


@given(SEEDS, SIZES)
def test_adding_is_associative_and_commutative(make: Make, seed: int, n: int) -> None:
    x, y, z = (Tally.of(*make(seed + shard, n + shard, 3)) for shard in range(3))
    assert (x + y) + z == x + (y + z)
    assert x + y == y + x


@given(SEEDS, SIZES, CLASSES)
def test_counts_and_scores_are_those_of_scikit_learn(make: Make, seed: int, n: int, classes: int) -> None:
    probabilities, labels = make(seed, n, classes)
    tally, said = Tally.of(probabilities, labels), probabilities.argmax(axis=1)
    every = np.arange(probabilities.shape[1])
    np.testing.assert_array_equal(tally.confusion, oracle.confusion_matrix(labels, said, labels=every))
    expected = oracle.precision_recall_fscore_support(labels, said, labels=every, zero_division=np.nan)
    np.testing.assert_allclose(tally.precision, expected[0])
    np.testing.assert_allclose(tally.recall, expected[1])
    np.testing.assert_allclose(tally.f1, expected[2])
    np.testing.assert_array_equal(tally.support, expected[3])
    mean = oracle.precision_recall_fscore_support(labels, said, average="macro", zero_division=0)
    np.testing.assert_allclose(tally.macro, mean[:3])
    assert tally.accuracy == pytest.approx(oracle.accuracy_score(labels, said))
    assert tally.errors == (said != labels).sum()


@given(SEEDS, SIZES, CLASSES)
def test_log_loss_is_that_of_scikit_learn(make: Make, seed: int, n: int, classes: int) -> None:
    probabilities, labels = make(seed, n, classes)
    wide = probabilities.astype(np.float64)
    expected = -np.log(wide[np.arange(len(labels)), labels]).mean()
    assert Tally.of(probabilities, labels).nll == pytest.approx(expected, rel=1e-6, abs=1e-9)
    normal = wide / wide.sum(axis=1, keepdims=True)
    by_oracle = oracle.log_loss(labels, normal, labels=np.arange(wide.shape[1]))
    assert Tally.of(normal, labels).nll == pytest.approx(by_oracle, rel=1e-6, abs=1e-9)


@given(SEEDS, SIZES, CLASSES)
def test_calibration_bins_hold_every_answer_once(make: Make, seed: int, n: int, classes: int) -> None:
    probabilities, labels = make(seed, n, classes)
    tally = Tally.of(probabilities, labels)
    assert sum(tally.bin_counts) == tally.n == len(labels)
    assert sum(tally.bin_correct) == tally.correct
    assert tally.bin_confidence.sum() == pytest.approx(probabilities.max(axis=1).astype(np.float64).sum())
    assert 0 <= tally.ece <= 1


@given(SEEDS, SIZES, CLASSES)
def test_json_gives_the_tally_back(make: Make, seed: int, n: int, classes: int) -> None:
    tally = Tally.of(*make(seed, n, classes))
    assert Tally.from_dict(json.loads(json.dumps(tally.to_dict()))) == tally


def test_calibration_error_of_a_worked_example() -> None:
    # Bin 9 (0.6 to 0.667): 0.62 and 0.64, one right. Bin 14: 1.0, right. (|1.26 - 1| + |1 - 1|) / 3.
    probabilities = np.array([[0.62, 0.38], [0.64, 0.36], [0.0, 1.0]])
    tally = Tally.of(probabilities, np.array([0, 1, 1]))
    assert (tally.bin_counts[9], tally.bin_correct[9], tally.bin_counts[14]) == (2, 1, 1)
    assert tally.ece == pytest.approx(0.26 / 3, abs=1e-9)


def test_a_probability_of_none_costs_no_more_than_the_stated_epsilon() -> None:
    tally = Tally.of(np.array([[1.0, 0.0]]), np.array([1]))
    assert tally.nll == pytest.approx(-np.log(1e-12))


def test_an_abstention_is_neither_right_nor_an_error() -> None:
    probabilities = np.array([[0.9, 0.1], [0.4, 0.6], [0.3, 0.7], [0.8, 0.2]])
    tally = Tally.of(probabilities, np.array([0, 0, 1, 1]), np.array([0, -1, 1, 0]))
    assert (tally.n, tally.errors, tally.abstained, tally.correct) == (4, 1, 1, 2)
    assert tally.accuracy == 0.5
    assert tally.recall.tolist() == [0.5, 0.5]
    assert tally.precision.tolist() == [0.5, 1.0]
    assert sum(tally.bin_counts) == 4
    assert tally.abstentions == (1, 0)


def test_confidence_is_that_of_the_answer_given() -> None:
    scores, labels = np.array([[0.3], [0.7]]), np.array([1, 1])
    tally = Tally.of(scores, labels, np.array([1, -1]))  # "yes" at 0.3, and an abstention that would be "yes"
    assert tally.bin_confidence.sum() == pytest.approx(0.3 + 0.7)
    assert sum(tally.bin_correct) == 2


def test_one_column_counts_no_and_yes() -> None:
    tally = Tally.of(torch.tensor([[0.2], [0.9], [0.6]]), torch.tensor([0, 1, 0]))
    assert tally.confusion == ((1, 1), (0, 1))


def test_an_empty_tally_has_no_accuracy() -> None:
    empty = Tally.zero(3)
    assert empty.n == 0
    assert np.isnan([empty.accuracy, empty.nll, empty.ece, *empty.macro]).all()


def test_scores_of_many_samples_at_once_are_those_of_each() -> None:
    samples = np.random.default_rng(0).integers(5, size=(7, 3, 4))
    together = class_scores(samples)
    for k, sample in enumerate(samples):
        for all_scores, own in zip(together, class_scores(sample), strict=True):
            np.testing.assert_array_equal(all_scores[k], own)
        assert macro_f1(samples)[k] == macro_f1(sample)


def test_tallies_of_different_classes_do_not_add() -> None:
    with pytest.raises(DataError, match="A tally of 2 classes and one of 3 cannot be added"):
        Tally.zero(2) + Tally.zero(3)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"confusion": None}, "This is not a tally (a list was expected, not None)"),
        ({"confusion": [[1, 2]]}, "This is not a tally (the confusion counts are not square)"),
        ({"loss_units": 0.5}, "This is not a tally (whole numbers were expected, not [0.5])"),
        ({"bin_counts": [1]}, f"This is not a tally (not {BINS} confidence bins)"),
    ],
)
def test_what_is_no_tally_is_refused(make: Make, change: dict[str, object], message: str) -> None:
    values = Tally.of(*make(0, 5, 3)).to_dict() | change
    with pytest.raises(DataError, match=re.escape(message)):
        Tally.from_dict(values)


def test_a_missing_part_is_named() -> None:
    with pytest.raises(DataError, match="This is not a tally \\('confusion'\\)"):
        Tally.from_dict({})
