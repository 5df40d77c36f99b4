"""The run folder: one training, with everything that is known about it.

    recipe.toml          the resolved recipe
    environment.json     machine, versions, device, dataset and hashes
    metrics.csv          a row per epoch and split
    events.jsonl         what happened, in order; the only file that grows line by line
    best.safetensors     the model of the epoch with the lowest validation loss, where one is kept or images held out
    last.safetensors     the model as training stands
    state/               what a resume needs
    epochs/              the model after each epoch, NNNN.safetensors, where this folder was asked for
    evaluation.json, confusion.csv, errors.csv, *.png, report.html    written once training is done

Each file but events.jsonl is replaced whole, so a reader never meets half of one.
"""

import csv
import errno
import io
import itertools
import json
import math
import os
import re
import shutil
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from filelock import FileLock, Timeout

from inkwise import files
from inkwise.errors import RunError
from inkwise.recipes.load import resolve, to_toml
from inkwise.recipes.recipe import Recipe
from inkwise.training.row import Row

COLUMNS = ("epoch", "step", "split", "loss", "accuracy", "seconds")


class Run:
    """A run folder that exists; `create` makes one, `open` finds one."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.recipe_file = folder / "recipe.toml"
        self.environment_file = folder / "environment.json"
        self.metrics_file = folder / "metrics.csv"
        self.events_file = folder / "events.jsonl"
        self.best_file = folder / "best.safetensors"
        self.last_file = folder / "last.safetensors"
        self.evaluation_file = folder / "evaluation.json"
        self.report_file = folder / "report.html"
        self.state_file = folder / "state" / "training.pt"
        self.owner_file = folder / "state" / "owner"
        self.epochs_folder = folder / "epochs"

    @classmethod
    def create(cls, folder: Path, recipe: Recipe) -> "Run":
        """Make a new run folder; where `folder` is taken, the first free of NAME-2, NAME-3 ...

        Raises:
            RunError: The folder has no name of its own (".", "/"), or cannot be made or written.
        """
        files.make_folder(folder.parent)
        while True:
            candidate = free(folder)
            try:
                candidate.mkdir()
            except FileExistsError:
                continue  # another process was faster
            except OSError as error:
                raise files.cannot("create", candidate, error) from error
            run = cls(candidate)
            try:
                files.make_folder(run.state_file.parent)
                files.write(run.recipe_file, to_toml(recipe))
            except RunError:
                shutil.rmtree(candidate, ignore_errors=True)  # ours, and of no use without its recipe
                raise
            return run

    @classmethod
    def open(cls, folder: Path) -> "Run":
        """Return the run at `folder`; RunError where there is none."""
        run = cls(folder)
        if not run.recipe_file.is_file():
            raise RunError(
                f"{folder} is not a run folder: it has no recipe.toml; give a folder that `inkwise train` wrote."
            )
        return run

    @classmethod
    def around(cls, model: Path) -> "Run | None":
        """Return the run that `model` is, or whose model file it is; None where it is of no run."""
        run = cls(model if model.is_dir() else model.parent)
        known = model.is_dir() or model.name in {run.best_file.name, run.last_file.name}
        return run if known and run.recipe_file.is_file() else None

    def recipe(self) -> Recipe:
        """Return the resolved recipe of this run."""
        return resolve(str(self.recipe_file), {})

    @property
    def model_file(self) -> Path:
        """The file of the model that this run's recipe keeps."""
        return self.best_file if self.recipe().keep == "best" else self.last_file

    @property
    def finished(self) -> bool:
        """Whether training and evaluation are done."""
        return self.evaluation_file.is_file()

    @contextmanager
    def lock(self) -> Iterator[None]:
        """Hold the run for writing; RunError, naming the other process, where one holds it already.

        The operating system drops the lock with the process, so a killed training leaves none behind; half-written
        files that it left are removed here.
        """
        files.make_folder(self.state_file.parent)
        lock = FileLock(self.folder / "state" / "lock", timeout=0)
        try:
            lock.acquire()
        except Timeout:
            raise RunError(
                f"{self.folder} is in use by another process ({self._owner()}); wait for it, stop it, or train under "
                "another name with --out."
            ) from None
        except OSError as error:
            raise files.cannot("lock", self.folder, error) from error
        try:
            for folder in (self.folder, self.state_file.parent, self.epochs_folder):
                files.sweep(folder)
            files.write(self.owner_file, f"process {os.getpid()}")
            yield
        finally:
            with suppress(OSError):  # the lock counts, not the note of who holds it
                self.owner_file.unlink(missing_ok=True)
            lock.release()

    def write_environment(self, environment: Mapping[str, object]) -> None:
        """Keep machine, versions and data of this run."""
        files.write(self.environment_file, json.dumps(environment, indent=2) + "\n")

    def environment(self) -> dict[str, Any]:
        """Return what `write_environment` kept, empty where nothing was."""
        return self._json(self.environment_file)

    def write_metrics(self, rows: Sequence[Row]) -> None:
        """Replace metrics.csv by `rows`."""
        text = io.StringIO()
        writer = csv.DictWriter(text, COLUMNS, lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)
        files.write(self.metrics_file, text.getvalue())

    def metrics(self) -> list[Row]:
        """Return the rows of metrics.csv, none where nothing was written yet; RunError where it is damaged."""
        if not self.metrics_file.is_file():
            return []
        try:
            with self.metrics_file.open(newline="", encoding="utf-8") as file:
                return [
                    {
                        "epoch": float(row["epoch"]),
                        "step": int(row["step"]),
                        "split": row["split"],
                        "loss": float(row["loss"]),
                        "accuracy": float(row["accuracy"]),
                        "seconds": float(row["seconds"]),
                    }
                    for row in csv.DictReader(file)
                ]
        except (OSError, ValueError, KeyError, TypeError) as error:  # TypeError: a row that is cut short
            raise _unreadable(self.metrics_file) from error

    def append_event(self, kind: str, **values: object) -> None:
        """Add a line to events.jsonl: the time (seconds since 1970), the kind of event, and its values.

        A nan or an infinity becomes null, since JSON has neither.
        """
        known = {
            name: None if isinstance(value, float) and not math.isfinite(value) else value
            for name, value in values.items()
        }
        line = json.dumps({"time": round(time.time(), 3), "kind": kind, **known}) + "\n"
        try:
            with self.events_file.open("a", encoding="utf-8") as file:
                file.write(line)
        except OSError as error:
            raise files.cannot("write", self.events_file, error) from error

    def events(self) -> list[dict[str, Any]]:
        """Return the events so far; a last line that a kill left half-written is passed over.

        Raises:
            RunError: Another line cannot be read.
        """
        if not self.events_file.is_file():
            return []
        try:
            lines = self.events_file.read_bytes().split(b"\n")
            return [json.loads(line) for line in lines[:-1] if line]
        except (OSError, ValueError) as error:
            raise _unreadable(self.events_file) from error

    def events_since(self, start: int) -> tuple[list[dict[str, Any]], int, int]:
        """Return the whole lines of events.jsonl from byte `start` on, and the bytes between which they stand.

        Where no line begins at `start`, since a resume has cut the file, all is read: the first byte is then 0.

        Raises:
            RunError: A line cannot be read.
        """
        if not self.events_file.is_file():
            return [], 0, 0
        try:
            with self.events_file.open("rb") as file:
                file.seek(max(0, start - 1))
                if start and file.read(1) != b"\n":
                    start = 0
                file.seek(start)
                whole, newline, _ = file.read().rpartition(b"\n")
            return [json.loads(line) for line in whole.split(b"\n") if line], start, start + len(whole) + len(newline)
        except (OSError, ValueError) as error:
            raise _unreadable(self.events_file) from error

    def epoch_file(self, epoch: int) -> Path:
        """Return the file of the model after `epoch`, counted from 1."""
        return self.epochs_folder / f"{epoch:04}.safetensors"

    def epochs(self) -> list[int]:
        """Return the epochs whose models are kept, in order; none where nobody asked for them."""
        return sorted(int(file.stem) for file in self.epochs_folder.glob("*.safetensors") if file.stem.isdecimal())

    def cut_events(self, size: int) -> None:
        """Drop what was logged after the file had `size` bytes: a resumed run logs it again."""
        try:
            if self.events_size() > size:
                os.truncate(self.events_file, size)
        except OSError as error:
            raise files.cannot("write", self.events_file, error) from error

    def events_size(self) -> int:
        """Return the size of events.jsonl in bytes."""
        return self.events_file.stat().st_size if self.events_file.is_file() else 0

    def write_evaluation(self, evaluation: Mapping[str, object]) -> None:
        """Keep the metrics by split; from then on the run counts as finished."""
        files.write(self.evaluation_file, json.dumps(evaluation, indent=2) + "\n")

    def evaluation(self) -> dict[str, Any]:
        """Return what `write_evaluation` kept, empty where the run is not finished."""
        return self._json(self.evaluation_file)

    def _json(self, path: Path) -> dict[str, Any]:
        if not path.is_file():
            return {}
        try:
            values: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
        except (OSError, ValueError) as error:
            raise _unreadable(path) from error
        return values

    def _owner(self) -> str:
        try:
            return self.owner_file.read_text(encoding="utf-8").strip() or "unknown"
        except OSError:  # the other process is just beginning, or just done
            return "unknown"


def free(folder: Path) -> Path:
    """Return `folder`, or the first of NAME-2, NAME-3 ... that does not exist where it does.

    Raises:
        RunError: The folder has no name of its own (".", "/"), or is a file.
    """
    if folder.name in {"", ".."}:
        raise RunError(f"{folder} is no name for a new run folder; give --out one, such as runs/first.")
    if folder.is_file():
        raise files.cannot("create", folder, FileExistsError(errno.EEXIST, ""))
    names = (folder if number == 1 else folder.with_name(f"{folder.name}-{number}") for number in itertools.count(1))
    return next(name for name in names if not os.path.lexists(name))


def folder_name(recipe: str) -> str:
    """Return `recipe`'s name as a folder name: letters, digits, '.', '_', '-' and '@' alone."""
    return re.sub(r"[^\w.@-]+", "-", recipe).strip("-.") or "run"


def _unreadable(path: Path) -> RunError:
    return RunError(f"{path} cannot be read; restore it, or train again under another name.")
