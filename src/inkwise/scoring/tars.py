"""Tar archives without trust, plain or in gzip: what they hold, entry by entry.

The standard library's tarfile reads the headers; it is given a file that goes forward alone and refuses large reads,
so that a header can neither loop nor take memory. A member's bytes are read later, by their offset. What is no plain
file (links, devices, sparse files) is a fault of that member.
"""

import gzip
import io
import tarfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final, NamedTuple

from inkwise.errors import DataError
from inkwise.scoring.binary import Binary

GZIP: Final = b"\x1f\x8b"
_LARGEST = 1 << 20  # bytes of a header's own data, a long name say
_FREE, _RATIO = 1 << 30, 200  # gzip may unpack to 1 GiB, and beyond that to 200 times its own size
_BROKEN = (tarfile.TarError, EOFError, OSError, zlib.error, ValueError, OverflowError, UnicodeError)


class Member(NamedTuple):
    """One member; `offset` is where its bytes begin, in the unpacked tar."""

    name: str
    offset: int
    size: int
    fault: str | None


class _Forward(io.RawIOBase):
    """A file for tarfile: no large reads, no way back, and an end to what gzip may unpack to."""

    def __init__(self, file: Binary, most: int | None) -> None:
        self.file, self.most, self.at, self.last = file, most, 0, b""

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def tell(self) -> int:
        return self.at

    def read(self, size: int | None = -1) -> bytes:
        if size is None or not 0 <= size <= _LARGEST:
            raise tarfile.ReadError("a header too large")
        self._check(self.at + size)
        self.last = self.file.read(size)
        self.at += len(self.last)
        return self.last

    def seek(self, to: int, whence: int = 0) -> int:
        if whence or to < self.at:
            raise tarfile.ReadError("a header that leads back")
        self._check(to)
        self.file.seek(to)
        self.at = to
        return to

    def _check(self, to: int) -> None:
        if self.most is not None and to > self.most:
            raise DataError(
                f"it unpacks to more than {_RATIO} times its size, as a bomb does; what lies behind is not read"
            )


@contextmanager
def open_tar(path: Path) -> Iterator[tuple[Binary, int | None]]:
    """Open a tar as it is once unpacked, with its bytes in gzip, None where it is plain; OSError where it cannot be."""
    with path.open("rb") as raw:
        if is_gzip(raw):
            with gzip.GzipFile(fileobj=raw) as unpacked:
                yield unpacked, path.stat().st_size
        else:
            yield raw, None


def is_gzip(raw: Binary) -> bool:
    """Whether a file begins as gzip does; it is then at its start again."""
    head = raw.read(2)
    raw.seek(0)
    return head == GZIP


def members(file: Binary, packed: int | None) -> Iterator[Member]:
    """Yield what a tar holds, folders left out, in its order.

    Args:
        file: the tar, unpacked.
        packed: bytes of the gzip file that it is unpacked from, None for a plain tar.

    Raises:
        DataError: it is damaged, truncated or a bomb; what was read so far has been given.
    """
    forward = _Forward(file, None if packed is None else max(_FREE, _RATIO * packed))
    try:
        tar = tarfile.TarFile(fileobj=forward, errorlevel=1, errors="surrogateescape", encoding="utf-8")
        while (member := tar.next()) is not None:
            vars(tar)["members"].clear()  # it would keep them all
            if not member.isdir():
                yield Member(member.name, member.offset_data, member.size, _fault(member))
        if forward.last.strip(b"\0"):  # tarfile takes a damaged header for the end
            raise tarfile.ReadError("a header that is none")
    except _BROKEN as error:
        raise DataError(f"it is damaged or truncated ({error}); pack or copy the archive again") from error


def _fault(member: tarfile.TarInfo) -> str | None:
    if member.islnk() or member.issym():
        return "it is a link; links and devices in archives are not followed"
    if member.issparse():
        return "it is a sparse file, which is not read; pack the archive again without --sparse"
    if not member.isreg():
        return "it is a device or another special file; links and devices in archives are not followed"
    if member.size < 0:
        return "its size is below 0; pack the archive again"
    return None


class Sequence:
    """The tar inside a gzip file, read forward: members in the order of their offsets, each once."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._raw = path.open("rb")
        self._file = gzip.GzipFile(fileobj=self._raw)

    def read(self, offset: int, size: int) -> bytes:
        """Return `size` bytes from `offset` on; DataError where the archive is damaged or ends before."""
        try:
            self._file.seek(offset)
            data = self._file.read(size)
        except _BROKEN as error:
            raise DataError(f"the archive is damaged ({error}); pack or copy it again") from error
        if len(data) < size:
            raise DataError("the archive is truncated; pack or copy it again")
        return data

    def close(self) -> None:
        """Close the file."""
        self._file.close()
        self._raw.close()
