"""The layer-by-layer picture: what each layer makes of an image, from its pixels to the answer.

The image stands at the left; each layer follows with its maps, a strip of its values or bars, in rows as on a written
page. Each layer has its own scale, told beneath it; zero is white. A marked value has its receptive field drawn in
every layer before it and in the image. Where all layers take more than two rows, activations and normalisations are
shown with the layer before them.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from math import ceil, isfinite
from typing import Final

import numpy as np

from inkwise.errors import UsageError
from inkwise.evaluation.canvas import theme
from inkwise.explain.activations import IMAGE, Activations
from inkwise.explain.figure.blocks import ANSWER, TITLE, Block, answer_of, block_of
from inkwise.explain.figure.marks import Mark, marks
from inkwise.explain.figure.page import FIELD, Page, coloured, fitted, number, text_width, wrapped
from inkwise.explain.figure.panels import panels
from inkwise.explain.figure.tiles import SMALL
from inkwise.models.shape import Shape

WIDTH: Final = 2000  # dots, a little over 10 inches
_MARGIN: Final = 44
_ARROW: Final = 56  # between panels, and more where a row is shorter than the widest
_MOST_BETWEEN: Final = 240
_LINE: Final = 30
_LEAST: Final = 900  # dots that a legend needs


def draw(
    activations: Activations,
    layer: str | None = None,
    at: Sequence[int] | object | None = None,
    *,
    classes: Sequence[str] = (),
    probabilities: Sequence[float] = (),
    answer: int | None = None,
    dark: bool = False,
) -> bytes:
    """Return the layer-by-layer picture as PNG; the same input gives the same bytes.

    Args:
        activations: What `record` gave.
        layer: A layer to stand out, and the one that `at` is in.
        at: Position of the value to mark in that layer's output, without the batch: (channel, row, column), say.
        classes: Names of the outputs; of a network of one output, the names of no and yes.
        probabilities: Of the classes, in [0, 1]; of a network of one output, that of yes. They are shown as the
            answer.
        answer: Which of the classes was answered; the most probable one, unless given. A yes-or-no model with a
            threshold may answer yes below 50 %.
        dark: Light text on a dark ground; maps stay white at zero.

    Raises:
        ModelError: A layer holds nan or infinity.
        UnknownName: There is no such layer.
        UsageError: There is no such position, a position without a layer, or probabilities, classes and answer that
            do not fit each other.
    """
    page, width, height = laid_out(
        activations, layer, at, classes=classes, probabilities=probabilities, answer=answer, dark=dark
    )
    return page.png(width, height)


def laid_out(
    activations: Activations,
    layer: str | None = None,
    at: Sequence[int] | object | None = None,
    *,
    classes: Sequence[str] = (),
    probabilities: Sequence[float] = (),
    answer: int | None = None,
    dark: bool = False,
) -> tuple[Page, int, int]:
    """Return the page that `draw` draws, its width and its height in dots; arguments and errors are those of `draw`."""
    names, chances = _named(classes, probabilities)
    if answer is None:
        answer = max(range(len(chances)), key=chances.__getitem__, default=0)
    elif not 0 <= answer < len(chances):
        raise UsageError(f"There is no answer {answer} among {len(chances)} probabilities; give its index from 0.")
    marked: dict[str, Mark] = {}
    reason, chosen = "", None
    if at is not None and layer is None:
        raise UsageError(f"A position {at} was given without a layer; give the layer too.")
    if layer is not None:
        call = activations.call(layer)
        if at is not None:
            chosen = call.place(at)
            marked, reason = marks(activations, layer, chosen)
    answered = answer_of(names, chances, answer) if chances else None
    rows = _rows(activations, layer, marked, names, answered)
    page, y = Page(theme(dark)), _MARGIN
    widest = max(_row_width(row) for row in rows)
    for place, row in enumerate(rows):
        y = _draw_row(page, y, row, marked, layer, widest, last=place == len(rows) - 1)
    width = widest + 2 * _MARGIN
    width = max(width, _LEAST)
    return page, width, _legend(page, y, width, _keys(rows, activations, layer, chosen, marked, reason)) + _MARGIN


def _rows(
    activations: Activations,
    layer: str | None,
    marked: dict[str, Mark],
    names: tuple[str, ...],
    answered: Block | None,
) -> list[list[Block]]:
    """Return the blocks row by row: all layers where two rows hold them, the compact form otherwise."""
    for compact in (False, True):
        found = panels(activations, compact=compact, layer=layer, marked=marked)
        blocks = [block_of(panel, names if panel is found[-1] else ()) for panel in found]
        blocks += [answered] if answered else []
        rows = _wrapped(blocks, WIDTH - 2 * _MARGIN)
        if len(rows) <= 2:
            break
    limit = WIDTH - 2 * _MARGIN
    while len(narrower := _wrapped(blocks, limit)) == len(rows):  # rows of about the same length
        rows, limit = narrower, limit - 20
    return rows


def _wrapped(blocks: Sequence[Block], limit: int) -> list[list[Block]]:
    rows: list[list[Block]] = [[]]
    for block in blocks:
        if rows[-1] and _row_width([*rows[-1], block]) > limit:
            rows.append([])
        rows[-1].append(block)
    return rows


def _row_width(row: Sequence[Block]) -> int:
    return sum(block.width + _ARROW for block in row) - _ARROW


def _draw_row(
    page: Page, y: int, row: Sequence[Block], marked: dict[str, Mark], layer: str | None, widest: int, *, last: bool
) -> int:
    """Draw one row from `y` down, as wide as the widest as far as that can be, and return where it ends."""
    look, x = page.look, _MARGIN
    between = _ARROW + (widest - _row_width(row)) // max(1, len(row) - 1)
    between = min(between, _MOST_BETWEEN)
    notes = max(len(block.notes) for block in row)
    top = y + 2 * _LINE + notes * _LINE
    height = max(0 if block.drawn is None else block.drawn.height for block in row)
    for index, block in enumerate(row):
        panel = block.panel
        chosen = layer is not None and panel.name == layer
        page.text(
            x, y + _LINE, fitted(panel.title, TITLE, block.width, bold=True), size=TITLE, bold=True,
            colour=FIELD if chosen else look.ink,
        )  # fmt: skip
        for place, note in enumerate(block.notes):
            page.text(x, y + (place + 2) * _LINE + 2, note, size=SMALL, colour=look.muted)
        if block.drawn is not None:
            block.drawn.draw(page, x, top + (height - block.drawn.height) // 2, marked.get(panel.name))
        for place, line in enumerate(block.beneath):
            colour = look.muted if place or panel.title == ANSWER else look.ink
            page.text(x, top + height + (place + 1) * _LINE + 12, line, size=SMALL, colour=colour)
        x += block.width
        if index < len(row) - 1:
            _arrow(page, x + between // 2, top + height // 2)
        x += between
    beneath = max(len(block.beneath) for block in row)
    return top + height + beneath * _LINE + 12 + (44 if last else 64)


def _arrow(page: Page, x: int, y: int) -> None:
    page.line((x - 7, x + 7, x - 7), (y - 14, y, y + 14), page.look.muted, line=4)


@dataclass(frozen=True)
class _Key:
    """An entry of the legend: a ramp of colours, or a frame, and what it stands for."""

    words: str
    ramp: bool = False
    signed: bool = False


def _keys(
    rows: Sequence[Sequence[Block]],
    activations: Activations,
    layer: str | None,
    at: Shape | None,
    marked: dict[str, Mark],
    reason: str,
) -> list[_Key]:
    shown = [block.panel for row in rows for block in row if block.panel.kind in {"maps", "strip"}]
    keys = []
    if any(panel.signed for panel in shown):
        keys.append(_Key("red above zero, blue below", ramp=True, signed=True))
    if any(not panel.signed for panel in shown):
        keys.append(_Key("ink where nothing is below zero", ramp=True))
    if keys:
        keys[-1] = replace(keys[-1], words=f"{keys[-1].words}; each layer has its own scale")
    if layer is not None and at is not None:
        value = float(activations.call(layer).output[(0, *at)])
        words = f"{layer} at {','.join(map(str, at))}: {number(value)}"
        if IMAGE in marked:
            box = marked[IMAGE].box
            words += f"; it sees {box.height} x {box.width} pixels of the image{box.why and f': {box.why}'}"
        keys.append(_Key(f"{words}; what it sees is not known: {reason}" if reason else words))
    return keys


def _legend(page: Page, y: int, width: int, keys: Sequence[_Key]) -> int:
    """Draw the legend from `y` down, in as many lines as it takes, and return where it ends."""
    x, look = _MARGIN, page.look
    for key in keys:
        picture = 122 if key.ramp else 26
        long = picture + 14 + ceil(text_width(key.words, SMALL))
        if x > _MARGIN and x + long > width - _MARGIN:
            x, y = _MARGIN, y + _LINE + 14
        if key.ramp:
            values = np.linspace(-1 if key.signed else 0, 1, 61)[None]
            page.picture(x, y, coloured(values, 1.0, signed=key.signed).repeat(13, axis=0), 2)
            page.frame(x, y, 122, 26, look.grid, line=2)
        else:
            page.frame(x + 3, y + 3, 20, 20, FIELD)
        lines = wrapped(key.words, SMALL, width - x - picture - 14 - _MARGIN)
        for place, words in enumerate(lines):
            page.text(x + picture + 14, y + 13 + place * _LINE, words, size=SMALL, colour=look.muted, down="center")
        x, y = x + long + 50, y + (len(lines) - 1) * _LINE
    return y + (26 if keys else 0)


def _named(classes: Sequence[str], probabilities: Sequence[float]) -> tuple[tuple[str, ...], tuple[float, ...]]:
    """Return names and probabilities of the same number, or raise UsageError."""
    chances = tuple(float(chance_) for chance_ in probabilities)
    if not all(isfinite(each) and 0 <= each <= 1 for each in chances):
        raise UsageError("The probabilities to be shown are not all in [0, 1]; give those of the classes.")
    if len(chances) == 1 and len(classes) != 1:
        chances = (1 - chances[0], chances[0])
        classes = classes or ("no", "yes")
    if chances and classes and len(chances) != len(classes):
        raise UsageError(
            f"There are {len(chances)} probabilities for {len(classes)} classes; give one for each, or for a network "
            "of one output that of yes."
        )
    return tuple(classes) or tuple(map(str, range(len(chances)))), chances
