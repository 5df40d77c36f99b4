import gzip
import hashlib
import re
import struct
from pathlib import Path

import pytest
import torch
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from inkwise.data import idx
from inkwise.data.idx import read_images, read_labels, write_images, write_labels
from inkwise.errors import DataError

IMAGES = torch.arange(3 * 28 * 28).remainder(251).to(torch.uint8).reshape(3, 1, 28, 28)
LABELS = torch.tensor([7, 0, 9])


def images_bytes(n: int = 2, h: int = 28, w: int = 28) -> bytes:
    return struct.pack(">IIII", idx.IMAGES, n, h, w) + bytes(n * h * w)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "some-file"


@pytest.mark.parametrize("name", ["images", "images.gz"])
def test_images_come_back_as_written(tmp_path: Path, name: str) -> None:
    write_images(tmp_path / name, IMAGES)
    assert torch.equal(read_images(tmp_path / name), IMAGES)


@pytest.mark.parametrize("name", ["labels", "labels.gz"])
def test_labels_come_back_as_written(tmp_path: Path, name: str) -> None:
    write_labels(tmp_path / name, LABELS)
    assert torch.equal(read_labels(tmp_path / name), LABELS)


def test_the_bytes_written_are_those_of_the_format(path: Path) -> None:
    write_images(path, torch.tensor([[[[1, 2], [3, 4]]]], dtype=torch.uint8))
    assert path.read_bytes() == bytes.fromhex("00000803 00000001 00000002 00000002 01020304")


def test_gzip_is_told_by_content_and_not_by_name(tmp_path: Path) -> None:
    write_labels(tmp_path / "a.gz", LABELS)
    (tmp_path / "a.gz").rename(tmp_path / "packed")
    write_labels(tmp_path / "plain", LABELS)
    (tmp_path / "plain").rename(tmp_path / "plain.gz")
    assert torch.equal(read_labels(tmp_path / "packed"), read_labels(tmp_path / "plain.gz"))


def test_the_same_labels_give_the_same_gzip_file(tmp_path: Path) -> None:
    write_labels(tmp_path / "a.gz", LABELS)
    write_labels(tmp_path / "b.gz", LABELS)
    assert (tmp_path / "a.gz").read_bytes() == (tmp_path / "b.gz").read_bytes()


def test_of_extended_labels_the_first_column_is_the_class(path: Path) -> None:
    rows = [[3, 1, 2100, 5, 30, 77, 0, 0], [8, 4, 610, 6, 38, 281769, 0, 0]]
    path.write_bytes(struct.pack(">III16i", idx.EXTENDED_LABELS, 2, 8, *rows[0], *rows[1]))
    assert read_labels(path).tolist() == [3, 8]


def test_the_hash_is_of_the_decompressed_bytes(tmp_path: Path) -> None:
    write_images(tmp_path / "raw", IMAGES)
    write_images(tmp_path / "packed.gz", IMAGES)
    expected = hashlib.sha256((tmp_path / "raw").read_bytes()).hexdigest()
    assert idx.read(tmp_path / "packed.gz", "images").sha256 == expected
    assert torch.equal(read_images(tmp_path / "packed.gz", sha256=expected), IMAGES)


def test_another_hash_than_expected_is_refused(path: Path) -> None:
    write_labels(path, LABELS)
    with pytest.raises(
        DataError, match=r"some-file is not the published file: its decompressed SHA-256 is [0-9a-f]{64}"
    ):
        read_labels(path, sha256="0" * 64)


def test_swapped_files_are_named_as_such(path: Path) -> None:
    write_labels(path, LABELS)
    with pytest.raises(DataError, match="some-file holds labels, not images: are the two files swapped"):
        read_images(path)
    write_images(path, IMAGES)
    with pytest.raises(DataError, match="some-file holds images, not labels: are the two files swapped"):
        read_labels(path)


def test_another_format_is_refused_with_what_was_found(path: Path) -> None:
    path.write_bytes(b"\x89PNG and so on")
    with pytest.raises(DataError, match="begins with 89 50 4e 47, and IDX images with 00 00 08 03"):
        read_images(path)


@pytest.mark.parametrize("content", [b"", gzip.compress(b"", mtime=0)])
def test_an_empty_file_is_empty(path: Path, content: bytes) -> None:
    path.write_bytes(content)
    with pytest.raises(DataError, match="some-file is empty"):
        read_images(path)


