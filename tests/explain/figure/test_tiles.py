from dataclasses import replace

import numpy as np
import pytest

from inkwise.evaluation.canvas import LIGHT
from inkwise.explain.field import Box
from inkwise.explain.figure.marks import Mark
from inkwise.explain.figure.page import FIELD, NEGATIVE, POSITIVE, Page, Values
from inkwise.explain.figure.panels import Panel
from inkwise.explain.figure.tiles import HEIGHT, Bars, Maps, Strip


def panel(values: Values, kind: str = "maps", shape: tuple[int, ...] = ()) -> Panel:
    return Panel(
        name="layer",
        title="layer",
        note="",
        kind="maps" if kind == "maps" else "strip" if kind == "strip" else "bars",
        values=values,
        shown=tuple(range(len(values))),
        shape=shape or values.shape,
        low=float(values.min()),
        high=float(values.max()),
    )


def frames(page: Page) -> list[tuple[float, float, float, float]]:
    """Left, top, width and height of what the marks enclose."""
    found = []
    for path in page.paths:
        if path.colour == FIELD:
            o = path.width / 2
            left, top = min(path.xs) + o, min(path.ys) + o
            found.append((left, top, max(path.xs) - o - left, max(path.ys) - o - top))
    return found


@pytest.mark.parametrize("count", [1, 2, 3, 5, 8, 10, 16, 20])
@pytest.mark.parametrize("side", [(1, 1), (7, 7), (28, 28), (24, 9), (300, 500)], ids=str)
def test_maps_lie_side_by_side_within_what_they_say_they_take(count: int, side: tuple[int, int]) -> None:
    maps, page = Maps(panel(np.ones((count, *side)))), Page(LIGHT)
    maps.draw(page, 100, 50, None)
    assert len(page.pictures) == count
    assert maps.height <= HEIGHT
    spans = [(x, y, x + picture.shape[1], y + picture.shape[0]) for x, y, picture in page.pictures]
    assert min(x for x, *_ in spans) == 100
    assert min(y for _, y, *_ in spans) == 50
    assert max(right for *_, right, _ in spans) == 100 + maps.width
    assert max(bottom for *_, bottom in spans) == 50 + maps.height
    for i, (x, y, right, bottom) in enumerate(spans):
        for x2, y2, right2, bottom2 in spans[i + 1 :]:
            assert right < x2 or right2 < x or bottom < y2 or bottom2 < y


def test_maps_have_their_channels_numbers_above_where_not_all_are_shown() -> None:
    few = replace(panel(np.ones((3, 6, 6)), shape=(40, 6, 6)), shown=(4, 17, 39))
    maps, page = Maps(few), Page(LIGHT)
    maps.draw(page, 10, 20, None)
    assert [text.string for text in page.texts] == ["4", "17", "39"]
    for text, (x, y, picture) in zip(page.texts, page.pictures, strict=True):
        assert text.x == x
        assert y - maps.label < text.y < y
        assert y + picture.shape[0] <= 20 + maps.height
    assert min(y for _, y, _ in page.pictures) == 20 + maps.label
    planes = replace(panel(np.ones((1, 6, 6)), shape=(4, 3, 6, 6)), shown=(7,))
    assert planes.channel(7) == "2,1"
    whole = Page(LIGHT)
    Maps(panel(np.ones((3, 6, 6)))).draw(whole, 0, 0, None)
    assert whole.texts == []


def test_maps_of_a_layer_share_one_scale() -> None:
    page = Page(LIGHT)
    Maps(panel(np.array([[[1.0]], [[4.0]]]))).draw(page, 0, 0, None)
    weak, strong = (int(picture[0, 0, 0]) for _, _, picture in page.pictures)
    assert strong == 0
    assert weak == pytest.approx(191, abs=2)


def test_a_field_is_framed_in_its_channels_at_its_place() -> None:
    maps, page = Maps(panel(np.ones((4, 10, 10)))), Page(LIGHT)
    maps.draw(page, 0, 0, Mark(Box(2, 3, 4, 5, (2, 3, 4, 5)), frozenset({1, 2})))
    wide, cell = maps.size[0], maps.cell
    assert sorted(frames(page)) == [
        (2 * cell, wide + 8 + 3 * cell, 4 * cell, 5 * cell),  # channel 2, below the first
        (wide + 8 + 2 * cell, 3 * cell, 4 * cell, 5 * cell),  # channel 1, to the right of the first
    ]
    everywhere = Page(LIGHT)
    maps.draw(everywhere, 0, 0, Mark(Box(2, 3, 4, 5, (2, 3, 4, 5))))
    assert len(frames(everywhere)) == 4


