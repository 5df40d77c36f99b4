"""Between the loop and the outside: what is learned goes into the run folder, and whoever watches is told."""

import time
from typing import Protocol, runtime_checkable

from inkwise.experiment.plan import Plan
from inkwise.models.file import write_model
from inkwise.runs.run import Run
from inkwise.runs.state import write_state
from inkwise.training.loop import State
from inkwise.training.row import Row


@runtime_checkable
class Observer(Protocol):
    """Who watches a training; the command line's progress bar is one."""

    def say(self, text: str) -> None:
        """Show one sentence."""

    def progress(self, step: int, steps: int, loss: float, accuracy: float, images_per_second: float) -> None:
        """Show where training stands."""

    def row(self, row: Row) -> None:
        """Show a row of metrics."""


class Silent:
    """An observer that shows nothing."""

    def say(self, text: str) -> None:
        """Pass over."""

    def progress(self, step: int, steps: int, loss: float, accuracy: float, images_per_second: float) -> None:
        """Pass over."""

    def row(self, row: Row) -> None:
        """Pass over."""


class RunKeeper:
    """Puts what the trainer learned into the run folder and tells the observer."""

    def __init__(self, run: Run, plan: Plan, rows: list[Row], observer: Observer) -> None:
        self.run, self.plan, self.observer, self.rows = run, plan, observer, rows
        self.card = plan.card()
        self.shown = 0.0

    def record(self, row: Row) -> None:
        """Keep a row and show it."""
        self.rows.append(row)
        self.run.append_event("metrics", **row)
        self.observer.row(row)

    def progress(self, step: int, steps: int, loss: float, accuracy: float, images_per_second: float) -> None:
        """Show where training stands, and log it once a second."""
        self.observer.progress(step, steps, loss, accuracy, images_per_second)
        now = time.monotonic()
        if now - self.shown > 1:
            self.shown = now
            speed = round(images_per_second)
            self.run.append_event("step", step=step, steps=steps, loss=loss, accuracy=accuracy, images_per_second=speed)

    def save(self, state: State) -> None:
        """Write metrics, models and the resume state."""
        # The state goes last: a kill between the files leaves an older state, which simply does this again.
        self.run.write_metrics(self.rows)
        write_model(self.run.last_file, state["last"], self.card)
        # Without images held out the best epoch is the last; a recipe that keeps the last needs no second file of it.
        if state["best"] and (self.plan.validation is not None or self.plan.recipe.keep == "best"):
            write_model(self.run.best_file, state["best"], self.card)
        epoch = self._epoch_ended(state)
        if epoch and self.run.epochs_folder.is_dir():
            write_model(self.run.epoch_file(epoch), state["last"], self.card)
        write_state(self.run, state)

    def _epoch_ended(self, state: State) -> int:
        """Return the epoch that `state` is the end of; 0 within one."""
        ended = [row for row in self.rows if row["split"] == "train" and row["step"] == state["step"]]
        return round(float(ended[-1]["epoch"])) if ended else 0
