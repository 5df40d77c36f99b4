"""The table of a benchmark: rows for the terminal, Markdown for docs/results, JSON with every figure."""

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from inkwise import files
from inkwise.bench.book import Book, Run
from inkwise.bench.contender import FASTEST
from inkwise.bench.notes import MARK, notes, unequal
from inkwise.bench.plots import PLOTS
from inkwise.bench.published import published_on
from inkwise.bench.standing import Ratio, Standing, standings
from inkwise.experiment.environment import machine

ACCURACY = ("contender", "seeds", "test accuracy, %", "runs above", "training, s", "x faster")
COST = ("contender", "epochs", "s / epoch", "parameters", "peak MB", "images/s", "one image, ms", "import, s")
PRINTED = (  # the same columns in three tables, of which each fits into 80 characters
    ("contender", "seeds", "epochs", "test accuracy, %", "runs above"),
    ("contender", "training, s", "s / epoch", "x faster"),
    ("contender", "parameters", "peak MB", "images/s", "one image, ms", "import, s"),
)


def accuracy_rows(found: Sequence[Standing]) -> list[tuple[str, ...]]:
    """Return a row of texts for each contender, under ACCURACY."""
    return [
        (one.name, str(len(one.runs)), _accuracy(one), _share(one), _seconds(one), _ratio(one.ratio)) for one in found
    ]


def cost_rows(found: Sequence[Standing]) -> list[tuple[str, ...]]:
    """Return a row of texts for each contender, under COST."""
    return [
        (
            one.name,
            _epochs(one),
            _figure(one.epoch_seconds),
            f"{one.first.parameters:,}",
            _figure(one.median("peak_mb"), 0),
            _figure(one.median("images_per_second"), 0),
            _figure(one.median("latency_ms")),
            _figure(one.median("import_seconds")),
        )
        for one in found
    ]


def printed(found: Sequence[Standing]) -> list[tuple[tuple[str, ...], list[tuple[str, ...]]]]:
    """Return head and rows of each of the tables for the terminal."""
    both = zip(accuracy_rows(found), cost_rows(found), strict=True)
    whole = [dict(zip(ACCURACY + COST, first + second, strict=True)) for first, second in both]
    heads = [tuple(text for text in head if text != "x faster" or _compared(found)) for head in PRINTED]
    named = {"runs above": _reached(found[0].mark)} if found else {}
    return [
        (tuple(named.get(text, text) for text in head), [tuple(row[text] for text in head) for row in whole])
        for head in heads
    ]


def remarks(found: Sequence[Standing]) -> tuple[str, ...]:
    """Return what must be known beside the figures: the notes on each row, and on rows that were treated unequally."""
    return tuple(note for one in found for note in notes(one)) + ((unequal(found),) if unequal(found) else ())


def values(book: Book, mark: float, imports: float | str) -> dict[str, Any]:
    """Return everything as plain values.

    Args:
        book: The runs.
        mark: Accuracy in [0, 1] that a run should reach.
        imports: Seconds of `import inkwise` alone, or why it failed.
    """
    conditions = book.runs[0].conditions.model_dump() if book.runs else {}
    found, dataset = standings(book, mark), str(conditions.get("dataset", ""))
    return {
        "commands": _commands(book.runs),
        **machine(),
        "conditions": conditions,
        "mark": mark,
        "reference": FASTEST,
        "import_inkwise_seconds": imports if isinstance(imports, str) else round(imports, 4),
        "contenders": [
            {**one.to_dict(), "what": of_dataset(one.first.what, dataset), "notes": list(notes(one))} for one in found
        ],
        "unequal_epochs": unequal(found),
        "left_out": [entry.model_dump() for entry in book.left_out],
        "as_published_not_measured": [one._asdict() for one in published_on(dataset)],
    }


def page(book: Book, result: Mapping[str, Any]) -> str:
    """Return the results as Markdown."""
    mark, conditions = float(result["mark"]), book.runs[0].conditions
    found = standings(book, mark)
    head, rows = tuple(_reached(mark) if text == "runs above" else text for text in ACCURACY), accuracy_rows(found)
    if not _compared(found):
        head, rows = head[:-1], [row[:-1] for row in rows]
    quick = (
        "**This is a trial of the machinery with few images and one epoch, not a measurement.**\n\n"
        if conditions.quick
        else ""
    )
    left = "".join(
        f"\n- `{entry.left_out}` ({of_dataset(entry.what, conditions.dataset)}) was left out: {entry.reason}"
        for entry in book.left_out
    )
    beside = "".join(f"- {note}\n" for note in remarks(found))
    commands = "\n".join(f"    {command}" for command in result["commands"])
    versions = ", ".join(f"{name} {version}" for name, version in _versions(book.runs).items())
    variables = ", ".join(f"{name}={value}" for name, value in conditions.environment.items())
    plots = "".join(f"![{alt}]({file})\n\n" for file, alt, _ in PLOTS)
    bare = result["import_inkwise_seconds"]
    imports = bare if isinstance(bare, str) else f"{bare:.3f} s"
    return f"""# Against what others published

{quick}{markdown(head, rows)}

Accuracy on the {found[0].first.n:,} test images of {conditions.dataset}, mean and standard deviation over seeds 0 to
n - 1, no run dropped; nothing is chosen on test. Training: median seconds (shortest to longest) from uint8 tensors in
memory to trained weights: building, normalising and compiling included, reading files, imports and evaluation excluded.
{_faster(found)}Every run is a process of its own, and those that one command trained took turns, seed by seed.
What was trained earlier is marked {MARK} and was only tested in its turn.

{beside}{chr(10) if beside else ""}{plots}{markdown(COST, cost_rows(found))}

Epochs are passes over the images that the contender trains on; peak memory is that of the whole process up to the end
of training, libraries and torch, with which all read the digits, included. Images a second over the test split and
milliseconds for one image alone: through the contender's own way of predicting. Import: what must be imported before
it can predict, in a fresh process; `import inkwise` alone takes
{imports}.

{_whats(found)}{left}

{_published(conditions.dataset)}Commands, with paths as seen from the folder they were given in; where the dataset
lies (`--data`) and where the results go (`--out`) are left out:

{commands}

Machine: {conditions.processor}, cores {conditions.cores}, threads {conditions.threads}; oneDNN uses
{conditions.instructions}; {f"set: {variables}" if variables else "no variable that changes speed was set"}. Python
{conditions.python}, {versions}. Every run: [bench.json](bench.json).
"""


