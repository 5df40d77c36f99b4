"""How well a folder of pages with known truth is read: digit errors, and numbers found whole.

`truth.json` maps a file's name to {"numbers": [...]} in reading order, or to {"digits": "0112"}, sorted, of a page of
loose digits whose order means nothing. Digit errors are the Levenshtein distance between the page read as one string
and the truth; of loose digits, the size of the difference of both as multisets. A number is whole where a line, or
some blank-separated parts of a line in a row, equal it.
"""

import json
import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from inkwise.reading.reader import read_pages
from inkwise.recognizer import Recognizer


@dataclass(frozen=True)
class PageScore:
    """What came of one page: `errors` of so many `digits`, and `whole` of so many `numbers`."""

    name: str
    digits: int
    errors: int
    numbers: int
    whole: int


def score_folder(recognizer: Recognizer, folder: Path) -> list[PageScore]:
    """Return the score of each page that the folder's truth.json names, in its order."""
    truth = json.loads((folder / "truth.json").read_text(encoding="utf-8"))
    scores = []
    for name, wanted in truth.items():
        page = next(iter(read_pages(folder / name, recognizer)))
        scores.append(score(name, [line.text for line in page.lines], wanted))
    return scores


def score(name: str, lines: Sequence[str], truth: Mapping[str, Any]) -> PageScore:
    """Return the score of a page that was read as `lines`, each with a blank at a wide gap."""
    got = re.sub(r"\D", "", "".join(lines))
    if "digits" in truth:
        wanted, found = Counter(truth["digits"]), Counter(got)
        errors = max((wanted - found).total(), (found - wanted).total())
        return PageScore(name, len(truth["digits"]), errors, 0, 0)
    numbers = truth["numbers"]
    seen = _candidates(lines)
    whole = sum(number in seen for number in numbers)
    return PageScore(name, len("".join(numbers)), levenshtein(got, "".join(numbers)), len(numbers), whole)


def total(scores: Iterable[PageScore]) -> dict[str, Any]:
    """Return the sums over all pages, and each page."""
    rows = list(scores)
    sums = {field: sum(getattr(row, field) for row in rows) for field in ("digits", "errors", "numbers", "whole")}
    return {"pages": len(rows), **sums, "each": [asdict(row) for row in rows]}


def levenshtein(one: str, other: str) -> int:
    """Return the fewest insertions, deletions and replacements of characters that make `one` into `other`."""
    row = list(range(len(other) + 1))
    for i, a in enumerate(one, 1):
        before, row = row, [i]
        for j, b in enumerate(other, 1):
            row.append(min(before[j] + 1, row[-1] + 1, before[j - 1] + (a != b)))
    return row[-1]


def _candidates(lines: Sequence[str]) -> set[str]:
    found = set()
    for line in lines:
        parts = [re.sub(r"\D", "", part) for part in line.split()]
        found |= {"".join(parts[i:j]) for i in range(len(parts)) for j in range(i + 1, len(parts) + 1)}
    return found
