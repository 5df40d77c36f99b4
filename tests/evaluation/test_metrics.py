from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn import metrics as oracle

from inkwise.errors import DataError
from inkwise.evaluation.metrics import (
    at_threshold,
    brier,
    choose_threshold,
    published_argmax_accuracy,
    roc_auc,
    roc_curve,
    weighted_auc,
)

Make = Callable[..., tuple[np.ndarray, np.ndarray]]
SEEDS, SIZES, TIES = st.integers(0, 2**32), st.integers(2, 80), st.booleans()


@given(SEEDS, SIZES, TIES)
def test_area_under_the_curve_is_that_of_scikit_learn(make: Make, seed: int, n: int, ties: bool) -> None:
    scores, labels = make(seed, n, 1, ties=ties)
    assert roc_auc(scores, labels) == pytest.approx(oracle.roc_auc_score(labels, scores[:, 0]))


@given(SEEDS, SIZES)
def test_area_does_not_change_when_scores_are_stretched(make: Make, seed: int, n: int) -> None:
    scores, labels = make(seed, n, 1, ties=True)
    assert roc_auc(scores**3, labels) == roc_auc(scores, labels)


@given(SEEDS, SIZES)
def test_asking_for_the_other_class_mirrors_the_area(make: Make, seed: int, n: int) -> None:
    scores, labels = make(seed, n, 1, ties=True)
    one, other = roc_auc(scores, labels), roc_auc(np.round(1 - scores, 1), 1 - labels)
    assert one == pytest.approx(other)


@given(SEEDS, SIZES)
def test_area_is_the_integral_of_the_curve(make: Make, seed: int, n: int) -> None:
    scores, labels = make(seed, n, 1, ties=True)
    curve = roc_curve(scores, labels)
    assert np.trapezoid(curve.true_positive_rate, curve.false_positive_rate) == pytest.approx(roc_auc(scores, labels))


@given(SEEDS, SIZES, TIES)
def test_curve_points_are_those_of_scikit_learn(make: Make, seed: int, n: int, ties: bool) -> None:
    scores, labels = make(seed, n, 1, ties=ties)
    curve = roc_curve(scores, labels)
    false, true, thresholds = oracle.roc_curve(labels, scores[:, 0], drop_intermediate=False)
    np.testing.assert_allclose(curve.false_positive_rate, false)
    np.testing.assert_allclose(curve.true_positive_rate, true)
    np.testing.assert_allclose(curve.thresholds, thresholds)


@given(SEEDS, SIZES, st.floats(0, 1))
def test_scores_at_a_threshold_are_those_of_scikit_learn(make: Make, seed: int, n: int, threshold: float) -> None:
    scores, labels = make(seed, n, 1, ties=True)
    got, said = at_threshold(scores, labels, threshold), scores[:, 0].astype(np.float64) >= threshold
    assert got.recall == pytest.approx(oracle.recall_score(labels, said))
    assert got.f1 == pytest.approx(oracle.f1_score(labels, said))
    if said.any():
        assert got.precision == pytest.approx(oracle.precision_score(labels, said))
    else:
        assert got.precision is None


@given(SEEDS, SIZES, TIES, st.floats(0, 1))
def test_no_threshold_has_a_better_f1_than_the_chosen_one(
    make: Make, seed: int, n: int, ties: bool, other: float
) -> None:
    scores, labels = make(seed, n, 1, ties=ties)
    chosen = at_threshold(scores, labels, choose_threshold(scores, labels))
    assert chosen.f1 is not None
    assert chosen.f1 >= (at_threshold(scores, labels, other).f1 or 0)


@given(SEEDS, SIZES)
def test_the_chosen_threshold_does_not_depend_on_the_order(make: Make, seed: int, n: int) -> None:
    scores, labels = make(seed, n, 1, ties=True)
    order = np.random.default_rng(seed).permutation(n)
    assert choose_threshold(scores[order], labels[order]) == choose_threshold(scores, labels)


