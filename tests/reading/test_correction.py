import pytest

from inkwise.errors import UsageError
from inkwise.reading.correction import BY_HAND, corrected
from inkwise.reading.page import Digit, Line, Page


@pytest.fixture
def page() -> Page:
    """The lines "0? 1" and "2", of which the second digit was not accepted."""
    digits = [Digit(str(index), 0.5, index != 1, (10 * index, 0, 8, 9)) for index in range(4)]
    first = Line("0? 2", (0, 0, 28, 9), 0.125, (digits[0], digits[1], digits[2]))
    return Page(90, (50, 20), (first, Line("3", (30, 0, 8, 9), 0.5, (digits[3],))))


def test_a_digit_put_right_is_certain_and_its_line_follows(page: Page) -> None:
    found = corrected(page, {1: "7"})
    line = found.lines[0]
    assert line.text == "07 2"
    assert line.confidence == 0.25
    assert line.digits[1] == Digit("7", 1.0, True, (10, 0, 8, 9), BY_HAND)
    assert found.lines[1] == page.lines[1]
    assert (found.rotation, found.size) == (90, (50, 20))


def test_places_are_counted_through_all_lines(page: Page) -> None:
    assert [line.text for line in corrected(page, {3: "9", 2: "8"}).lines] == ["0? 8", "9"]


def test_what_cannot_be_read_has_a_question_mark(page: Page) -> None:
    found = corrected(page, {0: "?"}).lines[0]
    assert found.text == "?? 2"
    assert not found.digits[0].accepted


def test_without_labels_the_page_is_as_it_was(page: Page) -> None:
    assert corrected(page, {}) == page


@pytest.mark.parametrize(
    ("labels", "message"),
    [
        ({4: "1"}, "There is no digit 4; this page has the digits 0 to 3"),
        ({-1: "1"}, "There is no digit -1"),
        ({0: "x"}, "A digit cannot be 'x'; 0 to 9 are accepted"),
        ({0: "12"}, "A digit cannot be '12'"),
    ],
)
def test_what_cannot_be_is_refused(page: Page, labels: dict[int, str], message: str) -> None:
    with pytest.raises(UsageError, match=message):
        corrected(page, labels)
