"""A reading put right by hand: digits are given other labels, and texts and confidences follow.

What a person says is taken as certain. Boxes stay, so that a corrected page can be compared with the one that was read.
"""

from collections.abc import Mapping
from dataclasses import replace
from math import prod
from typing import Final

from inkwise.errors import UsageError
from inkwise.reading.page import Digit, Line, Page

BY_HAND: Final = "corrected by hand"
UNREAD: Final = "?"
_LABELS = frozenset("0123456789")


def corrected(page: Page, labels: Mapping[int, str]) -> Page:
    """Return the page with some of its digits as a person reads them.

    Args:
        page: what was read.
        labels: by the digit's place, counted from 0 through all lines: 0 to 9, or ? for one that cannot be read.

    Raises:
        UsageError: There is no such digit, or a label is none of these.
    """
    count = sum(len(line.digits) for line in page.lines)
    for place, label in labels.items():
        if not 0 <= place < count:
            raise UsageError(f"There is no digit {place}; this page has the digits 0 to {count - 1}.")
        if label not in _LABELS and label != UNREAD:
            raise UsageError(f"A digit cannot be {label!r}; 0 to 9 are accepted, and ? for one that cannot be read.")
    lines, start = [], 0
    for line in page.lines:
        own = {place - start: label for place, label in labels.items() if start <= place < start + len(line.digits)}
        lines.append(_line(line, own) if own else line)
        start += len(line.digits)
    return replace(page, lines=tuple(lines))


def _line(line: Line, labels: Mapping[int, str]) -> Line:
    digits = tuple(
        _digit(digit, labels[place]) if place in labels else digit for place, digit in enumerate(line.digits)
    )
    signs = iter(digit.label if digit.accepted else UNREAD for digit in digits)
    text = "".join(sign if sign == " " else next(signs) for sign in line.text)
    return replace(line, text=text, digits=digits, confidence=prod(digit.confidence for digit in digits))


def _digit(digit: Digit, label: str) -> Digit:
    if label == UNREAD:
        return replace(digit, accepted=False, reason=BY_HAND)
    return replace(digit, label=label, confidence=1.0, accepted=True, reason=BY_HAND)
