"""From what is named on the command line to items, in one order that is always the same.

A path may be an image, a folder (with all below it, by name), a zip or tar archive, a list of paths (.txt, or .csv with
an optional column of labels), or a pattern with * or ?. What is no picture by its name is left out and counted. What
cannot be read is an item all the same, with its fault, so that nothing is lost without a word. Links in folders are
followed to files below the folder that was named, and nowhere else. No image is opened here.
"""

import csv
import glob
import os
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path
from typing import Literal

from inkwise.errors import DataError
from inkwise.scoring import tars, zips
from inkwise.scoring.entries import (
    folder_of,
    is_archive,
    is_hidden,
    is_picture,
    name_fault,
    nested_fault,
    size_fault,
)
from inkwise.scoring.item import Item, Kind, entry_name, shown
from inkwise.scoring.sorting import in_order

Labels = Literal["none", "folders"]
LISTS = (".txt", ".csv")
_HEADS = {"path", "image", "file", "filename"}  # what the first column of a list with names of columns is called
_LONGEST_LINE = 1 << 16
_DEEPEST = 100  # folders; each one more is a call within a call
_PATTERN = re.compile(r"[*?\[]")


class Listing:
    """Lists items; iterate once. `left_out` counts the files that are no pictures by their names."""

    def __init__(self, paths: Sequence[str], *, labels: Labels = "none", cap: int) -> None:
        self.paths, self.labels, self.cap = paths, labels, cap
        self.left_out = 0

    def __iter__(self) -> Iterator[Item]:
        """Yield the items.

        Raises:
            DataError: A path that was named is not there, or a list cannot be read.
        """
        for path in self.paths:
            yield from self._named(path)

    def _named(self, path: str) -> Iterator[Item]:
        if os.path.lexists(path):
            yield from self._given(path)
        elif _PATTERN.search(path):
            matches = 0
            for match in in_order(glob.iglob(path, recursive=True)):  # noqa: PTH207 (millions, and absolute)
                matches += 1
                yield from self._given(match)
            if not matches:
                raise DataError(f"Nothing matches {path}; check the pattern.")
        else:
            raise DataError(f"There is no {path}; give image files, folders, archives, lists of paths or patterns.")

    def _given(self, path: str) -> Iterator[Item]:
        if Path(path).is_dir():
            yield from self._folder(path, os.path.realpath(path))
        elif path.lower().endswith(LISTS):
            yield from self._list(Path(path))
        else:
            yield from self._file(path, None)

    def _folder(self, folder: str, root: str) -> Iterator[Item]:
        if folder.count(os.sep) > _DEEPEST:
            yield self._broken(folder, f"it lies more than {_DEEPEST} folders deep; name it itself")
            return
        try:
            with os.scandir(folder) as found:
                names = in_order(entry.name for entry in found)
                first = next(names, None)
        except OSError as error:
            yield self._broken(folder, f"the folder cannot be listed ({error.strerror or error})")
            return
        if first is None:
            return
        for name in _chained(first, names):
            path = os.path.join(folder, name)  # noqa: PTH118 (millions of them)
            if is_hidden(name):
                self.left_out += 1
            elif os.path.islink(path):  # noqa: PTH114
                yield from self._link(path, root)
            elif os.path.isdir(path):  # noqa: PTH112
                yield from self._folder(path, root)
            elif is_picture(name) or is_archive(name):
                yield from self._file(path, None)
            else:
                self.left_out += 1

    def _link(self, path: str, root: str) -> Iterator[Item]:
        """What a link in a folder leads to: a file below the folder that was named, or a fault."""
        target = os.path.realpath(path)
        if os.path.commonpath([target, root]) != root:
            yield self._broken(path, "it is a link out of the folder; name what it leads to, if it is meant")
        elif os.path.isdir(target) or not (is_picture(path) or is_archive(path)):  # noqa: PTH112
            self.left_out += 1  # a folder below the same one is met under its own name
        else:
            yield from self._file(path, None, target)

    def _file(self, path: str, truth: str | None, target: str | None = None) -> Iterator[Item]:
        if is_archive(path):
            yield from self._archive(path, truth)
            return
        where = target or os.path.abspath(path)  # noqa: PTH100
        name = shown(path)
        try:
            status = os.stat(where)  # noqa: PTH116
        except (OSError, ValueError) as error:
            yield self._broken(path, f"it cannot be found ({getattr(error, 'strerror', None) or error})", truth)
            return
        fault = size_fault(status.st_size, self.cap)
        truth = truth if truth is not None else self._truth(path)
        yield Item(name, where, truth, status.st_size, status.st_mtime_ns, fault=fault)

    def _archive(self, path: str, truth: str | None) -> Iterator[Item]:
        where = Path(os.path.abspath(path))  # noqa: PTH100
        try:
            if path.lower().endswith(".zip"):
                yield from self._zip(path, where, truth)
            else:
                yield from self._tar(path, where, truth)
        except DataError as error:
            yield self._broken(path, f"the archive cannot be read any further: {error}", truth)
        except (OSError, ValueError) as error:  # ValueError: a null byte in the path
            yield self._broken(path, f"the archive cannot be read ({getattr(error, 'strerror', None) or error})", truth)

    def _zip(self, path: str, where: Path, truth: str | None) -> Iterator[Item]:
        with where.open("rb") as file:
            stamp = os.fstat(file.fileno()).st_mtime_ns
            for entry in zips.entries(file):
                item = self._entry(path, where, entry.name, entry.fault, entry.size, truth)
                if item is not None:
                    yield item._replace(
                        stamp=stamp,
                        kind="zip",
                        offset=entry.offset,
                        packed=entry.packed,
                        method=entry.method,
                        crc=entry.crc,
                    )

    def _tar(self, path: str, where: Path, truth: str | None) -> Iterator[Item]:
        with tars.open_tar(where) as (file, packed):
            stamp = where.stat().st_mtime_ns
            for member in tars.members(file, packed):
                item = self._entry(path, where, member.name, member.fault, member.size, truth)
                if item is not None:
                    kind: Kind = "tar" if packed is None else "gz"
                    yield item._replace(stamp=stamp, kind=kind, offset=member.offset)

    def _entry(self, path: str, where: Path, name: str, fault: str | None, size: int, truth: str | None) -> Item | None:
        """One entry of an archive; None for what is left out."""
        called = shown(entry_name(path, name))
        fault = name_fault(name) or fault or nested_fault(name)
        if fault is None and (is_hidden(name) or not is_picture(name)):
            self.left_out += 1
            return None
        fault = fault or size_fault(size, self.cap)
        return Item(called, str(where), truth if truth is not None else self._truth(called), size, fault=fault)

    def _list(self, path: Path) -> Iterator[Item]:
        """The files that a list names, relative to its own folder."""
        for number, (name, given) in enumerate(_rows(path), start=1):
            truth = None if given is None else shown(given)
            if not name:
                raise DataError(f"{path}, entry {number:,}: there is no path; each line needs one.")
            joined = os.path.join(path.parent, name)  # noqa: PTH118 (an absolute name stays what it is)
            if os.path.isdir(joined):  # noqa: PTH112
                yield self._broken(joined, "it is a folder; a list names files and archives", truth)
            else:
                yield from self._file(joined, truth)

    def _truth(self, path: str) -> str | None:
        if self.labels == "none":
            return None
        found = folder_of(path)
        return None if found is None else shown(found)

    def _broken(self, path: str, fault: str, truth: str | None = None) -> Item:
        return Item(shown(path), path, truth, fault=fault)


