"""What is allowed in an archive: an entry's name, its kind and its size, judged before its bytes are read.

Nothing is ever unpacked to disk, so no name can lead anywhere; a name that would lead out of the archive is refused
all the same, since it says that the archive was made to do harm. The judgements are sentences for the entry's row.
"""

import re
from pathlib import PurePosixPath
from typing import Final

from inkwise.data.folder import PICTURES

ARCHIVES: Final = (".zip", ".tar", ".tar.gz", ".tgz")
_PACKED: Final = (*ARCHIVES, ".gz", ".bz2", ".xz", ".zst", ".7z", ".rar")
_DRIVE = re.compile(r"^[A-Za-z]:")
_LONGEST = 4096  # characters of a name; the longest path of Linux


def is_archive(name: str) -> bool:
    """Whether a file is an archive that is read, by its name."""
    return name.lower().endswith(ARCHIVES)


def is_picture(name: str) -> bool:
    """Whether a file is a picture, by its name."""
    return PurePosixPath(name).suffix.lower() in PICTURES


def is_hidden(name: str) -> bool:
    """Whether a system put it there, or hides it: a part begins with a dot or is __MACOSX."""
    parts = (part for part in name.split("/") if part not in {".", ".."})
    return any(part.startswith(".") or part in {"__MACOSX", "Thumbs.db"} for part in parts)


def name_fault(name: str) -> str | None:
    """Return why an entry of this name is refused, None where it is not."""
    if not name or len(name) > _LONGEST:
        return f"its name has {len(name):,} characters; 1 to {_LONGEST:,} are accepted"
    if "\0" in name or "\\" in name:
        return "its name has a backslash or a null byte, which lead astray; pack the archive again"
    if name.startswith("/") or _DRIVE.match(name) or ".." in name.split("/"):
        return "its name leads out of the archive; names without '..' that do not begin with '/' are accepted"
    return None


def nested_fault(name: str) -> str | None:
    """Return why an archive in an archive is refused, None where it is none by its name."""
    if name.lower().endswith(_PACKED):
        return "an archive within an archive is not opened; unpack it first"
    return None


def size_fault(size: int, cap: int) -> str | None:
    """Return why a file or entry of `size` bytes is refused, None where it has at most `cap`."""
    if size > cap:
        return f"it has {size:,} bytes; at most {cap:,} are read: make it smaller, or raise --max-megabytes"
    return None


def folder_of(name: str) -> str | None:
    """Return the name of the folder that holds a file or entry, None where it has none."""
    return PurePosixPath(name.replace("!", "/")).parent.name or None
