"""Arrays as people type them: "1 2 3" is a signal, "1 2; 3 4" two rows, and back to text that lines up.

Values are separated by blanks or commas, rows by semicolons; in a file each line is a row. Lists as Python writes them,
[1, 2] or [[1, 2], [3, 4]], are read too. A fraction such as 1/9 is a value. Whole numbers stay whole (int64),
everything else is float64. Knows no files and no convolution.
"""

import math
import re
from collections.abc import Iterable, Sequence
from typing import Final

import torch
from jaxtyping import Shaped
from torch import Tensor

from inkwise.errors import DataError, InkwiseError, UsageError

Number = int | float

_WHOLE: Final = re.compile(r"[+-]?\d+")
_FRACTION: Final = re.compile(r"([+-]?\d+)/(\d+)")
_LIST: Final = re.compile(r"\[([^\[\]]*)\]")
_LISTS: Final = re.compile(r"\[\s*\[[^\[\]]*\]\s*(?:(?:,\s*)?\[[^\[\]]*\]\s*)*\]")
_INT64: Final = 2**63
_HOW: Final = "write values as '1 2 3', and rows as '1 2; 3 4'"


def parse(text: str, name: str, *, lines: bool = False) -> Shaped[Tensor, "..."]:
    """Return the array that `text` spells.

    Args:
        text: The numbers. One row is an array over one axis; a semicolon, at the end too, makes rows: "1 2 3;" has
            one row of three. A list of lists has rows as well.
        name: What messages call it, "The input" say.
        lines: Whether each line is a row, as in a file. Lines that begin with # are left out there, a single column
            is an array over one axis, and what is wrong is the file's fault (DataError), not the caller's.

    Returns:
        int64 or float64, (length,) or (rows, columns).

    Raises:
        UsageError: A word is no number, a number is not finite, rows differ in length, or there is nothing.
        DataError: The same in a file.
    """
    fault: type[InkwiseError] = DataError if lines else UsageError
    plain, deep = _listed(text.replace("\N{MINUS SIGN}", "-").strip(), name, fault)
    if lines and not deep:
        rows = [line for line in plain.replace(";", "\n").splitlines() if line.strip() and line.strip()[0] != "#"]
    else:
        rows = plain.strip().removesuffix(";").split(";")
    words = [row.replace(",", " ").split() for row in rows]
    if not any(words):
        raise fault(f"{name} is empty; {_HOW}.")
    values = [
        [_number(word, name, fault, place, at) for at, word in enumerate(row, start=1)]
        for place, row in enumerate(words, start=1)
    ]
    for place, row in enumerate(values, start=1):
        if len(row) != len(values[0]):
            raise fault(
                f"Row {place} of {_lower(name)} has {_counted(len(row))} and row 1 has {len(values[0])}; "
                "give every row the same number of values."
            )
    array = _tensor(values)
    if lines and not deep and array.shape[1] == 1:
        return array[:, 0]
    several = len(array) > 1 if lines and not deep else ";" in plain or deep > 1
    return array if several else array[0]


def is_numbers(text: str) -> bool:
    """Return whether the first word of `text` is a number, so that the rest is meant to be numbers too."""
    begin = text.strip()
    while begin.startswith("["):
        begin = begin[1:].lstrip()
    words = begin.replace("\N{MINUS SIGN}", "-").replace(",", " ").replace(";", " ").split()
    return bool(words) and _value(words[0].rstrip("]")) is not None


def _listed(text: str, name: str, fault: type[InkwiseError]) -> tuple[str, int]:
    """Return a list's values without its brackets, and how deep it was: 0 for what is no list."""
    if not text.startswith("["):
        return text, 0
    if whole := _LIST.fullmatch(text):
        return whole[1], 1
    if _LISTS.fullmatch(text):
        return ";".join(row[1] for row in _LIST.finditer(text)), 2
    raise fault(
        f"{name} begins with a bracket and is no list of numbers, nor a list of such lists; write [1, 2, 3], or "
        "[[1, 2], [3, 4]] for rows."
    )


