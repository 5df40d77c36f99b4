"""Picture files that cameras, scanners, broken transfers and ill will make."""

import struct
import zlib
from pathlib import Path

from PIL import Image

_BACK = {  # what an EXIF orientation undoes
    3: Image.Transpose.ROTATE_180,
    6: Image.Transpose.ROTATE_90,
    8: Image.Transpose.ROTATE_270,
}


def turned_by_exif(picture: Image.Image, path: Path, orientation: int) -> None:
    """Save a picture lying, with the tag that brings it upright."""
    exif = Image.Exif()
    exif[0x0112] = orientation
    lying = picture.transpose(_BACK[orientation])
    quality = {"quality": 100} if path.suffix == ".jpg" else {"lossless": True} if path.suffix == ".webp" else {}
    lying.save(path, exif=exif, **quality)


def bomb(kind: str) -> bytes:
    """Return a file of a few bytes whose header promises 40,000 x 30,000 pixels: a PNG or a TIFF."""
    if kind == "png":
        head = struct.pack(">IIBBBBB", 40_000, 30_000, 8, 2, 0, 0, 0)
        chunks = ((b"IHDR", head), (b"IDAT", zlib.compress(bytes(1000))), (b"IEND", b""))
        body = b"".join(
            struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))
            for name, data in chunks
        )
        return b"\x89PNG\r\n\x1a\n" + body
    # Width, height, bits, compression, colour of 0, where the pixels begin, samples, rows of a strip, its bytes.
    values = ((256, 40_000), (257, 30_000), (258, 8), (259, 1), (262, 1), (273, 8), (277, 1), (278, 30_000), (279, 8))
    entries = b"".join(struct.pack("<HHII", tag, 4, 1, value) for tag, value in values)
    return b"II*\0" + struct.pack("<IH", 8, len(values)) + entries + bytes(4)


def cut_short(content: bytes) -> bytes:
    """Return the first two thirds of a file."""
    return content[: 2 * len(content) // 3]
