"""Trainings as the page starts, stops and follows them: each is a process of its own, by the command line's own code.

A training that is started here is `inkwise train`, apart from the server: it takes the same lock, ends when it is done
and not when the server does, and what it prints goes into a file beside the runs. Which runs are in training, also
those started elsewhere, is told by the note of who holds their lock.
"""

import atexit
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from threading import Lock
from typing import Any, Final, Literal

from inkwise import files
from inkwise.errors import InkwiseError, RunError, UsageError
from inkwise.runs.run import Run, folder_name
from inkwise.studio.library import Library

State = Literal["starting", "running", "finished", "stopped", "failed"]
_DEPTHS: Final = ("*/", "*/*/", "*/*/*/")  # below the runs folder where runs are looked for
_TOLD: Final = re.compile(r"(?:^|\n)(?:inkwise: |error: )?([^\n]+)\s*$", re.IGNORECASE)
_ALL: Final[list["subprocess.Popen[bytes]"]] = []  # kept, since a process that is forgotten while it runs is warned of


@dataclass(frozen=True)
class _Started:
    """A training that was started here, and the file with what it says."""

    process: "subprocess.Popen[bytes]"
    said: Path


class Trainings:
    """The trainings of one runs folder; any number of threads may ask at once.

    Args:
        library: Whose runs folder it is.
    """

    def __init__(self, library: Library) -> None:
        self.library = library
        self._lock = Lock()
        self._started: dict[str, _Started] = {}
        self._folder = Path(tempfile.mkdtemp(prefix="inkwise-studio-"))
        atexit.register(shutil.rmtree, self._folder, ignore_errors=True)

    def start(self, recipe: str, fields: Mapping[str, str]) -> str:
        """Begin to train a registered recipe with some fields set, and return the name of its run.

        Raises:
            UnknownName: There is no such recipe or dataset; no path is taken from the page.
            RecipeError: Faults of the fields, all of them, in the recipe's own words.
            RunError: The runs folder cannot be written.
        """
        check(recipe, fields)
        with self._lock:
            folder = self._free(self.library.runs / folder_name(recipe))
            files.make_folder(folder.parent)
            flags = [f"--{name}={value}" for name, value in fields.items()]
            self._launch(folder.name, ["train", recipe, *flags, "--out", str(folder), "--offline", "--keep-epochs"])
        return folder.name

    def resume(self, name: str) -> None:
        """Continue a run that was stopped or killed.

        Raises:
            UnknownName: There is no such run.
            RunError: It is finished, or in training.
        """
        run = self.library.run(name)
        with self._lock:
            if run.finished:
                raise RunError(f"{name} is finished; start another training.")
            if self._state(name, run) in {"starting", "running"}:
                raise RunError(f"{name} is in training already.")
            self._launch(name, ["resume", str(run.folder), "--offline"])

    def stop(self, name: str) -> None:
        """Ask a run in training, wherever it was started, to save its state and end.

        Raises:
            UnknownName: There is no such run.
            RunError: It is not in training, or may not be stopped from here.
        """
        with self._lock:
            known = self._started.get(name)
            number = known.process.pid if known and known.process.poll() is None else _owner(self.library.run(name))
        if number is None:
            raise RunError(f"{name} is not in training.")
        try:
            os.kill(number, signal.SIGTERM)  # as Ctrl-C does: the state is saved at the next step
        except OSError as error:
            raise RunError(f"{name} cannot be stopped from here ({error.strerror}); stop process {number}.") from error

    def state(self, name: str) -> tuple[State, str]:
        """Return how a run stands, and where it failed what it said.

        Raises:
            UnknownName: There is no such run, and none of that name was started.
        """
        with self._lock:
            state = self._state(name, None)
            return state, self._said(name) if state == "failed" else ""

    def names(self) -> list[str]:
        """Return the names of all runs that can be read, and of the trainings started here that have no folder yet."""
        root = self.library.runs
        folders = sorted(file.parent for depth in _DEPTHS for file in root.glob(f"{depth}recipe.toml"))
        names = [folder.relative_to(root).as_posix() for folder in folders]
        readable = [name for name in names if self.find(name) is not None]
        return [*readable, *(name for name in self._started if name not in names)]

    def find(self, name: str) -> Run | None:
        """Return the run of that name, or None where there is none that can be read."""
        with suppress(InkwiseError):
            run = self.library.run(name)
            run.recipe()
            return run
        return None

    def _free(self, wanted: Path) -> Path:
        """Return the first of NAME, NAME-2 ... that is no run, and that no training is about to take."""
        names = (wanted if number == 1 else wanted.with_name(f"{wanted.name}-{number}") for number in count(1))
        for folder in names:
            known = self._started.get(folder.name)
            if not os.path.lexists(folder) and (known is None or known.process.poll() is not None):
                return folder
        raise AssertionError  # there is no last number

    def _state(self, name: str, run: Run | None) -> State:
        known = self._started.get(name)
        alive = known is not None and known.process.poll() is None
        with suppress(InkwiseError):
            run = run or self.library.run(name)
        if run is None:
            if known is None:
                self.library.run(name)  # raises
            return "starting" if alive else "failed"
        if alive or _owner(run) is not None:
            return "running"
        if run.finished:
            return "finished"
        failed = known is not None and known.process.returncode not in {0, 130, -signal.SIGTERM, -signal.SIGKILL}
        return "failed" if failed else "stopped"

    def _launch(self, name: str, words: Sequence[str]) -> None:
        said = self._folder / f"{len(_ALL)}.txt"
        with said.open("wb") as file:  # not a pipe: the server may go before the training does
            process = subprocess.Popen(  # noqa: S603  # no shell; the words were checked as a recipe's
                [sys.executable, "-m", "inkwise", *words],
                stdin=subprocess.DEVNULL,
                stdout=file,
                stderr=subprocess.STDOUT,
                start_new_session=True,  # so that Ctrl-C for the server is none for the training
            )
        _ALL.append(process)
        self._started[name] = _Started(process, said)

    def _said(self, name: str) -> str:
        """Return the last sentence of a training that was started here."""
        known = self._started.get(name)
        if known is None:
            return ""
        text = known.said.read_bytes()[-20_000:].decode(errors="replace").strip()
        found = _TOLD.search(text)
        return found[1].strip() if found else "The training ended without a word."


