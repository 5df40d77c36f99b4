"""Zip archives: what the standard library writes is read, and what is ill is a fault of its entry."""

import io
import struct
import zipfile
from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from inkwise.errors import DataError
from inkwise.scoring import zips

CONTENT = {"a/1.png": b"first" * 100, "b.png": b"", "ünï/3.png": bytes(range(256))}


def packed(files: dict[str, bytes] = CONTENT, method: int = zipfile.ZIP_DEFLATED) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", method) as archive:
        archive.writestr("folder/", b"")
        for name, content in files.items():
            archive.writestr(name, content)
    return file.getvalue()


def unpacked(file: io.BytesIO) -> dict[str, bytes | str]:
    return {
        entry.name: entry.fault or zips.unpack(file, entry.offset, entry.packed, entry.size, entry.method, entry.crc)
        for entry in list(zips.entries(file))
    }


@pytest.mark.parametrize("method", [zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED])
@pytest.mark.parametrize("front", [b"", b"#!/bin/sh\n"])
def test_what_the_standard_library_packs_is_read(method: int, front: bytes) -> None:
    assert unpacked(io.BytesIO(front + packed(method=method))) == CONTENT


def test_an_archive_with_wide_numbers_is_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(zipfile, "ZIP64_LIMIT", 10)  # as if 10 bytes were more than 4 GB
    monkeypatch.setattr(zipfile, "ZIP_FILECOUNT_LIMIT", 1)
    assert b"PK\6\6" in packed()
    assert unpacked(io.BytesIO(packed())) == CONTENT


def test_an_encrypted_entry_is_a_fault() -> None:
    data = bytearray(packed({"1.png": b"secret"}))
    at = data.rindex(b"PK\1\2")
    data[at + 8] |= 1
    assert "encrypted" in str(unpacked(io.BytesIO(bytes(data)))["1.png"])


def test_links_and_devices_are_faults() -> None:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        for name, mode in (("link.png", 0o120777), ("device.png", 0o020666), ("plain.png", 0o100644)):
            header = zipfile.ZipInfo(name)
            header.create_system, header.external_attr = 3, mode << 16
            archive.writestr(header, b"/etc/passwd")
    found = unpacked(file)
    assert "it is a link or a device" in str(found["link.png"])
    assert "it is a link or a device" in str(found["device.png"])
    assert found["plain.png"] == b"/etc/passwd"


def test_another_way_of_packing_is_a_fault() -> None:
    assert "packed by method 12" in str(unpacked(io.BytesIO(packed({"1.png": b"x"}, zipfile.ZIP_BZIP2)))["1.png"])


def test_no_more_is_unpacked_than_an_entry_states() -> None:
    data = bytearray(packed({"1.png": bytes(1_000_000)}))
    at = data.rindex(b"PK\1\2")
    struct.pack_into("<L", data, at + 24, 2000)  # the size unpacked, which is a lie
    with pytest.raises(DataError, match=r"unpacks to more than the 2,000 bytes .* as a zip bomb does"):
        unpacked(io.BytesIO(bytes(data)))


def test_a_damaged_entry_is_told_by_its_checksum() -> None:
    data = bytearray(packed({"1.png": b"some bytes"}, zipfile.ZIP_STORED))
    data[data.index(b"some")] ^= 1
    with pytest.raises(DataError, match="damaged: its size or checksum"):
        unpacked(io.BytesIO(bytes(data)))


def test_entries_that_overlap_are_faults() -> None:
    """One kernel of compressed zeros, listed many times."""
    data = packed({"1.png": bytes(10_000_000)})
    at, end = data.rindex(b"PK\1\2"), data.index(b"PK\5\6")
    record = data[at:end].split(b"PK\1\2")[-1]
    directory = (b"PK\1\2" + record) * 50
    tail = struct.pack("<4s4H2LH", b"PK\5\6", 0, 0, 50, 50, len(directory), at, 0)
    entries = list(zips.entries(io.BytesIO(data[:at] + directory + tail)))
    assert len(entries) == 50
    assert entries[0].fault is None
    assert all("it overlaps other entries, as in a zip bomb" in str(entry.fault) for entry in entries[2:])


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"", "no zip archive"),
        (b"PK\3\4 but nothing else", "no zip archive"),
        (packed()[:-30], "no zip archive"),
        (packed().replace(b"PK\1\2", b"PK\1\3"), "its directory is damaged"),
        (b"PK\5\6" + bytes(4) + struct.pack("<2H2LH", 1, 1, 60, 900, 0), "its directory is damaged"),
    ],
)
def test_what_is_no_archive_is_refused(data: bytes, words: str) -> None:
    with pytest.raises(DataError, match=words):
        list(zips.entries(io.BytesIO(data)))


@settings(max_examples=60, deadline=None)
@given(st.binary(max_size=80), st.integers(0, len(packed())), st.integers(0, 40))
def test_any_damage_is_a_fault_or_a_sentence(noise: bytes, at: int, gone: int) -> None:
    data = packed()
    data = data[:at] + noise + data[at + gone :]
    with suppress(DataError):
        for entry in zips.entries(io.BytesIO(data)):
            if entry.fault is None and entry.size < 1_000_000:
                zips.unpack(io.BytesIO(data), *entry[1:6])
