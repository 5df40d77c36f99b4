"""Numbers and positions as people read them: four decimals, more for small ones, no "-0".

A formula with its numbers has as many figures as a calculator needs to come to the result as it is written.
"""

from collections.abc import Callable, Sequence
from math import floor, isfinite, log10
from typing import Final

_MOST: Final = 12  # figures beyond the usual: a float64 has no more to tell


def number(value: float, more: int = 0) -> str:
    """Return one number with four decimals, or four figures where it is small: "0.8712", "0.01291", "1.234e-05".

    With `more`, it has so many figures more.
    """
    if value == 0:
        return "0"
    if not isfinite(value):
        return f"{value}"
    size = abs(value)
    if not 0.001 <= size < 100_000:
        return f"{value:.{3 + more}e}"
    return f"{value:.{max(4, 3 - floor(log10(size))) + more}f}"


def signed(value: float) -> str:
    """Return a number to stand after another one: "+ 0.5000", "- 0.5000"."""
    return f"{'-' if value < 0 else '+'} {number(abs(value))}"


def calculated(template: str, work: Callable[..., float], *values: float) -> str:
    """Return a formula with its numbers, in as many figures as it takes to come to the result as `number` writes it.

    Args:
        template: "{} * {} + {}", say, with a place for each number.
        work: what the formula computes of the numbers.
        values: the numbers.
    """
    figures = 0
    if all(map(isfinite, values)):
        result = number(work(*values))
        while figures < _MOST and number(work(*(float(number(value, figures)) for value in values))) != result:
            figures += 1
    return _filled(template, values, figures)


def _filled(template: str, values: Sequence[float], figures: int) -> str:
    """Put numbers into a template: negative ones in brackets, or with the sign before them turned."""
    written, *rest = template.split("{}")
    for value, after in zip(values, rest, strict=True):
        if not value < 0 or written.endswith(("(", ", ")):
            written += number(value, figures)
        elif written.endswith(("+ ", "- ")):
            sign = "-" if written.endswith("+ ") else "+"
            written = f"{written[:-2]}{sign} {number(-value, figures)}"
        else:
            written += f"({number(value, figures)})"
        written += after
    return written


def span(positions: Sequence[int], what: str) -> str:
    """Return places of one axis: "rows 9 to 11", "row 4", "rows 3, 5, 7"."""
    first, last = min(positions), max(positions)
    if len(positions) == 1:
        return f"{what.removesuffix('s')} {first}"
    if last - first + 1 == len(positions):
        return f"{what} {first} to {last}"
    if len(positions) > 4:
        step = abs(positions[1] - positions[0])
        return f"{what} {first}, {first + step}, ... {last}"
    return f"{what} {', '.join(map(str, sorted(positions)))}"
