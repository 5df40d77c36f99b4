"""Inkwise reads handwritten digits with convolutional networks.

The shelf of everyday names; each is loaded when first used, so that `import inkwise` costs nothing.

    Recognizer      a model file as one object: load, predict
    Recipe          what to train and how
    train, resume   from a recipe to a run folder with an evaluated model
    load_dataset    a dataset by name: mnist, uci-digits, folder:PATH, npz:PATH ...
    InkwiseError    base of every error raised on purpose
"""

from importlib import import_module
from importlib.metadata import version
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from inkwise.data.load import load as load_dataset
    from inkwise.errors import InkwiseError
    from inkwise.experiment.experiment import resume, train
    from inkwise.recipes.recipe import Recipe
    from inkwise.recognizer import Recognizer

__all__ = ["InkwiseError", "Recipe", "Recognizer", "load_dataset", "resume", "train"]

_HOMES = {
    "InkwiseError": ("inkwise.errors", "InkwiseError"),
    "Recipe": ("inkwise.recipes.recipe", "Recipe"),
    "Recognizer": ("inkwise.recognizer", "Recognizer"),
    "load_dataset": ("inkwise.data.load", "load"),
    "resume": ("inkwise.experiment.experiment", "resume"),
    "train": ("inkwise.experiment.experiment", "train"),
}


def __getattr__(name: str) -> object:
    if name == "__version__":
        return version("inkwise")
    if name not in _HOMES:
        raise AttributeError(f"module 'inkwise' has no attribute {name!r}")
    module, attribute = _HOMES[name]
    return getattr(import_module(module), attribute)


def __dir__() -> list[str]:
    return sorted([*__all__, "__version__"])
