"""Directories of tags, as EXIF blocks and TIFF files have them, read without PIL.

PIL's reader warns through Python's global filters about directories that are cut short, which cannot be silenced for
one thread alone; so what it needs is looked at here first. Knows the layout and the orientation tag, no pixels.

Source: TIFF revision 6.0, Adobe Developers Association, 1992, section 2.
"""

import struct
from collections.abc import Iterator

_ORIENTATION = 0x0112
_SHORT = 3
_SIZES = {1: 1, 2: 1, 3: 2, 4: 4, 5: 8, 6: 1, 7: 1, 8: 2, 9: 4, 10: 8, 11: 4, 12: 8}  # bytes per value, by type
_ENTRY = 12  # bytes: tag, type, count, value or where it is


def orientation(block: bytes) -> int:
    """Return how the camera was held, 1 (upright) to 8, from an EXIF block; 1 where the tag is missing or corrupt."""
    data = block.removeprefix(b"Exif\0\0")
    try:
        order, first = _start(data)
        for at in _entries(data, order, first):
            tag, kind, _, value = struct.unpack_from(order + "HHIH", data, at)
            if tag == _ORIENTATION and kind == _SHORT:
                return int(value)
    except (struct.error, ValueError):
        pass  # cut short: as if it had no tag
    return 1


def check_directories(data: bytes) -> None:
    """Raise ValueError where a directory of a TIFF file, or the values it points to, reach beyond the file."""
    order, at = _start(data)
    seen = set()
    while at and at not in seen:
        seen.add(at)
        end = at + 2
        for entry in _entries(data, order, at):
            _, kind, count, where = struct.unpack_from(order + "HHII", data, entry)
            size = count * _SIZES.get(kind, 0)
            if size > 4 and where + size > len(data):
                raise ValueError("a tag's values reach beyond the end of the file")
            end = entry + _ENTRY
        if end + 4 > len(data):
            raise ValueError("a directory reaches beyond the end of the file")
        (at,) = struct.unpack_from(order + "I", data, end)


def _start(data: bytes) -> tuple[str, int]:
    """Byte order, as `struct` has it, and the place of the first directory."""
    order = {b"II": "<", b"MM": ">"}.get(data[:2])
    if order is None or len(data) < 8:
        raise ValueError("the header is incomplete")
    return order, int(struct.unpack_from(order + "I", data, 4)[0])


def _entries(data: bytes, order: str, at: int) -> Iterator[int]:
    """The places of a directory's entries."""
    if at + 2 > len(data):
        raise ValueError("a directory lies beyond the end of the file")
    (count,) = struct.unpack_from(order + "H", data, at)
    if at + 2 + count * _ENTRY > len(data):
        raise ValueError("a directory reaches beyond the end of the file")
    yield from range(at + 2, at + 2 + count * _ENTRY, _ENTRY)
