"""The plots are drawn from any runs, and show ours, the peers and what was published elsewhere."""

import io
from collections.abc import Callable

import numpy as np
import pytest
from PIL import Image

from inkwise.bench.book import Book, Run
from inkwise.bench.plots import error_against_parameters, error_against_seconds, ticks_between
from inkwise.bench.standing import Standing, standings
from inkwise.errors import DataError

RunOf = Callable[..., Run]
Draw = Callable[..., bytes]

BLUE, ORANGE, GREY = (0, 114, 178), (213, 94, 0), (95, 102, 112)
both = pytest.mark.parametrize("draw", [error_against_seconds, error_against_parameters])


def pixels(picture: bytes, colour: tuple[int, int, int]) -> int:
    """How many pixels have that colour, within a little."""
    with Image.open(io.BytesIO(picture)) as image:
        values = np.asarray(image.convert("RGB"), np.int64)
    return int((np.abs(values - colour).max(axis=2) < 4).sum())


@both
def test_ours_and_peers_are_drawn_and_the_same_twice(draw: Draw, book: Book) -> None:
    found = standings(book, 0.99)
    picture = draw(found)
    assert pixels(picture, BLUE) > 300
    assert pixels(picture, ORANGE) > 300
    assert picture == draw(found)
    assert picture != draw(found, dark=True)
    with Image.open(io.BytesIO(picture)) as image:
        assert image.size == (1400, 880)


def test_ours_alone_leave_no_peer_in_the_picture(book: Book) -> None:
    assert pixels(error_against_seconds(standings(book, 0.99)[:1]), ORANGE) == 0


def test_published_figures_are_of_mnist_alone(run_of: RunOf) -> None:
    mnist = run_of("fast", ours=True)
    other = mnist.model_copy(update={"conditions": mnist.conditions.model_copy(update={"dataset": "kmnist"})})
    with_them, without = (
        pixels(error_against_parameters([Standing((run,), 0.99, None)]), GREY) for run in (mnist, other)
    )
    assert with_them > without + 100


@both
def test_no_error_at_all_is_drawn_too(draw: Draw, run_of: RunOf) -> None:
    assert pixels(draw([Standing((run_of("a", errors=0), run_of("a", 1, errors=0)), 0.99, None)]), ORANGE) > 100


def test_what_has_no_training_time_is_only_drawn_by_its_size(run_of: RunOf) -> None:
    found = [Standing((run_of("peer"),), 0.99, None), Standing((run_of("model", ours=True, seconds=None),), 0.99, None)]
    assert pixels(error_against_seconds(found), BLUE) == 0
    assert pixels(error_against_parameters(found), BLUE) > 300


@both
def test_nothing_measured_is_nothing_to_draw(draw: Draw) -> None:
    with pytest.raises(DataError, match="There is no finished run to draw"):
        draw([])


@pytest.mark.parametrize(
    ("low", "high"), [(0.76, 1.14), (0.98, 1.02), (1.3, 17.0), (0.2, 1.6), (0.005, 30.0), (1.0, 12_000.0), (3e3, 2e7)]
)
def test_every_axis_has_a_handful_of_round_numbers(low: float, high: float) -> None:
    ticks = ticks_between(low, high)
    assert 4 <= len(ticks) <= 9
    assert ticks == sorted(ticks)
    assert low <= ticks[0]
    assert ticks[-1] <= high
    assert all(float(f"{tick:.3g}") == pytest.approx(tick) for tick in ticks)
