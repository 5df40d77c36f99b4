"""What came of an export, for people at a terminal: both sides beside each other, and what differs."""

from typing import TYPE_CHECKING

from inkwise.evaluation.phrases import count, percent
from inkwise.export.check import Side
from inkwise.export.export import Exported

if TYPE_CHECKING:
    from rich.console import RenderableType


def export_table(exported: Exported) -> "RenderableType":
    """Return sizes, errors and times of both, and a sentence each on differences, int8 and the file."""
    from rich.box import SIMPLE_HEAD
    from rich.console import Group
    from rich.table import Table
    from rich.text import Text

    check = exported.check
    table = Table(box=SIMPLE_HEAD, pad_edge=False, header_style="bold")
    table.add_column("")
    for name in ("original", exported.precision):
        table.add_column(name, justify="right", no_wrap=True)
    sides = (check.original, check.exported)
    table.add_row("file, bytes", *(f"{side.size:,}" for side in sides))
    if check.original.errors is not None:
        table.add_row("errors", *(f"{side.errors:,} / {check.n:,}" for side in sides))
        table.add_row("accuracy", *(_accuracy(side, check.n) for side in sides))
    table.add_row("one image, ms", *(f"{side.milliseconds:.2f}" for side in sides))
    table.add_row("images a second", *(f"{side.images_per_second:,.0f}" for side in sides))
    differ = f"{count(check.differ, 'answer')} {'differs' if check.differ == 1 else 'differ'}"
    lines = [
        f"Checked on {count(check.n, 'image')} of {check.dataset}, {check.split}: {differ},",
        f"{check.accepted_otherwise:,} accepted by one alone; largest difference of a probability {check.largest:.2g}.",
    ]
    if exported.quantised_on is not None:
        lines.append(f"Ranges of int8 are from {exported.quantised_on}.")
    return Group(table, Text("\n".join([*lines, f"Written: {exported.path}"])))


def _accuracy(side: Side, n: int) -> str:
    assert side.errors is not None
    return percent(1 - side.errors / n)
