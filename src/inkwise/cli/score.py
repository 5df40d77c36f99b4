"""`inkwise score PATH...`."""

import shlex
import signal
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import FrameType
from typing import TYPE_CHECKING, Annotated, Literal

from cyclopts import Parameter

from inkwise.cli.options import Flag
from inkwise.errors import UsageError
from inkwise.models.shipped import DEFAULT

if TYPE_CHECKING:
    from inkwise.scoring.scoring import Outcome


def score(
    *paths: str,
    out: Path,
    model: str = DEFAULT,
    register: Path | None = None,
    pages: Flag = False,
    labels: Literal["none", "folders"] = "none",
    engine: Literal["local", "ray"] = "local",
    workers: int | None = None,
    shard: int | None = None,
    max_megabytes: Annotated[int, Parameter(name="--max-megabytes")] = 64,
    quiet: Flag = False,
    json: Flag = False,
) -> int:
    """Score images by the million into one table, with an evaluation where labels are known.

    A path is an image, a folder, a zip or tar archive (.zip, .tar, .tar.gz, .tgz), a list of paths (.txt, or .csv with
    a path and, where known, a label in each line), or a quoted pattern with * or ?.

    Killed or stopped at any moment, the same command goes on where it was: what is done is in FILE.parts. An image that
    cannot be read is a row with its error, and the command then ends with 1.

    Example: inkwise score scans.zip more/ --out answers.csv

    Args:
        paths: Images, folders, archives, lists or patterns.
        out: The file to write: .parquet, .csv or .jsonl. FILE.summary.json beside it has the counts and the evaluation.
        model: A model file, a run folder, or a shipped model: inkwise, inkwise-small.
        register: A .py file that registers the model's network.
        pages: Read pages instead of single digits, a row for each page.
        labels: Where the labels are, besides a list's second column: the folder that holds each image, or nowhere.
        engine: Processes of this machine, or a Ray cluster (the one at $RAY_ADDRESS or on this machine, else one that
            is started).
        workers: Processes at once. Default: one per processor.
        shard: Images that are computed and kept together. Default: 1000, or 20 pages.
        max_megabytes: The largest image file or archive entry that is read.
        quiet: Print the result alone, and nothing on the way.
        json: Print the result as one JSON object.
    """
    from inkwise.cli.console import say
    from inkwise.cli.given import tell_hidden
    from inkwise.scoring.scoring import score as start

    if not paths:
        raise UsageError("No path was given; name images, folders, archives or lists.")
    tell_hidden(model)
    with _Bar(quiet=quiet) as bar, _interrupted():
        try:
            outcome = start(
                paths,
                out,
                model=model,
                register=register,
                pages=pages,
                labels=labels,
                engine=engine,
                workers=workers,
                shard=shard,
                megabytes=max_megabytes,
                observer=bar,
                say=bar.say,
            )
        except KeyboardInterrupt:
            bar.stop()
            say(f"Stopped; what is done is kept. Continue with: {_command()}")
            return 130
    _show(outcome, json=json)
    return 1 if outcome.counts.errors else 0


def _show(outcome: "Outcome", *, json: bool) -> None:
    from inkwise.cli.console import out, print_json, say
    from inkwise.evaluation.phrases import count
    from inkwise.evaluation.table import evaluation_table

    counts = outcome.counts
    if json:
        print_json(outcome.to_dict())
    else:
        if outcome.evaluation is not None:
            out().print(evaluation_table(outcome.evaluation))
        took = f", {outcome.scored / outcome.seconds:,.0f} images/s" if outcome.scored and outcome.seconds else ""
        print(f"{count(counts.images, 'image')} in {outcome.seconds:.1f} s{took}.")
        print(f"Rows:    {outcome.out} ({counts.rows:,})")
        print(f"Summary: {outcome.out}.summary.json")
    if outcome.left_out:
        say(f"Left out, since they are no pictures by their names: {count(outcome.left_out, 'file')}.")
    if counts.strange:
        say(f"Labels that are none of the model's classes, and not evaluated: {counts.strange:,}.")
    if counts.errors:
        say(f"inkwise: {count(counts.errors, 'image')} could not be read; the first: {outcome.first_error}")


def _command() -> str:
    """The command that was given, as a shell takes it."""
    words = sys.argv[1:]
    return shlex.join(["inkwise", *words])


@contextmanager
def _interrupted() -> Iterator[None]:
    """Take Ctrl-C, and a request to terminate for it, also where what started us ignores them."""

    def stop(_number: int, _frame: FrameType | None) -> None:
        raise KeyboardInterrupt

    before = {number: signal.signal(number, stop) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


class _Bar:
    """A progress bar with images/s and time left."""

    def __init__(self, *, quiet: bool) -> None:
        from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

        from inkwise.cli.console import err

        self.quiet, self.console = quiet, err()
        self.bar = Progress(
            BarColumn(bar_width=20),
            MofNCompleteColumn(),
            TextColumn("{task.description}"),
            TimeRemainingColumn(),
            console=self.console,
            transient=True,
            disable=quiet or not self.console.is_terminal,
        )
        self.began, self.images = 0.0, 0

    def __enter__(self) -> "_Bar":
        return self

    def __exit__(self, *_error: object) -> None:
        self.stop()

    def stop(self) -> None:
        """Take the bar away."""
        self.bar.stop()

    def say(self, text: str) -> None:
        """Print a sentence."""
        if not self.quiet:
            self.console.print(text, soft_wrap=True)

    def begin(self, images: int, done: int) -> None:
        """Show the bar."""
        self.task = self.bar.add_task("", total=images, completed=done)
        self.bar.start()
        self.began = time.monotonic()

    def advance(self, images: int) -> None:
        """Move the bar."""
        self.images += images
        rate = self.images / max(time.monotonic() - self.began, 1e-3)
        self.bar.update(self.task, advance=images, description=f"{rate:,.0f} images/s")
