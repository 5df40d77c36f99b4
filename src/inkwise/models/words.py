"""Reading one word of a layer's line: counts, sizes, margins, probabilities.

Each constant is the metadata of a dataclass field: under "read" a function from the word as text to its value,
which raises WordError with what would have been accepted.
"""

import math
from collections.abc import Callable, Mapping
from typing import Any, Final

from inkwise.models.shape import Pair

Reader = Mapping[str, Callable[[str], Any]]


class WordError(ValueError):
    """A word that cannot be read; its message says what is accepted."""


def _whole(least: int, accepted: str) -> Callable[[str], int]:
    def read(text: str) -> int:
        if not (text.isascii() and text.isdecimal() and len(text) < 10 and int(text) >= least):
            raise WordError(accepted)
        return int(text)

    return read


def _pair(least: int, accepted: str) -> Callable[[str], Pair]:
    side = _whole(least, accepted)

    def read(text: str) -> Pair:
        sides = text.split("x")
        if len(sides) > 2:
            raise WordError(accepted)
        return side(sides[0]), side(sides[-1])

    return read


def _number(below: float, accepted: str) -> Callable[[str], float]:
    def read(text: str) -> float:
        try:
            value = float(text)
        except ValueError:
            raise WordError(accepted) from None
        if not 0 <= value < below:
            raise WordError(accepted)
        return value

    return read


def _features(text: str) -> int:
    return 0 if text == "classes" else _whole(1, "a whole number of at least 1, or the word classes")(text)


COUNT: Final[Reader] = {"read": _whole(1, "a whole number of at least 1")}
SIZE: Final[Reader] = {"read": _pair(1, "one size (3) or height x width (3x5), each at least 1")}
MARGIN: Final[Reader] = {"read": _pair(0, "one margin (1) or height x width (1x2), each at least 0")}
FEATURES: Final[Reader] = {"read": _features}  # 0 stands for the word classes
PROBABILITY: Final[Reader] = {"read": _number(1.0, "a number from 0 to below 1")}
SLOPE: Final[Reader] = {"read": _number(math.inf, "a finite number of at least 0")}