def test_a_field_that_sees_padding_alone_has_no_frame() -> None:
    page = Page(LIGHT)
    Maps(panel(np.ones((1, 4, 4)))).draw(page, 0, 0, Mark(Box(0, 0, 0, 0, (-2, -2, 1, 1))))
    assert frames(page) == []


def test_the_channels_of_a_map_without_height_are_its_rows() -> None:
    maps, page = Maps(panel(np.ones((1, 6, 20)), shape=(6, 20))), Page(LIGHT)
    maps.draw(page, 0, 0, Mark(Box(5, 0, 3, 1, (5, 0, 3, 1)), frozenset({4})))
    assert frames(page) == [(5 * maps.cell, 4 * maps.cell, 3 * maps.cell, maps.cell)]


@pytest.mark.parametrize("count", [17, 128, 200, 500, 784, 1960, 2000])
def test_a_strip_shows_every_value_once_from_top_to_bottom(count: int) -> None:
    strip, page = Strip(panel(np.linspace(0, 1, count), "strip", (count,))), Page(LIGHT)
    strip.draw(page, 0, 0, None)
    assert strip.height <= HEIGHT
    columns = sorted(page.pictures, key=lambda each: each[0])
    values = np.concatenate([picture[:: strip.cell, 0, 0] for _, _, picture in columns]).astype(int)
    assert len(values) == count
    assert (np.diff(values) <= 0).all()  # ever darker
    assert columns[-1][0] + strip.cell == strip.width


def test_a_value_of_a_strip_is_framed_and_all_of_it_where_all_are_seen() -> None:
    strip = Strip(panel(np.ones(100), "strip", (100,)))
    for unit in (0, 42, 99):
        page = Page(LIGHT)
        strip.draw(page, 0, 0, Mark(Box(unit, 0, 1, 1, (unit, 0, 1, 1)), frozenset({unit})))
        column, row = divmod(unit, strip.rows)
        assert frames(page) == [(column * strip.cell, row * strip.cell, strip.cell, strip.cell)]
    page = Page(LIGHT)
    strip.draw(page, 0, 0, Mark(Box(0, 0, 100, 1, (0, 0, 100, 1))))
    assert frames(page) == [(0, 0, strip.width, strip.height)]


def blocks(page: Page) -> list[tuple[str, float, float]]:
    return [(path.colour, min(path.xs), max(path.xs)) for path in page.paths if path.filled]


def test_bars_start_at_zero_and_are_as_long_as_their_values() -> None:
    values = np.array([-3.0, 0.0, 6.0, 1.5])
    bars, page = Bars(panel(values, "bars", (4,)), tuple("abcd"), ("-3", "0", "6", "1.5")), Page(LIGHT)
    bars.draw(page, 0, 0, None)
    (minus, left, zero), (_, *nothing), (plus, zero2, right), (_, _, small) = blocks(page)
    assert (minus, plus) == (NEGATIVE, POSITIVE)
    assert nothing == [zero, zero]
    assert zero == zero2
    assert (right - zero) / (zero - left) == pytest.approx(2, rel=0.05)
    assert (small - zero) / (right - zero) == pytest.approx(0.25, rel=0.05)
    assert max(text.x for text in page.texts) < bars.width


def test_the_answer_stands_out() -> None:
    page = Page(LIGHT)
    Bars(panel(np.array([0.2, 0.8]), "bars", (2,)), ("no", "yes"), ("20 %", "80 %"), strong=1).draw(page, 0, 0, None)
    assert [text.string for text in page.texts if text.bold] == ["yes", "80 %"]
    assert [colour for colour, *_ in blocks(page)] == [LIGHT.muted, LIGHT.ink]


def test_a_marked_bar_is_framed() -> None:
    bars, page = Bars(panel(np.arange(5.0), "bars", (5,)), tuple("abcde"), tuple("01234")), Page(LIGHT)
    bars.draw(page, 0, 0, Mark(Box(3, 0, 1, 1, (3, 0, 1, 1)), frozenset({3})))
    ((_, top, _, high),) = frames(page)
    assert (top, high) == (3 * bars.step, bars.step)