def check(recipe: str, fields: Mapping[str, str]) -> None:
    """Raise what is wrong with a registered recipe and fields for it, as the command line would.

    Raises:
        UnknownName: There is no such recipe or dataset.
        RecipeError: Faults of the fields.
    """
    from inkwise.data import registry as datasets
    from inkwise.recipes import registry
    from inkwise.recipes.load import resolve

    registry.get(recipe)  # a name, never a path
    for name, value in fields.items():
        if "\n" in name or "=" in name or name.startswith("-"):
            raise UsageError(f"There is no setting {name!r}.")
        if name.replace("-", "_") == "dataset":
            datasets.find(value)
    resolve(recipe, fields)


def about(run: Run) -> dict[str, Any]:
    """Return what a run's recipe and events tell of it: how long it will take, and where it is."""
    recipe = run.recipe()
    events = run.events()
    begun = next((event for event in reversed(events) if event["kind"] in {"start", "resume"}), None)
    last = next((event for event in reversed(events) if event["kind"] == "step"), None)
    rows = [event for event in events if event["kind"] == "metrics"]
    steps = int(begun["steps"]) if begun else 0
    done = max((int(event["step"]) for event in events if "step" in event), default=0)
    left = None
    if begun and last and last["time"] > begun["time"] and last["step"] > begun["step"]:
        left = (steps - done) * (last["time"] - begun["time"]) / (last["step"] - begun["step"])
    per_epoch = next((row["step"] / row["epoch"] for row in rows if row["epoch"] >= 1), steps / recipe.epochs)
    return {
        "recipe": recipe.name,
        "title": recipe.title,
        "dataset": recipe.dataset,
        "begun": events[0]["time"] if events else None,
        "compute": begun.get("compute") if begun else None,
        "steps": steps,
        "step": done,
        "per_epoch": per_epoch or 1,
        "epochs": round(steps / per_epoch) if per_epoch else recipe.epochs,
        "left": None if run.finished else left,
        "speed": last.get("images_per_second") if last else None,
        "rows": rows[-2:],
    }


def _owner(run: Run) -> int | None:
    """Return the process that holds a run's lock, by its own note; None where it has none or is gone."""
    try:
        number = int(run.owner_file.read_text(encoding="utf-8").removeprefix("process "))
        os.kill(number, 0)
    except (OSError, ValueError):
        return None
    # A killed training leaves its note, and its number may be another program's by now.
    words = Path(f"/proc/{number}/cmdline")
    with suppress(OSError):
        return number if b"inkwise" in words.read_bytes() else None
    return number
