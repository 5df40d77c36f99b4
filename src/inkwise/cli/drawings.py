"""Where `inkwise read --overlay` draws: a file of its own for each page, and never in place of a picture given."""

import os
from pathlib import Path

_LONGEST = 150  # bytes of a picture's name that are kept, so that what is added to it fits in a file's name


class Drawings:
    """Hands out the files of one call."""

    def __init__(self, folder: Path, images: tuple[str, ...]) -> None:
        self.folder = folder
        self._taken = {_known(Path(image)) for image in images if image != "-"}

    def place(self, image: str, number: int) -> Path:
        """Return the file for a page of a picture: by its name, with a number where that is taken.

        Args:
            image: the path of the picture, or - for standard input.
            number: of the page in its file, from 1.
        """
        stem = "standard-input" if image == "-" else os.fsdecode(os.fsencode(Path(image).stem)[:_LONGEST])
        stem += "-read" if number == 1 else f"-page-{number}-read"
        path, others = self.folder / f"{stem}.png", 1
        while _known(path) in self._taken:
            others += 1
            path = self.folder / f"{stem}-{others}.png"
        self._taken.add(_known(path))
        return path


def _known(path: Path) -> str:
    """What two names of one file have in common, also where capitals do not count."""
    return os.path.realpath(path).casefold()
