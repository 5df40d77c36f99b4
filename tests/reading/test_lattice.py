import numpy as np
import pytest

from inkwise.reading.lattice import Primitive, Span, best_reading, digit_share, in_context, primitives, spans
from inkwise.reading.lines import Row
from inkwise.reading.pieces import Piece
from inkwise.reading.scores import Scores


def box(left: int, width: int = 24, height: int = 40, top: int = 0) -> Piece:
    mask = np.ones((height, width), np.bool_)
    mask[3:-3, 3:-3] = False
    return Piece(mask, top, left)


def scores(*rows: tuple[int, float, float, float, float]) -> Scores:
    """Return scores: the label, its chance, and the chances of one digit, none and two."""
    digits = np.full((len(rows), 10), 0.0)
    for row, (label, chance, *_) in zip(digits, rows, strict=True):
        row[:] = (1 - chance) / 9
        row[label] = chance
    return Scores(digits, np.array([row[2:] for row in rows]))


SURE = (3, 0.999, 0.99, 0.005, 0.005)
TWO = (3, 0.5, 0.01, 0.01, 0.98)
NONE = (3, 0.3, 0.01, 0.98, 0.01)


def chosen(line: list[Primitive], said: dict[tuple[int, int], tuple[int, float, float, float, float]]) -> list[Span]:
    row = Row(tuple(each.piece for each in line), 40.0)
    found = spans(row, line, 0.9)
    given = scores(*[said[span.first, span.last] for span in found])
    return [choice.span for choice in best_reading(row, len(line), found, given, 0.9) if choice.digit]


def test_only_what_may_hold_several_digits_is_cut() -> None:
    row = Row((box(0), box(30, width=70), box(110)), 40.0)
    (line,) = primitives([row], [scores(SURE, TWO, (4, 0.6, 0.9, 0.05, 0.05))], [0.9])
    sure, *rest = line
    assert sure == Primitive(row.pieces[0], digit=True)
    assert len(rest) > 3
    assert sum(each.piece.area for each in rest) == row.pieces[1].area + row.pieces[2].area


def test_on_a_line_of_letters_only_what_looks_like_several_is_cut() -> None:
    row = Row((box(0), box(30)), 40.0)
    (line,) = primitives([row], [scores(NONE, TWO)], [0.2])
    assert line[0].piece is row.pieces[0]
    assert len(line) > 2


def test_every_way_through_a_line_is_open() -> None:
    line = [Primitive(box(0), 1.0), Primitive(box(24, 20), None), Primitive(box(46, 8), None)]
    runs = {(span.first, span.last) for span in spans(Row(tuple(each.piece for each in line), 40.0), line, 0.9)}
    assert runs >= {(0, 0), (1, 1), (2, 2), (0, 1), (1, 2)}


def test_nothing_wider_than_a_digit_is_proposed() -> None:
    line = [Primitive(box(30 * place, 30), 1.0) for place in range(4)]
    found = spans(Row(tuple(each.piece for each in line), 40.0), line, 0.9)
    assert max(span.piece.width for span in found) <= 50


def test_a_sure_digit_takes_in_marks_but_no_other_body() -> None:
    line = [Primitive(box(0), digit=True), Primitive(box(26)), Primitive(box(52, width=10, height=8))]
    row = Row(tuple(each.piece for each in line), 40.0)
    assert (0, 1) not in {(span.first, span.last) for span in spans(row, line, 0.9)}
    # Nor one that is itself cut into small parts.
    parts = [Primitive(box(26 + 8 * place, width=8, height=20), 1.0 if place < 3 else None) for place in range(4)]
    line = [Primitive(box(0), digit=True), *parts]
    row = Row(tuple(each.piece for each in line), 40.0)
    assert (0, 4) not in {(span.first, span.last) for span in spans(row, line, 0.9)}
    line = [Primitive(box(0), digit=True), Primitive(box(14, width=20, height=8))]
    assert (0, 1) in {(span.first, span.last) for span in spans(row, line, 0.9)}


def test_two_digits_are_parted_and_one_is_not() -> None:
    line = [Primitive(box(0, 20), 1.0), Primitive(box(20, 20))]
    said = {(0, 0): SURE, (1, 1): SURE, (0, 1): TWO}
    assert [(span.first, span.last) for span in chosen(line, said)] == [(0, 0), (1, 1)]
    said = {(0, 0): (1, 0.9, 0.9, 0.1, 0.0), (1, 1): (1, 0.9, 0.9, 0.1, 0.0), (0, 1): SURE}
    assert [(span.first, span.last) for span in chosen(line, said)] == [(0, 1)]


def test_many_good_digits_beat_few_poor_ones() -> None:
    line = [Primitive(box(24 * place, 24), 0.5 if place < 3 else None) for place in range(4)]
    poor = (4, 0.35, 0.6, 0.2, 0.2)
    said = {(place, place): SURE for place in range(4)} | {(place, place + 1): poor for place in range(3)}
    assert len(chosen(line, said)) == 4


def test_what_is_no_digit_is_left_out() -> None:
    line = [Primitive(box(0)), Primitive(box(60))]
    assert [span.first for span in chosen(line, {(0, 0): NONE, (1, 1): SURE})] == [1]


def test_the_share_of_digits_is_told_by_what_could_be_one() -> None:
    row = Row((box(0), box(30), box(60, width=200)), 40.0)
    assert digit_share(row, scores(SURE, SURE, NONE)) > 0.7
    assert digit_share(row, scores(NONE, NONE, SURE)) < 0.3
    assert digit_share(Row((box(0, width=200),), 40.0), scores(NONE)) == 0.5


@pytest.mark.parametrize("share", [0.1, 0.5, 0.95])
def test_a_doubtful_piece_is_sooner_a_digit_among_digits(share: float) -> None:
    kinds = in_context(np.array([[0.4, 0.6, 0.0], [1.0, 0.0, 0.0]]), share)
    np.testing.assert_allclose(kinds.sum(axis=1), 1)
    assert kinds[1, 0] == 1
    assert kinds[0, 0] == pytest.approx(0.4 * share / (0.4 * share + 0.6 * (1 - share)))
