"""What verbs that read images are given: a model, and an image on standard input."""

import sys
from pathlib import Path
from typing import TYPE_CHECKING

from inkwise.errors import ImageError, ModelError, UnknownName

if TYPE_CHECKING:
    from inkwise.recognizer import Recognizer


def tell_hidden(*models: str) -> None:
    """Say where the name of a shipped model is also that of a file or folder here, which is then not meant."""
    from inkwise.cli.console import say
    from inkwise.models.shipped import hidden

    for sentence in filter(None, map(hidden, models)):
        say(sentence)


def load_model(model: str | None, register: Path | None) -> "Recognizer":
    """Return the model of that name or path, or that of the newest finished run in runs/, which is said.

    Args:
        model: A model file, a run folder or a shipped model's name.
        register: A .py file to run first, which registers the model's network.

    Raises:
        ModelError: It is no model, or its network is registered by a file that was not given.
    """
    from inkwise.cli.console import say
    from inkwise.recipes.load import run_python
    from inkwise.recognizer import Recognizer
    from inkwise.runs.newest import newest

    if register:
        run_python(register)
    if model is None:
        run = newest()
        say(f"Model: {run.model_file}, of the newest finished run.")
        model = str(run.folder)
    tell_hidden(model)
    try:
        return Recognizer.load(model)
    except ModelError as error:
        cause = error.__cause__
        if not isinstance(cause, UnknownName) or cause.kind != "registered network":
            raise
        cure = (
            "give the .py file that registers it with --register FILE.py"
            if register is None
            else f"{register} does not register it, so give the .py file that does with --register"
        )
        raise ModelError(f"The network of {model}, {cause.given!r}, is not one of Inkwise's own; {cure}.") from error


def standard_input() -> bytes:
    """Return the bytes of an image file that was piped in; ImageError where there are none."""
    data = sys.stdin.buffer.read()
    if not data:
        raise ImageError("Standard input is empty; pipe an image file into it.")
    return data
