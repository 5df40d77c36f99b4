"""What stands side by side in the layer-by-layer picture: a panel with its drawing, and what is written around it."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from math import ceil
from typing import Final

import numpy as np

from inkwise.convolution.window import spelled
from inkwise.evaluation.phrases import chance, percent
from inkwise.explain.activations import IMAGE
from inkwise.explain.figure.page import number, text_width, wrapped
from inkwise.explain.figure.panels import Panel
from inkwise.explain.figure.tiles import SMALL, Bars, Maps, Strip

TITLE: Final = 10.5  # points
ANSWER: Final = "answer"
_NARROWEST: Final = 130  # dots that a panel and what is written above and beneath it take, at least
_WIDEST: Final = 330  # dots that a title may widen it to
_MOST_ANSWERS: Final = 12


@dataclass(frozen=True)
class Block:
    """A panel with how it is drawn and what is written beneath it."""

    panel: Panel
    drawn: Maps | Strip | Bars | None
    beneath: tuple[str, ...]

    @cached_property
    def width(self) -> int:
        """Dots for the picture, its title and what stands beneath."""
        lines = [text_width(self.panel.title, TITLE, bold=True), *(text_width(line, SMALL) for line in self.beneath)]
        drawn = 0 if self.drawn is None else self.drawn.width
        return max(drawn, min(ceil(max(lines)), _WIDEST), _NARROWEST)

    @cached_property
    def notes(self) -> list[str]:
        """The note in lines that fit above the picture."""
        return wrapped(self.panel.note, SMALL, self.width)


def block_of(panel: Panel, names: Sequence[str] = ()) -> Block:
    """Return the block of a layer's panel; `names` are those of its values, where they are as many."""
    if panel.kind == "gap":
        return Block(panel, None, ())
    beneath = [spelled(panel.shape)]
    if panel.name != IMAGE:
        beneath.append(f"{number(panel.low)} to {number(panel.high)}")
    if panel.choice:
        beneath.append(panel.choice)
    if panel.kind == "maps":
        return Block(panel, Maps(panel), tuple(beneath))
    if panel.kind == "strip":
        return Block(panel, Strip(panel), tuple(beneath))
    count = len(panel.values)
    numbers = tuple(str(unit) for unit in panel.shown) if count > 1 else ("",)
    labels = tuple(names) if len(names) == count else numbers
    words = tuple(number(value) for value in panel.values)
    strong = int(panel.values.argmax()) if len(names) == count > 1 else None
    return Block(panel, Bars(panel, labels, words, strong), tuple(beneath[:1]))


def answer_of(names: Sequence[str], chances: Sequence[float], best: int) -> Block:
    """Return the block of the answer `best`: the classes' probabilities, of very many the largest."""
    order = sorted(range(len(chances)), key=lambda index: (index != best, -chances[index]))
    shown = sorted(order[:_MOST_ANSWERS])
    values = np.array([chances[index] for index in shown])
    panel = Panel("", ANSWER, f"{names[best]}, {chance(chances[best])}", "bars", values, tuple(shown), (), 0.0, 1.0)
    words = tuple(_share(value) for value in values.tolist())
    bars = Bars(panel, tuple(names[index] for index in shown), words, shown.index(best))
    total = f"the likeliest {len(shown)} of {len(chances)}" if len(shown) < len(chances) else "probabilities"
    return Block(panel, bars, (total,))


def _share(probability: float) -> str:
    """Return a probability with as many decimals as every other in its column."""
    return percent(probability) if 0.00005 <= probability <= 0.99995 else chance(probability)
