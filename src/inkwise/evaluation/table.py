"""Evaluations and comparisons as rich tables, for people at a terminal.

Each function returns something that a rich Console prints; nothing is printed here, and rich is imported only when
a table is made.
"""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from inkwise.evaluation.comparison import Comparison
from inkwise.evaluation.evaluation import Evaluation
from inkwise.evaluation.phrases import count, disputes, percent, score, span
from inkwise.evaluation.robustness import Robustness

if TYPE_CHECKING:
    from rich.console import RenderableType
    from rich.table import Table


def evaluation_table(evaluation: Evaluation, *, per_class: bool = True) -> "RenderableType":
    """Return one evaluation: its figures, and below them the scores of each class."""
    from rich.console import Group
    from rich.text import Text

    figures = _plain_table()
    figures.add_column(style="bold")
    figures.add_column()
    for name, value in summary(evaluation):
        figures.add_row(Text(name), Text(value))
    if not per_class:
        return figures
    return Group(figures, Text(), _class_table(evaluation))


def summary(evaluation: Evaluation) -> list[tuple[str, str]]:
    """Return the evaluation's figures as rows of a name and a text."""
    e = evaluation
    rows = [
        ("dataset", f"{e.dataset}, {e.split}"),
        ("errors", f"{e.errors:,} / {e.n:,}"),
        ("accuracy", f"{percent(e.accuracy)}   95 % interval {span(*e.interval)}"),
    ]
    disputed = disputes(e)
    if disputed is not None:
        rows.append(("disputed", disputed))
    if e.abstained:
        right = percent(e.answered_accuracy)
        rows.append(("abstained", f"{e.abstained:,} / {e.n:,}; of the {e.answered:,} answered {right} right"))
    if e.binary:
        rows += [
            ("threshold", score(e.threshold)),
            ("precision", f"{percent(e.precision)}   of what it calls {e.classes[1]} is {e.classes[1]}"),
            ("recall", f"{percent(e.recall)}   of what is {e.classes[1]} is found"),
            (
                "F1",
                score(e.f1)
                + (f"   95 % interval {e.f1_interval[0]:.4f} to {e.f1_interval[1]:.4f}" if e.f1_interval else ""),
            ),
            ("ROC AUC", score(e.roc_auc) + (f" ({e.roc_auc_reason})" if e.roc_auc_reason else "")),
        ]
    else:
        rows.append(("macro F1", score(e.macro_f1)))
    before = "" if e.uncalibrated_ece is None else f"; {percent(e.uncalibrated_ece)} before calibration"
    rows += [("log loss", f"{e.nll:.4f} nats"), ("calibration", f"{percent(e.ece)} expected error (15 bins){before}")]
    if e.published_accuracy is not None:
        rows.append(
            ("as published", f"{percent(e.published_accuracy, 3)}   argmax over one column, whatever it learned")
        )
    return rows


def evaluations_table(evaluations: Sequence[Evaluation]) -> "Table":
    """Return several evaluations, one row each."""
    from rich.text import Text

    table = _plain_table(header=True)
    abstained = any(e.abstained for e in evaluations)
    for name in ("dataset", "split"):
        table.add_column(name)
    for name in ("errors", "accuracy", "95 % interval", "log loss", *(["abstained"] if abstained else [])):
        table.add_column(name, justify="right", no_wrap=True)
    for e in evaluations:
        figures = [f"{e.errors:,} / {e.n:,}", percent(e.accuracy), span(*e.interval), f"{e.nll:.4f}"]
        table.add_row(Text(e.dataset), Text(e.split), *figures, *([f"{e.abstained:,}"] if abstained else []))
    return table


def robustness_table(robustness: Robustness) -> "RenderableType":
    """Return how a model stands corrupted images: a row for each corruption, and a sentence."""
    from rich.console import Group
    from rich.text import Text

    table = _plain_table(header=True)
    table.padding = (0, 1, 0, 0)  # else seven columns do not fit into a terminal
    for place, name in enumerate(robustness.head):
        table.add_column(name, justify="right" if place else "left", no_wrap=True)
    for row in robustness.rows():
        table.add_row(*map(Text, row))
    return Group(table, Text(), Text(robustness.sentence))


def comparison_table(comparison: Comparison) -> "RenderableType":
    """Return who fixes what, and whether the difference may be luck."""
    from rich.console import Group
    from rich.text import Text

    c = comparison
    a, b = c.names
    table = _plain_table(header=True)
    table.add_column("")
    table.add_column(Text(f"{b} right"), justify="right")
    table.add_column(Text(f"{b} wrong"), justify="right")
    table.add_row(Text(f"{a} right", style="bold"), f"{c.both_right:,}", f"{c.only_b_wrong:,}")
    table.add_row(Text(f"{a} wrong", style="bold"), f"{c.only_a_wrong:,}", f"{c.both_wrong:,}")
    return Group(table, Text(), Text(verdict(c)))


def verdict(comparison: Comparison) -> str:
    """Return the comparison in two sentences."""
    c = comparison
    a, b = c.names
    low, high = (100 * end for end in c.interval)
    p = f"p = {c.p:.3g}" if c.p >= 1e-4 else "p < 0.0001"
    return (
        f"{b} fixes {count(c.only_a_wrong, 'error')} of {a} and makes {count(c.only_b_wrong, 'new one')}: "
        f"{100 * c.difference:+.2f} points, 95 % interval {low:+.2f} to {high:+.2f} (Newcombe). "
        f"Exact McNemar {p}: {'more than chance explains' if c.p < 0.05 else 'chance alone may explain it'}."
    )


def _class_table(evaluation: Evaluation) -> "Table":
    from rich.text import Text

    table = _plain_table(header=True)
    table.add_column("class")
    for name in ("images", "precision", "recall", "F1"):
        table.add_column(name, justify="right")
    for row in evaluation.per_class:
        table.add_row(Text(row.name), f"{row.support:,}", percent(row.precision), percent(row.recall), score(row.f1))
    return table


def _plain_table(*, header: bool = False) -> "Table":
    from rich.box import SIMPLE_HEAD
    from rich.table import Table

    return Table(box=SIMPLE_HEAD if header else None, show_header=header, pad_edge=False, header_style="bold")
