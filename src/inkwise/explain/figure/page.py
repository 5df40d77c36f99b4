"""A sheet of paper on which everything is placed by hand, in dots from the upper left corner, `DPI` dots to an inch.

Pictures keep whole dots for each of their values, so that every square has the same size and an edge is sharp. Values
become colours on two scales, both white at zero: ink where a layer has no negative value, and red above and blue
below zero otherwise, as kernels are drawn. Nothing here knows of layers.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final, Literal

import numpy as np
from numpy.typing import NDArray

from inkwise.evaluation.canvas import DPI, Theme, inches, plain_figure, png

if TYPE_CHECKING:
    from matplotlib.axes import Axes

Values = NDArray[np.float64]
Picture = NDArray[np.uint8]  # (h, w, 3)
Dots = int | float
Across = Literal["left", "center", "right"]
Down = Literal["top", "center", "bottom", "baseline"]

RULE: Final = "#d5d9de"  # lines within a picture, whose ground is white in either look
FIELD: Final = "#009e73"  # receptive fields and marked values: neither red, blue nor ink, and dark enough on white
POSITIVE: Final = "#d6604d"
NEGATIVE: Final = "#4393c3"


@dataclass(frozen=True)
class _Text:
    x: Dots
    y: Dots
    string: str
    size: Dots
    colour: str
    bold: bool
    across: Across
    down: Down


@dataclass(frozen=True)
class _Path:
    xs: tuple[Dots, ...]
    ys: tuple[Dots, ...]
    colour: str
    width: Dots
    filled: bool = False


@dataclass
class Page:
    """What is to be drawn, in the order in which it was put down; pictures lie under everything else."""

    look: Theme
    pictures: list[tuple[int, int, Picture]] = field(default_factory=list)
    paths: list[_Path] = field(default_factory=list)
    texts: list[_Text] = field(default_factory=list)

    def picture(self, x: int, y: int, picture: Picture, cell: int = 1) -> None:
        """Put a picture's upper left corner at (x, y), each of its values `cell` dots wide and high."""
        self.pictures.append((x, y, picture.repeat(cell, axis=0).repeat(cell, axis=1)))

    def text(
        self,
        x: Dots,
        y: Dots,
        string: str,
        *,
        size: Dots = 8.5,
        colour: str = "",
        bold: bool = False,
        across: Across = "left",
        down: Down = "baseline",
    ) -> None:
        """Write `string` at (x, y), `size` in points; in the look's ink unless another colour is given."""
        self.texts.append(_Text(x, y, string, size, colour or self.look.ink, bold, across, down))

    def frame(self, x: Dots, y: Dots, width: Dots, height: Dots, colour: str, *, line: Dots = 3.0) -> None:
        """Draw a rectangle whose line, `line` dots wide, lies just outside the given one."""
        o = line / 2
        xs = (x - o, x + width + o, x + width + o, x - o, x - o)
        ys = (y - o, y - o, y + height + o, y + height + o, y - o)
        self.paths.append(_Path(xs, ys, colour, line))

    def line(self, xs: Sequence[Dots], ys: Sequence[Dots], colour: str, *, line: Dots = 3.0) -> None:
        """Draw a line through points."""
        self.paths.append(_Path(tuple(xs), tuple(ys), colour, line))

    def block(self, x: Dots, y: Dots, width: Dots, height: Dots, colour: str) -> None:
        """Fill a rectangle."""
        self.paths.append(_Path((x, x + width, x + width, x), (y, y, y + height, y + height), colour, 0.0, filled=True))

    def png(self, width: int, height: int) -> bytes:
        """Return the page cut to `width` x `height` dots, as PNG; the same page gives the same bytes."""
        from matplotlib.colors import to_rgb

        figure = plain_figure(width / DPI, height / DPI, self.look)
        axes = inches(figure, 0.0, 0.0, width / DPI, height / DPI)
        axes.set(xlim=(0, width), ylim=(height, 0))
        ground = np.empty((height, width, 3), np.uint8)
        ground[:] = np.round(255 * np.array(to_rgb(self.look.paper)))
        for x, y, picture in self.pictures:
            ground[y : y + picture.shape[0], x : x + picture.shape[1]] = picture
        axes.imshow(ground, extent=(0, width, height, 0), interpolation="nearest", aspect="auto", zorder=0)
        for path in self.paths:
            _draw(axes, path)
        for text in self.texts:
            axes.text(
                text.x, text.y, text.string, fontsize=text.size, color=text.colour, ha=text.across, va=text.down,
                fontweight="bold" if text.bold else "normal", parse_math=False, zorder=3,
            )  # fmt: skip
        return png(figure)


def _draw(axes: "Axes", path: _Path) -> None:
    if path.filled:
        axes.fill(path.xs, path.ys, color=path.colour, linewidth=0, zorder=1, snap=True)
        return
    points = 72 / DPI * path.width
    axes.plot(
        path.xs, path.ys, color=path.colour, linewidth=points, zorder=2, snap=True,
        solid_joinstyle="miter", solid_capstyle="projecting",
    )  # fmt: skip


def text_width(string: str, size: Dots, *, bold: bool = False) -> float:
    """Return how many dots wide `string` is."""
    from matplotlib.font_manager import FontProperties
    from matplotlib.textpath import text_to_path

    font = FontProperties(size=size, weight="bold" if bold else "normal")
    width, _, _ = text_to_path.get_text_width_height_descent(string, font, ismath=False)
    return float(width) * DPI / 72


def fitted(string: str, size: Dots, room: Dots, *, bold: bool = False, end: bool = True) -> str:
    """Return `string`, cut where it is wider than `room` dots, with "…" there; its end is kept, or its start."""
    dots = "\N{HORIZONTAL ELLIPSIS}"
    cut = string
    while cut and text_width(string if cut == string else cut + dots, size, bold=bold) > room:
        cut = cut[1:] if end else cut[:-1]
    return string if cut == string else f"{dots}{cut}" if end else f"{cut}{dots}"


def wrapped(string: str, size: Dots, room: Dots) -> list[str]:
    """Return `string` in lines no wider than `room` dots, broken at blanks; a word that is wider is cut."""
    lines: list[str] = []
    for word in string.split():
        if lines and text_width(f"{lines[-1]} {word}", size) <= room:
            lines[-1] += f" {word}"
        else:
            lines.append(word)
    return [fitted(line, size, room) for line in lines]


def coloured(values: Values, reach: float, *, signed: bool) -> Picture:
    """Return values (h, w) as colours: 0 white, `reach` the darkest; `signed` for red above and blue below zero."""
    from matplotlib import colormaps

    share = np.clip(values / (reach or 1.0), -1, 1)
    colours = colormaps["RdBu_r"]((share + 1) / 2) if signed else colormaps["gray_r"](share)
    picture: Picture = np.round(255 * colours[..., :3]).astype(np.uint8)
    return picture


def number(value: int | float) -> str:
    """Return a value in about three digits, with a proper minus sign: "1.95", "0.0006", "1,204"."""
    size = abs(value)
    if size >= 1e6:
        digits = f"{value:.1e}".replace("e+0", "e").replace("e+", "e")
    elif size >= 100:
        digits = f"{value:,.0f}"
    elif size >= 0.005 or not size:
        digits = f"{value:.2f}" if size else "0"
    else:
        digits = f"{value:.4f}" if size >= 0.00005 else f"{value:.0e}".replace("e-0", "e-")
    return digits.replace("-", "\N{MINUS SIGN}")
