import io
import struct

import numpy as np
import pytest
from PIL import Image

from inkwise.data.exif import check_directories, orientation


def block(order: str, tag: int = 0x0112, kind: int = 3, value: int = 6) -> bytes:
    mark = b"II" if order == "<" else b"MM"
    entries = struct.pack(order + "HHII", 0x0100, 4, 1, 99) + struct.pack(order + "HHIHH", tag, kind, 1, value, 0)
    return mark + struct.pack(order + "HIH", 42, 8, 2) + entries + bytes(4)


@pytest.mark.parametrize("order", ["<", ">"])
@pytest.mark.parametrize("prefix", [b"", b"Exif\0\0"])
def test_the_orientation_is_found_in_either_byte_order(order: str, prefix: bytes) -> None:
    for value in range(1, 9):
        assert orientation(prefix + block(order, value=value)) == value


@pytest.mark.parametrize("data", [b"", b"Exif\0\0", b"XX*\0", block("<", tag=0x0113), block(">", kind=2)])
def test_without_the_tag_a_picture_is_upright(data: bytes) -> None:
    assert orientation(data) == 1


def test_a_block_cut_anywhere_is_upright() -> None:
    data = block("<")
    assert {orientation(data[:length]) for length in range(len(data) - 4)} == {1}


@pytest.mark.parametrize("compression", [None, "tiff_deflate"])
def test_a_whole_tiff_passes_and_any_cut_into_its_directory_is_found(compression: str | None) -> None:
    buffer = io.BytesIO()
    pages = [Image.fromarray(np.full((5, 7, 3), level, np.uint8)) for level in (1, 2)]
    pages[0].save(buffer, "TIFF", save_all=True, append_images=pages[1:], compression=compression)
    data = buffer.getvalue()
    check_directories(data)
    last = data.rindex(struct.pack("<HHI", 0x0100, 4, 1)) if compression is None else len(data) // 2
    for length in range(4, last):
        with pytest.raises(ValueError, match=r"header is incomplete|beyond the end of the file"):
            check_directories(data[:length])


def test_directories_in_a_ring_are_walked_once() -> None:
    data = block("<")
    check_directories(data[:-4] + struct.pack("<I", 8))


def test_values_beyond_the_end_are_found() -> None:
    data = bytearray(block("<"))
    data[14:18] = struct.pack("<I", 1000)  # that many values of four bytes do not fit into the entry
    with pytest.raises(ValueError, match="a tag's values reach beyond the end of the file"):
        check_directories(bytes(data))
