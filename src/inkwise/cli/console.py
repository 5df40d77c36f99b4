"""What verbs share on the terminal: two consoles, a progress bar, Ctrl-C as a request.

Results go to stdout, everything on the way to stderr, so that `--json` can be piped.
"""

import json
import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType, TracebackType
from typing import Self

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from inkwise.training.row import Row


def out() -> Console:
    """Return the console for results."""
    return Console(soft_wrap=False, highlight=False)


def err() -> Console:
    """Return the console for everything else."""
    return Console(stderr=True, highlight=False)


def print_json(values: object) -> None:
    """Print one JSON object on one line of stdout."""
    sys.stdout.write(json.dumps(values) + "\n")


class TrainingBar:
    """An observer of training: a progress bar with loss, accuracy, images/s and time left, and a line per epoch."""

    def __init__(self, *, quiet: bool) -> None:
        self.quiet = quiet
        self.console = err()
        self.bar = Progress(
            TextColumn("training"),
            BarColumn(bar_width=24),
            MofNCompleteColumn(),
            TextColumn("loss {task.fields[loss]:.4f}  accuracy {task.fields[accuracy]:.2%}"),
            TextColumn("{task.fields[speed]:,.0f} images/s"),
            TimeRemainingColumn(),
            console=self.console,
            transient=True,
            disable=quiet or not self.console.is_terminal,
        )
        self.task = self.bar.add_task("training", total=None, loss=0.0, accuracy=0.0, speed=0.0)
        self.started = False

    def __enter__(self) -> Self:
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
        self.bar.update(self.task, completed=step, total=steps, loss=loss, accuracy=accuracy, speed=images_per_second)

    def row(self, row: Row) -> None:
        """Print the metrics of a split at the end of an epoch; looks within an epoch stay in the run folder."""
        epoch = float(row["epoch"])
        if not self.quiet and epoch == int(epoch):
            self.console.print(
                f"epoch {int(epoch):>3}  {row['split']:<10}  loss {float(row['loss']):.4f}  "
                f"accuracy {float(row['accuracy']):.2%}  {float(row['seconds']):.1f} s"
            )


class Interrupt:
    """Whether Ctrl-C was pressed."""

    def __init__(self) -> None:
        self.asked = False

    def __call__(self) -> bool:
        """Return whether it was."""
        return self.asked


@contextmanager
def on_interrupt(bar: TrainingBar) -> Iterator[Interrupt]:
    """Turn the first Ctrl-C (or SIGTERM) into a request to stop at the next step; a second one stops at once."""
    interrupt = Interrupt()

    def ask(_number: int, _frame: FrameType | None) -> None:
        if interrupt.asked:
            raise KeyboardInterrupt
        interrupt.asked = True
        bar.console.print("Stopping after this step; press Ctrl-C again to stop at once.")

    before = {number: signal.signal(number, ask) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield interrupt
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