def markdown(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """Return a table in Markdown."""
    lines = ["| " + " | ".join(head) + " |", "|" + "---|" * len(head)]
    return "\n".join([*lines, *("| " + " | ".join(row) + " |" for row in rows)])


def write(folder: Path, book: Book, result: Mapping[str, Any]) -> Path:
    """Write bench.md, bench.json and the plots into `folder`, and return the first."""
    files.make_folder(folder)
    for name, _, draw in PLOTS:
        files.write(folder / name, draw(standings(book, float(result["mark"]))))
    files.write(folder / "bench.json", json.dumps(result, indent=2) + "\n")
    files.write(folder / "bench.md", page(book, result))
    return folder / "bench.md"


def _accuracy(one: Standing) -> str:
    spread = "" if one.deviation is None else f" ± {100 * one.deviation:.3f}"
    return f"{100 * one.accuracy:.{2 if one.deviation is None else 3}f}{spread}"


def _share(one: Standing) -> str:
    return f"{round(one.share * len(one.runs))} / {len(one.runs)}"


def _seconds(one: Standing) -> str:
    if one.seconds is None:
        return "-"
    middle, low, high = one.seconds
    mark = MARK if any(run.earlier and run.seconds is not None for run in one.runs) else ""
    return _figure(middle) + ("" if len(one.runs) == 1 else f" ({_figure(low)} to {_figure(high)})") + mark


def _epochs(one: Standing) -> str:
    return "-" if one.first.epochs is None else f"{one.first.epochs:g}"


def _ratio(ratio: Ratio | None) -> str:
    if ratio is None:
        return "-"
    extremes = "" if ratio.low is None else f" ({_figure(ratio.low)} to {_figure(ratio.high)})"
    return _figure(ratio.median) + (extremes if ratio.pairs > 1 else "")


def _figure(value: float | None, decimals: int | None = None) -> str:
    """Return three digits of a figure, or as many decimals as are asked for."""
    if value is None:
        return "-"
    if decimals is None:
        decimals = 0 if value >= 100 else 1 if value >= 10 else 2 if value >= 0.1 else 3
    return f"{value:,.{decimals}f}"


def _whats(found: Sequence[Standing]) -> str:
    return "\n".join(
        f"- `{one.name}`: {of_dataset(one.first.what, one.first.conditions.dataset) or 'a recipe of its own'}"
        + ("" if "unknown" in one.first.precision else f"; products in {one.first.precision}")
        + (f" ({one.first.source})" if one.first.source and not one.first.ours else "")
        for one in found
    )


def _compared(found: Sequence[Standing]) -> bool:
    """Whether there is anything to be faster than."""
    return any(one.ratio is not None for one in found)


def _faster(found: Sequence[Standing]) -> str:
    """Say what *x faster* is, where it is shown."""
    if not _compared(found):
        return ""
    return (
        f"*x faster*: the training time of `{FASTEST}` over the contender's, the median of pairs with the same seed in "
        "the\nsame call (lowest to highest); without extremes where they did not take turns.\n"
    )


def _published(dataset: str) -> str:
    """Tell what the hollow points of the plots are, with their sources; nothing where there are none."""
    lines = [
        f"- {one.name}, {one.parameters:,} parameters: {one.accuracy:g}"
        + (f" ± {one.deviation:.3f} %" if one.deviation else " %")
        + f", {one.how} ({one.author}, {one.source})\n"
        for one in published_on(dataset)
    ]
    told = "Hollow points of the plots stand for figures that others published and that were not measured here:\n\n"
    return told + "".join(lines) + "\n" if lines else ""


def of_dataset(what: str, dataset: str) -> str:
    """Return a description without what it says of an accuracy, where that is MNIST's and the dataset is another."""
    if dataset == "mnist" or "%" not in what:
        return what
    return ": ".join(part for part in what.split(": ") if "%" not in part) or "a recipe made for MNIST"


def _reached(mark: float) -> str:
    return f"runs at {100 * mark:.2f} % or above"


def _commands(runs: Sequence[Run]) -> list[str]:
    return list(dict.fromkeys(run.command for run in runs))


def _versions(runs: Sequence[Run]) -> dict[str, str]:
    return {name: version for run in runs for name, version in run.versions.items()}
