"""Zip archives without trust: the directory read entry by entry, and one entry unpacked up to a cap.

The standard library's zipfile holds the whole directory in memory and each process would read it again; here an
archive of millions costs no memory, and an entry is found by its offset alone. What is not plain (encryption, links,
other ways of packing, entries that overlap, sizes that lie) is a fault of that entry.

Source: PKWARE, APPNOTE.TXT 6.3.10, sections 4.3 to 4.5; on entries that overlap, D. Fifield, "A better zip bomb", 2019.
"""

import stat
import struct
import zlib
from collections.abc import Iterator
from typing import Any, Final, NamedTuple

from inkwise.errors import DataError
from inkwise.scoring.binary import Binary

_END: Final = struct.Struct("<4s4H2LH")
_END64_AT: Final = struct.Struct("<4sLQL")
_END64: Final = struct.Struct("<4sQ2H2L4Q")
_CENTRAL: Final = struct.Struct("<4s6H3L5H2L")
_LOCAL: Final = struct.Struct("<4s5H3L2H")
_ENCRYPTED, _UTF8 = 0x1, 0x800  # bits of the flags
_STORED, _DEFLATED = 0, 8
_MORE64 = 0xFFFFFFFF  # stands where the number is in the extra field


class Entry(NamedTuple):
    """One entry of the directory; `fault` says why it is not read."""

    name: str
    offset: int
    packed: int
    size: int
    method: int
    crc: int
    fault: str | None


class _Directory(NamedTuple):
    start: int
    size: int
    shift: int  # bytes in front of the archive, which its offsets do not count


def entries(file: Binary) -> Iterator[Entry]:
    """Yield what an archive's directory lists, folders left out, in its order.

    Raises:
        DataError: The directory is missing, damaged, or split over several files; what was read so far has been given.
    """
    whole = file.seek(0, 2)
    directory = _find_directory(file, whole)
    file.seek(directory.start)
    left, taken = directory.size, 0
    while left > 0:
        head = file.read(_CENTRAL.size)
        if len(head) < _CENTRAL.size or head[:4] != b"PK\1\2":
            raise DataError("its directory is damaged; pack the archive again")
        values = _CENTRAL.unpack(head)
        lengths = values[10:13]  # of name, extra field and comment
        rest = file.read(sum(lengths))
        if len(rest) < sum(lengths):
            raise DataError("its directory is truncated; pack or copy the archive again")
        left -= len(head) + len(rest)
        entry = _entry(values, rest[: lengths[0]], rest[lengths[0] : sum(lengths[:2])], directory.shift)
        if entry is None:
            continue
        taken += _LOCAL.size + lengths[0] + entry.packed
        if taken > whole and entry.fault is None:
            entry = entry._replace(fault="it overlaps other entries, as in a zip bomb; pack the archive again")
        yield entry


def unpack(file: Binary, offset: int, packed: int, size: int, method: int, crc: int) -> bytes:
    """Return the bytes of an entry, as its directory described it.

    No more than `size` + 1 bytes are ever unpacked.

    Raises:
        DataError: The entry is not there, is damaged, or has another size or checksum.
    """
    file.seek(offset)
    head = file.read(_LOCAL.size)
    if len(head) < _LOCAL.size or head[:4] != b"PK\3\4":
        raise DataError("it is not where the archive's directory says; pack the archive again")
    name, extra = _LOCAL.unpack(head)[-2:]
    file.seek(name + extra, 1)
    data = file.read(packed)
    if len(data) < packed:
        raise DataError("the archive is truncated; pack or copy it again")
    if method == _DEFLATED:
        unpacker = zlib.decompressobj(-zlib.MAX_WBITS)
        try:
            data = unpacker.decompress(data, size + 1)
        except zlib.error as error:
            raise DataError(f"it is damaged ({error}); pack the archive again") from error
    if len(data) > size:
        raise DataError(f"it unpacks to more than the {size:,} bytes that the archive states, as a zip bomb does")
    if len(data) < size or zlib.crc32(data) != crc:
        raise DataError("it is damaged: its size or checksum is not what the archive states; pack the archive again")
    return data


def _find_directory(file: Binary, whole: int) -> _Directory:
    """The directory's place, from the record at the end of the file."""
    tail_at = max(0, whole - _END.size - 0xFFFF)
    file.seek(tail_at)
    tail = file.read(_END.size + 0xFFFF)
    at = tail.rfind(b"PK\5\6")
    while at >= 0 and len(tail) - at < _END.size:
        at = tail.rfind(b"PK\5\6", 0, at)
    if at < 0:
        raise DataError("it is no zip archive, or truncated; pack or copy it again")
    _, disk, first, _, _, size, start, _ = _END.unpack_from(tail, at)
    end = tail_at + at
    wide = _wide(file, end)
    if wide is not None:
        end, disk, first, size, start = wide
    shift = end - size - start
    if disk or first or shift < 0:
        raise DataError("its directory is damaged or lies in another file; pack it as one archive")
    return _Directory(start + shift, size, shift)


def _wide(file: Binary, end: int) -> tuple[int, int, int, int, int] | None:
    """The same from the record for more than 4 GB or 65,535 entries; None where there is none."""
    if end < _END64_AT.size:
        return None
    file.seek(end - _END64_AT.size)
    magic, _, _, _ = _END64_AT.unpack(file.read(_END64_AT.size))
    at = end - _END64_AT.size - _END64.size
    if magic != b"PK\6\7" or at < 0:
        return None
    file.seek(at)
    values = _END64.unpack(file.read(_END64.size))
    if values[0] != b"PK\6\6":
        raise DataError("its directory is damaged; pack the archive again")
    disk, first, size, start = values[4], values[5], values[8], values[9]
    return at, disk, first, size, start


def _entry(values: tuple[Any, ...], raw: bytes, extra: bytes, shift: int) -> Entry | None:
    """One entry; None for a folder."""
    _, maker, _, flags, method, _, _, crc, packed, size, _, _, _, _, _, mode, offset = values
    name = raw.decode("utf-8" if flags & _UTF8 else "cp437", "replace")
    kind = stat.S_IFMT(mode >> 16) if maker >> 8 == 3 else 0  # 3: Unix; others have no such bits
    if name.endswith("/") or kind == stat.S_IFDIR:
        return None
    size, packed, offset = _widened(extra, size, packed, offset)
    fault = None
    if kind not in {0, stat.S_IFREG}:
        fault = "it is a link or a device; links and devices in archives are not followed"
    elif flags & _ENCRYPTED:
        fault = "it is encrypted; pack the archive again without a password"
    elif method not in {_STORED, _DEFLATED}:
        fault = f"it is packed by method {method}; stored and deflated entries are read: pack the archive again"
    elif _MORE64 in (size, packed, offset) or (method == _STORED and size != packed) or packed > size + size // 64 + 64:
        fault = "its sizes do not fit each other; pack the archive again"
    return Entry(name, offset + shift, packed, size, method, crc, fault)


def _widened(extra: bytes, size: int, packed: int, offset: int) -> tuple[int, int, int]:
    """The numbers that did not fit four bytes, from the extra field of tag 1."""
    at = 0
    while at + 4 <= len(extra):
        tag, length = struct.unpack_from("<2H", extra, at)
        field = extra[at + 4 : at + 4 + length]
        at += 4 + length
        if tag != 1:
            continue
        numbers = [number for (number,) in struct.iter_unpack("<Q", field[: len(field) // 8 * 8])]
        found = [numbers.pop(0) if value == _MORE64 and numbers else value for value in (size, packed, offset)]
        return found[0], found[1], found[2]
    return size, packed, offset
