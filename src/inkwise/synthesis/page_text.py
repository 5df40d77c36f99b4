"""What stands on a page: rows of words, a word being digits with signs or letters among them, no blank.

Knows layouts and how much room there is in digit heights; nothing of ink or pixels.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from inkwise.synthesis.page_style import PageStyle

_BEFORE = ("No.", "Tel", "Nr", "Ref", "#", "A", "X", "€", "EUR", "Ch.", "p.", "+", "-", "✓", "→", "*")
_AFTER = ("kg", "km", "cm", "m", "EUR", "am", "pm", "pt", "%", "x", "A", "h", "mm", "=", "✓", ")")
_WITHIN = ("-", "/", ".", ",", ":", "x")


@dataclass(frozen=True)
class Word:
    """Some characters without a blank; `left` is where it begins, in digit heights, or None: behind the last one."""

    text: str
    left: float | None = None


@dataclass(frozen=True)
class Row:
    """Words on one baseline, which lies `baseline` digit heights below the top of the room."""

    baseline: float
    words: tuple[Word, ...]


def compose(style: PageStyle, wide: float, high: float, chance: np.random.Generator) -> tuple[Row, ...]:
    """Return the rows of a page, from the top.

    Args:
        style: of which layout, digit height, leading, gap and signs count.
        wide: the room's width in digit heights.
        high: the room's height in digit heights.
        chance: what is written.
    """
    if style.layout == "scattered":
        return _scattered(wide, high, chance)
    each = 0.62 + style.gap  # what a digit takes with its gap
    fits = max(1, int(wide / each) - 1)
    leading = max(style.leading, 1.25) + style.descend * 0.5
    rows: list[Row] = []
    baseline = 1.1 + float(chance.uniform(0, 1))
    write = _LAYOUTS[style.layout]
    columns = _columns(wide, each, chance)
    while baseline < high - 0.3 and len(rows) < 40:
        words = write(columns if style.layout == "columns" else fits, each, chance)
        if style.layout != "columns" and chance.random() < style.signs:
            words = _with_signs(words, fits, chance)
        rows.append(Row(baseline, words))
        baseline += leading * float(chance.uniform(1, 1.15)) + (leading * 1.5 if chance.random() < 0.08 else 0)
    keep = int(chance.integers(1, len(rows) + 1)) if chance.random() < 0.3 else len(rows)
    return tuple(rows[:keep])


def digits(chance: np.random.Generator, count: int) -> str:
    """Return that many digits."""
    return "".join(str(digit) for digit in chance.integers(0, 10, count))


def _one_number(fits: int, each: float, chance: np.random.Generator) -> tuple[Word, ...]:
    """One number, somewhere on the line."""
    count = int(chance.integers(1, min(fits, 14) + 1))
    free = max(0.0, (fits - count) * each)
    return (Word(digits(chance, count), float(chance.uniform(0, 0.5)) * free),)


def _several(fits: int, each: float, chance: np.random.Generator) -> tuple[Word, ...]:
    """Numbers one behind the other, with wide gaps."""
    words: list[Word] = []
    left = fits
    while left >= 1 and len(words) < 8:
        count = min(int(chance.integers(1, 7)), left)
        words.append(Word(digits(chance, count)))
        left -= count + round(1.4 / each) + 1
    return tuple(words)


def _columns(wide: float, each: float, chance: np.random.Generator) -> int:
    """How many columns there is room for."""
    return max(1, min(int(chance.integers(2, 6)), int(wide / (3 * each + 1.8))))


def _columned(columns: int, each: float, chance: np.random.Generator) -> tuple[Word, ...]:
    """A number in each column; a cell may be empty, but not all."""
    pitch = 3 * each + 1.8
    filled = [n for n in range(columns) if chance.random() < 0.9] or [0]
    return tuple(Word(digits(chance, int(chance.integers(1, 4))), n * pitch) for n in filled)


def _date(fits: int, each: float, chance: np.random.Generator) -> tuple[Word, ...]:
    """Day, month and year, with points, strokes, dashes or gaps between them."""
    day, month = str(chance.integers(1, 32)), str(chance.integers(1, 13))
    if chance.random() < 0.5:
        day, month = day.zfill(2), month.zfill(2)
    year = str(chance.integers(1900, 2100))
    year = year[2:] if chance.random() < 0.4 else year
    parts = [day, month, year] if chance.random() < 0.7 else [year, month, day]
    sign = str(chance.choice([".", "/", "-", " "]))
    if len(day + month + year) + (4 if sign == " " else 2) > fits:
        return (Word(digits(chance, min(fits, 2))),)
    if sign == " ":
        return tuple(Word(part) for part in parts)
    return (Word(sign.join(parts), float(chance.uniform(0, 0.3)) * max(0.0, (fits - 10) * each)),)


def _telephone(fits: int, each: float, chance: np.random.Generator) -> tuple[Word, ...]:
    """A telephone number in groups."""
    forms = ("0999 99999", "999 9999", "+99 999 9999999", "(099) 999 9999", "999-9999", "099 99 99 99", "9999 9999999")
    fitting = [f for f in forms if len(f) + round(0.8 * f.count(" ") / each) <= fits] or ["99" if fits > 1 else "9"]
    form = str(chance.choice(fitting))
    return tuple(Word("".join(digits(chance, 1) if c == "9" else c for c in part)) for part in form.split(" "))


def _sum(fits: int, each: float, chance: np.random.Generator) -> tuple[Word, ...]:
    """Numbers to the right, as in a bill, with a decimal point or without."""
    count = int(chance.integers(1, min(fits, 6) + 1))
    text = digits(chance, count)
    if count > 2 and chance.random() < 0.6:
        text = f"{text[:-2]}{chance.choice(['.', ','])}{text[-2:]}"
    right = min(fits, 10) * each
    return (Word(text, max(0.0, right - count * each)),)


def _scattered(wide: float, high: float, chance: np.random.Generator) -> tuple[Row, ...]:
    """Single digits anywhere, none near another."""
    places: list[tuple[float, float]] = []
    for _ in range(int(chance.integers(20, 60))):
        x, y = float(chance.uniform(0, max(wide - 1.2, 0.1))), float(chance.uniform(1.1, max(high - 0.4, 1.2)))
        if all(abs(x - a) > 1.7 or abs(y - b) > 1.9 for a, b in places):
            places.append((x, y))
    return tuple(Row(y, (Word(digits(chance, 1), x),)) for x, y in sorted(places, key=lambda place: place[::-1]))


def _with_signs(words: tuple[Word, ...], fits: int, chance: np.random.Generator) -> tuple[Word, ...]:
    """The words with a sign or letters before, behind or within."""
    if sum(len(word.text) + 2 for word in words) > fits - 5:
        return words
    kind = int(chance.integers(3))
    if kind == 0:
        return (Word(str(chance.choice(_BEFORE)), words[0].left), Word(words[0].text), *words[1:])
    if kind == 1:
        return (*words, Word(str(chance.choice(_AFTER))))
    text, at = words[0].text, len(words[0].text) // 2
    return (Word(f"{text[:at]}{chance.choice(_WITHIN)}{text[at:]}" if at else text, words[0].left), *words[1:])


_LAYOUTS: dict[str, Callable[[int, float, np.random.Generator], tuple[Word, ...]]] = {
    "lines": _one_number,
    "rows": _several,
    "columns": _columned,
    "dates": _date,
    "telephones": _telephone,
    "sums": _sum,
}
