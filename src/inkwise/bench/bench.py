"""A benchmark from names to the page: who takes part, the conditions, the runs, what is written.

The command line comes through here, and so may a script.
"""

import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from inkwise.bench import table
from inkwise.bench.book import Book
from inkwise.bench.choice import chosen, require_learned_from
from inkwise.bench.conditions import conditions
from inkwise.bench.contender import seconds_of_import
from inkwise.bench.measure import Say, Setting, measure
from inkwise.bench.trial import make_task
from inkwise.data import registry
from inkwise.data.load import load
from inkwise.errors import RunError, UsageError

RECIPE = "recipe.toml"  # what a run folder has, and a benchmark's has not
QUICK = "THIS IS A TRIAL OF THE MACHINERY: {train:,} IMAGES, ONE EPOCH, ONE SEED. ITS FIGURES MEASURE NOTHING."


def bench(
    names: Sequence[str] = (),
    *,
    seeds: int = 3,
    peers: bool = True,
    quick: bool = False,
    mark: float = 0.99,
    dataset: str = "mnist",
    data: Path | None = None,
    out: Path,
    offline: bool = False,
    command: str = "",
    say: Say = print,
) -> tuple[Book, dict[str, Any], Path]:
    """Measure contenders and write bench-runs.jsonl, bench.md, bench.json and two plots into `out`.

    Args:
        names: Recipes, peers and trained models, in the order of their turns; none: our recipes and the peers.
        seeds: How many seeds, from 0.
        peers: Whether the default has the peers.
        quick: Few images and one epoch of each, which measures nothing.
        mark: Accuracy in [0, 1]; how many runs reach it is told.
        dataset: A dataset's name.
        data: Where to look for it first.
        out: The folder; runs that are in it already are not done again.
        offline: Never download the dataset.
        command: How this call was made, for the record.
        say: Told how it goes.

    Returns:
        The book of all runs, every figure as plain values, and the path of bench.md.

    Raises:
        UsageError: A name is unknown or given twice, or is of what answers yes or no, a model learned from other
            data, or `out` is a training run's folder.
        ModelError: A model that is named cannot be read.
        DataError: The dataset cannot be had, or its images are not 28 x 28.
        RunError: `out` holds runs of other conditions or recipes, a trial failed, or nothing could take part.
    """
    if (out / RECIPE).exists():
        raise UsageError(f"{out} is the folder of a training run; give --out a folder of the benchmark's own.")
    contenders = chosen(names, peers=peers)
    if ":" not in dataset:  # a dataset's name, which is known before its files are
        require_learned_from(contenders, registry.find(dataset).name, None)
    digits = load(dataset, root=data, fetch=True, offline=offline, say=say)
    require_learned_from(contenders, digits.name, digits.hashes)
    task = make_task(digits, 0, quick=quick)
    if quick:
        say(QUICK.format(train=len(task.train)))
    book = Book(out)
    setting = Setting(1 if quick else seeds, conditions(digits, quick=quick), dataset, data, command)
    say(f"Threads: {setting.conditions.threads}; oneDNN uses {setting.conditions.instructions}.")
    measure(contenders, setting, book, say)
    if not book.runs:
        reasons = "; ".join(f"{entry.left_out}: {entry.reason}" for entry in book.left_out)
        raise RunError(f"None of the contenders can be run here. {reasons}")
    result = table.values(book, mark, seconds_of_import("inkwise", os.environ))
    return book, result, table.write(out, book, result)
