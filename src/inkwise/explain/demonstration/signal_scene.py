"""A place of a convolution over one axis: input, kernel, products and output under each other.

Each output stands below the middle of its window, so that in mode "same" it stands below its own input. Few values are
cells with numbers, many are bars.
"""

from collections.abc import Sequence
from typing import Final

import numpy as np
from PIL import Image

from inkwise.explain.demonstration.board import MINUS, Points, Spot, Values, fitting
from inkwise.explain.demonstration.numbers import Format
from inkwise.explain.demonstration.operation import Operation
from inkwise.explain.demonstration.scene import CELL, MARGIN, TOP, WIDEST, Scene, blend, rgb, whole

_LABEL: Final = 84.0  # the column of the row titles
_BAR: Final = 84.0  # the height of a row of bars


class SignalScene(Scene):
    """One axis, few values: rows of cells, each output below the middle of its window."""

    def __init__(self, operation: Operation, places: Sequence[int] = (), *, dark: bool = False) -> None:
        super().__init__(operation, places, dark=dark)
        count = len(self.padded)
        self.cell = whole(min(CELL, (WIDEST - 2 * MARGIN - _LABEL) / count))
        self.width = max(self.least, _LABEL + count * self.cell + 2 * MARGIN)
        self.left = MARGIN + _LABEL
        self.rows = [TOP + row * (self.cell + 12) for row in range(4)]
        self.rows[3] += 26
        self.height = self.rows[3] + self.cell + 74

    def draw(self, place: int, *, note: str = "", scale: int = 1, filled: int | None = None) -> Image.Image:
        """Return the picture of one place; arguments as for `Scene.draw`."""
        o, s, c = self.operation, self.operation.setting, self.cell
        step = o.step(place)
        board = self.board(self.width, self.height, scale, note)
        look, orange = board.look, board.rgb(board.look.series[1])
        for y, label in zip(self.rows, ("input", "kernel", "products", "output"), strict=True):
            board.text(MARGIN, y + c / 2, label, size=12.5, colour=look.muted)
        (start,), (d,), (m,), (stride,) = step.start, s.dilation, s.kernel, s.stride
        covered = {start + k * d for k in range(m)}
        before = s.pads[0][0]
        form = Format(self.padded.tolist())
        size = self._letters(form, self.padded)
        for i, value in enumerate(self.padded.tolist()):
            beside = not before <= i < before + s.space[0]
            paper = board.rgb(look.ramp[0] if beside else look.paper)
            if i in covered:
                paper = blend(paper, orange, 0.3)
            board.cell(self._at(i, 0), form(value), size=size, paper=paper, ink=look.muted if beside else look.ink)
        products: Values = step.products[0].double().numpy()
        forms = Format(self.kernel.tolist()), self.products_form(step)
        for row, values, reach, form in ((1, self.kernel, self.reach, forms[0]), (2, products, self.most, forms[1])):
            colours = board.signed(values, reach * 1.6)
            letters = fitting([form(value) for value in form.values], c, c)
            for k, value in enumerate(values.tolist()):
                board.cell(self._at(start + k * d, row), form(value), size=letters, paper=rgb(colours[k]))
        form = Format(np.nan_to_num(self.result).tolist())
        letters, colours = self._letters(form, self.result), board.signed(self.result, self.far * 1.6)
        for i, value in enumerate(self.result.tolist()):
            spot = self._at(i * stride + d * (m - 1) / 2, 3)
            shown = i <= (place if filled is None else filled)
            board.cell(spot, form(value) if shown else "", size=letters, paper=rgb(colours[i]) if shown else None)
        first, last = self._at(start, 0), self._at(start + d * (m - 1), 0)
        board.frame(Spot(first.x, first.y, last.right - first.x, c), orange, 3)
        here = self._at(place * stride + d * (m - 1) / 2, 3)
        left, right, middle, y = first.x + 4, last.right - 4, here.x + c / 2, self.rows[2] + c
        board.line([(left, y + 7), (left, y + 13), (right, y + 13), (right, y + 7)], orange, 2)  # all add up
        board.line([(middle, y + 13), (middle, here.y)], orange, 2)
        board.frame(here, orange, 3)
        self.caption(board, step, self.rows[3] + c + 30, self.width)
        return board.image

    def _at(self, column: Points, row: int) -> Spot:
        return Spot(self.left + column * self.cell, self.rows[row], self.cell, self.cell)

    def _letters(self, form: Format, values: Values) -> Points:
        return fitting([form(value) for value in values.tolist()], self.cell, self.cell)