@pytest.mark.parametrize("length", [2, 4, 15])
def test_a_file_cut_within_its_header_is_truncated(path: Path, length: int) -> None:
    path.write_bytes(images_bytes()[:length])
    with pytest.raises(DataError, match="truncated within its header"):
        read_images(path)


@pytest.mark.parametrize("pack", [bytes, gzip.compress])
def test_fewer_values_than_promised_are_a_truncation(path: Path, pack: type[bytes]) -> None:
    path.write_bytes(pack(images_bytes()[:-5]))
    with pytest.raises(DataError, match=r"promises 2 images of 28x28 \(1,568 bytes\), but 1,563 follow"):
        read_images(path)


@pytest.mark.parametrize("pack", [bytes, gzip.compress])
def test_more_values_than_promised_are_refused(path: Path, pack: type[bytes]) -> None:
    path.write_bytes(pack(images_bytes() + b"x"))
    with pytest.raises(DataError, match="goes on after the 2 images of 28x28 that its header promises"):
        read_images(path)


def test_a_gzip_file_that_cannot_hold_what_it_promises_is_refused_before_memory_is_taken(path: Path) -> None:
    path.write_bytes(gzip.compress(struct.pack(">IIII", idx.IMAGES, 1_000_000, 28, 28)))
    with pytest.raises(DataError, match=r"784,000,000 bytes\), but its \d+ bytes of gzip cannot hold them"):
        read_images(path)


def test_an_absurd_size_is_refused(path: Path) -> None:
    path.write_bytes(struct.pack(">IIII", idx.IMAGES, 2**32 - 1, 2**32 - 1, 28))
    with pytest.raises(DataError, match="at most 1,073,741,824 are accepted, so its header is probably corrupt"):
        read_images(path)


@pytest.mark.parametrize("shape", [(0, 28, 28), (5, 0, 28)])
def test_a_file_without_values_is_refused(path: Path, shape: tuple[int, int, int]) -> None:
    path.write_bytes(images_bytes(*shape))
    with pytest.raises(DataError, match="some-file holds no values"):
        read_images(path)


def test_another_image_size_is_refused(path: Path) -> None:
    path.write_bytes(images_bytes(h=32, w=30))
    with pytest.raises(DataError, match="has images of 32x30 pixels; expected 28x28"):
        read_images(path, size=(28, 28))
    assert read_images(path).shape == (2, 1, 32, 30)


def test_labels_that_do_not_fit_a_byte_are_not_written(path: Path) -> None:
    for wrong in (256, -1):
        with pytest.raises(DataError, match=f"label {wrong} at position 1 does not fit IDX, which takes 0 to 255"):
            write_labels(path, torch.tensor([0, wrong]))
    assert not path.exists()


def test_a_file_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    with pytest.raises(DataError, match=re.escape(f"{tmp_path / 'no' / 'labels'} cannot be written: No such file")):
        write_labels(tmp_path / "no" / "labels", LABELS)


@given(
    content=st.one_of(
        st.binary(max_size=64),
        st.binary(max_size=64).map(gzip.compress),
        st.builds(
            lambda magic, sizes, body: struct.pack(">IIII", magic, *sizes) + body,
            st.sampled_from([idx.IMAGES, idx.LABELS, idx.EXTENDED_LABELS]),
            st.tuples(*[st.one_of(st.integers(0, 4), st.integers(0, 2**32 - 1))] * 3),
            st.binary(max_size=64),
        ),
    )
)
@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_random_bytes_raise_nothing_but_data_errors_that_name_the_file(path: Path, content: bytes) -> None:
    path.write_bytes(content)
    for read in (read_images, read_labels):
        try:
            assert len(read(path)) > 0
        except DataError as error:
            message = str(error)
        else:
            continue
        assert str(path) in message


@given(shape=st.tuples(*[st.integers(1, 5)] * 3), data=st.data())
@settings(max_examples=50, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_images_survive_the_way_to_disk_and_back(
    path: Path, shape: tuple[int, int, int], data: st.DataObject
) -> None:
    n, h, w = shape
    values = data.draw(st.binary(min_size=n * h * w, max_size=n * h * w))
    images = torch.frombuffer(bytearray(values), dtype=torch.uint8).reshape(n, 1, h, w)
    write_images(path, images)
    assert torch.equal(read_images(path), images)
