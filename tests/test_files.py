"""Files are the old or the new one, whole, whatever fails: tested on real limits, not on pretended ones."""

import errno
import os
import re
import shutil
import stat
import subprocess
import sys
import tempfile
import textwrap
from collections.abc import Iterator
from pathlib import Path

import pytest

from inkwise import files
from inkwise.errors import RunError

IMPORTS = """
import os, sys
from pathlib import Path
from inkwise import files
from inkwise.errors import RunError
"""


def run(code: str, *arguments: object, first: tuple[str, ...] = ()) -> str:
    """Run Python code in a process of its own, after the words of a command `first`, and return what it printed."""
    done = subprocess.run(
        [*first, sys.executable, "-c", IMPORTS + textwrap.dedent(code), *map(str, arguments)],
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def test_write_makes_and_replaces_whole_files(tmp_path: Path) -> None:
    path = tmp_path / "a.txt"
    files.write(path, "Größe\n")
    assert path.read_bytes() == "Größe\n".encode()
    files.write(path, b"\x00\xff")
    assert path.read_bytes() == b"\x00\xff"
    assert names(tmp_path) == ["a.txt"]


def test_the_old_file_stays_until_the_new_one_is_whole(tmp_path: Path) -> None:
    path = tmp_path / "a.txt"
    files.write(path, "old")
    with files.replacing(path) as file:
        file.write(b"new")
        file.flush()
        assert path.read_text() == "old"
    assert path.read_text() == "new"


@pytest.mark.parametrize("failure", [ValueError("no"), KeyboardInterrupt(), RunError("no")])
def test_a_block_that_fails_leaves_the_old_file_and_nothing_else(tmp_path: Path, failure: BaseException) -> None:
    path = tmp_path / "a.txt"
    files.write(path, "old")
    with pytest.raises(type(failure)), files.replacing(path) as file:  # noqa: PT012 (the block is the subject)
        file.write(b"half")
        raise failure
    assert path.read_text() == "old"
    assert names(tmp_path) == ["a.txt"]


def test_a_file_is_readable_by_others_as_the_umask_allows(tmp_path: Path) -> None:
    for umask, mode in ((0o022, 0o644), (0o077, 0o600)):
        before = os.umask(umask)
        try:
            files.write(tmp_path / "a", "x")
        finally:
            os.umask(before)
        assert stat.S_IMODE((tmp_path / "a").stat().st_mode) == mode


def test_a_disk_that_takes_no_more_is_one_sentence_and_the_old_file_stays(tmp_path: Path) -> None:
    path = tmp_path / "a.bin"
    files.write(path, "old")
    message = run(
        """
        import resource, signal
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (10_000, 10_000))
        try:
            files.write(Path(sys.argv[1]), bytes(100_000))
        except RunError as error:
            print(error)
        """,
        path,
    )
    assert message == (
        f"Cannot write {path}: the file would be larger than this disk or account allows; free some space or raise "
        "the limit."
    )
    assert path.read_text() == "old"
    assert names(tmp_path) == ["a.bin"]


@pytest.fixture
def tiny_disk(tmp_path: Path) -> Path:
    """A file system of 64 KiB of our own; skips where this user may not mount one."""
    if sys.platform != "linux":
        pytest.skip("mounting a small disk is Linux's")
    folder = tmp_path / "disk"
    folder.mkdir()
    # In a mount namespace of its own, which is gone with the test's subprocess.
    probe = ["unshare", "-m", "mount", "-t", "tmpfs", "-o", "size=64k", "tmpfs", str(folder)]
    try:
        done = subprocess.run(probe, capture_output=True, text=True, timeout=60, check=False)
    except FileNotFoundError:
        pytest.skip("there is no unshare here to mount a small disk with")
    if done.returncode:
        pytest.skip(f"this user may not mount a small disk: {done.stderr.strip()}")
    return folder


def test_a_full_disk_is_one_sentence_and_the_old_file_stays(tiny_disk: Path) -> None:
    mount = f'mount -t tmpfs -o size=64k tmpfs {tiny_disk} && exec "$@"'
    printed = run(
        """
        path = Path(sys.argv[1]) / "a.bin"
        files.write(path, "old")
        try:
            files.write(path, bytes(200_000))
        except RunError as error:
            print(error)
        print(path.read_text(), os.listdir(path.parent))
        """,
        tiny_disk,
        first=("unshare", "-m", "sh", "-c", mount, "sh"),
    )
    assert printed.splitlines() == [
        f"Cannot write {tiny_disk}/a.bin: the disk is full; free some space and run the command again.",
        "old ['a.bin']",
    ]


@pytest.fixture
def locked() -> Iterator[Path]:
    """A folder, with one file, that the unprivileged user 65534, or this one where it is not root, cannot write."""
    if os.name != "posix":
        pytest.skip("permissions are set with POSIX modes here")
    folder = Path(tempfile.mkdtemp())  # pytest's own folders cannot even be entered by another user
    (folder / "a.txt").write_text("old")
    folder.chmod(0o555 if os.getuid() else 0o755)
    yield folder
    folder.chmod(0o755)
    shutil.rmtree(folder)


def test_an_unwritable_folder_is_one_sentence(locked: Path) -> None:
    printed = run(
        """
        if os.getuid() == 0:
            os.setuid(65534)  # root may write anywhere
        for action in (lambda path: files.write(path / "a.txt", "new"), lambda path: files.make_folder(path / "b")):
            try:
                action(Path(sys.argv[1]))
            except RunError as error:
                print(error)
        """,
        locked,
    )
    reason = "the folder is not writable for this user; choose another."
    assert printed.splitlines() == [
        f"Cannot write {locked}/a.txt: {reason}",
        f"Cannot create {locked}/b: {reason}",
    ]
    assert names(locked) == ["a.txt"]


def test_a_file_where_a_folder_should_be_is_one_sentence(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(RunError, match=r"Cannot write .*/file/a: a part of that path is a file, not a folder; choose"):
        files.write(tmp_path / "file" / "a", "x")
    with pytest.raises(RunError, match=r"Cannot create .*/file/a/b: a part of that path is a file, not a folder"):
        files.make_folder(tmp_path / "file" / "a" / "b")
    with pytest.raises(RunError, match=r"Cannot create .*/file: a file of that name is in the way; choose another"):
        files.make_folder(tmp_path / "file")


def test_a_folder_where_a_file_should_be_is_one_sentence(tmp_path: Path) -> None:
    (tmp_path / "a").mkdir()
    with pytest.raises(RunError, match=r"Cannot write .*/a: a folder of that name is in the way; choose another"):
        files.write(tmp_path / "a", "x")
    assert names(tmp_path) == ["a"]


def test_a_folder_that_went_away_and_a_name_too_long_are_one_sentence(tmp_path: Path) -> None:
    with pytest.raises(RunError, match=r"Cannot write .*/gone/a: its folder is not there any more; choose another"):
        files.write(tmp_path / "gone" / "a", "x")
    with pytest.raises(RunError, match="the name is too long; choose a shorter one"):
        files.make_folder(tmp_path / ("x" * 300))


def test_a_reason_without_advice_of_its_own_is_told_as_the_system_tells_it() -> None:
    error = files.cannot("write", Path("a"), OSError(errno.EIO, "Input/output error"))
    assert str(error) == "Cannot write a: Input/output error."
    assert str(files.cannot("write", Path("a"), OSError("odd"))) == "Cannot write a: odd."


def test_make_folder_makes_parents_and_accepts_what_is_there(tmp_path: Path) -> None:
    for _ in range(2):
        files.make_folder(tmp_path / "a" / "b")
    assert (tmp_path / "a" / "b").is_dir()


def test_sweeping_removes_what_a_killed_process_left_and_nothing_else(tmp_path: Path) -> None:
    printed = run(
        """
        with files.replacing(Path(sys.argv[1]) / "a.txt") as file:
            file.write(b"half")
            print(*os.listdir(sys.argv[1]), flush=True)
            os._exit(0)  # as a kill: nothing is tidied up
        """,
        tmp_path,
    )
    assert re.fullmatch(r"\.a\.txt\.\w+\.part", printed)
    for kept in ("b.part", ".hidden", "a.txt"):
        (tmp_path / kept).write_text("")
    files.sweep(tmp_path)
    assert names(tmp_path) == [".hidden", "a.txt", "b.part"]


def test_many_writers_of_one_file_leave_one_whole_file(tmp_path: Path) -> None:
    path = tmp_path / "a"
    code = "for _ in range(30): files.write(Path(sys.argv[1]), sys.argv[2] * 20_000)"
    writers = [subprocess.Popen([sys.executable, "-c", IMPORTS + code, str(path), letter]) for letter in "ab"]
    assert [writer.wait(timeout=300) for writer in writers] == [0, 0]
    assert path.read_text() in {"a" * 20_000, "b" * 20_000}
    assert names(tmp_path) == ["a"]
