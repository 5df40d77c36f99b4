"""The book of a benchmark: every finished run as one line of bench-runs.jsonl, so that nothing is measured twice.

Separate calls with the same folder add to one table. What was measured under other conditions (another machine,
number of threads, instruction set, dataset), or of a contender that has changed since, is never mixed in: the book
refuses it.
"""

import json
import os
from collections.abc import Iterable
from pathlib import Path
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from inkwise import files
from inkwise.bench.contender import Contender
from inkwise.bench.identity import WEIGHTS, differing, fingerprint
from inkwise.bench.settings import changes, kept
from inkwise.errors import RunError

NAME = "bench-runs.jsonl"
_NAMED = {"quick": "", "environment": "variables that change speed "}  # how a condition is called, if not by its field


class Conditions(BaseModel):
    """What must be the same for figures to stand in one table."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    dataset: str
    hashes: dict[str, str] = {}  # of the dataset's files
    quick: bool = False
    processor: str
    cores: int
    threads: int
    instructions: str  # the instruction set that oneDNN says it uses
    environment: dict[str, str] = {}  # variables that change speed, where they are set
    python: str
    torch: str


class Member(BaseModel):
    """One network of an ensemble."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    recipe: str
    seed: int
    settings: str  # as in a run's fingerprint
    versions: str


class Run(BaseModel):
    """One training of one contender, measured."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: str
    seed: int
    ours: bool
    what: str
    source: str = ""
    fingerprint: dict[str, str] = {}  # what it was: settings, sources, versions, weights
    call: str  # when the command that measured it was started: runs of one call took turns
    command: str  # that command
    conditions: Conditions
    import_seconds: float | None = None
    seconds: Annotated[float, Field(ge=0)] | None  # of training; None where it is not known
    errors: int = Field(ge=0)
    n: int = Field(ge=1)
    parameters: int
    epochs: float | None
    train_images: int
    precision: str
    peak_mb: float | None
    images_per_second: float
    latency_ms: float
    threads: int
    versions: dict[str, str]
    members: tuple[Member, ...] = ()  # of an ensemble
    recipe: dict[str, Any] = {}  # the settings of a recipe but for its seed, where one was trained

    @property
    def accuracy(self) -> float:
        """The share of test images answered rightly, in [0, 1]."""
        return 1 - self.errors / self.n

    @property
    def earlier(self) -> bool:
        """Whether it was trained before the benchmark, so that its seconds, where known, were not taken in turn."""
        return WEIGHTS in self.fingerprint


class LeftOut(BaseModel):
    """A contender that could not take part."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    left_out: str
    what: str
    reason: str


class Book:
    """Runs in the order in which they finished, and who was left out.

    Args:
        folder: Where bench-runs.jsonl lies or will lie; it is made.

    Raises:
        RunError: The folder cannot be made, or its book cannot be read.
    """

    def __init__(self, folder: Path) -> None:
        _make(folder)
        self.path = folder / NAME
        self.runs: list[Run] = []
        self._left_out: dict[str, LeftOut] = {}
        for number, line in enumerate(self._lines(), start=1):
            try:
                values = json.loads(line)
                self._take(LeftOut(**values) if "left_out" in values else Run(**values))
            except (ValueError, TypeError, ValidationError) as error:
                raise RunError(
                    f"Line {number} of {self.path} is no run of a benchmark; remove it, or name another --out."
                ) from error

    def _lines(self) -> list[str]:
        if not self.path.is_file():
            return []
        text = self.path.read_text(encoding="utf-8")
        if text and not text.endswith("\n"):  # a line that a kill or a full disk cut off: that run is done again
            text = text[: text.rfind("\n") + 1]
            files.write(self.path, text)
        return text.splitlines()

    def _take(self, entry: Run | LeftOut) -> None:
        if isinstance(entry, LeftOut):
            self._left_out[entry.left_out] = entry
        else:
            self.runs.append(entry)

    def append(self, entry: Run | LeftOut) -> None:
        """Write one line; RunError where the disk does not allow it."""
        try:
            with self.path.open("a", encoding="utf-8") as file:
                file.write(json.dumps(entry.model_dump(mode="json")) + "\n")
                file.flush()
                os.fsync(file.fileno())
        except OSError as error:
            raise files.cannot("write", self.path, error) from error
        self._take(entry)

    def find(self, name: str, seed: int) -> Run | None:
        """Return a contender's run with that seed, or None."""
        return next((run for run in self.runs if (run.name, run.seed) == (name, seed)), None)

    @property
    def left_out(self) -> tuple[LeftOut, ...]:
        """Who could not take part and has no run from another time either."""
        measured = {run.name for run in self.runs}
        return tuple(entry for name, entry in self._left_out.items() if name not in measured)

    def require(self, conditions: Conditions, contenders: Iterable[Contender]) -> None:
        """Raise RunError where runs were measured under other conditions, or of what has changed since.

        Weights are compared where a trained model has the seed of a run that is in the book.
        """
        for run in self.runs:
            otherwise = _differing(run.conditions, conditions)
            if otherwise:
                raise RunError(
                    f"{self.path} holds runs that were measured otherwise: {otherwise}. Name another --out, so that "
                    "one table compares like with like."
                )
        for one in contenders:
            now = fingerprint(one)
            for run in self.runs:
                if run.name != one.name:
                    continue
                settings = changes(run.recipe, {} if one.recipe is None else kept(one.recipe))
                told = differing(run.fingerprint, now, weights=run.seed == one.trained_with, settings=settings)
                if told:
                    raise RunError(
                        f"{self.path} holds runs of another {one.name} than today's: {told}. Name another --out, so "
                        "that one row is of one thing."
                    )


def _differing(old: Conditions, new: Conditions) -> str:
    """Return in words which conditions differ; that two datasets have different files goes without saying."""
    before, after = _told(old), _told(new)
    differ = [name for name in before if before[name] != after[name]]
    if "dataset" in differ and "hashes" in differ:
        differ.remove("hashes")
    return "; ".join(
        "other files of the dataset, by their hashes"
        if name == "hashes"
        else f"{_NAMED.get(name, f'{name} ')}{before[name]}, now {after[name]}"
        for name in differ
    )


def _told(conditions: Conditions) -> dict[str, str]:
    """Return each condition in words."""
    variables = " ".join(f"{name}={value}" for name, value in sorted(conditions.environment.items()))
    return {name: str(value) for name, value in conditions.model_dump().items()} | {
        "quick": "trials with --quick" if conditions.quick else "measurements without --quick",
        "environment": variables or "none",
    }


def _make(folder: Path) -> None:
    """Make the folder; RunError, with the true reason, where the system has folders that nobody can add to."""
    try:
        files.make_folder(folder)
    except RunError as error:
        cause = error.__cause__
        if isinstance(cause, FileNotFoundError):  # parents are made, so that none is missing
            raise RunError(
                f"Cannot create {folder}: the system allows no new folder there; name another --out."
            ) from cause
        raise
