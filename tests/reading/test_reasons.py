import cv2
import numpy as np
import pytest
from tests.reading_cases import FONT, Grey, write_lines

from inkwise.reading.ink import find_ink
from inkwise.reading.pieces import find_pieces, typical_size
from inkwise.reading.reader import read_picture
from inkwise.reading.reasons import NO_PAGE, OTHER, PRINT, is_page, is_print
from inkwise.reading.scores import Judge, Scores


def printed(lines: int = 12) -> Grey:
    page = np.full((30 * lines + 40, 620), 245, np.uint8)
    for row in range(lines):
        cv2.putText(page, "THE HEAVY WARM QUARTZ MAKER JUMPED", (20, 30 * row + 40), FONT, 0.7, 30, 2, cv2.LINE_AA)
    return page


def scene() -> Grey:
    """Something that is all shades: leaves, or a crowd."""
    field = np.random.default_rng(0).normal(0, 1, (300, 400)).astype(np.float32)
    field = np.asarray(cv2.GaussianBlur(field, (0, 0), 3), np.float32)
    return np.asarray(np.clip(130 + 60 * field / field.std(), 0, 255), np.uint8)


@pytest.mark.parametrize(
    ("page", "reason"),
    [
        pytest.param(printed(), PRINT, id="print"),
        pytest.param(printed().T.copy(), PRINT, id="print turned"),
        pytest.param(scene(), NO_PAGE, id="scene"),
        pytest.param(write_lines("WXM", "KHN"), OTHER, id="letters"),
    ],
)
def test_an_empty_page_says_what_it_looks_like(judge: Judge, page: Grey, reason: str) -> None:
    found = read_picture(page, judge)
    assert (found.lines, found.reason) == ((), reason)


def test_writing_is_no_print() -> None:
    chance = np.random.default_rng(0)
    page = np.full((900, 900), 235, np.uint8)
    for row in range(10):
        for column in range(14):
            place = (40 + 58 * column, 80 + 82 * row + int(chance.normal(0, 5)))
            cv2.putText(page, str(chance.integers(10)), place, FONT, float(chance.normal(1.5, 0.2)), 40, 3, cv2.LINE_AA)
    ink = find_ink(page)
    pieces = find_pieces(ink)
    assert len(pieces) > 100
    assert not is_print(pieces, typical_size(pieces))
    assert is_page(ink)


def test_what_looks_like_digits_among_print_is_not_read() -> None:
    def judge(images: Grey) -> Scores:
        """Take every third picture for a seven, whatever it shows."""
        one = (np.arange(len(images)) % 3 == 0).astype(np.float64)
        digits = np.full((len(images), 10), 0.01) + 0.9 * (np.arange(10) == 7)
        return Scores(digits, np.stack([one, 1 - one, 0 * one], axis=1))

    found = read_picture(printed(), judge)
    assert (found.lines, found.reason) == ((), PRINT)
