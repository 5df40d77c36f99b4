"""What is named becomes items: in one order, nothing followed out of the folder, nothing lost without a word."""

import os
import socket
from pathlib import Path
from typing import Any

import pytest
from tests.scoring_cases import add, write_tar, write_zip

from inkwise.errors import DataError
from inkwise.scoring.item import Item
from inkwise.scoring.listing import Listing


def listed(*paths: object, **settings: Any) -> list[Item]:
    return list(Listing([str(path) for path in paths], **{"cap": 1000, **settings}))


def names(items: list[Item]) -> list[str]:
    return [Path(item.name).name for item in items]


def fault_of(item: Item) -> str:
    assert item.fault is not None
    return item.fault


def touch(*paths: Path, size: int = 1) -> None:
    for path in paths:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(bytes(size))


def test_a_folder_is_listed_by_name_with_all_below_it(tmp_path: Path) -> None:
    touch(*(tmp_path / name for name in ("b.png", "a/2.JPG", "a/10.png", "c.tif", "notes.txt", ".hidden.png", "d.zap")))
    listing = Listing([str(tmp_path)], cap=1000)
    assert names(list(listing)) == ["10.png", "2.JPG", "b.png", "c.tif"]
    assert listing.left_out == 3


def test_paths_keep_the_order_in_which_they_are_named_and_may_repeat(tmp_path: Path) -> None:
    touch(tmp_path / "a.png", tmp_path / "b.png")
    assert names(listed(tmp_path / "b.png", tmp_path, tmp_path / "b.png")) == ["b.png", "a.png", "b.png", "b.png"]


def test_a_pattern_is_filled_in_by_name(tmp_path: Path) -> None:
    touch(tmp_path / "x" / "b.png", tmp_path / "x" / "y" / "a.png", tmp_path / "c.jpg")
    assert names(listed(tmp_path / "**" / "*.png")) == ["b.png", "a.png"]
    with pytest.raises(DataError, match=r"Nothing matches .*\*\.gif; check the pattern\."):
        listed(tmp_path / "*.gif")


def test_a_path_that_is_not_there_is_told(tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"There is no .*nowhere\.png; give image files, folders, archives"):
        listed(tmp_path / "nowhere.png")


def test_links_lead_to_files_below_the_folder_and_nowhere_else(tmp_path: Path) -> None:
    folder, outside = tmp_path / "folder", tmp_path / "outside"
    touch(folder / "real.png", outside / "secret.png")
    for name, target in (
        ("inside.png", folder / "real.png"),
        ("out.png", outside / "secret.png"),
        ("out", outside),
        ("loop", folder),
        ("none.png", folder / "nothing.png"),
    ):
        (folder / name).symlink_to(target)
    found = {Path(item.name).name: item for item in listed(folder)}
    assert set(found) == {"inside.png", "none.png", "out", "out.png", "real.png"}
    assert found["inside.png"].path == str(folder / "real.png")
    assert "a link out of the folder" in fault_of(found["out.png"])
    assert "a link out of the folder" in fault_of(found["out"])
    assert "it cannot be found" in fault_of(found["none.png"])


def test_a_folder_that_may_not_be_listed_is_a_fault_and_depth_has_an_end(tmp_path: Path) -> None:
    deep = tmp_path
    for _ in range(110):
        deep = deep / "d"
    touch(deep / "lost.png", tmp_path / "z.png")
    found = listed(tmp_path)
    assert "folders deep" in fault_of(found[0])
    assert names(found)[1:] == ["z.png"]


def test_a_name_that_is_no_text_is_shown_and_still_found(tmp_path: Path) -> None:
    raw = os.fsencode(tmp_path) + b"/\xff\xfe.png"
    Path(os.fsdecode(raw)).write_bytes(b"x")
    (item,) = listed(tmp_path)
    assert item.name == f"{tmp_path}/\\xff\\xfe.png"
    assert os.fsencode(item.path) == raw
    assert Item.from_line(item.line()) == item


def test_a_file_larger_than_the_cap_is_a_fault(tmp_path: Path) -> None:
    touch(tmp_path / "large.png", size=1001)
    touch(tmp_path / "small.png", size=1000)
    large, small = listed(tmp_path)
    assert large.fault == "it has 1,001 bytes; at most 1,000 are read: make it smaller, or raise --max-megabytes"
    assert small.fault is None


HARM = {
    "../../etc/cron.png": "leads out of the archive",
    "/etc/passwd": "leads out of the archive",
    "C:/windows.png": "leads out of the archive",
    "a\\..\\b.png": "a backslash or a null byte",
    "more/inner.zip": "an archive within an archive is not opened",
    "inner.tar.gz": "an archive within an archive is not opened",
    "large.png": "at most 1,000 are read",
}


