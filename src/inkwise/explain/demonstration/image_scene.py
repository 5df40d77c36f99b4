"""A place of a convolution over two axes: input, kernel and products, output, from left to right.

Small arrays are cells with numbers; larger ones are pictures, in grey where nothing is below zero and else in red and
blue. All cells of input and output are of one size, so that the two can be compared.
"""

from collections.abc import Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from inkwise.convolution.walk import Step
from inkwise.explain.demonstration.board import Board, Points, Spot, Values, fitting
from inkwise.explain.demonstration.numbers import Format
from inkwise.explain.demonstration.operation import Operation
from inkwise.explain.demonstration.scene import CELL, MANY, MARGIN, TOP, Scene, blend, rgb, whole

_PANEL: Final = 322.0  # the most that an image takes, along its longer side
_SMALL: Final = 170.0  # and a kernel
_GAP: Final = 44.0
_BETWEEN: Final = 38.0  # kernel and products
_LABELLED: Final = 62.0  # what the word "products" takes


class ImageScene(Scene):
    """Two axes: input, kernel and products, output, from left to right."""

    def __init__(self, operation: Operation, places: Sequence[int] = (), *, dark: bool = False) -> None:
        super().__init__(operation, places, dark=dark)
        rows, columns = self.padded.shape
        out_rows, out_columns = self.result.shape
        m, n = self.kernel.shape
        self.cell = whole(min(CELL, _PANEL / max(rows, columns)))
        self.small = whole(min(CELL, _SMALL / max(m, n)))
        self.deep = max(rows * self.cell, out_rows * self.cell, 2 * m * self.small + _BETWEEN)
        middle = max(n * self.small, _LABELLED)
        used = columns * self.cell + middle + out_columns * self.cell + 2 * _GAP
        self.width = max(self.least, used + 2 * MARGIN)
        self.height = TOP + self.deep + 70
        x = (self.width - used) / 2  # narrow ones stand in the middle
        self.input = self._centred(x, columns * self.cell, rows * self.cell)
        x = self.input.right + _GAP
        top = TOP + (self.deep - 2 * m * self.small - _BETWEEN) / 2
        self.weights = Spot(x, top, n * self.small, m * self.small)
        self.below = Spot(x, self.weights.bottom + _BETWEEN, n * self.small, m * self.small)
        self.output = self._centred(x + middle + _GAP, out_columns * self.cell, out_rows * self.cell)
        self.drawn: NDArray[np.uint8] | None = None  # the input's and the output's colours, once they are needed
        self.colours: NDArray[np.uint8] | None = None
        self.input_form, self.kernel_form, self.output_form = (
            Format(v.ravel().tolist() if v.size <= MANY else ()) for v in (self.padded, self.kernel, self.result)
        )
        self.input_size = self._letters(self.padded, self.input_form, self.cell)
        self.output_size = self._letters(self.result, self.output_form, self.cell)

    def draw(self, place: int, *, note: str = "", scale: int = 1, filled: int | None = None) -> Image.Image:
        """Return the picture of one place; arguments as for `Scene.draw`."""
        step = self.operation.step(place)
        board = self.board(self.width, self.height, scale, note)
        muted = board.look.muted
        for spot, label in (
            (self.input, "input"),
            (self.weights, "kernel"),
            (self.below, "products"),
            (self.output, "output"),
        ):
            board.text(spot.x, spot.y - 12, label, size=12.5, colour=muted)
        self._draw_input(board, step)
        products: Values = step.products[0].double().numpy()
        self._draw_cells(board, self.weights, self.kernel, self.reach, self.kernel_form)
        self._draw_cells(board, self.below, products, self.most, self.products_form(step))
        self._draw_output(board, step, place if filled is None else filled)
        self.caption(board, step, TOP + self.deep + 30, self.width)
        return board.image

    def _centred(self, x: Points, width: Points, height: Points) -> Spot:
        return Spot(x, TOP + (self.deep - height) / 2, width, height)

    def _letters(self, values: Values, form: Format, cell: Points) -> Points:
        if values.size > MANY:
            return 0.0
        return fitting([form(value) for value in values.ravel().tolist()], cell, cell)

    def _draw_input(self, board: Board, step: Step) -> None:
        s = self.operation.setting
        c = self.cell
        (top, left), orange = step.start, board.rgb(board.look.series[1])
        covered = {
            (top + i * s.dilation[0], left + j * s.dilation[1]) for i in range(s.kernel[0]) for j in range(s.kernel[1])
        }
        (above, _), (before, _) = s.pads
        if self.input_size:
            for i, j in np.ndindex(*self.padded.shape):
                beside = not (above <= i < above + s.space[0] and before <= j < before + s.space[1])
                paper = board.rgb(board.look.ramp[0] if beside else board.look.paper)
                if (i, j) in covered:
                    paper = blend(paper, orange, 0.3)
                text = self.input_form(float(self.padded[i, j]))
                ink = board.look.muted if beside else board.look.ink
                spot = Spot(self.input.x + j * c, self.input.y + i * c, c, c)
                board.cell(spot, text, size=self.input_size, paper=paper, ink=ink)
        else:
            if self.drawn is None:
                self.drawn = self._picture(board, self.padded)
            board.picture(self.input, self.drawn)
            board.frame(self.input, board.look.grid)
            if any(any(pair) for pair in s.pads):
                inner = Spot(self.input.x + before * c, self.input.y + above * c, s.space[1] * c, s.space[0] * c)
                board.frame(inner, board.look.muted)
        tall, wide = ((m - 1) * d + 1 for m, d in zip(s.kernel, s.dilation, strict=True))
        window = Spot(self.input.x + left * c, self.input.y + top * c, max(3.0, wide * c), max(3.0, tall * c))
        board.frame(window, orange, 3 if c > 14 else 2)

    def _picture(self, board: Board, values: Values) -> NDArray[np.uint8]:
        """Return the colours of an image: greys where nothing is below zero."""
        low, high = min(0.0, float(values.min())), float(values.max())
        if low < 0:
            return board.signed(values, max(-low, high))
        return board.grey(values, low, high, light=self.operation.light)

    def _draw_cells(self, board: Board, spot: Spot, values: Values, reach: int | float, form: Format) -> None:
        size = fitting([form(value) for value in form.values], self.small, self.small) if values.size <= MANY else 0
        colours = board.signed(values, reach * 1.6)  # paler than pictures, so that numbers can be read
        if not size:
            board.picture(spot, board.signed(values, reach))
            board.frame(spot, board.look.grid)
            return
        for i, j in np.ndindex(*values.shape):
            cell = Spot(spot.x + j * self.small, spot.y + i * self.small, self.small, self.small)
            board.cell(cell, form(float(values[i, j])), size=size, paper=rgb(colours[i, j]))

    def _draw_output(self, board: Board, step: Step, place: int) -> None:
        c = self.cell
        orange = board.rgb(board.look.series[1])
        if self.output_size:
            colours = board.signed(self.result, self.far * 1.6)
            for order, (i, j) in enumerate(np.ndindex(*self.result.shape)):
                spot = Spot(self.output.x + j * c, self.output.y + i * c, c, c)
                if order <= place:
                    text = self.output_form(float(self.result[i, j]))
                    board.cell(spot, text, size=self.output_size, paper=rgb(colours[i, j]))
                else:
                    board.cell(spot, "", size=self.output_size)
        else:
            if self.colours is None:
                self.colours = self._picture(board, self.result)
            shown = self.colours.reshape(-1, 3).copy()
            shown[place + 1 :] = board.rgb(board.look.ramp[0])
            board.picture(self.output, shown.reshape(*self.result.shape, 3))
            board.frame(self.output, board.look.grid)
        row, column = step.at[1:]
        here = Spot(self.output.x + column * c, self.output.y + row * c, max(3.0, c), max(3.0, c))
        board.frame(here, orange, 3 if c > 14 else 2)
