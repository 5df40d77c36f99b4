"""Where a dataset's files lie on this machine.

Looked up in turn: the folder given (`--data`), `$INKWISE_DATA/<name>/`, the user's cache. A folder counts only when
it has every file of the dataset, gzip or raw, under any of the names in use for them. Nothing is read or written
here, and torch is not needed.
"""

import os
import sys
from dataclasses import dataclass
from pathlib import Path

from inkwise.data.registry import Source
from inkwise.errors import DataError

VARIABLE = "INKWISE_DATA"


@dataclass(frozen=True)
class Place:
    """One folder that was looked into, and the published names of the files that it lacks."""

    folder: Path
    missing: tuple[str, ...]

    @property
    def complete(self) -> bool:
        """Whether every file is there."""
        return not self.missing


def places(source: Source, root: Path | None = None) -> list[Place]:
    """Return the folders where `source` may lie, in the order in which they count.

    Args:
        source: A dataset in files; not a packaged one.
        root: The folder given by the caller: it holds the files themselves, or a folder of the dataset's name.
    """
    folders = [] if root is None else [root, root / source.name]
    variable = os.environ.get(VARIABLE)
    if variable:
        folders.append(Path(variable).expanduser() / source.name)
    folders.append(cache_folder(source))
    return [Place(folder, tuple(_missing(source, folder))) for folder in dict.fromkeys(folders)]


def find_file(folder: Path, name: str) -> Path | None:
    """Return the file published as `name` in `folder`, gzip or raw, or None where it is not there.

    Also accepts the spelling with a dot (train-images.idx3-ubyte) under which MNIST is often handed on.
    """
    raw = name.removesuffix(".gz")
    dotted = raw.replace("-idx", ".idx")
    for candidate in (name, raw, f"{dotted}.gz", dotted):
        if (folder / candidate).is_file():
            return folder / candidate
    return None


def cache_folder(source: Source) -> Path:
    """Return the folder of `source` in the user's cache, which need not exist.

    Raises:
        DataError: The user has no home folder.
    """
    try:
        if os.environ.get("XDG_CACHE_HOME"):
            base = Path(os.environ["XDG_CACHE_HOME"])
        elif sys.platform == "win32":
            base = Path(os.environ.get("LOCALAPPDATA") or Path.home() / "AppData" / "Local")
        elif sys.platform == "darwin":
            base = Path.home() / "Library" / "Caches"
        else:
            base = Path.home() / ".cache"
    except RuntimeError as error:
        raise DataError(
            f"There is no home folder for a cache; set XDG_CACHE_HOME or {VARIABLE} to a folder."
        ) from error
    return base / "inkwise" / source.name


def not_found(source: Source, looked: list[Place]) -> DataError:
    """Return the error that says where `source` was looked for and what can be done."""
    where = "; ".join(
        f"{place.folder} (lacks {', '.join(place.missing)})"
        if len(place.missing) < len(source.files)
        else str(place.folder)
        for place in looked
    )
    return DataError(
        f"{source.name} is not on this machine; looked in {where}. Run `inkwise data fetch {source.name}`, name its "
        f"folder with --data or {VARIABLE}, or use --dataset uci-digits, which needs no files."
    )


def _missing(source: Source, folder: Path) -> list[str]:
    return [file.name for file in source.files if find_file(folder, file.name) is None]