def _number(word: str, name: str, fault: type[InkwiseError], row: int, at: int) -> Number:
    value = _value(word)
    where = f"value {at} of row {row}"
    if value is None:
        raise fault(f"{word!r}, {where} of {_lower(name)}, is no number; {_HOW}.")
    if isinstance(value, int) and not -_INT64 <= value < _INT64:
        raise fault(f"{word}, {where} of {_lower(name)}, is beyond 64-bit whole numbers; write {float(value):.4g}.")
    if not math.isfinite(value):
        raise fault(f"{name} has {word} as {where}; replace it with a finite number.")
    return value


def _value(word: str) -> Number | None:
    if _WHOLE.fullmatch(word):
        return int(word) if len(word) < 100 else float(word)  # beyond any float: infinite, and told so
    fraction = _FRACTION.fullmatch(word)
    if fraction and int(fraction[2]):
        return int(fraction[1]) / int(fraction[2])
    try:
        return float(word) if "_" not in word else None
    except ValueError:
        return None


def _tensor(values: Sequence[Sequence[Number]]) -> Tensor:
    whole = all(isinstance(value, int) for row in values for value in row)
    return torch.tensor(values, dtype=torch.int64 if whole else torch.float64)


def _lower(name: str) -> str:
    return name[0].lower() + name[1:]


def _counted(count: int) -> str:
    return f"{count} value{'' if count == 1 else 's'}"


class Format:
    """How the numbers of some arrays are written, all alike: to so many decimals, without zeros at their end."""

    def __init__(self, *arrays: Iterable[Number], most: int = 3) -> None:
        self.values = [value for array in arrays for value in array]
        largest = max(map(abs, self.values), default=0.0)
        smallest = min((abs(value) for value in self.values if value), default=1.0)
        self.scientific = (largest >= 1e8 and not all(map(_whole, self.values))) or largest < 10.0**-most / 2
        # One more where that is exact, as for sixteenths.
        precise = all(value == round(value, most + 1) for value in self.values)
        self.decimals = max((_decimals(value, most + precise) for value in self.values), default=0)
        # What is written as 0 should be 0, or nothing beside the largest.
        if not self.scientific and smallest < 10.0**-most and smallest > largest * 1e-9:
            self.decimals = min(6, math.ceil(-math.log10(smallest)) + 1)

    def __call__(self, value: Number) -> str:
        """Return one value as text."""
        if value == 0:
            return "0"
        if self.scientific:
            return f"{value:.3g}"
        if isinstance(value, int) or (_whole(value) and abs(value) < 1e15):
            return str(int(value))
        text = f"{value:.{self.decimals}f}"
        return "0" if not float(text) else text.rstrip("0").rstrip(".") if "." in text else text

    @property
    def width(self) -> int:
        """The most characters that one of the values takes."""
        return max(map(len, map(self, self.values)), default=1)


def _whole(value: Number) -> bool:
    return math.isfinite(value) and value == math.floor(value)


def _decimals(value: Number, most: int) -> int:
    """Return how many decimals `value` needs, at most `most`."""
    text = f"{value:.{most}f}".rstrip("0")
    return len(text.partition(".")[2])


def exact(value: Number) -> str:
    """Return one number by itself: whole, or to six figures."""
    whole = isinstance(value, int) or (_whole(value) and abs(value) < 1e15)
    return str(int(value)) if whole else f"{value:.6g}"


def product(x: Number, h: Number, sign: str = "*") -> str:
    """Return a product of two numbers by themselves, to four figures, each in brackets below zero: "3*(-0.25)"."""
    value, factor = (exact(each) if _whole(each) else f"{each:.4g}" for each in (x, h))
    return sign.join(f"({text})" if text.startswith("-") else text for text in (value, factor))
