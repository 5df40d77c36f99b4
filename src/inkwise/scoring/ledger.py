"""What is done of a job: a folder beside the output, in which every file appears whole or not at all.

    manifest.json    what the job is: hashes of the inputs and the model, and every setting that changes a row
    plan.jsonl       each image, in order
    shards/          a file for each shard that is done: its counts and the SHA-256 of its rows, then the rows
    lock             held by the process that scores; the system drops it with the process

A job killed at any moment goes on from there: a shard is done when its file has its name, and is computed again
otherwise.
"""

import hashlib
import json
import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from filelock import FileLock, Timeout

from inkwise import files
from inkwise.errors import DataError, RunError
from inkwise.scoring.counts import Counts
from inkwise.scoring.plan import Plan
from inkwise.scoring.worker import Result

_FANOUT = 1000  # shards in one folder


class Ledger:
    """The folder of one job; `done` says of each shard whether it is, once `begin` was called."""

    def __init__(self, out: Path) -> None:
        self.folder = out.with_name(f"{out.name}.parts")
        self.plan_file = self.folder / "plan.jsonl"
        self.manifest_file = self.folder / "manifest.json"
        self.done = bytearray()
        self.counts = Counts()

    @contextmanager
    def lock(self) -> Iterator[None]:
        """Hold the folder, made where it is missing; RunError where another process holds it."""
        files.make_folder(self.folder)
        lock = FileLock(self.folder / "lock")
        try:
            lock.acquire(blocking=False)
        except Timeout as error:
            raise RunError(
                f"Another process is scoring into {self.folder}; wait for it, or give another --out."
            ) from error
        except OSError as error:
            raise files.cannot("lock", self.folder, error) from error
        try:
            files.sweep(self.folder)
            yield
        finally:
            if not self.manifest_file.exists():  # nothing came of it
                self.remove()
            lock.release()

    def begin(self, job: Mapping[str, Any], plan: Plan) -> int:
        """Take up the job and return how many shards are done already.

        Raises:
            RunError: The folder holds shards of another job, or cannot be read or written.
        """
        known = self._manifest()
        if known is None:
            files.write(self.manifest_file, json.dumps(job, indent=2) + "\n")
        elif known != job:
            changed = sorted(key for key in {*job, *known} if job.get(key) != known.get(key))
            raise RunError(
                f"{self.folder} holds shards of a job that differs in its {', '.join(changed)}; give the same images, "
                "model and settings to go on with it, or remove the folder, or give another --out."
            )
        self.done = bytearray(len(plan))
        self.counts = Counts()
        for number in range(len(plan)):
            counts = self._head(number)
            if counts is not None:
                self.done[number] = 1
                self.counts += counts
        return sum(self.done)

    def keep(self, number: int, result: Result) -> None:
        """Write a shard's file in one step; RunError where the disk does not allow it."""
        path = self._path(number)
        files.make_folder(path.parent)
        head = {"sha256": hashlib.sha256(result.rows).hexdigest(), "counts": result.counts.to_dict()}
        files.write(path, json.dumps(head, separators=(",", ":")).encode() + b"\n" + result.rows)
        self.done[number] = 1
        self.counts += result.counts

    def rows(self) -> Iterator[bytes]:
        """Yield the rows of each shard, in order.

        Raises:
            RunError: A shard's file is damaged; it is removed, so that it is computed again.
        """
        for number in range(len(self.done)):
            path = self._path(number)
            try:
                head, _, rows = path.read_bytes().partition(b"\n")
                whole = hashlib.sha256(rows).hexdigest() == json.loads(head)["sha256"]
            except (OSError, ValueError, KeyError, TypeError):
                whole, rows = False, b""
            if not whole:
                path.unlink(missing_ok=True)
                raise RunError(
                    f"{path} is damaged and was removed; run the same command again to score its images anew."
                )
            yield rows

    def remove(self) -> None:
        """Remove the folder; what cannot be removed stays."""
        shutil.rmtree(self.folder, ignore_errors=True)

    def _manifest(self) -> dict[str, Any] | None:
        try:
            found = json.loads(self.manifest_file.read_text(encoding="utf-8"))
        except FileNotFoundError:
            return None
        except (OSError, ValueError) as error:
            raise RunError(f"{self.manifest_file} cannot be read; remove {self.folder} to score anew.") from error
        return found if isinstance(found, dict) else {}

    def _head(self, number: int) -> Counts | None:
        """A shard's counts; None where it is not done."""
        try:
            with self._path(number).open("rb") as file:
                return Counts.from_dict(json.loads(file.readline())["counts"])
        except (OSError, ValueError, KeyError, TypeError, DataError):
            return None

    def _path(self, number: int) -> Path:
        return self.folder / "shards" / f"{number // _FANOUT:06d}" / f"{number % _FANOUT:03d}.jsonl"