class CurveScene(Scene):
    """One axis, many values: bars instead of cells."""

    def __init__(self, operation: Operation, places: Sequence[int] = (), *, dark: bool = False) -> None:
        super().__init__(operation, places, dark=dark)
        self.width = max(WIDEST, self.least)
        self.long = (WIDEST - 2 * MARGIN - _LABEL) / len(self.padded)  # points for each value
        self.rows = [TOP + row * 98 for row in range(4)]
        self.height = self.rows[3] + _BAR + 70

    def draw(self, place: int, *, note: str = "", scale: int = 1, filled: int | None = None) -> Image.Image:
        """Return the picture of one place; arguments as for `Scene.draw`."""
        s = self.operation.setting
        step = self.operation.step(place)
        board = self.board(self.width, self.height, scale, note)
        look, orange = board.look, board.rgb(board.look.series[1])
        (start,), (d,), (m,), (stride,) = step.start, s.dilation, s.kernel, s.stride
        reach = d * (m - 1) + 1
        spread: Values = np.zeros((2, reach))
        spread[0, ::d], spread[1, ::d] = self.kernel, step.products[0].double().numpy()
        blue, green = look.series[0], look.series[2]
        left = MARGIN + _LABEL
        window = Spot(left + start * self.long, self.rows[0], max(2.0, reach * self.long), _BAR)
        for row in range(3):
            shade = blend(board.rgb(look.paper), orange, 0.18)
            board.fill(Spot(window.x, self.rows[row], window.width, _BAR), shade)
        whole = Spot(left, self.rows[0], len(self.padded) * self.long, _BAR)
        products = spread[1]
        spans = [_span(values) for values in (self.padded, self.kernel, _outer(self.padded, self.kernel), self.result)]
        board.bars(whole, self.padded, *spans[0], blue)
        for row, colour, values in ((1, look.series[1], spread[0]), (2, look.series[3], products)):
            board.bars(Spot(window.x, self.rows[row], window.width, _BAR), values, *spans[row], colour)
        grown = np.where(np.arange(len(self.result)) <= (place if filled is None else filled), self.result, 0.0)
        first = left + (d * (m - 1) / 2 - (stride - 1) / 2) * self.long
        board.bars(Spot(first, self.rows[3], len(grown) * stride * self.long, _BAR), grown, *spans[3], green)
        middle = left + (place * stride + reach / 2) * self.long
        board.line([(middle, self.rows[3]), (middle, self.rows[3] + _BAR)], orange, 1.5)
        for y, label, (low, high) in zip(self.rows, ("input", "kernel", "products", "output"), spans, strict=True):
            board.text(MARGIN, y + 34, label, size=12.5, colour=look.muted)
            board.text(MARGIN, y + 51, f"{low:.3g} to {high:.3g}".replace("-", MINUS), size=10.5, colour=look.muted)
        self.caption(board, step, self.rows[3] + _BAR + 30, self.width)
        return board.image


def _span(values: Values) -> tuple[float, float]:
    """Return from where to where a row of bars goes: the values' range, with 0 in it."""
    finite = values[np.isfinite(values)]
    return min(0.0, float(finite.min(initial=0))), max(0.0, float(finite.max(initial=0)))


def _outer(values: Values, kernel: Values) -> Values:
    """Return the extremes of what a product of the two can be."""
    return np.outer(_span(values), _span(kernel)).ravel()
