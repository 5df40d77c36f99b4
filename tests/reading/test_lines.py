from collections.abc import Sequence

import numpy as np
import pytest

from inkwise.reading.lines import Row, find_rows, find_slope
from inkwise.reading.pieces import Piece

SIZE = 40.0


def box(left: float, top: float, height: int = 40, width: int = 24) -> Piece:
    mask = np.ones((height, width), np.bool_)
    mask[3:-3, 3:-3] = False
    return Piece(mask, round(top), round(left))


def lines(count: int, pitch: float, *, slope: float = 0.0, digits: int = 7) -> list[list[Piece]]:
    return [
        [box(20 + 34 * place, 50 + pitch * line + slope * 34 * place) for place in range(digits)]
        for line in range(count)
    ]


def found(pieces: Sequence[Piece]) -> list[list[Piece]]:
    return [list(row.pieces) for row in find_rows(list(pieces), SIZE)]


@pytest.mark.parametrize("slope", [-0.2, -0.05, 0.0, 0.1, 0.2])
def test_the_slope_of_lines_is_found(slope: float) -> None:
    pieces = [piece for line in lines(4, 75.0, slope=slope) for piece in line]
    assert find_slope(pieces, SIZE) == pytest.approx(slope, abs=0.01)


def test_too_little_tells_no_slope() -> None:
    assert find_slope([box(0, 0), box(40, 20)], SIZE) == 0


def test_lines_come_from_top_to_bottom_and_pieces_from_left_to_right() -> None:
    wanted = lines(3, 60.0)
    shuffled = np.random.default_rng(0).permutation(21)
    every = [piece for line in wanted for piece in line]
    assert found([every[index] for index in shuffled]) == wanted


def test_close_lines_that_drift_stay_apart() -> None:
    wanted = lines(3, 52.0, slope=0.05, digits=9)
    assert found([piece for line in wanted for piece in line]) == wanted


def test_columns_of_one_row_are_one_line() -> None:
    row = [box(20, 50), box(50, 52), box(400, 49), box(430, 51)]
    assert found(row) == [row]


def test_the_bar_of_a_five_belongs_to_its_line() -> None:
    digits = lines(1, 0.0)[0]
    bar = box(20 + 34 * 3 + 8, 48, height=9, width=26)  # above the fourth digit's middle
    (row,) = found([*digits, bar])
    assert any(piece is bar for piece in row)


@pytest.mark.parametrize("length", [2, 7])
def test_a_bar_above_the_heads_of_its_line_belongs_to_it(length: int) -> None:
    digits = lines(1, 0.0, digits=length)[0]
    bar = box(40, 44, height=9, width=26)
    (row,) = found([*digits, bar])
    assert any(piece is bar for piece in row)


def test_a_digit_that_stands_high_belongs_to_its_line() -> None:
    digits = lines(1, 0.0)[0]
    (row,) = found([*digits, box(20 + 34 * 7, 32, height=32)])
    assert len(row) == 8


def test_a_small_mark_far_from_any_line_is_none() -> None:
    digits = lines(1, 0.0)[0]
    assert found([*digits, box(100, 400, height=12, width=12)]) == [digits]


def test_a_descender_stays_with_its_line() -> None:
    upper, lower = lines(2, 62.0)
    upper[3] = box(20 + 34 * 3, 50, height=66)  # reaches past the head of the line below
    assert [piece for row in found([*upper, *lower]) for piece in row] == [*upper, *lower]


def test_digits_of_two_lines_that_touch_are_parted_between_them() -> None:
    upper, lower = lines(2, 52.0)
    above, below = upper[3], lower[3]
    mask = np.zeros((92, 24), np.bool_)
    mask[:40] |= above.mask
    mask[52:] |= below.mask
    mask[38:54, 10:13] = True  # what binds them
    both = Piece(mask, above.top, above.left)
    rows = found([*upper[:3], *upper[4:], *lower[:3], *lower[4:], both])
    assert [len(row) for row in rows] == [7, 7]
    assert abs(rows[0][3].height - 46) <= 8
    assert rows[0][3].area + rows[1][3].area == both.area


def test_a_line_is_as_high_as_its_digits() -> None:
    rows = find_rows([*lines(1, 0.0)[0], box(20 + 34 * 7, 74, height=16)], SIZE)
    assert [type(row) for row in rows] == [Row]
    assert rows[0].size == 40
