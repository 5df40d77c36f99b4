"""Numbers in columns and blocks for a terminal: aligned, and only as many digits as fit.

Blocks stand side by side. Where four decimals do not fit the width, every block is given in a power of ten of its
own, as whole numbers of three or four digits, and its title says so: "kernel x 0.001".
"""

from collections.abc import Sequence
from math import floor, isfinite, log10
from typing import Final

import numpy as np
import numpy.typing as npt

from inkwise.explain.arithmetic.terms import Numbers
from inkwise.explain.spelling import number

GAP: Final = 3  # columns between two blocks
_CELL: Final = 4  # columns of one number in units
PADDING: Final = "."  # stands in the place of a value that is not there

Mask = npt.NDArray[np.bool_]


def decimals(values: Numbers) -> int:
    """Return with how many decimals a column of numbers is told: four, and three figures of the largest at least."""
    largest = float(np.abs(values).max(initial=0.0))
    return min(12, max(4, 2 - floor(log10(largest)))) if 0 < largest < 1 else 4


def column(values: Sequence[float]) -> list[str]:
    """Return numbers of one width with one number of decimals; in scientific form where they grow too wide."""
    array = np.array(values, dtype=np.float64)
    if not np.isfinite(array).all() or np.abs(array).max(initial=0.0) >= 1e6:
        texts = [number(value) for value in values]
    else:
        places = decimals(array)
        texts = [f"{round(value, places) + 0.0:.{places}f}" if value else "0" for value in values]
    width = max(map(len, texts), default=0)
    return [text.rjust(width) for text in texts]


def blocks(titled: Sequence[tuple[str, Numbers, Mask]], width: int) -> list[str]:
    """Return matrices side by side under their titles; an empty list where they do not fit into `width`.

    Args:
        titled: For each a title, a matrix, and where it has a value; a dot stands elsewhere.
        width: The columns there are.
    """
    if len(titled) * 2 * titled[0][1].shape[-1] > width:
        return []  # a digit and a blank each are too many already
    plain = [[title, *_rows(column(values.ravel().tolist()), inside)] for title, values, inside in titled]
    for made in (plain, [_in_units(*each) for each in titled]):
        widths = [max(map(len, lines)) for lines in made]
        if sum(widths) + GAP * (len(made) - 1) <= width:
            rows = zip(*made, strict=True)
            return [
                (" " * GAP).join(text.ljust(w) for text, w in zip(row, widths, strict=True)).rstrip() for row in rows
            ]
    return []


def marked(values: Numbers, inside: Mask, winner: tuple[int, ...] | None, width: int) -> list[str]:
    """Return one matrix, the winner with a star behind it; an empty list where it does not fit into `width`."""
    texts = column(values.ravel().tolist())
    if winner is not None:
        place = int(np.ravel_multi_index(winner, values.shape))
        texts = [text + ("*" if index == place else " ") for index, text in enumerate(texts)]
    rows = _rows(texts, inside)
    return [row.rstrip() for row in rows] if all(len(row) <= width for row in rows) else []


def _rows(texts: Sequence[str], inside: Mask) -> list[str]:
    """Return the rows of a matrix whose texts have one width; its last axis runs along a row."""
    shown = [
        text if there else PADDING.rjust(len(text.rstrip())).ljust(len(text))
        for text, there in zip(texts, inside.ravel().tolist(), strict=True)
    ]
    length = inside.shape[-1]
    return [" ".join(shown[start : start + length]) for start in range(0, len(shown), length)]


def _in_units(title: str, values: Numbers, inside: Mask) -> list[str]:
    """Return the block's title with its unit, the finest in which no number is wider than `_CELL`, and its rows."""
    largest = float(np.abs(values[np.isfinite(values)]).max(initial=0.0))
    exponent = max(-30, floor(log10(largest)) - 3) if largest else -3
    texts = _whole(values, exponent)
    while max(map(len, texts)) > _CELL:
        exponent += 1
        texts = _whole(values, exponent)
    unit = f"{10.0**exponent:.{max(0, -exponent)}f}" if abs(exponent) < 7 else f"1e{exponent:+03d}"
    return [f"{title} x {unit}", *_rows([text.rjust(_CELL) for text in texts], inside)]


def _whole(values: Numbers, exponent: int) -> list[str]:
    """Return each value in units of 10 ** exponent, rounded; never "-0"."""
    return [
        f"{round(value / 10.0**exponent) + 0:.0f}" if isfinite(value) else f"{value}"
        for value in values.ravel().tolist()
    ]
