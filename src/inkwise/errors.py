"""Every error that Inkwise raises on purpose.

    InkwiseError                    exit 1
    ├── UsageError                  exit 2: the caller asked for something that does not exist or cannot be
    │   ├── UnknownName                 a recipe, dataset, field, model ... that is not in its registry
    │   ├── RecipeError                 one or more fields of a recipe are wrong; all faults at once
    │   └── ShapeError                  a layer does not fit what reaches it
    ├── DataError                   a dataset is missing, corrupt or inconsistent
    │   └── FetchError                  no mirror delivered it
    ├── ImageError                  one image cannot be read or is not usable
    ├── ModelError                  a model file is truncated, from the future, or not a model
    ├── RunError                    a run folder is busy, finished, unreadable or cannot be written
    └── TrainingError               the loss became nan or infinite
    GateError                       exit 3: a quality gate that the caller set was not met (an InkwiseError)

A message is one sentence or two: what was given, what is accepted, what to do. This file imports nothing
of the project, so that every room can raise.
"""

import difflib
from collections.abc import Iterable


class InkwiseError(Exception):
    """Base of all expected failures; `exit_code` is what the command line returns for it."""

    exit_code = 1


class UsageError(InkwiseError):
    """The request itself is wrong: a name, a flag, a value or a shape."""

    exit_code = 2


class UnknownName(UsageError):
    """A name that is not in the registry it was looked up in."""

    def __init__(self, kind: str, given: str, accepted: Iterable[str]) -> None:
        self.kind, self.given, self.accepted = kind, given, tuple(accepted)
        super().__init__(f"There is no {kind} {given!r}.{hint(given, self.accepted)}")


class RecipeError(UsageError):
    """Faults of a recipe, collected, one line each."""

    def __init__(self, subject: str, faults: Iterable[str]) -> None:
        self.faults = tuple(faults)
        if len(self.faults) == 1:
            super().__init__(f"{subject}: {self.faults[0]}")
        else:
            lines = "".join(f"\n  - {fault}" for fault in self.faults)
            super().__init__(f"{subject} has {len(self.faults)} faults:{lines}")


class ShapeError(UsageError):
    """A layer cannot take the shape that reaches it; the message has the layer and the formula."""


class DataError(InkwiseError):
    """A dataset is missing, corrupt, inconsistent or of the wrong form."""


class FetchError(DataError):
    """No mirror delivered a file with the right hash."""


class ImageError(InkwiseError):
    """One image cannot be read, or is of a size or form that is not accepted."""


class ModelError(InkwiseError):
    """A model file is truncated, from a future version, or not a model at all."""


class RunError(InkwiseError):
    """A run folder is in use, finished, unreadable, or cannot be written."""


class TrainingError(InkwiseError):
    """Training cannot go on: the loss became nan or infinite."""


class GateError(InkwiseError):
    """A quality gate set by the caller was not met."""

    exit_code = 3


def hint(given: str, accepted: Iterable[str]) -> str:
    """Return ' Did you mean ...?' where something accepted is close, and the accepted names otherwise."""
    names = sorted(accepted)
    by_lower = {name.lower(): name for name in names}  # FFT for fft is as close as can be
    close = [by_lower[name] for name in difflib.get_close_matches(given.lower(), by_lower, n=2, cutoff=0.6)]
    if close:
        return f" Did you mean {' or '.join(repr(name) for name in close)}?"
    return f" Accepted: {', '.join(names)}." if names else ""
