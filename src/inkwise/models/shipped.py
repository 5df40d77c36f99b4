"""The models that come with the project, by name.

A name stands for the shipped model wherever a model is given as text, whatever lies in the working folder: a name must
mean the same everywhere. A file or folder of that name is given as a path, ./NAME, or in Python as a `Path`. The files
are made by `python -m scripts.ship`. Nothing is loaded here.
"""

from os import PathLike
from pathlib import Path
from typing import Final

from inkwise.errors import ModelError

DEFAULT: Final = "inkwise"
SMALL: Final = "inkwise-small"
NAMES: Final = (DEFAULT, SMALL)
FOLDER = Path(__file__).with_name("packaged")


def find(model: str | PathLike[str]) -> Path | None:
    """Return the file of the shipped model that `model` names, None where it is a path.

    Raises:
        ModelError: The file is not in this installation.
    """
    if not isinstance(model, str) or model not in NAMES:
        return None
    path = file_of(model)
    if not path.is_file():
        raise ModelError(
            f"The shipped model {model} is missing from this installation ({path}); install Inkwise again, or name a "
            "model file or a run folder."
        )
    return path


def file_of(name: str) -> Path:
    """Return where the file of a shipped model lies, which need not be there."""
    return FOLDER / f"{name}.safetensors"


def hidden(model: str) -> str | None:
    """Return what to say where `model` names a shipped model and lies in the working folder too, else None."""
    if model not in NAMES or not Path(model).exists():
        return None
    return f"{model} is the model that comes with Inkwise; the {_kind(model)} {model} in this folder is ./{model}."


def _kind(name: str) -> str:
    return "folder" if Path(name).is_dir() else "file"
