"""IDX, the file format of MNIST: images and labels, raw or gzip, read and written.

A file is a magic number (two zero bytes, a type, the number of axes), one big-endian size per axis, and the
values. Three forms are known: images (0x0803: n, rows, columns, uint8), labels (0x0801: n, uint8) and QMNIST's
extended labels (0x0C02: n, columns, int32, of which the first column is the class). Size, count and hash are
checked before anything is returned. Datasets and their names are not known here.

Source of the format: the MNIST page by LeCun, Cortes and Burges, http://yann.lecun.com/exdb/mnist/.
"""

import gzip
import hashlib
import math
import struct
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import numpy as np
import torch
from jaxtyping import Int64, UInt8
from numpy.typing import NDArray
from torch import Tensor

from inkwise.data.inflate import pieces, size_and_form
from inkwise.errors import DataError

Kind = Literal["images", "labels"]

IMAGES, LABELS, EXTENDED_LABELS = 0x0803, 0x0801, 0x0C02
MAX_BYTES = 1 << 30  # three times the largest known set of this form, the 402,953 digits of NIST
_KINDS: dict[int, Kind] = {IMAGES: "images", LABELS: "labels", EXTENDED_LABELS: "labels"}
_MOST_INFLATION = 1032  # deflate cannot expand by more: zlib's technical notes, https://zlib.net/zlib_tech.html


@dataclass(frozen=True)
class IdxFile:
    """One IDX file in memory: where it was, its values, and the SHA-256 of its decompressed bytes."""

    path: Path
    values: NDArray[np.uint8] | NDArray[np.int32]
    sha256: str

    def images(self) -> UInt8[Tensor, "n 1 h w"]:
        """Return the images; shares memory with `values`."""
        return torch.from_numpy(self.values[:, None])

    def labels(self) -> Int64[Tensor, " n"]:
        """Return the class of each image: the values, or the first column of extended labels."""
        column = self.values if self.values.ndim == 1 else self.values[:, 0]
        return torch.from_numpy(column.astype(np.int64))


@dataclass(frozen=True)
class _Header:
    magic: int
    shape: tuple[int, ...]

    @property
    def length(self) -> int:
        return 4 + 4 * len(self.shape)

    @property
    def dtype(self) -> np.dtype[np.uint8] | np.dtype[np.int32]:
        return np.dtype(">i4") if self.magic == EXTENDED_LABELS else np.dtype(np.uint8)

    @property
    def body(self) -> int:
        return math.prod(self.shape) * self.dtype.itemsize

    def __str__(self) -> str:
        count = f"{self.shape[0]:,} {_KINDS[self.magic]}"
        return f"{count} of {self.shape[1]}x{self.shape[2]}" if self.magic == IMAGES else count


def read_images(
    path: Path, *, sha256: str | None = None, size: tuple[int, int] | None = None
) -> UInt8[Tensor, "n 1 h w"]:
    """Read a file of images, raw or gzip.

    Args:
        path: The file; whether it is gzip is told by its content.
        sha256: Where given, what the decompressed bytes must hash to (hexadecimal).
        size: Where given, the (rows, columns) that each image must have.

    Returns:
        The images as the file has them, 0 to 255; in MNIST's files ink is high.

    Raises:
        DataError: The file is missing, truncated, corrupt, too long, too large, of labels, of another format,
            of another image size, or not the one with that hash.
    """
    return read(path, "images", sha256=sha256, size=size).images()


def read_labels(path: Path, *, sha256: str | None = None) -> Int64[Tensor, " n"]:
    """Read a file of labels, raw or gzip, plain (idx1-ubyte) or extended (idx2-int, first column).

    Args:
        path: The file; whether it is gzip is told by its content.
        sha256: Where given, what the decompressed bytes must hash to (hexadecimal).

    Returns:
        One label per image. Whether they lie within the classes is for the dataset to check.

    Raises:
        DataError: As for `read_images`.
    """
    return read(path, "labels", sha256=sha256).labels()


