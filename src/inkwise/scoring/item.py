"""One image that is to be scored: where its bytes lie, and what its row is called.

Items are made by listing, before any image is read. They are plain values that fit a line of text, so that a plan of
millions lies on disk and not in memory, and so that a list of them has a hash.
"""

import json
from typing import Literal, NamedTuple

Kind = Literal["file", "zip", "tar", "gz"]  # gz: a tar inside gzip, which can only be read from its start


class Item(NamedTuple):
    """An image by its place.

    `name` is what its row is called: text without lone surrogates. `path` is the absolute path of the file or archive.
    `truth` is the label given with it, if any. `size` is its bytes once unpacked, and `stamp` the file's time of
    change in nanoseconds. Of an entry of an archive, `offset` is where its local header (zip) or its bytes (tar, gz)
    begin, `packed` its bytes in a zip, `method` the zip's way of packing, and `crc` its checksum. `fault` says why it
    cannot be read, where that is known already; then its bytes are never asked for.
    """

    name: str
    path: str
    truth: str | None = None
    size: int = 0
    stamp: int = 0
    kind: Kind = "file"
    offset: int = 0
    packed: int = 0
    method: int = 0
    crc: int = 0
    fault: str | None = None

    def line(self) -> bytes:
        """Return it as a line of JSON, in ASCII; `from_line` takes it back."""
        return json.dumps(self, separators=(",", ":")).encode("ascii") + b"\n"

    @classmethod
    def from_line(cls, line: bytes) -> "Item":
        """Take back what `line` gave."""
        return cls(*json.loads(line))


def shown(name: str) -> str:
    """Return a file's name as text that every format can hold: bytes that are no UTF-8 become backslash escapes."""
    return name.encode("utf-8", "surrogateescape").decode("utf-8", "backslashreplace") if not _plain(name) else name


def _plain(name: str) -> bool:
    try:
        name.encode("utf-8")
    except UnicodeEncodeError:
        return False
    return True


def entry_name(archive: str, entry: str) -> str:
    """Return what the row of an archive's entry is called: ARCHIVE!ENTRY."""
    return f"{archive}!{entry}"