def _rows(path: Path) -> Iterator[tuple[str, str | None]]:
    """Path and label of each line of a list."""
    try:
        with path.open(encoding="utf-8-sig", errors="surrogateescape", newline="") as file:
            lines = _lines(file.readline, path)
            if path.suffix.lower() == ".txt":
                yield from ((line, None) for line in (line.strip("\r\n") for line in lines) if line.strip())
            else:
                yield from _table(csv.reader(lines, strict=True))
    except OSError as error:
        raise DataError(f"The list {path} cannot be read: {error.strerror or error}.") from error
    except csv.Error as error:
        raise DataError(f"The list {path} is no CSV ({error}); give a path, and if known a label, per line.") from error


def _table(rows: Iterable[list[str]]) -> Iterator[tuple[str, str | None]]:
    label: int | None = 1
    for number, row in enumerate(rows):
        if not row:
            continue
        heads = [cell.strip().lower() for cell in row] if number == 0 else [""]
        if heads[0] in _HEADS:
            label = heads.index("label") if "label" in heads else None
            continue
        truth = row[label].strip() if label is not None and label < len(row) else ""
        yield row[0], truth or None


def _lines(read: Callable[[int], str], path: Path) -> Iterator[str]:
    """Lines of a file, none of them longer than a path and a label can be."""
    while line := read(_LONGEST_LINE):
        if len(line) == _LONGEST_LINE:
            raise DataError(
                f"The list {path} has a line of more than {_LONGEST_LINE:,} characters; give one path each."
            )
        yield line


def _chained(first: str, rest: Iterator[str]) -> Iterator[str]:
    yield first
    yield from rest
