"""The bytes of a file, raw or gzip, piece by piece.

Gzip is told by its first two bytes, never by the file's name. A piece is at most 1 MiB, so memory stays bounded
whatever the file unpacks to; how much is too much is for the caller to say. Truncation, corruption (gzip's own
CRC-32) and bytes after the end are errors that name the file. What the bytes mean is not known here.
"""

import hashlib
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

from inkwise.errors import DataError

GZIP = b"\x1f\x8b"
PIECE = 1 << 20


def pieces(path: Path) -> Iterator[bytes]:
    """Yield the content of `path`, decompressed where it is gzip, in pieces of at most 1 MiB.

    Raises:
        DataError: The file cannot be read, or its gzip data is truncated, corrupt or followed by other bytes.
    """
    try:
        with path.open("rb") as stream:
            head = stream.read(len(GZIP))
            stream.seek(0)
            yield from _gunzip(stream, path) if head == GZIP else iter(lambda: stream.read(PIECE), b"")
    except OSError as error:
        raise DataError(f"{path} cannot be read: {error.strerror or error}.") from error


def size_and_form(path: Path) -> tuple[int, bool]:
    """Return the file's size on disk in bytes and whether it is gzip; DataError where it cannot be read."""
    try:
        with path.open("rb") as stream:
            return path.stat().st_size, stream.read(len(GZIP)) == GZIP
    except OSError as error:
        raise DataError(f"{path} cannot be read: {error.strerror or error}.") from error


def content_sha256(path: Path, limit: int) -> str:
    """Return the SHA-256 of the decompressed content, in hexadecimal.

    Args:
        path: A file, raw or gzip.
        limit: The most bytes that the content may have.

    Raises:
        DataError: The file cannot be read or unpacked, or unpacks to more than `limit` bytes.
    """
    digest, total = hashlib.sha256(), 0
    for piece in pieces(path):
        total += len(piece)
        if total > limit:
            raise DataError(f"{path} unpacks to more than the {limit:,} bytes that are accepted.")
        digest.update(piece)
    return digest.hexdigest()


def file_sha256(path: Path) -> str:
    """Return the SHA-256 of the file as it lies on disk, in hexadecimal; DataError where it cannot be read."""
    try:
        with path.open("rb") as stream:
            return hashlib.file_digest(stream, "sha256").hexdigest()
    except OSError as error:
        raise DataError(f"{path} cannot be read: {error.strerror or error}.") from error


def _gunzip(stream: BinaryIO, path: Path) -> Iterator[bytes]:
    chunk = stream.read(PIECE)
    while chunk:  # one turn per gzip member: files may be concatenated
        if not chunk.startswith(GZIP[: len(chunk)]):
            raise DataError(f"{path} has bytes after the end of its gzip data; fetch or copy it again.")
        member = zlib.decompressobj(wbits=31)
        while not member.eof:
            chunk = chunk or stream.read(PIECE)
            try:
                piece = member.decompress(chunk, PIECE)
            except zlib.error as error:
                raise DataError(f"{path} is a corrupt gzip file ({error}); fetch or copy it again.") from error
            if not piece and not chunk and not member.eof:
                raise DataError(f"{path} is truncated: its gzip data ends early; fetch or copy it again.")
            chunk = member.unconsumed_tail
            if piece:
                yield piece
        chunk = member.unused_data or stream.read(PIECE)
