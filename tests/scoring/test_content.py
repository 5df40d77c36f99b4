"""The bytes of an item are those that were listed, or there is a sentence why not."""

import os
from pathlib import Path

import pytest
from tests.scoring_cases import write_tar, write_zip

from inkwise.errors import ImageError
from inkwise.scoring.content import Carrier, content
from inkwise.scoring.item import Item
from inkwise.scoring.listing import Listing

FILES = {f"{index}.png": bytes([index]) * (index * 700) for index in range(5)}


def listed(path: Path) -> list[Item]:
    return list(Listing([str(path)], cap=10**6))


def test_files_and_entries_of_every_kind_of_archive_give_their_bytes(tmp_path: Path) -> None:
    folder = tmp_path / "folder"
    folder.mkdir()
    for name, data in FILES.items():
        (folder / name).write_bytes(data)
    zipped, tar = write_zip(tmp_path / "a.zip", FILES), write_tar(tmp_path / "a.tar", FILES)
    gz = write_tar(tmp_path / "a.tar.gz", FILES, "w:gz")
    carrier = Carrier()
    for path in (folder, zipped, tar, gz, gz):
        items = listed(path)
        payloads = carrier.payloads(items)
        assert [content(item, payload) for item, payload in zip(items, payloads, strict=True)] == list(FILES.values())
        assert all((payload is not None) == (path == gz) for payload in payloads)
    carrier.close()


def test_what_took_the_place_of_a_file_is_not_followed(tmp_path: Path) -> None:
    path, secret = tmp_path / "a.png", tmp_path / "secret"
    path.write_bytes(b"12345")
    secret.write_bytes(b"secret")
    (item,) = listed(path)
    path.unlink()
    with pytest.raises(ImageError, match=r"it cannot be read \(No such file or directory\)"):
        content(item)
    path.symlink_to(secret)
    with pytest.raises(ImageError, match=r"it cannot be read \(Too many levels of symbolic links\)"):
        content(item)
    path.unlink()
    os.mkfifo(path)
    with pytest.raises(ImageError, match=r"it cannot be read \(it is no plain file\)"):
        content(item)
    path.unlink()
    path.write_bytes(b"123")
    with pytest.raises(ImageError, match="it has 3 of the 5 bytes that were listed"):
        content(item)


def test_an_archive_cut_since_it_was_listed_is_told(tmp_path: Path) -> None:
    for path in (
        write_zip(tmp_path / "a.zip", FILES, 0),
        write_tar(tmp_path / "a.tar", FILES),
        write_tar(tmp_path / "a.tar.gz", FILES, "w:gz"),
    ):
        items = listed(path)
        path.write_bytes(path.read_bytes()[:60])
        carrier = Carrier()
        with pytest.raises(ImageError, match=r"truncated|damaged|bytes that were listed|not where"):
            content(items[4], carrier.payloads(items)[4])
        carrier.close()


def test_a_fault_that_is_known_is_told_and_nothing_opened() -> None:
    with pytest.raises(ImageError, match=r"^it is encrypted\.$"):
        content(Item("a.zip!b.png", "/nowhere", fault="it is encrypted"))