def read(path: Path, kind: Kind, *, sha256: str | None = None, size: tuple[int, int] | None = None) -> IdxFile:
    """Read one file and keep its hash beside its values; arguments and errors as for `read_images`."""
    digest, head, filled = hashlib.sha256(), bytearray(), 0
    header: _Header | None = None
    body = np.empty(0, np.uint8)
    for piece in pieces(path):
        digest.update(piece)
        values: bytes | bytearray = piece
        if header is None:
            head += piece
            header = _parse(path, kind, head)
            if header is None:
                continue
            _check(path, header, size)
            body, values = np.empty(header.body, np.uint8), head[header.length :]
        if filled + len(values) > header.body:
            raise DataError(f"{path} goes on after the {header} that its header promises; fetch or copy it again.")
        body[filled : filled + len(values)] = np.frombuffer(values, np.uint8)
        filled += len(values)
    if header is None:
        raise DataError(f"{path} is {'truncated within its header' if head else 'empty'}; fetch or copy it again.")
    if filled < header.body:
        raise _truncated(path, header, f"{filled:,} follow")
    found = digest.hexdigest()
    if sha256 is not None and found != sha256:
        raise DataError(
            f"{path} is not the published file: its decompressed SHA-256 is {found}, expected {sha256}; "
            "fetch or copy it again."
        )
    typed = body.view(header.dtype).reshape(header.shape)
    return IdxFile(path, typed.astype(np.int32) if header.magic == EXTENDED_LABELS else typed, found)


def write_images(path: Path, images: UInt8[Tensor, "n 1 h w"]) -> None:
    """Write images as IDX, gzip where the name ends in .gz; the file appears whole or not at all.

    Raises:
        DataError: The file cannot be written.
    """
    n, _, h, w = images.shape
    _write(path, struct.pack(">IIII", IMAGES, n, h, w) + images.contiguous().numpy().tobytes())


def write_labels(path: Path, labels: Int64[Tensor, " n"]) -> None:
    """Write labels as IDX, gzip where the name ends in .gz; the file appears whole or not at all.

    Raises:
        DataError: A label does not fit a byte, or the file cannot be written.
    """
    wrong = ((labels < 0) | (labels > 255)).nonzero()
    if len(wrong):
        first = int(wrong[0, 0])
        raise DataError(
            f"{path} is not written: label {int(labels[first])} at position {first:,} does not fit IDX, which takes "
            "0 to 255."
        )
    _write(path, struct.pack(">II", LABELS, len(labels)) + labels.to(torch.uint8).numpy().tobytes())


def _parse(path: Path, kind: Kind, head: bytearray) -> _Header | None:
    if len(head) < 4:
        return None
    (magic,) = struct.unpack_from(">I", head)
    if magic not in _KINDS:
        raise DataError(
            f"{path} is not an IDX file of {kind}: it begins with {bytes(head[:4]).hex(' ')}, and IDX {kind} with "
            f"{' or '.join(code.to_bytes(4, 'big').hex(' ') for code, of in _KINDS.items() if of == kind)}."
        )
    if _KINDS[magic] != kind:
        raise DataError(f"{path} holds {_KINDS[magic]}, not {kind}: are the two files swapped?")
    axes = magic & 0xFF
    if len(head) < 4 + 4 * axes:
        return None
    return _Header(magic, struct.unpack_from(f">{axes}I", head, 4))


def _check(path: Path, header: _Header, size: tuple[int, int] | None) -> None:
    """Refuse what the header alone gives away, before memory is taken for the values."""
    if not header.body:
        raise DataError(f"{path} holds no values: its header promises {header}.")
    if header.body > MAX_BYTES:
        raise DataError(
            f"{path} promises {header}, {header.body:,} bytes; at most {MAX_BYTES:,} are accepted, so its header "
            "is probably corrupt."
        )
    if size is not None and header.shape[1:] != size:
        raise DataError(
            f"{path} has images of {header.shape[1]}x{header.shape[2]} pixels; expected {size[0]}x{size[1]}."
        )
    on_disk, zipped = size_and_form(path)
    if zipped:
        if header.length + header.body > on_disk * _MOST_INFLATION:
            raise _truncated(path, header, f"its {on_disk:,} bytes of gzip cannot hold them")
    elif on_disk - header.length < header.body:
        raise _truncated(path, header, f"{on_disk - header.length:,} follow")


def _truncated(path: Path, header: _Header, why: str) -> DataError:
    return DataError(
        f"{path} is truncated: its header promises {header} ({header.body:,} bytes), but {why}; fetch or copy it again."
    )


def _write(path: Path, content: bytes) -> None:
    part = path.with_name(path.name + ".part")
    try:
        # No time stamp in the gzip header, so that the same content gives the same file.
        part.write_bytes(gzip.compress(content, mtime=0) if path.suffix == ".gz" else content)
        part.replace(path)
    except OSError as error:
        part.unlink(missing_ok=True)
        raise DataError(f"{path} cannot be written: {error.strerror or error}.") from error
