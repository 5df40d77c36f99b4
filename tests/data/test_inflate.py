import gzip
import hashlib
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from inkwise.data.inflate import PIECE, content_sha256, file_sha256, pieces, size_and_form
from inkwise.errors import DataError

CONTENT = bytes(range(256)) * 20


def test_a_raw_and_a_gzip_file_give_the_same_bytes_whatever_their_names(tmp_path: Path) -> None:
    (tmp_path / "a.gz").write_bytes(CONTENT)
    (tmp_path / "b").write_bytes(gzip.compress(CONTENT))
    assert b"".join(pieces(tmp_path / "a.gz")) == b"".join(pieces(tmp_path / "b")) == CONTENT


def test_pieces_stay_small_however_much_the_file_unpacks_to(tmp_path: Path) -> None:
    path = tmp_path / "zeros.gz"
    path.write_bytes(gzip.compress(bytes(5 * PIECE + 7)))
    sizes = [len(piece) for piece in pieces(path)]
    assert sum(sizes) == 5 * PIECE + 7
    assert max(sizes) <= PIECE


def test_concatenated_gzip_members_are_read_as_one(tmp_path: Path) -> None:
    path = tmp_path / "two.gz"
    path.write_bytes(gzip.compress(b"one ") + gzip.compress(b"two"))
    assert b"".join(pieces(path)) == b"one two"


@pytest.mark.parametrize("cut", [3, 12, 40, -1, -8])
def test_a_gzip_file_cut_anywhere_is_truncated(tmp_path: Path, cut: int) -> None:
    path = tmp_path / "cut.gz"
    path.write_bytes(gzip.compress(CONTENT)[:cut])
    with pytest.raises(DataError, match=r"cut\.gz is truncated: its gzip data ends early"):
        list(pieces(path))


def test_a_flipped_byte_is_corruption(tmp_path: Path) -> None:
    path = tmp_path / "flipped.gz"
    packed = bytearray(gzip.compress(CONTENT))
    packed[len(packed) // 2] ^= 0xFF
    path.write_bytes(packed)
    with pytest.raises(DataError, match=r"flipped\.gz is a corrupt gzip file"):
        list(pieces(path))


def test_bytes_after_the_gzip_data_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "longer.gz"
    path.write_bytes(gzip.compress(CONTENT) + b"more")
    with pytest.raises(DataError, match="bytes after the end of its gzip data"):
        list(pieces(path))


@pytest.mark.parametrize("read", [lambda path: list(pieces(path)), size_and_form, file_sha256])
def test_a_missing_file_and_a_folder_cannot_be_read(tmp_path: Path, read: object) -> None:
    assert callable(read)
    for path in (tmp_path / "missing", tmp_path):
        with pytest.raises(DataError, match="cannot be read"):
            read(path)


def test_hashes_are_of_the_content_and_of_the_file(tmp_path: Path) -> None:
    path = tmp_path / "x.gz"
    path.write_bytes(gzip.compress(CONTENT, mtime=0))
    assert content_sha256(path, limit=len(CONTENT)) == hashlib.sha256(CONTENT).hexdigest()
    assert file_sha256(path) == hashlib.sha256(path.read_bytes()).hexdigest()
    assert size_and_form(path) == (path.stat().st_size, True)


def test_content_beyond_the_limit_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "big.gz"
    path.write_bytes(gzip.compress(bytes(1001)))
    with pytest.raises(DataError, match="more than the 1,000 bytes that are accepted"):
        content_sha256(path, limit=1000)


@given(tail=st.binary(max_size=200))
@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_random_bytes_after_gzips_magic_raise_nothing_but_data_errors(tmp_path: Path, tail: bytes) -> None:
    path = tmp_path / "random"
    path.write_bytes(b"\x1f\x8b\x08\x00" + tail)
    message = str(path)
    try:
        list(pieces(path))
    except DataError as error:
        message = str(error)
    assert str(path) in message
