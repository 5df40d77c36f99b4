import json

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import binomtest

from inkwise.errors import DataError
from inkwise.evaluation.comparison import compare, mcnemar_p, paired_interval


@given(st.integers(0, 400), st.integers(0, 400))
def test_p_is_that_of_scipys_exact_binomial(a: int, b: int) -> None:
    expected = binomtest(a, a + b).pvalue if a + b else 1.0
    assert mcnemar_p(a, b) == pytest.approx(expected, rel=1e-9)


@pytest.mark.parametrize(("a", "b"), [(10_000, 10_200), (500_000, 502_000), (1_000_000, 1_000_001)])
def test_p_holds_for_large_counts(a: int, b: int) -> None:
    assert mcnemar_p(a, b) == pytest.approx(binomtest(a, a + b).pvalue, rel=1e-6)


def test_p_of_a_difference_beyond_all_doubt_is_zero_and_not_an_error() -> None:
    assert mcnemar_p(0, 5000) == 0.0
    assert mcnemar_p(0, 10) == pytest.approx(2 / 1024)


@given(st.integers(0, 500), st.integers(0, 500))
def test_p_does_not_depend_on_which_model_comes_first(a: int, b: int) -> None:
    assert mcnemar_p(a, b) == mcnemar_p(b, a)
    assert 0 < mcnemar_p(a, b) <= 1


def test_negative_counts_have_no_p() -> None:
    with pytest.raises(DataError, match="Counts of -1 and 3 were given; whole numbers from 0"):
        mcnemar_p(-1, 3)


def test_interval_of_a_published_example() -> None:
    # Airway responsiveness before and after (1, 1, 7, 12), by hand from Newcombe's formulas: -0.507 to -0.026.
    assert paired_interval(1, 1, 7, 12) == pytest.approx((-0.507, -0.026), abs=5e-4)


@given(st.integers(0, 300), st.integers(0, 40), st.integers(0, 40), st.integers(1, 40))
def test_interval_holds_the_difference_and_mirrors(both: int, first: int, second: int, neither: int) -> None:
    low, high = paired_interval(both, first, second, neither)
    n = both + first + second + neither
    assert -1 <= low <= (first - second) / n <= high <= 1
    assert paired_interval(both, second, first, neither) == pytest.approx((-high, -low), abs=1e-12)


def test_interval_covers_the_true_difference_about_19_times_in_20() -> None:
    generator = np.random.default_rng(0)
    shares = np.array([0.9, 0.04, 0.02, 0.04])
    cells = generator.multinomial(400, shares, size=600)
    intervals = [paired_interval(*map(int, cell)) for cell in cells]
    covered = np.mean([low <= 0.02 <= high for low, high in intervals])
    assert 0.93 < covered < 0.98


def test_who_fixes_what() -> None:
    labels = np.array([0, 1, 2, 3, 4, 5])
    a = np.array([0, 1, 0, 0, 4, 0])
    b = np.array([0, 0, 2, 3, 4, 0])
    result = compare(labels, a, torch.tensor(b), names=("small", "deep"))
    assert (result.both_right, result.both_wrong) == (2, 1)
    assert result.fixed_by_a == (1,)
    assert result.fixed_by_b == (2, 3)
    assert (result.only_a_wrong, result.only_b_wrong) == (2, 1)
    assert result.errors == (3, 2)
    assert result.difference == pytest.approx(1 / 6)
    assert result.interval == paired_interval(2, 2, 1, 1)
    assert result.p == 1.0


@given(st.integers(0, 2**32), st.integers(1, 50))
def test_the_four_cells_hold_every_image_once(seed: int, n: int) -> None:
    labels, a, b = np.random.default_rng(seed).integers(3, size=(3, n))
    c = compare(labels, a, b)
    assert c.both_right + c.both_wrong + c.only_a_wrong + c.only_b_wrong == c.n == n
    assert c.difference == pytest.approx((b == labels).mean() - (a == labels).mean())
    swapped = compare(labels, b, a)
    assert (swapped.fixed_by_a, swapped.fixed_by_b) == (c.fixed_by_b, c.fixed_by_a)
    assert swapped.difference == -c.difference


def test_an_abstention_is_not_right() -> None:
    result = compare(np.array([1, 1]), np.array([-1, 1]), np.array([1, 1]))
    assert result.fixed_by_b == (0,)


def test_a_comparison_is_plain_json() -> None:
    values = compare(np.array([0, 1]), np.array([0, 0]), np.array([1, 1])).to_dict()
    assert json.loads(json.dumps(values)) == values
    assert values["fixed_by_a"] == [0]


def test_what_cannot_be_compared_is_told() -> None:
    with pytest.raises(DataError, match="There are 2 labels but 3 predicted classes"):
        compare(np.array([0, 1]), np.array([0, 1, 1]), np.array([0, 1]))
    with pytest.raises(DataError, match="There are no images to compare two models on"):
        compare(np.zeros(0, dtype=int), np.zeros(0, dtype=int), np.zeros(0, dtype=int))
    with pytest.raises(DataError, match="The labels hold -2 at row 0"):
        compare(np.array([-2]), np.array([0]), np.array([0]))