@pytest.mark.parametrize("kind", ["zip", "tar", "tar.gz", "tgz"])
def test_what_an_archive_holds_to_do_harm_is_a_fault_of_its_row(kind: str, tmp_path: Path) -> None:
    files = dict.fromkeys(HARM, b"") | {"large.png": bytes(5000), "good/1.png": b"x", "./2.png": b"y", "a.txt": b""}
    path = tmp_path / f"harm.{kind}"
    if kind == "zip":
        write_zip(path, files)
    else:
        write_tar(path, files, "w" if kind == "tar" else "w:gz")
    found = {item.name: item for item in listed(path)}
    for name, words in HARM.items():
        assert words in fault_of(found.pop(f"{path}!{name}"))
    assert [(name.partition("!")[2], item.fault) for name, item in found.items()] == [
        ("good/1.png", None),
        ("./2.png", None),
    ]


def test_an_archive_that_breaks_off_gives_what_is_before_and_a_row_that_says_so(tmp_path: Path) -> None:
    whole = write_tar(tmp_path / "a.tar", {f"{index}.png": b"x" for index in range(3)})
    whole.write_bytes(whole.read_bytes()[:2570])
    bad = tmp_path / "b.zip"
    bad.write_bytes(b"no zip")
    *good, tar, broken = listed(tmp_path)
    assert names(good) == ["a.tar!0.png", "a.tar!1.png", "a.tar!2.png"]
    assert fault_of(tar).startswith("the archive cannot be read any further: it is damaged or truncated")
    assert fault_of(broken).startswith("the archive cannot be read any further: it is no zip archive")


def test_a_list_names_files_beside_it_with_labels_where_they_are_known(tmp_path: Path) -> None:
    touch(tmp_path / "x" / "1.png", tmp_path / "2.png")
    text = tmp_path / "list.txt"
    text.write_text("x/1.png\r\n\n2.png\n", encoding="utf-8-sig")
    assert [(item.name, item.truth) for item in listed(text)] == [
        (f"{tmp_path}/x/1.png", None),
        (f"{tmp_path}/2.png", None),
    ]
    table = tmp_path / "list.csv"
    for head, truths in (("", ["7", None]), ("Path,note,label\n", ["7", None]), ("file,note\n", [None, None])):
        rows = "x/1.png,,7\n2.png\n" if "note" in head else "x/1.png,7\n2.png,\n"
        table.write_text(head + rows)
        assert [item.truth for item in listed(table)] == truths
    table.write_bytes(b"2.png,\xff7\n")
    assert [item.truth for item in listed(table)] == ["\\xff7"]


def test_what_a_list_names_in_vain_is_a_fault(tmp_path: Path) -> None:
    (tmp_path / "list.txt").write_text("gone.png\nfolder\nnull\0.png\nnull\0.zip\ngone.tar\n")
    (tmp_path / "folder").mkdir()
    gone, folder, *nulls, archive = listed(tmp_path / "list.txt")
    assert all("embedded null byte" in fault_of(item) for item in nulls)
    assert "the archive cannot be read (No such file or directory)" in fault_of(archive)
    assert "it cannot be found (No such file or directory)" in fault_of(gone)
    assert "it is a folder; a list names files and archives" in fault_of(folder)


@pytest.mark.parametrize(
    ("name", "text", "words"),
    [
        ("a.txt", "x" * 70_000, "has a line of more than 65,536 characters"),
        ("a.csv", 'x.png,"7\n', "is no CSV"),
        ("a.csv", ",7\n", "entry 1: there is no path"),
    ],
)
def test_a_list_that_is_none_is_told(name: str, text: str, words: str, tmp_path: Path) -> None:
    (tmp_path / name).write_text(text)
    with pytest.raises(DataError, match=words):
        listed(tmp_path / name)


def test_labels_are_the_folders_that_hold_the_images(tmp_path: Path) -> None:
    touch(tmp_path / "f" / "3" / "a.png")
    write_zip(tmp_path / "f" / "z.zip", {"x/5/a.png": b"", "7/b.png": b""})
    write_tar(tmp_path / "f" / "z.tar", {"./9/a.png": b""})
    assert [item.truth for item in listed(tmp_path / "f", labels="folders")] == ["3", "9", "5", "7"]
    assert {item.truth for item in listed(tmp_path / "f")} == {None}


def test_a_pipe_or_a_socket_is_listed_and_not_opened(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.png")
    with socket.socket(socket.AF_UNIX) as sock:
        sock.bind(str(tmp_path / "s.png"))
        assert names(listed(tmp_path)) == ["pipe.png", "s.png"]


def test_many_members_of_a_tar_are_found_without_keeping_them(tmp_path: Path) -> None:
    import tarfile

    with tarfile.open(tmp_path / "many.tar", "w") as archive:
        for index in range(500):
            add(archive, f"{index}.png", b"x")
    assert len(listed(tmp_path / "many.tar")) == 500
