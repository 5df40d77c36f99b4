"""What the tests of scoring are made of: digits as files, archives made well and ill, and a call of the door."""

import io
import json
import tarfile
import zipfile
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

from inkwise.data.dataset import Split
from inkwise.data.uci import read_uci_digits
from inkwise.scoring.scoring import Outcome, score

# A file that users may give to register a network; this one brings the process down over certain images.
SABOTEUR = """
import os
from pathlib import Path
from inkwise.recipes.recipe import Recipe
from inkwise.scoring import worker
recipe = Recipe(name="linear", dataset="uci-digits", network=("flatten", "linear classes"))
real = worker.load_grey

def load_grey(file):
    name = file.name
    if "poison" in name:
        os._exit(9)
    if "unlucky" in name and not Path({mark!r}).exists():
        Path({mark!r}).touch()
        os._exit(9)
    return real(file)

if {parent} != os.getpid():
    worker.load_grey = load_grey
"""


@cache
def _digits() -> Split:
    return read_uci_digits().split("test")


@cache
def picture(index: int = 0) -> bytes:
    """Return one of the packaged digits as a PNG file, dark on light."""
    return png(255 - _digits().images[index, 0].numpy())


def png(pixels: np.ndarray[Any, Any]) -> bytes:
    file = io.BytesIO()
    Image.fromarray(pixels).save(file, "png")
    return file.getvalue()


def truth(index: int) -> str:
    return str(int(_digits().labels[index]))


def write_digits(folder: Path, count: int) -> dict[str, bytes]:
    """Write digits into a folder for each class, and return them by their path below it."""
    files = {f"{truth(index)}/{index:03d}.png": picture(index) for index in range(count)}
    for name, content in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(content)
    return files


def write_zip(path: Path, files: Mapping[str, bytes], method: int = zipfile.ZIP_DEFLATED) -> Path:
    with zipfile.ZipFile(path, "w", method) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return path


def write_tar(path: Path, files: Mapping[str, bytes], mode: Any = "w") -> Path:
    with tarfile.open(path, mode) as archive:
        for name, content in files.items():
            add(archive, name, content)
    return path


def add(archive: tarfile.TarFile, name: str, content: bytes = b"", **changes: Any) -> None:
    """Add a member, with any fields of its header changed."""
    header = tarfile.TarInfo(name)
    header.size = len(content)
    for field, value in changes.items():
        setattr(header, field, value)
    archive.addfile(header, io.BytesIO(content))


def scored(out: Path, *paths: object, model: Path, workers: int = 0, **settings: Any) -> Outcome:
    """Score in this process."""
    return score([str(path) for path in paths], out, model=str(model), workers=workers, say=lambda _: None, **settings)


def rows(out: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in out.read_text(encoding="utf-8").splitlines()]
