"""The measuring itself: contenders in turn, seed by seed, each run a process of its own, each kept when it is done.

A, B, C with seed 0, then A, B, C with seed 1, and so on, so that a drift of the machine meets all. No run is dropped:
one that fails ends the benchmark, which goes on from there when it is started again.
"""

import json
import subprocess
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from inkwise.bench.book import Book, Conditions, LeftOut, Member, Run
from inkwise.bench.contender import Contender, import_seconds, last_line
from inkwise.bench.identity import fingerprint
from inkwise.bench.settings import kept
from inkwise.errors import RunError

Say = Callable[[str], None]


@dataclass(frozen=True)
class Setting:
    """What a call of the benchmark asks for."""

    seeds: int
    conditions: Conditions
    dataset: str  # as the trials are given it
    data: Path | None
    command: str  # the call itself, for the record


def measure(contenders: Sequence[Contender], setting: Setting, book: Book, say: Say) -> None:
    """Measure what the book does not have yet, and write it there run by run.

    Args:
        contenders: Who takes part, in the order of their turns.
        setting: Seeds 0 to `seeds` - 1, conditions, data.
        book: Has what was measured before; gets what is measured now.
        say: Told of each run.

    Raises:
        RunError: The book has runs measured under other conditions, a trial failed, or the disk is full.
    """
    book.require(setting.conditions, contenders)
    imports = _probe(contenders, setting, book, say)
    call = datetime.now(UTC).isoformat(timespec="seconds")
    for contender, seed in _turns(contenders, setting.seeds):
        if contender.name not in imports or book.find(contender.name, seed):
            continue
        book.require(setting.conditions, [contender])  # again: a file may have been edited since
        run = _with_members(_trial(contender, seed, setting, call, imports[contender.name]), book)
        book.append(run)
        seconds = "training time unknown" if run.seconds is None else f"{run.seconds:.2f} s"
        accuracy = f"{100 * run.accuracy:.2f} %"
        say(f"{run.name}, seed {run.seed}: {seconds}, {run.errors} / {run.n:,} errors ({accuracy})")


def _turns(contenders: Sequence[Contender], seeds: int) -> Iterator[tuple[Contender, int]]:
    """Yield who is run with which seed: the first seed of each, the second of each, and so on."""
    for turn in range(seeds):
        for contender in contenders:
            own = contender.seeds(seeds)
            if turn < len(own):
                yield contender, own[turn]


def _with_members(run: Run, book: Book) -> Run:
    """Return an ensemble's run with the training times of its members added up, where the book has them all."""
    seconds = [_seconds_of(member, book) for member in run.members]
    known = [each for each in seconds if each is not None]
    if run.seconds is not None or not run.members or len(known) < len(seconds):
        return run
    return run.model_copy(update={"seconds": round(sum(known), 4)})


def _seconds_of(member: Member, book: Book) -> float | None:
    """Return how long the training of exactly this network took, under any name; None where unknown."""
    for run in book.runs:
        kept = (run.seed, run.fingerprint.get("settings"), run.fingerprint.get("versions"))
        if kept == (member.seed, member.settings, member.versions) and not run.members and run.seconds is not None:
            return run.seconds
    return None


def _probe(contenders: Sequence[Contender], setting: Setting, book: Book, say: Say) -> dict[str, float]:
    """Return the import times of those that still have runs to do; write down who cannot take part."""
    found: dict[str, float] = {}
    for contender in contenders:
        if contender.name in found or all(book.find(contender.name, seed) for seed in contender.seeds(setting.seeds)):
            continue
        taken = import_seconds(contender, 1 if setting.conditions.quick else 3)
        if isinstance(taken, float):
            found[contender.name] = taken
            continue
        reason = f"{taken}. The peers' packages come with pip install 'inkwise[bench]'."
        say(f"{contender.name} is left out: {reason}")
        if contender.name not in {entry.left_out for entry in book.left_out}:
            book.append(LeftOut(left_out=contender.name, what=contender.what, reason=reason))
    return found


def _trial(contender: Contender, seed: int, setting: Setting, call: str, imported: float) -> Run:
    data = None if setting.data is None else str(setting.data)
    command = contender.command(seed, setting.dataset, data, quick=setting.conditions.quick)
    done = subprocess.run(  # noqa: S603  # this Python and a module of ours
        command, env=contender.surroundings(), capture_output=True, text=True, check=False
    )
    if done.returncode:
        raise RunError(
            f"{contender.name} failed with seed {seed}: {last_line(done.stderr)} Run `{' '.join(command)}` to see all "
            "of it; the runs before it are kept."
        )
    measured = json.loads(done.stdout.splitlines()[-1])
    alone = None if measured.get("members") else contender.recipe
    return Run(
        name=contender.name,
        seed=seed,
        ours=contender.ours,
        what=contender.what,
        source=contender.source,
        fingerprint=fingerprint(contender),
        call=call,
        command=setting.command,
        conditions=setting.conditions,
        import_seconds=round(imported, 3),
        recipe={} if alone is None else kept(alone),
        **measured,
    )
