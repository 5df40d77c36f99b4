import cv2
import numpy as np
import pytest

from inkwise.evaluation.rejection import Rejection
from inkwise.reading.lattice import Choice, Span
from inkwise.reading.pieces import Piece
from inkwise.reading.readings import Reading
from inkwise.reading.scores import Scores
from inkwise.reading.words import find_words

ACCEPT = Rejection(0.5, 0.5)
LETTER = "-"


def block(height: int = 40, width: int = 20) -> np.ndarray:
    return np.ones((height, width), np.bool_)


def bracket(bend: int) -> np.ndarray:
    """Return a stroke 56 pixels high whose middle lies that far to the right of its ends."""
    mask = np.zeros((56, 24), np.uint8)
    points = [(12 + round(bend * (1 - ((row - 28) / 28) ** 2)), row) for row in range(56)]
    cv2.polylines(mask, [np.array(points)], False, 1, 3)
    return mask > 0


def reading(text: str, gaps: list[int] | None = None, masks: dict[int, np.ndarray] | None = None) -> Reading:
    """Return a line of digits, what is no digit being written as a dash."""
    choices, digits, kinds, left = [], [], [], 0
    for place, character in enumerate(text):
        left += (gaps or [8] * len(text))[place]
        piece = Piece((masks or {}).get(place, block()), 0, left)
        left += piece.width
        known = character != LETTER
        choices.append(Choice(Span(place, place, piece, 0.0), place, known))
        digits.append(np.full(10, 0.1) if not known else np.eye(10)[int(character)])
        kinds.append([1.0, 0.0, 0.0] if known else [0.01, 0.98, 0.01])
    return Reading(tuple(choices), Scores(np.array(digits), np.array(kinds)), 0.9)


def texts(line: Reading) -> list[str]:
    return ["".join("?" if mark.reason else mark.label for mark in word) for word in find_words(line, ACCEPT)]


def test_words_are_parted_at_wide_gaps() -> None:
    assert texts(reading("88406", [0, 4, 90, 11, 95])) == ["88", "40", "6"]
    assert texts(reading("88406", [0, 30, 30, 34, 28])) == ["88406"]


def test_words_of_letters_are_left_out() -> None:
    assert texts(reading("--7-45", [0, 8, 8, 8, 90, 8])) == ["45"]
    assert texts(reading("12-4")) == ["124"]


def test_within_a_line_of_writing_only_numbers_count() -> None:
    assert texts(reading("-0--1-----10-7", [0, 8, 8, 60, 8, 8, 8, 8, 8, 8, 60, 8, 60, 8])) == ["10"]


def test_what_is_not_accepted_is_a_question_mark() -> None:
    line = reading("123")
    line.scores.digits[1] = [0, 0, 0.4, 0.35, 0.25, 0, 0, 0, 0, 0]
    assert texts(line) == ["1?3"]
    assert find_words(line, ACCEPT)[0][1].reason == "unsure between 2 and 3"
    assert [word[1].reason for word in find_words(line, Rejection(0.5, 0.3))] == [None]


@pytest.mark.parametrize(("opening", "closing", "wanted"), [(-8, 8, "2345"), (0, 0, "123145"), (8, -8, "123145")])
def test_a_pair_of_brackets_is_no_two_ones(opening: int, closing: int, wanted: str) -> None:
    masks = {0: bracket(opening), 3: bracket(closing)}
    assert "".join(texts(reading("123145", masks=masks))) == wanted


def test_a_line_without_digits_has_no_words() -> None:
    assert texts(reading("---")) == []
