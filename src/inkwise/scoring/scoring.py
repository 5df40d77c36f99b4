"""The door of the room: images by the million to one table of answers, and an evaluation where labels are known.

    outcome = score(["archive.tar", "folder"], Path("answers.parquet"), labels="folders", workers=2)

The images are listed, parted into shards, computed by processes or by Ray, kept shard by shard, and put together in
the order of the input. Whatever stops it, the same call goes on where it stopped, and the output has the same bytes as
if nothing had happened, whatever the engine and the number of workers.
"""

import json
import os
import time
from collections.abc import Callable, Generator, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Any, Final, Literal, Protocol, runtime_checkable

from inkwise import files
from inkwise.errors import DataError, RunError, UsageError
from inkwise.evaluation.evaluation import Evaluation
from inkwise.models.shipped import NAMES
from inkwise.reading.reader import judge_of
from inkwise.recipes.load import run_python
from inkwise.recognizer import Recognizer
from inkwise.scoring.cluster import import_ray, run_ray
from inkwise.scoring.content import Carrier
from inkwise.scoring.counts import Counts
from inkwise.scoring.ledger import Ledger
from inkwise.scoring.listing import Labels, Listing
from inkwise.scoring.local import run_here, run_local
from inkwise.scoring.output import assemble, format_of
from inkwise.scoring.plan import Plan, write_plan
from inkwise.scoring.worker import Result, Shard, Task, hash_of

Engine = Literal["local", "ray"]
_Results = Generator[tuple[int, Result], None, None]
FORMAT: Final = 1
SHARD, PAGES_SHARD = 1000, 20  # images and pages of a shard: about a second's work, which is what a kill costs
MEGABYTES: Final = 64  # of an image file or entry


@runtime_checkable
class Observer(Protocol):
    """Who is told how it goes."""

    def begin(self, images: int, done: int) -> None:
        """Take how many images there are, and how many were done before."""

    def advance(self, images: int) -> None:
        """Take how many more images are done."""


@dataclass(frozen=True)
class Outcome:
    """What came of it. `evaluation` is None where no label is known.

    `counts` is of the whole job, `left_out` the files that are no pictures by their names, `scored` the images of this
    call alone and `seconds` what they took. `first_error` is the row of the first image that could not be read.
    """

    out: Path
    counts: Counts
    left_out: int
    evaluation: Evaluation | None
    first_error: str | None
    scored: int
    seconds: float

    def to_dict(self) -> dict[str, Any]:
        """Return it for JSON: what `NAME.summary.json` has, and what this call took."""
        rate = self.scored / self.seconds if self.scored and self.seconds else None
        return {
            **_summary(self.out, self.counts, self.left_out, self.evaluation, self.first_error),
            "scored": self.scored,
            "seconds": round(self.seconds, 3),
            "images_per_second": None if rate is None else round(rate, 1),
        }


def score(
    paths: Sequence[str],
    out: Path,
    *,
    model: str,
    register: Path | None = None,
    pages: bool = False,
    labels: Labels = "none",
    engine: Engine = "local",
    workers: int | None = None,
    shard: int | None = None,
    megabytes: int = MEGABYTES,
    observer: Observer | None = None,
    say: Callable[[str], None],
) -> Outcome:
    """Score images into one file.

    Args:
        paths: image files, folders, archives, lists of paths, or patterns.
        out: the file to write: .parquet, .csv or .jsonl. What is done is kept in NAME.parts beside it meanwhile.
        model: a model file, a run folder or a shipped model's name.
        register: a .py file that registers the model's network.
        pages: read pages instead of single digits.
        labels: "folders" takes the folder that holds an image for its label.
        engine: "local" processes, or "ray".
        workers: how many at once; None for one per processor; 0 computes in this process (local).
        shard: images of a shard; None for 1,000, or 20 pages.
        megabytes: of 10**6 bytes, the largest file or entry that is read.
        observer: is told how it goes.
        say: receives sentences on the way.

    Raises:
        UsageError: the request cannot be met: the output's name, an extra that is missing, a number below its least.
        DataError: a path that was named is not there, a list cannot be read, or there is nothing to score.
        ModelError: the model cannot be read.
        RunError: the output is there already from another job, another process scores into it, its folder holds
            another job, or the disk does not allow it.
    """
    _check(out, engine, workers, shard, megabytes, labels=labels, pages=pages)
    if register is not None:
        run_python(register)
    recognizer = Recognizer.load(model)
    if pages:
        judge_of(recognizer)  # it raises where the model reads no digits
    assert recognizer.path is not None
    task = Task(
        model=model if model in NAMES else os.path.abspath(model),  # noqa: PTH100
        sha256=hash_of(recognizer.path),
        pages=pages,
        register=None if register is None else str(register.absolute()),
    )
    files.make_folder(out.parent)
    ledger = Ledger(out)
    with ledger.lock():
        size = shard or (PAGES_SHARD if pages else SHARD)
        listing = Listing(paths, labels=labels, cap=megabytes * 10**6)
        plan = write_plan(ledger.plan_file, listing, shard=size)
        if not plan.items:
            ledger.remove()
            raise DataError(f"There are no images in {', '.join(paths[:3])}; pictures are known by their names.")
        job = {
            "format": FORMAT,
            "images": plan.items,
            "inputs": plan.sha256,
            "model": task.sha256,
            "pages": pages,
            "shard": size,
            "versions": {name: version(name) for name in ("inkwise", "torch", "numpy", "opencv-python-headless")},
        }
        finished = _finished(out, job)
        if finished is not None:
            ledger.remove()
            counts = Counts.from_dict(finished["counts"])
            say(f"{out} is there already, from the same images, model and settings.")
            evaluation = counts.evaluation(recognizer, _dataset(paths))
            return Outcome(out, counts, listing.left_out, evaluation, finished["first_error"], 0, 0.0)
        before = ledger.begin(job, plan)
        if before:
            say(f"Going on: {before:,} of {len(plan):,} shards are done.")
        began, already = time.perf_counter(), ledger.counts.images
        _compute(task, plan, ledger, engine, workers, observer)
        seconds, scored = time.perf_counter() - began, ledger.counts.images - already
        about = {"inkwise.model": task.sha256, "inkwise.inputs": plan.sha256}
        first = _First(ledger.rows())
        assemble(out, first, recognizer.classes, pages=pages, about=about)
        evaluation = ledger.counts.evaluation(recognizer, _dataset(paths))
        outcome = Outcome(out, ledger.counts, listing.left_out, evaluation, first.error, scored, seconds)
        kept = {
            "job": job,
            "bytes": out.stat().st_size,
            "counts": ledger.counts.to_dict(),
            **_summary(out, ledger.counts, listing.left_out, evaluation, first.error),
        }
        files.write(_summary_file(out), json.dumps(kept) + "\n")
        ledger.remove()
    return outcome


