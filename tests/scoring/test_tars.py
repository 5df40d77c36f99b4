"""Tar archives: what the standard library writes is listed, and what is ill is a fault of its member."""

import gzip
import io
import tarfile
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.scoring_cases import add

from inkwise.errors import DataError
from inkwise.scoring import tars

CONTENT = {"a/1.png": b"first" * 300, "b.png": b"", "ünï/" + "long" * 60 + ".png": bytes(range(256))}


def packed(**more: dict[str, Any]) -> bytes:
    file = io.BytesIO()
    with tarfile.open(fileobj=file, mode="w") as archive:
        add(archive, "folder", type=tarfile.DIRTYPE)
        for name, content in CONTENT.items():
            add(archive, name, content)
        for name, changes in more.items():
            add(archive, name, **changes)
    return file.getvalue()


def listed(data: bytes, zipped: int | None = None) -> list[tars.Member]:
    return list(tars.members(io.BytesIO(data), zipped))


@pytest.mark.parametrize("form", [tarfile.PAX_FORMAT, tarfile.GNU_FORMAT])
def test_what_the_standard_library_packs_is_listed_with_its_places(form: int) -> None:
    file = io.BytesIO()
    with tarfile.open(fileobj=file, mode="w", format=form) as archive:
        for name, content in CONTENT.items():
            add(archive, name, content)
    data = file.getvalue()
    found = {member.name: data[member.offset : member.offset + member.size] for member in listed(data)}
    assert found == CONTENT


def test_links_and_devices_are_faults() -> None:
    kinds = {"sym": tarfile.SYMTYPE, "hard": tarfile.LNKTYPE, "dev": tarfile.CHRTYPE, "pipe": tarfile.FIFOTYPE}
    more: dict[str, dict[str, Any]] = {name: {"type": kind, "linkname": "/etc/passwd"} for name, kind in kinds.items()}
    faults = {member.name: member.fault for member in listed(packed(**more))}
    assert faults["a/1.png"] is None
    assert all("links and devices in archives are not followed" in str(faults[name]) for name in kinds)


def test_a_damaged_header_between_members_is_told_and_not_taken_for_the_end() -> None:
    data = bytearray(packed())
    last = listed(bytes(data))[-1]
    data[last.offset - 512 + 150] ^= 0xFF  # in the checksum of its header
    found: list[str] = []
    with pytest.raises(DataError, match=r"it is damaged or truncated"):
        found.extend(member.name for member in tars.members(io.BytesIO(bytes(data)), None))


@pytest.mark.parametrize("data", [b"", b"no tar" * 200, packed()[:700]])
def test_what_is_cut_or_no_tar_is_told(data: bytes) -> None:
    with pytest.raises(DataError, match="it is damaged or truncated"):
        listed(data)


def test_a_name_of_gigabytes_takes_no_memory() -> None:
    """tarfile would read all of it into memory at once."""
    header = tarfile.TarInfo("././@LongLink")
    header.type, header.size = tarfile.GNUTYPE_LONGNAME, 5_000_000_000
    with pytest.raises(DataError, match="a header too large"):
        listed(header.tobuf(tarfile.GNU_FORMAT) + bytes(10_000))


def test_gzip_may_not_unpack_without_end(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tars, "_FREE", 100_000)
    target = io.BytesIO()
    with tarfile.open(fileobj=target, mode="w") as archive:
        for index in range(10):
            add(archive, f"{index}.png", bytes(500_000))
    zipped = gzip.compress(target.getvalue())
    found: list[tars.Member] = []
    with gzip.GzipFile(fileobj=io.BytesIO(zipped)) as file, pytest.raises(DataError, match="more than 200 times"):
        found.extend(tars.members(file, len(zipped)))
    assert 1 <= len(found) < 10


def test_a_tar_in_gzip_is_read_forward(tmp_path: Path) -> None:
    path = tmp_path / "a.tar.gz"
    path.write_bytes(gzip.compress(packed()))
    with tars.open_tar(path) as (file, zipped):
        assert zipped == path.stat().st_size
        members = list(tars.members(file, zipped))
    sequence = tars.Sequence(path)
    assert {member.name: sequence.read(member.offset, member.size) for member in members} == CONTENT
    with pytest.raises(DataError, match="the archive is truncated"):
        sequence.read(10**6, 1)
    sequence.close()


@settings(max_examples=60, deadline=None)
@given(st.binary(max_size=80), st.integers(0, 3000), st.integers(0, 700))
def test_any_damage_is_a_fault_or_a_sentence(noise: bytes, at: int, gone: int) -> None:
    data = packed()
    with suppress(DataError):
        listed(data[:at] + noise + data[at + gone :])
