"""The file at the end: the rows of all shards, in order, as JSON lines, CSV or Parquet; the same bytes each time.

A table for spreadsheets has a column for each probability, and names that a spreadsheet would compute get an
apostrophe in front (OWASP, "CSV Injection"). Parquet has lists; it needs pyarrow, the extra "parquet".
"""

import csv
import io
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from importlib.util import find_spec
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any, Final, Literal, cast, get_args

from inkwise.errors import UsageError
from inkwise.files import replacing

if TYPE_CHECKING:
    import pyarrow as pa

Format = Literal["parquet", "csv", "jsonl"]
_GROUP, _PAGES_GROUP = 20_000, 2_000  # rows that Parquet keeps together, and that are held at once
_COMPUTED: Final = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")  # noqa: RUF001


def format_of(out: Path) -> Format:
    """Return the format that a file's name asks for.

    Raises:
        UsageError: It is none of the three, or Parquet without pyarrow.
    """
    given = out.suffix.lower().removeprefix(".")
    if given not in get_args(Format):
        raise UsageError(f"--out is {out}; a name that ends in .parquet, .csv or .jsonl is accepted.")
    if given == "parquet" and find_spec("pyarrow") is None:
        raise UsageError(
            'Parquet files need pyarrow; install it with pip install "inkwise[parquet]", or give a name that ends in '
            ".csv or .jsonl."
        )
    return cast("Format", given)


def assemble(
    out: Path, parts: Iterable[bytes], classes: Sequence[str], *, pages: bool, about: Mapping[str, str]
) -> None:
    """Write `out` in one step.

    Args:
        out: the file; its name says the format.
        parts: rows as lines of JSON.
        classes: of the model; one column each in CSV.
        pages: whether rows are of pages.
        about: what Parquet keeps in its metadata: model and inputs.

    Raises:
        RunError: it cannot be written.
    """
    kind = format_of(out)
    with replacing(out) as file:
        if kind == "jsonl":
            file.writelines(parts)
        elif kind == "csv":
            _write_csv(file, _rows(parts), () if pages else classes, pages=pages)
        else:
            _write_parquet(file, _rows(parts), pages=pages, about=about)


def _rows(parts: Iterable[bytes]) -> Iterator[dict[str, Any]]:
    for part in parts:
        for line in part.split(b"\n")[:-1]:
            yield json.loads(line)


def _write_csv(file: IO[bytes], rows: Iterable[dict[str, Any]], classes: Sequence[str], *, pages: bool) -> None:
    from inkwise.scoring.worker import DIGIT_COLUMNS, PAGE_COLUMNS

    text = io.TextIOWrapper(file, encoding="utf-8", newline="", write_through=False)
    try:
        writer = csv.writer(text, lineterminator="\n")
        heads: list[str] = []
        for name in PAGE_COLUMNS if pages else DIGIT_COLUMNS:
            heads += [f"probability_{each}" for each in classes] if name == "probabilities" else [name]
        writer.writerow([_plain(head) for head in heads])
        for row in rows:
            cells: list[object] = []
            for name, value in row.items():
                if name == "probabilities":
                    cells += value or [None] * len(classes)
                elif name == "lines":
                    cells.append(None if value is None else json.dumps(value, separators=(",", ":")))
                else:
                    cells.append(value)
            writer.writerow([_plain(cell) for cell in cells])
    finally:
        text.flush()
        text.detach()


def _plain(cell: object) -> object:
    if isinstance(cell, bool):
        return "true" if cell else "false"
    return f"'{cell}" if isinstance(cell, str) and cell.startswith(_COMPUTED) else cell


def _write_parquet(file: IO[bytes], rows: Iterable[dict[str, Any]], *, pages: bool, about: Mapping[str, str]) -> None:
    import pyarrow as pa
    import pyarrow.parquet as pq

    schema = _schema(pages=pages).with_metadata(dict(about))
    with pq.ParquetWriter(file, schema, compression="zstd") as writer:
        group: list[dict[str, Any]] = []
        for row in rows:
            if pages and row["lines"] is not None:
                row["lines"] = json.dumps(row["lines"], separators=(",", ":"))
            group.append(row)
            if len(group) == (_PAGES_GROUP if pages else _GROUP):
                writer.write_table(pa.Table.from_pylist(group, schema=schema))
                group = []
        if group:
            writer.write_table(pa.Table.from_pylist(group, schema=schema))


def _schema(*, pages: bool) -> "pa.Schema":
    import pyarrow as pa

    text, number = pa.string(), pa.int32()
    if pages:
        names = {"page": number, "rotation": number, "width": number, "height": number}
        order = ("image", "page", "truth", "text", "rotation", "width", "height", "reason", "lines", "error")
        return pa.schema([(name, names.get(name, text)) for name in order])
    return pa.schema(
        [
            ("image", text),
            ("truth", text),
            ("label", text),
            ("confidence", pa.float64()),
            ("accepted", pa.bool_()),
            ("reason", text),
            ("probabilities", pa.list_(pa.float32())),
            ("error", text),
        ]
    )
