"""A reading as text for other programs: a table with a row for each number, or one JSON object for each page.

Names of files come from anyone, and a spreadsheet computes what looks like a formula; such a cell gets an apostrophe
in front, which makes it text. Source: OWASP, "CSV Injection".
"""

import csv
import io
import json
from collections.abc import Iterable, Iterator
from math import prod
from typing import Final

from inkwise.reading.page import Line, Page

COLUMNS: Final = ("image", "page", "line", "number", "text", "confidence", "left", "top", "width", "height", "reason")
_COMPUTED = ("=", "+", "-", "@", "\t", "\r", "\n", "\uff1d", "\uff0b", "\uff0d", "\uff20")  # also in full width
_PARTING = (";", "\t", "\r")  # what parts cells or rows in some countries; csv quotes for commas and line ends

Cell = str | int


def to_csv(image: str, pages: Iterable[tuple[int, Page]]) -> str:
    """Return a table of pages: the columns' names, then a row for each number, or the reason why a page has none.

    Args:
        image: the name of their file.
        pages: each with its number in the file, from 1.
    """
    lines = (COLUMNS, *(row for number, page in pages for row in rows(image, number, page)))
    return "".join(map(to_row, lines))


def to_row(cells: Iterable[Cell]) -> str:
    """Return a line of the table, with its end; nothing in it is computed by a spreadsheet."""
    text = io.StringIO()
    plain = [_plain(cell) if isinstance(cell, str) else cell for cell in cells]
    parting = any(sign in str(cell) for cell in plain for sign in _PARTING)
    csv.writer(text, lineterminator="\n", quoting=csv.QUOTE_ALL if parting else csv.QUOTE_MINIMAL).writerow(plain)
    return text.getvalue()


def to_json(image: str, pages: Iterable[tuple[int, Page]]) -> str:
    """Return a line of JSON for each page; arguments as for `to_csv`."""
    lines = ({"image": image, "page": number, **page.to_dict()} for number, page in pages)
    return "".join(f"{json.dumps(line)}\n" for line in lines)


def rows(image: str, number: int, page: Page) -> Iterator[tuple[Cell, ...]]:
    """Yield the cells of each number: what blanks part in a line; of a page without any, a row with the reason."""
    for place, line in enumerate(page.lines, start=1):
        for which, cells in enumerate(_numbers(line), start=1):
            yield (image, number, place, which, *cells, "")
    if not page.lines:
        yield (image, number, *[""] * (len(COLUMNS) - 3), page.reason or "")


def _numbers(line: Line) -> Iterator[tuple[Cell, ...]]:
    """Text, confidence and box of each number."""
    start = 0
    for text in line.text.split(" "):
        digits = line.digits[start : start + len(text)]
        start += len(text)
        left, top = min(digit.box[0] for digit in digits), min(digit.box[1] for digit in digits)
        right = max(digit.box[0] + digit.box[2] for digit in digits)
        bottom = max(digit.box[1] + digit.box[3] for digit in digits)
        confidence = prod(digit.confidence for digit in digits)
        yield text, f"{confidence:.4f}", left, top, right - left, bottom - top


def _plain(cell: str) -> str:
    """The cell as text that no spreadsheet computes; a hyphen alone stands for standard input, and is none."""
    return f"'{cell}" if cell.startswith(_COMPUTED) and cell != "-" else cell
