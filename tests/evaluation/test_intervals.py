from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import binomtest

from inkwise.errors import DataError
from inkwise.evaluation.intervals import auc_interval, bootstrap_counts, bootstrap_rows, macro_f1_interval, wilson
from inkwise.evaluation.metrics import roc_auc
from inkwise.evaluation.tally import Tally, class_scores

Make = Callable[..., tuple[np.ndarray, np.ndarray]]


@given(st.integers(1, 20000), st.floats(0, 1), st.sampled_from([0.8, 0.95, 0.99]))
def test_wilson_is_that_of_scipy(n: int, share: float, level: float) -> None:
    successes = round(share * n)
    expected = binomtest(successes, n).proportion_ci(level, method="wilson")
    assert wilson(successes, n, level) == pytest.approx((expected.low, expected.high), abs=1e-12)


@given(st.integers(1, 20000), st.floats(0, 1))
def test_wilson_holds_the_share_and_stays_within_none_and_all(n: int, share: float) -> None:
    successes = round(share * n)
    low, high = wilson(successes, n)
    assert 0 <= low <= successes / n <= high <= 1
    mirrored = wilson(n - successes, n)
    assert mirrored == pytest.approx((1 - high, 1 - low))


def test_wilson_of_a_perfect_score_is_not_certain() -> None:
    low, high = wilson(100, 100)
    assert high == 1.0
    assert low == pytest.approx(0.963, abs=5e-4)


@pytest.mark.parametrize(("successes", "n"), [(1, 0), (-1, 5), (6, 5)])
def test_what_is_no_share_has_no_interval(successes: int, n: int) -> None:
    with pytest.raises(DataError, match=f"{successes} successes of {n} are no share"):
        wilson(successes, n)


@pytest.mark.parametrize("level", [0.0, 1.0, 95.0])
def test_a_level_is_a_share(level: float) -> None:
    with pytest.raises(DataError, match=f"A confidence level of {level} was given; above 0 and below 1"):
        wilson(1, 2, level)


def test_the_same_seed_gives_the_same_interval(make: Make) -> None:
    tally = Tally.of(*make(1, 200, 4))
    first = macro_f1_interval(tally, np.random.default_rng(5))
    assert first == macro_f1_interval(tally, np.random.default_rng(5))
    assert first != macro_f1_interval(tally, np.random.default_rng(6))
    assert first[0] < tally.macro.f1 < first[1]


def test_bootstrap_of_a_share_comes_close_to_wilson() -> None:
    counts = np.array([300, 100])
    got = bootstrap_counts(
        counts, lambda drawn: drawn[:, 0] / drawn.sum(axis=1), np.random.default_rng(0), resamples=20_000
    )
    assert got == pytest.approx(wilson(300, 400), abs=0.004)


def test_resampling_counts_and_rows_agree(make: Make) -> None:
    probabilities, labels = make(2, 300, 1)
    said = (probabilities[:, 0] >= 0.5).astype(np.int64)

    def f1_of_rows(weights: np.ndarray) -> np.ndarray:
        hit, answered, asked = (weights @ rows for rows in (said * labels, said, labels))
        return np.asarray(2 * hit / (answered + asked))

    by_counts = bootstrap_counts(
        Tally.of(probabilities, labels).counts, lambda drawn: class_scores(drawn).f1[:, 1], np.random.default_rng(0)
    )
    by_rows = bootstrap_rows(300, f1_of_rows, np.random.default_rng(1))
    assert by_counts == pytest.approx(by_rows, abs=0.01)


def test_the_areas_interval_holds_the_area_and_narrows_with_more_images(make: Make) -> None:
    few, many = make(4, 60, 1), make(4, 1500, 1)
    wide = auc_interval(*few, np.random.default_rng(0), resamples=300)
    narrow = auc_interval(*many, np.random.default_rng(0), resamples=300)
    assert wide[0] < (roc_auc(*few) or 0) < wide[1]
    assert narrow[1] - narrow[0] < (wide[1] - wide[0]) / 2


def test_many_rows_are_drawn_in_several_pieces() -> None:
    sizes: list[int] = []

    def mean(weights: np.ndarray) -> np.ndarray:
        sizes.append(len(weights))
        assert (weights.sum(axis=1) == 50_000).all()
        return np.asarray(weights[:, 0], dtype=np.float64)

    bootstrap_rows(50_000, mean, np.random.default_rng(0), resamples=90)
    assert sizes == [40, 40, 10]


def test_an_undefined_statistic_has_no_interval() -> None:
    with pytest.raises(DataError, match="undefined in every resample"):
        auc_interval(np.array([0.5, 0.6]), np.array([1, 1]), np.random.default_rng(0), resamples=10)
    with pytest.raises(DataError, match="There are no counts to resample"):
        bootstrap_counts(np.zeros(3, dtype=np.int64), lambda drawn: drawn[:, 0] / 1.0, np.random.default_rng(0))
    with pytest.raises(DataError, match="There are no rows to resample"):
        bootstrap_rows(0, lambda weights: weights[:, 0] / 1.0, np.random.default_rng(0))
