"""Pages with numbers on them whose truth is known: handwriting, paper, light and camera, all from one seed.

A page is composed (`page_text`), written by a hand (`hand`) with a pen (`pen`) on a sheet (`paper`), and taken by a
camera or scanner (`camera`). Every part draws from its own numbers, so that changing one field of the style leaves
the rest of the page as it was. The picture depends on the digits, the seed and the style alone.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from inkwise.data.dataset import Split
from inkwise.synthesis.camera import aim, move, take
from inkwise.synthesis.hand import Hand, Written, extent
from inkwise.synthesis.noise import Floats, generator
from inkwise.synthesis.page_style import Ink, PageStyle, draw_style
from inkwise.synthesis.page_text import compose
from inkwise.synthesis.paper import make_sheet
from inkwise.synthesis.pen import SETTINGS, Mark, draw

Box = tuple[int, int, int, int]

INKS: dict[Ink, tuple[int, int, int]] = {
    "blue": (40, 60, 160),
    "navy": (30, 35, 95),
    "black": (28, 28, 30),
    "red": (185, 35, 40),
    "green": (25, 110, 65),
    "grey": (85, 85, 88),
}
_MARGIN = 0.07  # of the sheet left free at each side


@dataclass(frozen=True)
class DrawnDigit:
    """A digit and its box `[x, y, width, height]`, in pixels of the upright page."""

    label: int
    box: Box


@dataclass(frozen=True)
class DrawnLine:
    """A line as it is to be read: the text's digits are `digits`, from left to right.

    `text` has a blank at a wide gap, and where a sign or letters stand between digits, other than a point or comma.
    """

    text: str
    box: Box
    digits: tuple[DrawnDigit, ...]


@dataclass(frozen=True)
class DrawnSign:
    """What is written and is no digit."""

    text: str
    box: Box


@dataclass(frozen=True)
class DrawnPage:
    """A picture and its truth.

    `image` is uint8 (H, W, 3), red first, turned by `rotation` degrees clockwise: `np.rot90(image, rotation // 90)`
    is the upright page, in whose pixels the boxes are. `lines` are in reading order; where `loose`, digits are
    scattered and their order means nothing, each then being a line of its own.
    """

    image: NDArray[np.uint8]
    rotation: int
    lines: tuple[DrawnLine, ...]
    signs: tuple[DrawnSign, ...]
    loose: bool
    style: PageStyle

    @property
    def upright(self) -> NDArray[np.uint8]:
        """The page turned upright."""
        return np.ascontiguousarray(np.rot90(self.image, self.rotation // 90))


def draw_page(digits: Split, seed: int, style: PageStyle | None = None) -> DrawnPage:
    """Return a page on which some of the digits are written.

    Args:
        digits: in MNIST's form, labels 0 to 9: what the writer's digits are shaped after.
        seed: another seed gives another page of the same style.
        style: how it looks; None draws one from the seed.

    Raises:
        DataError: the digits are none, or not in MNIST's form.
    """
    style = draw_style(seed) if style is None else style
    short = min(style.width, style.height)
    height = style.digit_height * short
    left, top = _MARGIN * style.width, _MARGIN * style.height
    if style.header:
        top += 0.1 * style.height
    room = ((1 - _MARGIN) * style.width - left, (1 - _MARGIN) * style.height - top)
    rows = compose(style, room[0] / height, room[1] / height, generator("text", seed))
    written = Hand(digits, style, generator("hand", seed)).write(rows, left, top, height)
    low, high = SETTINGS[style.pen].width
    width = height * float(generator("width", seed).uniform(low, high))
    written = [one for one in written if _fits(one, style)]
    sheet = make_sheet(style, seed, height)
    chance = generator("ink", seed)
    colour = np.asarray(np.clip(np.array(INKS[style.ink]) + chance.normal(0, 8, 3), 0, 255) / 255, np.float32)
    for one in written:
        _put(sheet, draw(one.lines, style.pen, width, chance), colour, style.strength)
    reach = max(width, 1.0) / 2
    edge = np.concatenate([extent(one.lines, reach) for one in written] or [np.full((1, 2), short / 2, np.float32)])
    matrix = aim(style, seed, edge)
    image = take(sheet, matrix, style, seed)
    boxes = [_box(move(extent(one.lines, reach), matrix), style) for one in written]
    return DrawnPage(
        image=np.ascontiguousarray(np.rot90(image, -style.rotation // 90)),
        rotation=style.rotation,
        lines=_lines(written, boxes),
        signs=tuple(DrawnSign(one.text, box) for one, box in zip(written, boxes, strict=True) if one.label is None),
        loose=style.layout == "scattered",
        style=style,
    )


def _fits(one: Written, style: PageStyle) -> bool:
    """Whether a character is wholly on the sheet, with a little room."""
    every = np.concatenate(one.lines)
    near = 0.015 * min(style.width, style.height)
    limit = np.array([style.width, style.height]) - near
    return bool((every >= near).all() and (every <= limit).all())


def _put(sheet: Floats, mark: Mark, colour: Floats, strength: float) -> None:
    """Lay ink on the sheet; where strokes cross, it is darker."""
    top, left = max(mark.y, 0), max(mark.x, 0)
    ink = mark.ink[top - mark.y :, left - mark.x :]
    part = sheet[top : top + ink.shape[0], left : left + ink.shape[1]]
    cover = (ink[: part.shape[0], : part.shape[1]] * np.float32(strength))[..., None]
    part *= 1 - cover * (1 - colour)


def _box(points: Floats, style: PageStyle) -> Box:
    """The smallest box of whole pixels around the points, within the page."""
    limit = np.array([style.width, style.height])
    low = np.clip(np.floor(points.min(axis=0) + 0.5), 0, limit - 1).astype(int)
    high = np.clip(np.ceil(points.max(axis=0) + 0.5), low + 1, limit).astype(int)
    return (int(low[0]), int(low[1]), int(high[0] - low[0]), int(high[1] - low[1]))


def _lines(written: list[Written], boxes: list[Box]) -> tuple[DrawnLine, ...]:
    """The truth: rows from the top, each as it is to be read."""
    lines = []
    for row in sorted({one.row for one in written}):
        text, digits, wide = "", [], False
        word = -1
        for one, box in zip(written, boxes, strict=True):
            if one.row != row:
                continue
            wide = wide or (one.word != word) or (one.label is None and one.text not in ".,")
            word = one.word
            if one.label is not None:
                text += (" " if wide and text else "") + str(one.label)
                digits.append(DrawnDigit(one.label, box))
                wide = False
        if digits:
            lines.append(DrawnLine(text, _around([digit.box for digit in digits]), tuple(digits)))
    return tuple(lines)


def _around(boxes: list[Box]) -> Box:
    """The smallest box that holds all boxes."""
    left, top = min(box[0] for box in boxes), min(box[1] for box in boxes)
    right, bottom = max(box[0] + box[2] for box in boxes), max(box[1] + box[3] for box in boxes)
    return (left, top, right - left, bottom - top)
