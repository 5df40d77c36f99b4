"""The plan: every item of a job as a line of one file, parted into shards, with a hash of it all.

The parting follows from the items alone, so that whoever computes a shard, and however often, gets the same images in
the same batches. A shard has a fixed number of items, fewer where bytes from gzip have to be carried to it.
"""

import hashlib
from array import array
from collections.abc import Iterable
from itertools import pairwise
from pathlib import Path
from typing import Final

from inkwise.files import replacing
from inkwise.scoring.item import Item

CARRIED: Final = 16 << 20  # bytes from gzip in one shard; more only where one image has more


class Plan:
    """A plan on the disk: `items` in all, in shards that `read` returns by number; `sha256` is of its every line."""

    def __init__(self, path: Path, starts: "array[int]", items: int, sha256: str) -> None:
        self.path, self.items, self.sha256 = path, items, sha256
        self._starts = starts  # of each shard, in bytes, and the end of the last

    def __len__(self) -> int:
        return len(self._starts) - 1

    def read(self, number: int) -> list[Item]:
        """Return the items of a shard."""
        with self.path.open("rb") as file:
            file.seek(self._starts[number])
            text = file.read(self._starts[number + 1] - self._starts[number])
        return [Item.from_line(line) for line in text.splitlines()]


def write_plan(path: Path, items: Iterable[Item], *, shard: int) -> Plan:
    """Write the plan of `items` in one step.

    Args:
        path: the file, replaced where it is there.
        items: what is to be scored, in order; taken one by one.
        shard: items of a shard at most.

    Raises:
        RunError: it cannot be written.
    """
    starts, digest = array("Q", [0]), hashlib.sha256(b"%d\n" % shard)
    at = count = inside = carried = 0
    with replacing(path) as file:
        for item in items:
            weight = item.size if item.kind == "gz" and item.fault is None else 0
            if inside and (inside == shard or carried + weight > CARRIED):
                starts.append(at)
                inside = carried = 0
            line = item.line()
            file.write(line)
            digest.update(line)
            at, count, inside, carried = at + len(line), count + 1, inside + 1, carried + weight
    if inside:
        starts.append(at)
    assert all(a < b for a, b in pairwise(starts))
    return Plan(path, starts, count, digest.hexdigest())
