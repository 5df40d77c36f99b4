import csv
import io
import json

import pytest

from inkwise.reading.page import Digit, Line, Page
from inkwise.reading.sheet import COLUMNS, to_csv, to_json, to_row


@pytest.fixture
def page() -> Page:
    """The line "03 ?"."""
    digits = tuple(
        Digit(label, 0.5, label != "8", (10 * x, 20, 8, 16 + x)) for x, label in zip((1, 2, 6), "038", strict=True)
    )
    return Page(0, (90, 60), (Line("03 ?", (10, 20, 58, 22), 0.125, digits),))


def test_a_row_for_each_number_with_its_own_box_and_confidence(page: Page) -> None:
    head, *rows = csv.reader(io.StringIO(to_csv("a.png", [(2, page)])))
    assert tuple(head) == COLUMNS
    assert rows == [
        ["a.png", "2", "1", "1", "03", "0.2500", "10", "20", "18", "18", ""],
        ["a.png", "2", "1", "2", "?", "0.5000", "60", "20", "8", "22", ""],
    ]


def test_a_page_without_numbers_has_a_row_with_the_reason() -> None:
    told = to_csv("a.png", [(1, Page(0, (90, 60), (), "no ink found"))])
    assert told.splitlines()[1] == "a.png,1,,,,,,,,,no ink found"


@pytest.mark.parametrize("name", ["=1+1.png", "+1.png", "-1.png", "@SUM(1).png", "\t=1.png", "\uff1d1.png"])
def test_a_name_that_looks_like_a_formula_becomes_text(page: Page, name: str) -> None:
    rows = list(csv.reader(io.StringIO(to_csv(name, [(1, page)]))))
    assert rows[1][0] == f"'{name}"


def test_json_has_a_line_for_each_page_with_all_of_it(page: Page) -> None:
    lines = to_json("a.png", [(1, page), (2, page)]).splitlines()
    assert [json.loads(line)["page"] for line in lines] == [1, 2]
    assert json.loads(lines[0]) == json.loads(json.dumps({"image": "a.png", "page": 1, **page.to_dict()}))


@pytest.mark.parametrize("parting", [";", "\t"])
def test_no_cell_begins_within_a_name_where_other_signs_part_cells(parting: str) -> None:
    text = to_row((f"a{parting}=1+1.png", 1, "because"))
    (cells,) = csv.reader(io.StringIO(text), delimiter=parting)
    assert not any(cell.startswith("=") for cell in cells)
