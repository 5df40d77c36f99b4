"""The bytes of an item, never more than were listed.

A file is opened without following a last link and without waiting, so that what took its place since it was listed
(a link out of the folder, a pipe) is a fault and not a way out or a hang. What lies in gzip is read by one process in
order, and carried to those that compute.
"""

import os
import stat
from collections.abc import Iterable, Iterator
from pathlib import Path

from inkwise.errors import DataError, ImageError
from inkwise.scoring import zips
from inkwise.scoring.item import Item
from inkwise.scoring.tars import Sequence

Payload = bytes | str | None  # carried bytes, or why there are none; None for what is not carried


def content(item: Item, payload: Payload = None) -> bytes:
    """Return an item's bytes.

    Args:
        item: what was listed.
        payload: what `Carrier` found for it.

    Raises:
        ImageError: it cannot be read; the message is a sentence without the item's name.
    """
    if item.fault is not None:
        raise ImageError(f"{item.fault}.")
    if isinstance(payload, str):
        raise ImageError(f"{payload}.")
    if payload is not None:
        return payload
    try:
        with os.fdopen(_open(item.path), "rb") as file:
            if item.kind == "zip":
                return zips.unpack(file, item.offset, item.packed, item.size, item.method, item.crc)
            if item.kind == "tar":
                file.seek(item.offset)
            data = file.read(item.size)
    except DataError as error:
        raise ImageError(f"{error}.") from error
    except (OSError, ValueError) as error:
        raise ImageError(f"it cannot be read ({getattr(error, 'strerror', None) or error}).") from error
    if len(data) < item.size:
        raise ImageError(f"it has {len(data):,} of the {item.size:,} bytes that were listed; it was cut or changed.")
    return data


class Carrier:
    """Reads what lies in gzip, for items in the order in which they were listed; close it at the end."""

    def __init__(self) -> None:
        self._open: Sequence | None = None

    def payloads(self, items: Iterable[Item]) -> list[Payload]:
        """Return the bytes of each item that lies in gzip, or why there are none; None for the others."""
        return list(self._payloads(items))

    def close(self) -> None:
        """Close what is open."""
        if self._open is not None:
            self._open.close()
            self._open = None

    def _payloads(self, items: Iterable[Item]) -> Iterator[Payload]:
        for item in items:
            if item.kind != "gz" or item.fault is not None:
                yield None
                continue
            try:
                if self._open is None or str(self._open.path) != item.path:
                    self.close()
                    self._open = Sequence(Path(item.path))
                yield self._open.read(item.offset, item.size)
            except DataError as error:
                yield str(error)
            except OSError as error:
                yield f"the archive cannot be read ({error.strerror or error})"


def _open(path: str) -> int:
    descriptor = os.open(path, os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0))
    if not stat.S_ISREG(os.fstat(descriptor).st_mode):
        os.close(descriptor)
        raise ValueError("it is no plain file")
    return descriptor
