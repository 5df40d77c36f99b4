"""Writing files so that a crash, a kill or a full disk never leaves half of one.

Everything that a run writes goes through `write` or `replacing`: bytes go to a temporary file in the same
folder, are flushed to the disk, and take the target's name in one step. The target is either the old file or the
new one, whole.
"""

import errno
import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO

from inkwise.errors import RunError

_REASONS = {
    errno.ENOSPC: "the disk is full; free some space and run the command again",
    errno.EDQUOT: "the disk quota is used up; free some space and run the command again",
    errno.EFBIG: "the file would be larger than this disk or account allows; free some space or raise the limit",
    errno.EACCES: "the folder is not writable for this user; choose another",
    errno.EPERM: "the folder is not writable for this user; choose another",
    errno.EROFS: "the disk is mounted read-only; choose another place",
    errno.ENOENT: "its folder is not there any more; choose another place",
    errno.EEXIST: "a file of that name is in the way; choose another place",
    errno.EISDIR: "a folder of that name is in the way; choose another place",
    errno.ENAMETOOLONG: "the name is too long; choose a shorter one",
    errno.ENOTDIR: "a part of that path is a file, not a folder; choose another place",
}


def cannot(action: str, path: Path, error: OSError) -> RunError:
    """Return the RunError that says in one sentence why `action` ("write", "create") failed for `path`."""
    reason = _REASONS.get(error.errno or 0, error.strerror or str(error))
    return RunError(f"Cannot {action} {path}: {reason}.")


@contextmanager
def replacing(path: Path) -> Iterator[IO[bytes]]:
    """Open a temporary file that becomes `path` when the block ends, and disappears when it fails.

    Raises:
        RunError: The file cannot be written; `path` is as it was before.
    """
    temporary: Path | None = None
    try:
        descriptor, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.", suffix=".part")
        temporary = Path(name)
        with os.fdopen(descriptor, "wb") as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        temporary.chmod(0o644 & ~_umask())
        temporary.replace(path)
        _sync_folder(path.parent)
    except OSError as error:
        raise cannot("write", path, error) from error
    finally:
        if temporary is not None:
            with suppress(OSError):  # gone already, or the disk went away: the reason has been told
                temporary.unlink()


def write(path: Path, content: bytes | str) -> None:
    """Write `content` (text as UTF-8) to `path` in one step; RunError where that cannot be done."""
    with replacing(path) as file:
        file.write(content.encode() if isinstance(content, str) else content)


def sweep(folder: Path) -> None:
    """Remove the temporary files that killed processes left in `folder`; nobody may be writing there."""
    for left in folder.glob(".*.part"):
        with suppress(OSError):
            left.unlink()


def make_folder(path: Path) -> None:
    """Create the folder `path` and its parents where missing; RunError where that cannot be done."""
    try:
        path.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise cannot("create", path, error) from error


def _umask() -> int:
    current = os.umask(0o022)
    os.umask(current)
    return current


def _sync_folder(folder: Path) -> None:
    # Without this a power cut may forget the new name; Windows has no such call and needs none.
    if os.name == "posix":
        descriptor = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