class _First:
    """Passes rows on, and remembers the first error among them."""

    def __init__(self, parts: Iterator[bytes]) -> None:
        self.parts = parts
        self.error: str | None = None

    def __iter__(self) -> Iterator[bytes]:
        for part in self.parts:
            if self.error is None and b'"error":"' in part:
                rows = (json.loads(line) for line in part.split(b"\n")[:-1])
                self.error = next((row["error"] for row in rows if row["error"]), None)
            yield part


def _check(
    out: Path,
    engine: str,
    workers: int | None,
    shard: int | None,
    megabytes: int,
    *,
    labels: str,
    pages: bool,
) -> None:
    """Refuse wrong use before anything is read."""
    format_of(out)
    if workers is not None and workers < 0:
        raise UsageError(f"--workers is {workers}; 1 or more are accepted, or 0 to compute in this process.")
    if shard is not None and shard < 1:
        raise UsageError(f"--shard is {shard}; it must be at least 1 image.")
    if megabytes < 1:
        raise UsageError(f"--max-megabytes is {megabytes}; it must be at least 1.")
    if pages and labels != "none":
        raise UsageError("--labels folders was given with --pages; a page has no class: leave one of them out.")
    if out.is_dir():
        raise UsageError(f"--out is the folder {out}; give the name of a file.")
    if engine == "ray":
        if workers == 0:
            raise UsageError("--workers is 0 with --engine ray; 1 or more are accepted.")
        import_ray()


def _compute(
    task: Task, plan: Plan, ledger: Ledger, engine: Engine, workers: int | None, observer: Observer | None
) -> None:
    """Compute and keep every shard that is not done."""
    if observer is not None:
        observer.begin(plan.items, ledger.counts.images)
    if all(ledger.done):
        return
    carrier = Carrier()
    shards = _shards(plan, ledger, carrier)
    with closing(carrier), closing(_results(task, shards, engine, workers)) as results:
        for number, result in results:
            ledger.keep(number, result)
            if observer is not None:
                observer.advance(result.counts.images)


def _results(task: Task, shards: Iterator[Shard], engine: Engine, workers: int | None) -> _Results:
    if engine == "ray":
        return run_ray(task, shards, workers)
    if workers == 0:
        return run_here(task, shards)
    return run_local(task, shards, workers or len(os.sched_getaffinity(0)))


def _shards(plan: Plan, ledger: Ledger, carrier: Carrier) -> Iterator[Shard]:
    """The shards that are not done, with what must be carried to them."""
    for number in range(len(plan)):
        if not ledger.done[number]:
            items = plan.read(number)
            yield Shard(number, items, carrier.payloads(items))


def _finished(out: Path, job: dict[str, Any]) -> dict[str, Any] | None:
    """The summary of an output that is there and whole, from the same job; None where there is no output.

    A job may have been killed between writing its output and its summary; its parts are still there then, and it
    writes the same output again.
    """
    if not out.exists():
        return None
    try:
        known: dict[str, Any] = json.loads(_summary_file(out).read_text(encoding="utf-8"))
        if known["job"] == job and known["bytes"] == out.stat().st_size:
            return known
    except FileNotFoundError:
        if Ledger(out).manifest_file.is_file():
            return None
    except (OSError, ValueError, KeyError, TypeError):
        pass
    raise RunError(
        f"{out} is there already, from other images, another model or other settings; give another --out, or remove it."
    )


def _summary_file(out: Path) -> Path:
    return out.with_name(f"{out.name}.summary.json")


def _summary(
    out: Path, counts: Counts, left_out: int, evaluation: Evaluation | None, first_error: str | None
) -> dict[str, Any]:
    return {
        "out": str(out),
        "images": counts.images,
        "rows": counts.rows,
        "errors": counts.errors,
        "first_error": first_error,
        "left_out": left_out,
        "strange_labels": counts.strange,
        "evaluation": None if evaluation is None else evaluation.to_dict(),
    }


def _dataset(paths: Sequence[str]) -> str:
    """What the evaluation calls the images."""
    return paths[0] if len(paths) == 1 else f"{paths[0]} and {len(paths) - 1:,} more"
