"""Pages are scored as their truth says: digits wrong by edits, numbers whole or not."""

import json
from pathlib import Path
from typing import Any

import pytest
from benchmarks.page_scores import PageScore, levenshtein, score, score_folder, total
from PIL import Image
from tests.reading_cases import write_lines

from inkwise.recognizer import Recognizer


@pytest.mark.parametrize(
    ("one", "other", "edits"),
    [
        ("", "", 0),
        ("123", "123", 0),
        ("123", "13", 1),
        ("123", "1523", 1),
        ("123", "173", 1),
        ("", "12", 2),
        ("12", "21", 2),
    ],
)
def test_edits_are_counted(one: str, other: str, edits: int) -> None:
    assert levenshtein(one, other) == levenshtein(other, one) == edits


@pytest.mark.parametrize(
    ("lines", "truth", "wanted"),
    [
        (["12 34", "5"], {"numbers": ["12", "34", "5"]}, (5, 0, 3, 3)),
        (["12 34", "5"], {"numbers": ["1234", "5"]}, (5, 0, 2, 2)),  # a number that was parted
        (["1234"], {"numbers": ["12", "34"]}, (4, 0, 2, 0)),  # two that were not
        (["1?34"], {"numbers": ["1234"]}, (4, 1, 1, 0)),
        ([], {"numbers": ["12"]}, (2, 2, 1, 0)),
        (["3 1 2"], {"digits": "123"}, (3, 0, 0, 0)),
        (["3 1 1"], {"digits": "123"}, (3, 1, 0, 0)),
        (["3"], {"digits": "123"}, (3, 2, 0, 0)),
    ],
)
def test_a_page_is_scored(lines: list[str], truth: dict[str, Any], wanted: tuple[int, ...]) -> None:
    assert score("page.png", lines, truth) == PageScore("page.png", *wanted)


def test_the_total_is_the_sum_and_has_each_page() -> None:
    scores = [PageScore("a", 10, 1, 2, 1), PageScore("b", 5, 0, 0, 0)]
    found = total(scores)
    assert {name: value for name, value in found.items() if name != "each"} == {
        "pages": 2, "digits": 15, "errors": 1, "numbers": 2, "whole": 1,
    }  # fmt: skip
    assert [row["name"] for row in found["each"]] == ["a", "b"]


def test_a_folder_is_read_in_the_order_of_its_truth(tmp_path: Path) -> None:
    for name, lines in (("b.png", ("27",)), ("a.png", ("35", "4"))):
        Image.fromarray(write_lines(*lines)).save(tmp_path / name)
    (tmp_path / "truth.json").write_text(json.dumps({"b.png": {"numbers": ["27"]}, "a.png": {"digits": "345"}}))
    scores = score_folder(Recognizer.load(), tmp_path)
    assert [(row.name, row.digits, row.errors) for row in scores] == [("b.png", 2, 0), ("a.png", 3, 0)]
