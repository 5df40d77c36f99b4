"""The file at the end: the same rows in every format."""

import csv
import json
import sys
from pathlib import Path

import pytest
from tests.scoring_cases import picture, rows, scored, write_zip

from inkwise.errors import UsageError
from inkwise.scoring.output import assemble, format_of


@pytest.fixture(scope="module")
def archive(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_zip(tmp_path_factory.mktemp("a") / "a.zip", {"3/1.png": picture(), "4/2.png": b"none"})


def test_csv_has_a_column_for_each_probability(model: Path, archive: Path, tmp_path: Path) -> None:
    for name in ("o.csv", "o.jsonl"):
        scored(tmp_path / name, archive, model=model, labels="folders")
    with (tmp_path / "o.csv").open(newline="") as file:
        good, bad = list(csv.DictReader(file))
    expected = rows(tmp_path / "o.jsonl")
    assert [float(good[f"probability_{k}"]) for k in range(10)] == expected[0]["probabilities"]
    assert (good["truth"], good["accepted"], good["error"]) == ("3", "true", "")
    assert (bad["label"], bad["probability_9"], bad["error"]) == ("", "", expected[1]["error"])


def test_parquet_has_the_same_rows_and_says_what_it_is_of(model: Path, archive: Path, tmp_path: Path) -> None:
    pq = pytest.importorskip("pyarrow.parquet", reason="Parquet needs the extra parquet")
    for name in ("o.parquet", "p.parquet", "o.jsonl"):
        scored(tmp_path / name, archive, model=model, labels="folders")
    table = pq.read_table(tmp_path / "o.parquet")
    assert table.to_pylist() == rows(tmp_path / "o.jsonl")
    assert set(table.schema.metadata) == {b"inkwise.model", b"inkwise.inputs"}
    assert (tmp_path / "o.parquet").read_bytes() == (tmp_path / "p.parquet").read_bytes()


@pytest.mark.parametrize("suffix", ["csv", "parquet", "jsonl"])
def test_pages_fit_every_format(suffix: str, tmp_path: Path) -> None:
    if suffix == "parquet":
        pytest.importorskip("pyarrow", reason="Parquet needs the extra parquet")
    line = {"text": "12", "box": [1, 2, 3, 4], "confidence": 0.5, "digits": []}
    row = {
        "image": "p.png",
        "page": 1,
        "truth": None,
        "text": "12\n3",
        "rotation": 90,
        "width": 5,
        "height": 6,
        "reason": None,
        "lines": [line],
        "error": None,
    }
    out = tmp_path / f"o.{suffix}"
    assemble(out, [json.dumps(row).encode() + b"\n"], (), pages=True, about={})
    if suffix == "csv":
        with out.open(newline="") as file:
            (read,) = list(csv.DictReader(file))
        assert json.loads(read["lines"]) == [line]
        assert (read["text"], read["page"]) == ("12\n3", "1")
    elif suffix == "parquet":
        import pyarrow.parquet as pq

        (read,) = pq.read_table(out).to_pylist()
        assert json.loads(read["lines"]) == [line]


def test_a_name_that_a_spreadsheet_would_compute_becomes_text(model: Path, tmp_path: Path) -> None:
    archive = write_zip(tmp_path / "=1+1.zip", {"1.png": picture()})
    from contextlib import chdir

    with chdir(tmp_path):
        scored(Path("o.csv"), archive.name, model=model)
    assert (tmp_path / "o.csv").read_text().splitlines()[1].startswith("'=1+1.zip!1.png,")


def test_parquet_without_pyarrow_is_told_before_anything_is_read(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setitem(sys.modules, "pyarrow", None)
    with pytest.raises(UsageError, match=r'Parquet files need pyarrow; install it with pip install "inkwise\[parquet'):
        format_of(tmp_path / "o.parquet")