def test_the_chosen_threshold_lies_between_the_classes() -> None:
    assert choose_threshold(np.array([0.1, 0.2, 0.8, 0.9]), np.array([0, 0, 1, 1])) == pytest.approx(0.5)


def test_of_equally_good_thresholds_the_one_nearest_to_a_half_is_taken() -> None:
    # Answering yes to all four and answering it to the last alone both give 2/3; between them lies a worse one.
    scores, labels = np.array([0.4, 0.3, 0.3, 0.9]), np.array([0, 1, 0, 1])
    assert at_threshold(scores, labels, 0.15).f1 == at_threshold(scores, labels, 0.65).f1 == pytest.approx(2 / 3)
    assert choose_threshold(scores, labels) == pytest.approx(0.65)
    assert choose_threshold(np.array([0.9, 0.8, 0.8, 0.99]), labels) == pytest.approx(0.4)  # and not 0.945


def test_neighbours_in_the_last_bit_are_still_told_apart() -> None:
    low = 0.5
    scores = np.array([low, np.nextafter(low, 1)])
    chosen = choose_threshold(scores, np.array([0, 1]))
    assert at_threshold(scores, np.array([0, 1]), chosen).f1 == 1.0


def test_weights_count_rows_as_often_as_they_say() -> None:
    generator = np.random.default_rng(3)
    scores, labels = np.round(generator.random(12), 1), np.arange(12) % 2
    weights = generator.integers(0, 3, size=(5, 12))
    expected = [oracle.roc_auc_score(np.repeat(labels, w), np.repeat(scores, w)) for w in weights]
    np.testing.assert_allclose(weighted_auc(scores, labels, weights), expected)


def test_one_class_alone_has_no_area_and_no_curve() -> None:
    assert roc_auc(np.array([0.1, 0.9]), np.array([1, 1])) is None
    with pytest.raises(DataError, match="All 2 labels are 1, so there is no ROC curve"):
        roc_curve(np.array([0.1, 0.9]), np.array([1, 1]))
    with pytest.raises(DataError, match="None of the labels is 1, so no threshold can be chosen by F1"):
        choose_threshold(np.array([0.1, 0.9]), np.array([0, 0]))


@pytest.mark.parametrize("score", [roc_auc, roc_curve, choose_threshold, at_threshold])
def test_several_columns_are_refused(score: Callable[..., object]) -> None:
    with pytest.raises(DataError, match="have 2 columns, but a yes-or-no score takes one"):
        score(np.array([[0.5, 0.5]]), np.array([1]))


@given(SEEDS, SIZES, st.integers(3, 5))
def test_brier_score_is_that_of_scikit_learn(make: Make, seed: int, n: int, classes: int) -> None:
    scores, labels = make(seed, n, 1)
    truth = oracle.brier_score_loss(labels, scores[:, 0], scale_by_half=True)
    assert brier(scores, labels) == pytest.approx(truth, rel=1e-5)  # the scores are float32
    many, labels = make(seed, n, classes)
    wide = many.astype(np.float64) / many.sum(axis=1, dtype=np.float64, keepdims=True)
    expected = oracle.brier_score_loss(labels, wide, labels=np.arange(classes), scale_by_half=False)
    assert brier(wide, labels) == pytest.approx(expected)


def test_the_tutorials_accuracy_is_the_share_of_other_digits_over_one_too_many() -> None:
    labels = np.repeat([0, 1], [8990, 1010])
    assert published_argmax_accuracy(labels) == 8990 / 10001
    assert f"{100 * published_argmax_accuracy(labels):.3f}" == "89.891"


def test_the_tutorials_accuracy_needs_labels() -> None:
    with pytest.raises(DataError, match="There are no labels to count; at least one is needed"):
        published_argmax_accuracy(np.zeros(0, dtype=np.int64))
