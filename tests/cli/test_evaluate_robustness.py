"""`inkwise evaluate --robustness` and `--out`."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

Call = Callable[..., Any]


def test_robustness_is_a_table_that_fits_and_a_part_of_the_json(inkwise: Call, wary: Path) -> None:
    done = inkwise("evaluate", wary, "--split", "validation", "--robustness")
    assert done.code == 0
    assert "Measuring noise ..." in done.err
    assert any(line.split()[:3] == ["rotation,", "degrees", "10:"] for line in done.lines)
    assert max(map(len, done.lines)) <= 80
    (line,) = inkwise("evaluate", wary, "--split", "validation", "--robustness", "--json").lines
    found = json.loads(line)
    assert found["robustness"]["clean"]["accuracy"] >= found["accuracy"]  # here each is answered
    assert found["robustness"]["clean"]["abstained"] == found["abstained"] > 0
    assert len(found["robustness"]["levels"]) == 45


def test_a_report_is_written_where_asked_for(inkwise: Call, model: Path, tmp_path: Path) -> None:
    plain = inkwise("evaluate", model, "--split", "validation", "--json")
    done = inkwise("evaluate", model, "--split", "validation", "--json", "--out", tmp_path / "new" / "report")
    assert done.out == plain.out
    page = tmp_path / "new" / "report" / "report.html"
    assert "".join(done.err.split()).endswith(f"Thereportis{page}.")
    assert "of 200 validation digits" in page.read_text(encoding="utf-8").replace("&nbsp;", " ")
