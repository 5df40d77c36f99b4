"""A surface for pictures of arrays: cells with numbers, pictures, bars and text, in the look that all pictures share.

Drawn with Pillow, since an animation has dozens of frames and matplotlib takes half a second for one. Places are in
points, which are pixels at scale 1. Zero has the paper's colour; what is above it is red, what is below it blue.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Final, Literal

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageColor, ImageDraw, ImageFont

from inkwise.evaluation.canvas import Theme, theme

Rgb = tuple[int, int, int]
Points = int | float  # a length; at scale 1 a pixel
Values = NDArray[np.float64]
Anchor = Literal["lm", "mm", "rm", "la", "ma"]

_ABOVE: Final = {False: (178, 24, 43), True: (226, 103, 92)}  # the ends of matplotlib's RdBu_r; lighter on dark
_BELOW: Final = {False: (33, 102, 172), True: (92, 160, 222)}
MINUS: Final = "\N{MINUS SIGN}"
SMALLEST: Final = 9  # points: text below this is not read


@dataclass(frozen=True)
class Spot:
    """A rectangle in points: its upper left corner and its size."""

    x: Points
    y: Points
    width: Points
    height: Points

    @property
    def right(self) -> Points:
        """The x of the right edge."""
        return self.x + self.width

    @property
    def bottom(self) -> Points:
        """The y of the lower edge."""
        return self.y + self.height


class Board:
    """One picture that is being drawn."""

    def __init__(self, width: Points, height: Points, *, dark: bool = False, scale: int = 1) -> None:
        self.look: Theme = theme(dark)
        self.dark, self.scale = dark, scale
        self.image = Image.new("RGB", (round(width * scale), round(height * scale)), self.look.paper)
        self.pen = ImageDraw.Draw(self.image)

    def rgb(self, colour: str) -> Rgb:
        """Return a theme's colour as numbers."""
        red, green, blue = ImageColor.getrgb(colour)[:3]
        return red, green, blue

    def signed(self, values: Values, reach: int | float) -> NDArray[np.uint8]:
        """Return the colours of values: (..., 3), the paper's at 0 and full at plus and minus `reach`."""
        share = np.clip(np.nan_to_num(values) / (reach or 1.0), -1, 1)[..., None]
        paper, above, below = (np.asarray(colour, np.float64) for colour in (self._zero, *self._ends))
        mixed = np.where(share > 0, paper + share * (above - paper), paper - share * (below - paper))
        return np.asarray(np.rint(mixed), np.uint8)

    def grey(self, values: Values, low: int | float, high: int | float, *, light: bool) -> NDArray[np.uint8]:
        """Return greys of values: from white at `low` to black at `high`, or the other way where `light`."""
        share = np.clip((np.nan_to_num(values) - low) / ((high - low) or 1.0), 0, 1)
        level = np.rint(255 * (share if light else 1 - share))
        return np.repeat(np.asarray(level, np.uint8)[..., None], 3, axis=-1)

    def text(
        self,
        x: Points,
        y: Points,
        text: str,
        *,
        size: Points = 14,
        colour: str | Rgb | None = None,
        bold: bool = False,
        anchor: Anchor = "lm",
    ) -> None:
        """Write one line at a place; `anchor` as in Pillow."""
        font = _font(bold, size * self.scale)
        self.pen.text((x * self.scale, y * self.scale), text, fill=colour or self.look.ink, font=font, anchor=anchor)

    def fill(self, spot: Spot, colour: str | Rgb) -> None:
        """Fill a rectangle."""
        self.pen.rectangle(self._box(spot), fill=colour)

    def frame(self, spot: Spot, colour: str | Rgb, width: Points = 1) -> None:
        """Draw a rectangle's outline, outside of it."""
        left, top, right, bottom = self._box(spot)
        wide = max(1, round(width * self.scale))
        for grow in range(wide):
            self.pen.rectangle((left - grow, top - grow, right + grow, bottom + grow), outline=colour)

    def line(self, points: Sequence[tuple[Points, Points]], colour: str | Rgb, width: Points = 1) -> None:
        """Draw straight lines through points."""
        wide = max(1, round(width * self.scale))
        self.pen.line([(x * self.scale, y * self.scale) for x, y in points], fill=colour, width=wide)

    def cell(
        self, spot: Spot, text: str, *, size: Points, paper: str | Rgb | None = None, ink: str | Rgb | None = None
    ) -> None:
        """Draw one cell with its number, in an ink that can be read on its paper; without it at size 0."""
        ground = self.rgb(paper) if isinstance(paper, str) else paper or self.rgb(self.look.paper)
        self.fill(spot, ground)
        self.frame(Spot(spot.x, spot.y, spot.width, spot.height), self.look.grid)
        if text and size:
            colour = ink or (self.look.ink if self._readable(ground) else self.look.paper)
            middle = spot.x + spot.width / 2, spot.y + spot.height / 2
            self.text(*middle, text.replace("-", MINUS), size=size, colour=colour, anchor="mm")

    def picture(self, spot: Spot, colours: NDArray[np.uint8]) -> None:
        """Draw (H, W, 3) colours over a rectangle: squares where there is room, means where there is not."""
        left, top, right, bottom = self._box(spot)
        size = (right - left + 1, bottom - top + 1)
        shrinks = colours.shape[1] > size[0] or colours.shape[0] > size[1]
        way = Image.Resampling.BOX if shrinks else Image.Resampling.NEAREST
        self.image.paste(Image.fromarray(np.ascontiguousarray(colours)).resize(size, way), (left, top))

    def bars(self, spot: Spot, values: Values, low: int | float, high: int | float, colour: str | Rgb) -> None:
        """Draw values as bars over a rectangle that goes from `low`, at most 0, to `high`, at least 0.

        Where a bar would be narrower than a pixel, each column has the span of the values that fall into it.
        """
        s = self.scale
        zero = spot.y + spot.height * high / ((high - low) or 1.0)
        self.line([(spot.x, zero), (spot.right, zero)], self.look.grid)
        columns = min(round(spot.width * s), len(values))
        gap = s if spot.width / columns >= 6 else 0
        for column in range(columns):
            part = values[column * len(values) // columns : (column + 1) * len(values) // columns]
            part = part[np.isfinite(part) & (part != 0)]
            if part.size:
                least, most = min(0.0, float(part.min())), max(0.0, float(part.max()))
                left, right = (round((spot.x + c * spot.width / columns) * s) for c in (column, column + 1))
                top, bottom = (round(s * (zero - spot.height * v / ((high - low) or 1.0))) for v in (most, least))
                self.pen.rectangle((left, top, max(left, right - 1 - gap), max(top, bottom - 1)), fill=colour)

    @property
    def _zero(self) -> Rgb:
        return self.rgb(self.look.ramp[0]) if self.dark else self.rgb(self.look.paper)

    @property
    def _ends(self) -> tuple[Rgb, Rgb]:
        return _ABOVE[self.dark], _BELOW[self.dark]

    def _readable(self, ground: Rgb) -> bool:
        """Return whether the theme's ink stands out from `ground` more than its paper does (relative luminance)."""
        light = (0.2126 * ground[0] + 0.7152 * ground[1] + 0.0722 * ground[2]) / 255
        return light < 0.45 if self.dark else light > 0.45

    def _box(self, spot: Spot) -> tuple[int, int, int, int]:
        s = self.scale
        left, top = round(spot.x * s), round(spot.y * s)
        return left, top, max(left, round(spot.right * s) - 1), max(top, round(spot.bottom * s) - 1)


def text_width(text: str, size: Points, *, bold: bool = False) -> float:
    """Return how wide a line of text is, in points."""
    return float(_font(bold, size).getlength(text))


def fitting(texts: Sequence[str], width: Points, height: Points, largest: Points = 17) -> Points:
    """Return the size at which every text fits into cells of `width` x `height` points; 0 where none can be read."""
    longest = max((text_width(text.replace("-", MINUS), 100) for text in texts), default=1.0) or 1.0
    size = min(largest, 0.5 * height, 84 * width / longest)
    return size if size >= SMALLEST else 0


@cache
def _font(bold: bool, size: Points) -> ImageFont.FreeTypeFont:
    import matplotlib as mpl

    name = "DejaVuSans-Bold.ttf" if bold else "DejaVuSans.ttf"
    return ImageFont.truetype(Path(mpl.get_data_path()) / "fonts" / "ttf" / name, size)
