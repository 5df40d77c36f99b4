"""`folder:PATH`, a dataset as image files: one subfolder per class.

PATH/<class>/* is one split, of which a sixth is held out as test by a fixed draw; PATH/train/<class>/* and
PATH/test/<class>/* are two. Classes are in order of their names, by value where all are whole numbers. Every image
is read and normalised just as one given to a trained model, so that training and use see the same form. Hidden files
and files that are not pictures by name are left out, and counted.
"""

import hashlib
import re
from collections.abc import Callable
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray

from inkwise.data.dataset import Dataset, Split
from inkwise.data.split import hold_out
from inkwise.errors import DataError, ImageError

PICTURES = frozenset(
    ".png .jpg .jpeg .jpe .jfif .gif .bmp .dib .tif .tiff .webp .pnm .pbm .pgm .ppm".split()  # noqa: SIM905
)
HELD_OUT, HELD_OUT_SEED = 1 / 6, 0  # a sixth, and always the same


def read_folder(path: Path, *, skip_unreadable: bool = False, say: Callable[[str], None]) -> Dataset:
    """Read a dataset from image files.

    Args:
        path: The folder of class folders, or of train and test.
        skip_unreadable: Leave out images that cannot be used, saying how many, rather than refuse the folder.
        say: Receives a message on what was left out.

    Returns:
        The dataset, with the splits train and test; its name is folder: and the folder's name.

    Raises:
        DataError: The folder is missing or has no class folders, a class has no images, a test class is not in
            train, an image cannot be used, or there are too few to hold some out.
    """
    folders = _folders(path)
    names = {folder.name for folder in folders}
    if names == {"train", "test"}:
        classes = _classes(path / "train")
        strange = [folder.name for folder in _folders(path / "test") if folder.name not in classes]
        if strange:
            raise DataError(
                f"{path / 'test'} has the class {strange[0]!r}, which train has not; classes are {', '.join(classes)}."
            )
        reader = _Reader(classes, skip_unreadable=skip_unreadable)
        train, test = (reader.read(path / split, split) for split in ("train", "test"))
        drawn = "split as given"
    elif names in ({"train"}, {"test"}):
        (only,) = names
        raise DataError(
            f"{path} has a folder {only} but lacks {'test' if only == 'train' else 'train'}; give both, or name "
            f"folder:{path / only}."
        )
    else:
        classes = _classes(path)
        reader = _Reader(classes, skip_unreadable=skip_unreadable)
        train, test = hold_out(reader.read(path, "images"), HELD_OUT, HELD_OUT_SEED)
        drawn = "a sixth held out as test by a fixed draw, stratified by class"
    if reader.skipped:
        say(f"{path}: {len(reader.skipped):,} unreadable image(s) skipped; the first: {reader.skipped[0]}")
    if reader.foreign:
        say(f"{path}: {reader.foreign:,} file(s) are not pictures by name and were left out.")
    skipped = f"; {len(reader.skipped):,} unreadable image(s) skipped" if reader.skipped else ""
    return Dataset(
        name=f"folder:{path.resolve().name}",
        classes=classes,
        splits={"train": train, "test": test},
        licence="unknown",
        origin=f"Image files in {path}, normalised to 28x28; {drawn}{skipped}.",
        hashes={split.name: _hash(split) for split in (train, test)},
    )


class _Reader:
    """Reads splits, and remembers what it left out."""

    def __init__(self, classes: tuple[str, ...], *, skip_unreadable: bool) -> None:
        self.classes, self.skip_unreadable = classes, skip_unreadable
        self.skipped: list[ImageError] = []
        self.foreign = 0

    def read(self, path: Path, name: str) -> Split:
        images, labels = [], []
        for label, each in enumerate(self.classes):
            if not (path / each).is_dir():  # a class that test lacks
                continue
            readable = [image for file in self._files(path / each) if (image := self._image(file)) is not None]
            if not readable:
                raise DataError(f"{path / each} has no images; each class needs at least one, or remove its folder.")
            images += readable
            labels += [label] * len(readable)
        return Split(name, torch.from_numpy(np.stack(images)[:, None]), torch.tensor(labels, dtype=torch.int64))

    def _files(self, folder: Path) -> list[Path]:
        pictures = []
        for entry in _entries(folder):
            if entry.is_file() and entry.suffix.lower() in PICTURES:
                pictures.append(entry)
            else:
                self.foreign += 1
        return pictures

    def _image(self, file: Path) -> NDArray[np.uint8] | None:
        from inkwise.data.image import load_grey
        from inkwise.data.normaliser import normalise

        try:
            digit = normalise(load_grey(file))
            if digit.reason is not None:
                raise ImageError(f"{file} shows no digit: {digit.reason}.")
            return digit.image
        except ImageError as error:
            if self.skip_unreadable:
                self.skipped.append(error)
                return None
            raise DataError(f"{error} Remove the file, or pass --skip-unreadable to leave such files out.") from error


def _classes(path: Path) -> tuple[str, ...]:
    names = [folder.name for folder in _folders(path)]
    if len(names) == 1:
        raise DataError(f"{path} has one class folder, {names[0]}; at least two are needed, one per class.")
    if all(re.fullmatch(r"[0-9]+", name) for name in names):
        names.sort(key=lambda name: (int(name), name))
    return tuple(names)


def _folders(path: Path) -> list[Path]:
    folders = [entry for entry in _entries(path) if entry.is_dir()]
    if not folders:
        raise DataError(f"{path} has no subfolders; folder: takes a folder with one subfolder of images per class.")
    return folders


def _entries(path: Path) -> list[Path]:
    """Return what lies in a folder, by name, without what systems hide there."""
    try:
        return sorted(entry for entry in path.iterdir() if not entry.name.startswith((".", "__MACOSX", "Thumbs.db")))
    except OSError as error:
        raise DataError(f"{path} cannot be listed as a folder: {error.strerror or error}.") from error


def _hash(split: Split) -> str:
    """Return the SHA-256 of the split as it is trained on: a folder has no one file to hash."""
    return hashlib.sha256(split.images.numpy().tobytes() + split.labels.numpy().tobytes()).hexdigest()
