"""What every picture of a convolution has: the arrays as numbers, the titles above, the sum of the products below.

A scene lays everything out once and then draws any place. How is up to its kind: `image_scene` and `signal_scene`.
Places are in points, from the upper left. Knows no files.
"""

from collections.abc import Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from inkwise.convolution.walk import Step
from inkwise.convolution.window import axis_names, spelled
from inkwise.explain.demonstration.board import Board, Points, Rgb, Values, text_width
from inkwise.explain.demonstration.numbers import Format, exact, product
from inkwise.explain.demonstration.operation import Operation

MARGIN: Final = 26.0
CELL: Final = 46.0  # cells are no larger than this
TOP: Final = 122.0  # where the panels begin, below the titles
LEAST: Final = 600.0
MANY: Final = 400  # more values than this are a picture
WIDEST: Final = 900.0
_LETTERS: Final = 12.5


class Scene:
    """What every scene has: the arrays, the titles above and the sum below; what it shows is up to its kind."""

    def __init__(self, operation: Operation, places: Sequence[int] = (), *, dark: bool) -> None:
        """Lay the pictures of `places` out; without any, each picture is by itself."""
        self.operation, self.dark = operation, dark
        self.padded: Values = operation.walk.padded[0].double().numpy()
        self.kernel: Values = operation.walk.kernel[0, 0].double().numpy()
        self.result: Values = operation.result[0, 0].double().numpy()
        self.reach = float(np.abs(self.kernel).max())
        self.far = float(np.abs(np.nan_to_num(self.result)).max())
        # No product is larger than this; the sums' own range would pale them.
        self.most = float(np.abs(self.padded).max()) * self.reach
        # One look for all places that will be drawn: numbers in each of them or in none.
        self.shared: Format | None = None
        if places and self.kernel.size <= MANY:
            self.shared = Format(*(operation.step(place).products[0].flatten().tolist() for place in places))
        self.title = "Convolution" if operation.rotate else "Cross-correlation"
        self.lines = _setting(operation), _output_size(operation)
        # So that the titles fit, and a note beside the first of them.
        self.least = max(LEAST, 2 * MARGIN + max(text_width(line, _LETTERS) for line in self.lines))

    def draw(self, place: int, *, note: str = "", scale: int = 1, filled: int | None = None) -> Image.Image:
        """Return the picture of one place.

        Args:
            place: Which output value, counted from 0 with the last axis fastest.
            note: A few words at the upper right.
            scale: Pixels for each point.
            filled: The last place up to which the output is filled. Default: `place`.
        """
        raise AssertionError(f"{type(self).__name__} draws nothing for {place}, {note}, {scale}, {filled}")

    def products_form(self, step: Step) -> Format:
        """Return how the products of a step are written: like those of all places that will be drawn, if known."""
        if self.shared is not None:
            return self.shared
        return Format(step.products[0].flatten().tolist() if self.kernel.size <= MANY else ())

    def board(self, width: Points, height: Points, scale: int, note: str) -> Board:
        """Return a board with the titles on it."""
        board = Board(width, height, dark=self.dark, scale=scale)
        board.text(width - MARGIN, 32, note, size=_LETTERS, colour=board.look.muted, anchor="rm")
        board.text(MARGIN, 32, self.title, size=19, bold=True)
        for order, line in enumerate(self.lines):
            board.text(MARGIN, 57 + 19 * order, line, size=_LETTERS, colour=board.look.muted)
        return board

    def caption(self, board: Board, step: Step, y: Points, width: Points) -> None:
        """Write the sum of the products, in full where it fits into two lines."""
        total = exact(step.total.item()).replace("-", "\N{MINUS SIGN}")
        place = ", ".join(map(str, step.at[1:]))
        lines = _sum_lines(step, f"output[{place}] = ", f" = {total}", width - 2 * MARGIN)
        for order, line in enumerate(lines):
            board.text(MARGIN, y + 21 * order, line, size=14.5)


def _setting(operation: Operation) -> str:
    """Return how the kernel lies, and how it slides."""
    s = operation.setting
    lies = "the kernel lies as it is written"
    if operation.symmetric:
        lies = "a symmetric kernel: rotated, it is the same"
    elif operation.rotate:
        lies = "the kernel lies rotated by 180\N{DEGREE SIGN}"
    sizes = f"{spelled(s.kernel)} over {spelled(s.space)}".replace("x", "\N{MULTIPLICATION SIGN}")
    parts = [sizes if s.rank > 1 else f"{sizes} value{'' if s.space[0] == 1 else 's'}"]
    if operation.mode:
        parts.append(f"mode {operation.mode}")
    if any(any(pair) for pair in s.pads) and (not operation.mode or s.padding_mode != "zeros"):
        parts.append(f"padding by {s.padding_mode}")
    for word, values in (("stride", s.stride), ("dilation", s.dilation)):
        if any(value > 1 for value in values):
            parts.append(f"{word} {spelled(values) if len(set(values)) > 1 else values[0]}")
    return f"{lies}; {', '.join(parts)}"


def _output_size(operation: Operation) -> str:
    """Return the size formula, once where all axes are alike."""
    formulas = operation.formulas
    if len(set(formulas)) == 1:
        text = formulas[0] if operation.rank == 1 else f"{formulas[0]} along each axis"
    else:
        text = ", ".join(f"{name} {each}" for name, each in zip(axis_names(operation.rank), formulas, strict=True))
    return f"output size {text}".replace("*", "\N{MULTIPLICATION SIGN}").replace(" - ", " \N{MINUS SIGN} ")


def _sum_lines(step: Step, head: str, tail: str, room: Points) -> list[str]:
    """Return the sum of a step in one or two lines, with all its terms where they fit."""
    patch, kernel = step.patch[0].flatten().tolist(), step.kernel[0].flatten().tolist()
    if len(patch) <= 25:
        terms = [product(x, h, "\N{MIDDLE DOT}") for x, h in zip(patch, kernel, strict=True)]
        for cut in (0, *range(len(terms) - 1, 0, -1)):  # one line, or two, the first as long as it can be
            lines = [" + ".join(terms[:cut]) + " +", " + ".join(terms[cut:])] if cut else [" + ".join(terms)]
            lines[0] = head + lines[0]
            lines[-1] += tail
            if cut:
                lines[1] = "      " + lines[1]
            lines = [line.replace("-", "\N{MINUS SIGN}") for line in lines]
            if all(text_width(line, 14.5) <= room for line in lines):
                return lines
    return [f"{head}the sum of {len(patch):,} products{tail}"]


def blend(paper: Rgb, colour: Rgb, share: float) -> Rgb:
    """Return the colour on its way from `paper` to `colour`: 0 is paper."""
    red, green, blue = (round((1 - share) * a + share * b) for a, b in zip(paper, colour, strict=True))
    return red, green, blue


def rgb(colour: NDArray[np.uint8]) -> Rgb:
    """Return a pixel as numbers."""
    red, green, blue = (int(value) for value in colour)
    return red, green, blue


def whole(cell: Points) -> Points:
    """Return a cell's side in whole points where it has some, so that all cells are alike."""
    return int(cell) if cell >= 2 else cell
