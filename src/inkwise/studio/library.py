"""The models that the Studio offers: those shipped with Inkwise, the runs in one folder, and every recipe untrained.

The page names a model by its kind and name, `run:fast`; never by a path. A run's name is looked up below the runs
folder and nowhere else, symbolic links included. What was loaded is kept as long as its file does not change, so that
a run in training shows its latest weights.
"""

import os
from collections import OrderedDict
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import asdict, dataclass
from functools import cache, lru_cache
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING, Final, Literal

from inkwise.errors import InkwiseError, UnknownName
from inkwise.models import shipped
from inkwise.recipes import registry
from inkwise.runs.run import Run
from inkwise.studio.notes import note_of_file, note_of_recipe, note_of_run

if TYPE_CHECKING:
    from inkwise.recognizer import Recognizer

Kind = Literal["shipped", "run", "recipe"]
_DEPTH: Final = 3  # folders below the runs folder in which runs are looked for
_KEPT: Final = 6  # models in memory


@dataclass(frozen=True)
class Entry:
    """One model that can be chosen. `id` names it in addresses; `note` says what it is in a few words."""

    id: str
    kind: Kind
    name: str
    note: str

    def to_dict(self) -> dict[str, str]:
        """Return it as plain data."""
        return asdict(self)


class Library:
    """The models; any number of threads may ask at once.

    Args:
        runs: The folder with run folders, which need not exist.
    """

    def __init__(self, runs: Path) -> None:
        self.runs = runs
        self._lock = Lock()
        self._loading: dict[str, Lock] = {}
        self._loaded: OrderedDict[tuple[str, float, int], Recognizer] = OrderedDict()

    def entries(self) -> list[Entry]:
        """Return every model: the shipped ones, the runs with the newest first, the recipes."""
        return [
            *(
                Entry(f"shipped:{name}", "shipped", name, note_of_file(shipped.file_of(name)))
                for name in shipped.NAMES
                if shipped.file_of(name).is_file()
            ),
            *(Entry(f"run:{each.name}", "run", each.name, note_of_run(each.run)) for each in self._found()),
            *(Entry(f"recipe:{name}", "recipe", name, _recipe_note(name)) for name in registry.names()),
        ]

    def default(self) -> str:
        """Return the id of the model to begin with: the shipped one, the newest finished run, or a recipe's."""
        if shipped.file_of(shipped.DEFAULT).is_file():
            return f"shipped:{shipped.DEFAULT}"
        return next((f"run:{each.name}" for each in self._found() if each.run.finished), "recipe:fast")

    def get(self, model: str) -> "Recognizer":
        """Return the model with this id, loaded.

        Raises:
            ModelError: Its file is damaged.
            RunError: Its run cannot be read.
            UnknownName: There is none.
        """
        file = self._file(model)
        with self._lock:
            loading = self._loading.setdefault(model, Lock())
        with loading:  # so that two requests for a model load it once
            key = (model, *_state(file))
            with self._lock:
                known = self._loaded.get(key)
                if known is not None:
                    self._loaded.move_to_end(key)
                    return known
            made = _load(model, file)
            with self._lock:
                for old in [other for other in self._loaded if other[0] == model]:
                    del self._loaded[old]
                self._loaded[key] = made
                while len(self._loaded) > _KEPT:
                    self._loaded.popitem(last=False)
            return made

    def run(self, name: str) -> Run:
        """Return the run of that name below the runs folder; UnknownName where there is none."""
        root = self.runs.resolve()
        try:
            folder = (root / name).resolve()
            if name and folder.is_relative_to(root) and (folder / "recipe.toml").is_file():
                return Run(folder)
        except (OSError, ValueError):  # ValueError: a null byte
            pass
        raise UnknownName("run", name, [each.name for each in self._found()])

    def _file(self, model: str) -> Path | None:
        """Return the file of the model with this id, None for a recipe; UnknownName where there is none."""
        kind, _, name = model.partition(":")
        if kind == "shipped" and name in shipped.NAMES and shipped.file_of(name).is_file():
            return shipped.file_of(name)
        if kind == "run":
            return self.run(name).model_file
        if kind == "recipe" and registry.get(name):
            return None
        raise UnknownName("model", model, [entry.id for entry in self.entries()])

    def _found(self) -> "list[_Found]":
        """The runs that have a model to show, the newest first."""
        found = []
        for folder in _run_folders(self.runs):
            file = _model_file(folder, _state(folder / "recipe.toml"))
            if file is not None and file.is_file():
                found.append(_Found(folder.relative_to(self.runs).as_posix(), Run(folder), _state(file)[0]))
        return sorted(found, key=lambda each: each.changed, reverse=True)


@dataclass(frozen=True)
class _Found:
    """A run by its name, and when its model was last written."""

    name: str
    run: Run
    changed: float


@lru_cache(maxsize=4096)
def _model_file(folder: Path, _recipe: tuple[float, int]) -> Path | None:
    """The file of a run's model, as the recipe says that is kept; remembered until that file changes.

    A run that is damaged, or of another version, has none: it is left out, and the others are listed.
    """
    with suppress(InkwiseError):
        return Run(folder).model_file
    return None


@cache
def _recipe_note(name: str) -> str:
    return note_of_recipe(registry.get(name))


def _run_folders(root: Path) -> Iterator[Path]:
    """The folders with a recipe below `root`; none within another."""
    for folder, below, files in os.walk(root):
        depth = len(Path(folder).relative_to(root).parts)
        if depth and "recipe.toml" in files:
            below.clear()
            yield Path(folder)
        elif depth >= _DEPTH:
            below.clear()


def _state(file: Path | None) -> tuple[float, int]:
    """When a file was last written, and its size."""
    if file is None or not file.is_file():
        return 0.0, 0
    known = file.stat()
    return known.st_mtime, known.st_size


def _load(model: str, file: Path | None) -> "Recognizer":
    from inkwise.recognizer import Recognizer
    from inkwise.studio.untrained import untrained

    return untrained(registry.get(model.partition(":")[2])) if file is None else Recognizer.load(file)
