"""What verbs share on the terminal: two consoles, a progress bar, Ctrl-C as a request.

Results go to stdout, everything on the way to stderr, so that `--json` can be piped.
"""

import json
import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType, TracebackType

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from inkwise.training.row import Row


def out() -> Console:
    """Return the console for results."""
    return Console(soft_wrap=False, highlight=False, emoji=False)


def err() -> Console:
    """Return the console for sentences on the way; brackets in them, of a file's name say, are no markup."""
    return Console(stderr=True, highlight=False, emoji=False, markup=False)


def say(text: str) -> None:
    """Print a sentence on stderr."""
    err().print(text, soft_wrap=True)


def print_json(values: object) -> None:
    """Print one JSON object on one line of stdout."""
    sys.stdout.write(json.dumps(values) + "\n")


def figures(loss: float, accuracy: float) -> str:
    """Return loss and accuracy in columns, which a loss of any size keeps."""
    shown = f"{loss:.4f}" if loss < 10 else f"{loss:#.5g}" if loss < 1e4 else f"{loss:.0e}"
    return f"loss {shown:<6}  accuracy {100 * accuracy:6.2f} %"


class TrainingBar:
    """An observer of training: a progress bar with loss, accuracy, images/s and time left, and a line per epoch."""

    def __init__(self, *, quiet: bool) -> None:
        self.quiet = quiet
        self.console = err()
        # All of it fits into 80 columns.
        self.bar = Progress(
            BarColumn(bar_width=8),
            MofNCompleteColumn(),
            TextColumn("{task.description}"),
            TimeRemainingColumn(),
            console=self.console,
            transient=True,
            disable=quiet or not self.console.is_terminal,
        )
        self.task = self.bar.add_task("", total=None)
        self.started = False

    def __enter__(self) -> "TrainingBar":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, value: BaseException | None, where: TracebackType | None
    ) -> None:
        self.bar.stop()

    def say(self, text: str) -> None:
        """Print a sentence."""
        if not self.quiet:
            self.console.print(text, soft_wrap=True)

    def progress(self, step: int, steps: int, loss: float, accuracy: float, images_per_second: float) -> None:
        """Move the bar."""
        if not self.started:
            self.bar.start()
            self.started = True
        text = f"{figures(loss, accuracy)}  {images_per_second:,.0f} images/s"
        self.bar.update(self.task, completed=step, total=steps, description=text)

    def row(self, row: Row) -> None:
        """Print the metrics of a split at the end of an epoch; looks within an epoch stay in the run folder."""
        epoch = float(row["epoch"])
        if not self.quiet and epoch == int(epoch):
            shown = figures(float(row["loss"]), float(row["accuracy"]))
            self.console.print(f"epoch {int(epoch):>3}  {row['split']:<10}  {shown}  {float(row['seconds']):.1f} s")


class Interrupt:
    """Whether Ctrl-C was pressed; training asks after each step."""

    def __init__(self) -> None:
        self.asked = False
        self.heard = False

    def __call__(self) -> bool:
        """Return whether it was."""
        self.heard = True
        return self.asked


@contextmanager
def on_interrupt(bar: TrainingBar) -> Iterator[Interrupt]:
    """Turn the first Ctrl-C (or SIGTERM) into a request to stop at the next step; a second one stops at once.

    Before the first step nobody listens, a download say, so that the first one stops at once too.
    """
    interrupt = Interrupt()

    def ask(_number: int, _frame: FrameType | None) -> None:
        if interrupt.asked or not interrupt.heard:
            raise KeyboardInterrupt
        interrupt.asked = True
        bar.console.print("Stopping after this step; press Ctrl-C again to stop at once.")

    before = {number: signal.signal(number, ask) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield interrupt
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
