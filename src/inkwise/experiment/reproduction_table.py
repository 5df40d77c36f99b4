"""The table of a reproduction: Markdown for docs/results and the README, JSON with every figure."""

import json
from collections.abc import Sequence
from pathlib import Path

from inkwise import files
from inkwise.experiment.environment import machine
from inkwise.experiment.reproduction import Reproduction, Series

HEAD = ("recipe", "claimed", "as published", "judged honestly", "corrected", "training, s")


def rows(reproductions: Sequence[Reproduction]) -> list[tuple[str, ...]]:
    """Return a row of texts per tutorial, under HEAD."""
    return [
        (
            one.recipe,
            one.claimed,
            _figure(one.published) + ("" if one.split == "test" else f", {one.split}"),
            _figure(one.honest) + _recall(one.honest),
            _figure(one.corrected) + _recall(one.corrected),
            f"{one.published.median_seconds:.1f} / {one.corrected.median_seconds:.1f}",
        )
        for one in reproductions
    ]


def markdown(reproductions: Sequence[Reproduction]) -> str:
    """Return the table as Markdown."""
    lines = ["| " + " | ".join(HEAD) + " |", "|" + "---|" * len(HEAD)]
    lines += ["| " + " | ".join(row) + " |" for row in rows(reproductions)]
    return "\n".join(lines)


def write(folder: Path, reproductions: Sequence[Reproduction], command: str) -> Path:
    """Write tutorials.md and tutorials.json into `folder` and return the first."""
    files.make_folder(folder)
    here = machine()
    seeds = len(reproductions[0].corrected.accuracies)
    page = f"""# The tutorials, run again

{markdown(reproductions)}

Test accuracy over {seeds} seeds, mean and standard deviation, unless a split is named. *As published*: the tutorial's
own network, training and way of measuring, defect included. *Judged honestly*: the same weights in evaluation mode, on
all of test, with the right decision. *Corrected*: the defect mended, the epoch (and, for the yes-or-no network, the
threshold) chosen on validation, test opened once. For matched-filter the recall of the 3s stands beside the accuracy.
Training: median seconds from tensors in memory to trained weights, as published / corrected, on a shared machine; what
is faster than what is measured in [training.md](training.md). Products in training are
{_precisions(reproductions)}; metrics are computed in float32.

Command: `{command}`. Machine: {here["processor"]}, {here["cores"]} cores, {here["instructions"]}, AMX
{"yes" if here["amx"] else "no"}; Python {here["python"]}, torch {here["versions"]["torch"]}. Every figure:
[tutorials.json](tutorials.json).
"""
    files.write(folder / "tutorials.md", page)
    values = {"command": command, **here, "tutorials": [one.to_dict() for one in reproductions]}
    files.write(folder / "tutorials.json", json.dumps(values, indent=2) + "\n")
    return folder / "tutorials.md"


def _figure(series: Series) -> str:
    spread = "" if series.deviation is None else f" ± {100 * series.deviation:.2f}"
    decimals = 3 if series.deviation == 0 else 2
    return f"{100 * series.mean:.{decimals}f}{spread} %"


def _recall(series: Series) -> str:
    return f", recall {sum(series.recalls) / len(series.recalls):.2f}" if series.recalls else ""


def _precisions(reproductions: Sequence[Reproduction]) -> str:
    by: dict[str, list[str]] = {}
    for one in reproductions:
        for precision in dict.fromkeys(one.published.precisions + one.corrected.precisions):
            by.setdefault(precision, []).append(one.recipe)
    return "; ".join(f"in {precision} for {', '.join(names)}" for precision, names in by.items())
