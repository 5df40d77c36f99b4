"""Numbers and positions as people read them: four decimals, more for small ones, no "-0"."""

from collections.abc import Sequence
from math import floor, isfinite, log10


def number(value: float) -> str:
    """Return one number with four decimals, or four figures where it is small: "0.8712", "0.01291", "1.234e-05"."""
    if value == 0:
        return "0"
    if not isfinite(value):
        return f"{value}"
    size = abs(value)
    if not 0.001 <= size < 100_000:
        return f"{value:.3e}"
    return f"{value:.{max(4, 3 - floor(log10(size)))}f}"


def signed(value: float) -> str:
    """Return a number to stand after another one: "+ 0.5000", "- 0.5000"."""
    return f"{'-' if value < 0 else '+'} {number(abs(value))}"


def bracketed(value: float) -> str:
    """Return a number to stand inside a formula: negative ones in brackets."""
    return f"({number(value)})" if value < 0 else number(value)


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
