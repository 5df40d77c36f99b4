"""Any number of names in order, in bounded memory: what does not fit is sorted in runs on the disk and merged."""

import heapq
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import ExitStack
from itertools import islice
from typing import IO

RUN = 200_000  # names that are held at once


def in_order(names: Iterable[str], *, run: int = RUN) -> Iterator[str]:
    """Yield the names sorted by their bytes, repetitions included.

    Args:
        names: file names as Python has them; none holds a null byte.
        run: how many are held in memory at once.
    """
    rest = iter(names)
    first = sorted(_bytes(name) for name in islice(rest, run))
    if len(first) < run:
        yield from map(_name, first)
        return
    with ExitStack() as stack:
        runs = [_write(stack, first)]
        while some := sorted(_bytes(name) for name in islice(rest, run)):
            runs.append(_write(stack, some))
        del first
        yield from map(_name, heapq.merge(*map(_read, runs)))


def _write(stack: ExitStack, names: list[bytes]) -> IO[bytes]:
    file = stack.enter_context(tempfile.TemporaryFile())  # noqa: SIM115 (the stack closes it)
    file.writelines(name.replace(b"\n", b"\0") + b"\n" for name in names)  # a name may have a line's end, never a null
    file.seek(0)
    return file


def _read(file: IO[bytes]) -> Iterator[bytes]:
    for line in file:
        yield line[:-1].replace(b"\0", b"\n")


def _bytes(name: str) -> bytes:
    return name.encode("utf-8", "surrogateescape")


def _name(name: bytes) -> str:
    return name.decode("utf-8", "surrogateescape")
