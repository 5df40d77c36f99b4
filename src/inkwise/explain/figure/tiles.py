"""Maps side by side, strips of many values and bars of a few, drawn on a page in whole dots.

Each knows how wide and high it is before anything is drawn; none is higher than `HEIGHT`, and the channels' numbers,
which stand above the maps where not all are shown. What is marked gets a frame. All take the scale of the whole layer,
shown or not.
"""

from dataclasses import dataclass
from math import ceil
from typing import Final

from inkwise.explain.figure.marks import Mark
from inkwise.explain.figure.page import FIELD, NEGATIVE, POSITIVE, RULE, Page, coloured, fitted, text_width
from inkwise.explain.figure.panels import Panel

HEIGHT: Final = 472  # four maps of 28 values at 4 dots, and the gaps between
GAP: Final = 8
LABEL: Final = 22  # for a channel's number above its map
SMALL: Final = 8.5  # points
_TINY: Final = 6.5
_CELLS: Final = (24, 20, 16, 12, 10, 8)
_BAR: Final = 132
_VALUE: Final = 92


@dataclass(frozen=True)
class Maps:
    """Maps in up to four rows."""

    panel: Panel

    @property
    def rows(self) -> int:
        """How many rows the maps are laid in."""
        count = len(self.panel.shown)
        return 1 if count == 1 else 2 if count <= 4 else 3 if count <= 6 else 4

    @property
    def columns(self) -> int:
        """How many columns the maps are laid in."""
        return ceil(len(self.panel.shown) / self.rows)

    @property
    def room(self) -> int:
        """The largest side of a map in dots."""
        return min(336 if self.rows == 1 else 152, (HEIGHT - (self.rows - 1) * GAP) // self.rows)

    @property
    def _side(self) -> int:
        _, high, wide = self.panel.values.shape
        return max(int(high), int(wide))

    @property
    def step(self) -> int:
        """Every how manyth value is drawn: 1 unless a map has more values than dots."""
        return ceil(self._side / self.room)

    @property
    def cell(self) -> int:
        """Dots for each value."""
        return self.room // ceil(self._side / self.step)

    @property
    def size(self) -> tuple[int, int]:
        """Width and height of one map in dots."""
        _, height, width = (self.cell * ceil(side / self.step) for side in self.panel.values.shape)
        return width, height

    @property
    def width(self) -> int:
        """Width of all in dots."""
        return self.columns * (self.size[0] + GAP) - GAP

    @property
    def height(self) -> int:
        """Height of all in dots."""
        return self.rows * (self.label + self.size[1] + GAP) - GAP

    @property
    def label(self) -> int:
        """Dots above each map for its channel's number; 0 where all are shown, in order."""
        return LABEL if len(self.panel.shown) < self.panel.total else 0

    def draw(self, page: Page, x: int, y: int, mark: Mark | None) -> None:
        """Draw the maps with their upper left corner at (x, y)."""
        panel, (wide, high) = self.panel, self.size
        for index, (channel, values) in enumerate(zip(panel.shown, panel.values, strict=True)):
            left = x + index % self.columns * (wide + GAP)
            top = y + index // self.columns * (self.label + high + GAP) + self.label
            if self.label:
                page.text(left, top - 5, self.panel.channel(channel), size=_TINY, colour=page.look.muted)
            picture = coloured(values[:: self.step, :: self.step], panel.reach, signed=panel.signed)
            page.picture(left, top, picture, self.cell)
            page.frame(left, top, wide, high, page.look.grid, line=2)
            if mark is not None:
                self._mark(page, left, top, channel, mark)

    def _mark(self, page: Page, left: int, top: int, index: int, mark: Mark) -> None:
        shape, box = self.panel.shape, mark.box
        y, height = box.y, box.height
        if len(shape) == 2:  # one map, its channels as rows
            chosen = sorted(mark.channels) if mark.channels is not None else [*range(shape[0])]
            y, height = chosen[0], chosen[-1] - chosen[0] + 1
        else:
            planes = self.panel.total // shape[0]
            if mark.channels is not None and index // planes not in mark.channels:
                return
            if mark.at is not None and len(mark.at) == 4 and index % planes != mark.at[1]:
                return
        scale = self.cell / self.step
        if box.width and height:
            page.frame(left + box.x * scale, top + y * scale, box.width * scale, height * scale, FIELD)


@dataclass(frozen=True)
class Strip:
    """Many values, from top to bottom, column after column."""

    panel: Panel

    @property
    def cell(self) -> int:
        """Dots for each value."""
        count = len(self.panel.values)
        return next((cell for cell in _CELLS if ceil(count / (HEIGHT // cell)) * cell <= 130), _CELLS[-1])

    @property
    def columns(self) -> int:
        """How many columns the values are laid in."""
        return ceil(len(self.panel.values) / (HEIGHT // self.cell))

    @property
    def rows(self) -> int:
        """How many values stand in a column."""
        return ceil(len(self.panel.values) / self.columns)

    @property
    def width(self) -> int:
        """Width of all in dots."""
        return self.columns * self.cell

    @property
    def height(self) -> int:
        """Height of all in dots."""
        return self.rows * self.cell

    def draw(self, page: Page, x: int, y: int, mark: Mark | None) -> None:
        """Draw the values with their upper left corner at (x, y)."""
        panel, cell, rows = self.panel, self.cell, self.rows
        for column in range(self.columns):
            values = panel.values[column * rows : (column + 1) * rows, None]
            page.picture(x + column * cell, y, coloured(values, panel.reach, signed=panel.signed), cell)
            page.frame(x + column * cell, y, cell, len(values) * cell, RULE, line=1 if cell < 12 else 2)
        if mark is None:
            return
        first, count = mark.box.x - panel.shown[0], mark.box.width
        if count > 1:
            page.frame(x, y, self.width, rows * cell, FIELD)
        elif 0 <= first < len(panel.values):
            page.frame(x + first // rows * cell, y + first % rows * cell, cell, cell, FIELD)


@dataclass(frozen=True)
class Bars:
    """A few values as bars from zero, each with its name and its value in words."""

    panel: Panel
    names: tuple[str, ...]
    words: tuple[str, ...]
    strong: int | None = None  # the row that stands out

    @property
    def step(self) -> int:
        """Dots from bar to bar."""
        return min(47, HEIGHT // len(self.names))

    @property
    def label(self) -> int:
        """Dots for the names."""
        return min(150, ceil(max(text_width(name, SMALL, bold=True) for name in self.names)) + 14)

    @property
    def width(self) -> int:
        """Width of all in dots."""
        return (
            self.label + _BAR + 12 + max(_VALUE, ceil(max(text_width(word, SMALL, bold=True) for word in self.words)))
        )

    @property
    def height(self) -> int:
        """Height of all in dots."""
        return len(self.names) * self.step

    def draw(self, page: Page, x: int, y: int, mark: Mark | None) -> None:
        """Draw the bars with their upper left corner at (x, y)."""
        panel, look = self.panel, page.look
        below = max(0.0, -panel.low)
        scale = _BAR / ((below + max(0.0, panel.high)) or 1.0)
        zero = round(x + self.label + below * scale)
        for row, (name, word, value) in enumerate(zip(self.names, self.words, panel.values, strict=True)):
            top = y + row * self.step
            middle, strong = top + self.step / 2, row == self.strong
            colour = (POSITIVE if value > 0 else NEGATIVE) if panel.signed else look.ink if strong else look.muted
            length = round(abs(value) * scale)
            page.block(zero - (length if value < 0 else 0), top + self.step // 6, length, 2 * self.step // 3, colour)
            label = fitted(name, SMALL, self.label - 14, bold=True, end=False)
            page.text(
                x + self.label - 14, middle, label, size=SMALL, bold=strong,
                colour=look.ink if strong else look.muted, across="right", down="center",
            )  # fmt: skip
            page.text(
                x + self.label + _BAR + 12, middle, word, size=SMALL, bold=strong,
                colour=look.ink if strong else look.muted, down="center",
            )  # fmt: skip
        page.line((zero, zero), (y, y + self.height), look.muted, line=2)
        if mark is not None:
            first = y + mark.box.x * self.step
            page.frame(x - 6, first, self.width + 6, mark.box.width * self.step, FIELD)
