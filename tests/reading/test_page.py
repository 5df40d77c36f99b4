import numpy as np
import pytest
from tests.reading_cases import write_lines

from inkwise.reading.page import NO_DIGITS, NO_INK, read_page
from inkwise.reading.scores import Judge

PAGE = write_lines("2753  94", "68245", "403  7")
TEXTS = ["2753 94", "68245", "403 7"]


def texts(picture: np.ndarray, judge: Judge) -> list[str]:
    return [line.text for line in read_page(picture, judge).lines]


def test_lines_are_read_from_top_to_bottom_with_blanks_at_wide_gaps(judge: Judge) -> None:
    page = read_page(PAGE, judge)
    assert [line.text for line in page.lines] == TEXTS
    assert (page.rotation, page.size, page.reason) == (0, PAGE.shape[::-1], None)


@pytest.mark.parametrize("turn", [1, 2, 3])
def test_a_turned_page_says_the_same_and_how_it_lay(judge: Judge, turn: int) -> None:
    upright = read_page(PAGE, judge)
    turned = read_page(np.ascontiguousarray(np.rot90(PAGE, -turn)), judge)
    assert (turned.rotation, turned.size) == (90 * turn, upright.size)
    assert [line.text for line in turned.lines] == TEXTS
    for a, b in zip(upright.lines, turned.lines, strict=True):
        assert np.abs(np.array(a.box) - b.box).max() <= 2


def test_boxes_hold_the_digits_and_nothing_else(judge: Judge) -> None:
    page = read_page(write_lines("58", shape=(150, 200)), judge)
    ink = write_lines("58", shape=(150, 200)) < 140
    inside = np.zeros_like(ink)
    for digit in page.lines[0].digits:
        left, top, width, height = digit.box
        inside[top : top + height, left : left + width] = True
        columns = np.flatnonzero(ink[:, left : left + width].any(axis=0))
        assert len(columns) >= width - 2
    assert not ink[~inside].any()


@pytest.mark.parametrize(
    "change",
    [
        pytest.param(lambda page: 255 - page, id="light on dark"),
        pytest.param(lambda page: np.stack([page, page, page // 2], axis=2), id="yellow paper"),
        pytest.param(lambda page: (page * np.linspace(0.4, 1, page.shape[1])).astype(np.uint8), id="shadow"),
        pytest.param(lambda page: np.repeat(np.repeat(page, 4, axis=0), 4, axis=1), id="large"),
    ],
)
def test_light_paper_and_size_do_not_change_what_is_read(judge: Judge, change: "object") -> None:
    assert callable(change)
    assert texts(change(PAGE), judge) == TEXTS


def test_touching_digits_are_parted(judge: Judge) -> None:
    page = write_lines("27  35", shape=(150, 340))
    empty = np.flatnonzero((page > 200).all(axis=0))
    gaps = np.split(empty, np.flatnonzero(np.diff(empty) > 1) + 1)[1:-1]  # within 27, between the numbers, within 35
    closer = np.delete(page, np.concatenate([gaps[0], gaps[2]]), axis=1)
    assert texts(closer, judge) == ["27 35"]


def test_a_page_without_ink_or_without_digits_says_so(judge: Judge) -> None:
    blank = np.full((300, 200), 240, np.uint8)
    assert read_page(blank, judge).reason == NO_INK
    for shape in ((1, 1), (10, 10), (3, 400)):
        assert read_page(np.zeros(shape, np.uint8), judge).lines == ()
    letters = read_page(write_lines("WXM", "KHN"), judge)
    assert (letters.lines, letters.reason) == ((), NO_DIGITS)


def test_noise_says_nothing(judge: Judge) -> None:
    noise = np.random.default_rng(0).integers(0, 256, (200, 300), np.uint8)
    assert read_page(noise, judge).lines == ()
