"""Means, spreads, shares and ratios are those of the runs, none dropped."""

from collections.abc import Callable

import pytest

from inkwise.bench.book import Book, Run
from inkwise.bench.standing import Standing, ratio, standings

RunOf = Callable[..., Run]


def test_ours_come_first_and_then_the_quickest(book: Book) -> None:
    assert [one.name for one in standings(book, 0.99)] == ["fast", "published-fast", "classical"]


def test_the_figures_are_those_of_all_runs(book: Book) -> None:
    fast, published, classical = standings(book, 0.99)
    assert fast.accuracy == pytest.approx((0.991 + 0.990) / 2)
    assert fast.deviation == pytest.approx(0.001 / 2**0.5)
    assert (fast.share, published.share, classical.share) == (1.0, 0.5, 0.0)
    assert fast.seconds == (2.5, 2.0, 3.0)
    assert fast.epoch_seconds == 1.25
    assert classical.deviation is None
    assert classical.median("peak_mb") is None
    assert fast.to_dict()["seeds"] == [0, 1]


def test_a_run_at_the_mark_counts_as_reaching_it(run_of: RunOf) -> None:
    for errors, mark in ((100, 0.99), (10, 0.999), (10, 99.9 / 100), (30, 0.997), (25, 0.9975), (0, 1.0)):
        assert Standing((run_of("a", errors=errors),), mark, None).share == 1.0
        assert Standing((run_of("a", errors=errors + 1),), mark, None).share == 0.0


def test_ratios_are_of_pairs_that_took_turns(book: Book) -> None:
    fast, published, classical = standings(book, 0.99)
    assert fast.ratio is not None
    assert (fast.ratio.median, fast.ratio.low, fast.ratio.high) == (4.5, 4.0, 5.0)  # 12 / 3 and 10 / 2
    assert published.ratio is not None
    assert published.ratio.median == 1.0
    assert classical.ratio is not None
    assert classical.ratio.pairs == 1


def test_runs_of_other_calls_give_a_ratio_without_extremes(run_of: RunOf) -> None:
    reference = [run_of("published-fast", seed, seconds=10.0) for seed in range(3)]
    other = ratio(reference, [run_of("fast", 0, seconds=4.0, call="later")])
    assert other is not None
    assert (other.median, other.low, other.pairs) == (2.5, None, 0)
    assert ratio([], [run_of("fast")]) is None


def test_a_training_time_that_is_not_known_is_left_out(run_of: RunOf) -> None:
    timeless = run_of("model", seconds=None, epochs=None, peak_mb=None)
    one = Standing((timeless,), 0.99, ratio([run_of("published-fast")], [timeless]))
    assert (one.seconds, one.epoch_seconds, one.ratio) == (None, None, None)
    assert one.to_dict()["seconds_median"] is None
