import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from PIL import Image
from tests.reading_cases import write_lines

Call = Callable[..., Any]


@pytest.fixture
def page(tmp_path: Path) -> Path:
    Image.fromarray(write_lines("27  35", "4")).save(tmp_path / "page.png")
    return tmp_path / "page.png"


def test_each_line_is_printed_with_its_confidence(inkwise: Call, model: Path, page: Path) -> None:
    done = inkwise("read", page, "--model", model)
    assert done.code == 0
    assert len(done.lines) == 2
    assert all(line.startswith(f"{page}  ") and line.endswith(" %") for line in done.lines)


def test_json_has_a_page_per_line_with_every_box(inkwise: Call, model: Path, page: Path) -> None:
    row = json.loads(inkwise("read", page, "--model", model, "--json").out)
    assert list(row) == ["image", "page", "rotation", "size", "lines", "reason"]
    assert (row["image"], row["page"]) == (str(page), 1)
    assert list(row["lines"][0]) == ["text", "box", "confidence", "digits"]
    assert list(row["lines"][0]["digits"][0]) == ["label", "confidence", "accepted", "box", "reason"]


def test_csv_has_a_row_for_each_number(inkwise: Call, model: Path, page: Path) -> None:
    lines = [line["text"] for line in json.loads(inkwise("read", page, "--model", model, "--json").out)["lines"]]
    done = inkwise("read", page, "--model", model, "--csv")
    assert done.lines[0] == "image,page,line,number,text,confidence,left,top,width,height,reason"
    rows = [row.split(",") for row in done.lines[1:]]
    assert [row[4] for row in rows] == [text for line in lines for text in line.split()]
    assert [int(row[2]) for row in rows] == [n for n, line in enumerate(lines, 1) for _ in line.split()]


def test_a_drawing_is_made_of_each_page_under_a_name_of_its_own(
    inkwise: Call, model: Path, page: Path, tmp_path: Path
) -> None:
    several = tmp_path / "other" / "page.tiff"
    several.parent.mkdir()
    picture = Image.open(page)
    picture.save(several, save_all=True, append_images=[picture.rotate(180)])
    done = inkwise("read", page, several, "--model", model, "--overlay", tmp_path / "seen")
    assert done.code == 0
    assert sorted(path.name for path in (tmp_path / "seen").iterdir()) == [
        "page-page-2-read.png",
        "page-read-2.png",
        "page-read.png",
    ]
    assert any(line.startswith(f"{several}, page 2  ") for line in done.lines)


def test_good_pages_are_read_when_others_cannot_be(inkwise: Call, model: Path, page: Path, tmp_path: Path) -> None:
    (tmp_path / "broken.png").write_bytes(page.read_bytes()[:100])
    done = inkwise("read", page, tmp_path / "broken.png", "no.png", page, "--model", model, "--json")
    assert done.code == 1
    rows = [json.loads(line) for line in done.lines]
    assert [len(row["lines"]) for row in rows] == [2, 0, 0, 2]
    assert rows[2]["reason"] == "There is no file no.png; check the path."
    assert "broken.png is truncated" in done.err
    assert "inkwise: There is no file no.png" in done.err


def test_a_blank_page_is_a_reason_and_no_failure(inkwise: Call, model: Path, tmp_path: Path) -> None:
    Image.new("L", (200, 100), 250).save(tmp_path / "blank.png")
    done = inkwise("read", tmp_path / "blank.png", "--model", model)
    assert (done.code, done.out) == (0, f"{tmp_path / 'blank.png'}  (no ink found)\n")


def test_a_hyphen_reads_standard_input(inkwise: Call, model: Path, page: Path) -> None:
    done = inkwise("read", "-", "--model", model, "--json", stdin=page.read_bytes())
    assert json.loads(done.out)["image"] == "-"


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        ((), "No image was given; name one or more image files"),
        (("page.png", "--csw"), "There is no option '--csw'. Did you mean '--csv'?"),
        (("page.png", "--csv", "--json"), "--csv and --json were both given; choose one."),
    ],
)
def test_wrong_use_is_one_sentence(inkwise: Call, words: tuple[str, ...], sentence: str) -> None:
    done = inkwise("read", *words)
    assert done.code == 2
    assert sentence in done.err
