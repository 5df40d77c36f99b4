"""What the stages of a reading made of a page, as pictures of the page turned upright: light, ink, pieces, lines.

Light, ink and pieces come from the room's own functions. Which way up, and what belongs to which line, is the
reading's and not decided anew. Of a page that lies askew, pieces are shown as they stand on it.
"""

from dataclasses import dataclass

import cv2
import numpy as np

from inkwise.reading.ink import Grey, Ink, find_ink, shrink
from inkwise.reading.page import Box, Line, Page
from inkwise.reading.pieces import Piece, find_pieces, typical_size, without_dirt
from inkwise.reading.rules import without_rules

# Told apart by who sees colours differently too: Okabe & Ito's, without yellow and black.
_COLOURS = ((0, 114, 178), (213, 94, 0), (0, 140, 105), (180, 80, 140), (60, 150, 205), (200, 130, 0))
_LEFT_OUT = (205, 205, 205)


@dataclass(frozen=True)
class PageStage:
    """One stage: `picture` is uint8 (H, W), or (H, W, 3) in red, green and blue; `text` says what is seen on it."""

    name: str
    text: str
    picture: Grey


def page_stages(picture: Grey, page: Page) -> tuple[PageStage, ...]:
    """Return every stage of the reading of a page.

    Args:
        picture: uint8 (H, W) grey or (H, W, 3) colour, as it was given to be read.
        page: what was read from it.

    Returns:
        The page, its light, its ink, and where there are any its pieces and lines; at most as large as the size at
        which pages are examined.
    """
    upright = np.ascontiguousarray(np.rot90(picture, page.rotation // 90))
    first = find_ink(upright)
    ink = without_rules(first)
    ruled = np.count_nonzero(first.mask) > np.count_nonzero(ink.mask)
    stroke = "lighter" if ink.light else "darker"
    found = [
        PageStage("page", _size(upright, page.rotation), shrink(upright)[0]),
        PageStage(
            "light",
            "how much of the paper's light is missing; shadow and the paper's colour are divided out",
            np.asarray(255 - first.levels, np.uint8),
        ),
        PageStage(
            "ink",
            f"what is {stroke} than its ground; {'ruled lines are taken out' if ruled else 'no ruled lines found'}",
            np.asarray(np.where(ink.mask, 0, 255), np.uint8),
        ),
    ]
    every = find_pieces(ink)
    if not every:
        return tuple(found)
    size = typical_size(every)
    pieces = without_dirt(every, size)
    dirt = f", {len(every) - len(pieces):,} left out as dirt (grey)" if len(pieces) < len(every) else ""
    told = f"{len(pieces):,} pieces that hang together{dirt}; most are {size * ink.factor:.0f} pixels large"
    groups = [[piece] for piece in sorted(pieces, key=lambda piece: (piece.left, piece.top))]
    found.append(PageStage("pieces", told, _coloured(ink, every, groups)))
    if page.lines:
        lines = [_of_line(pieces, line, ink.factor) for line in page.lines]
        told = f"{len(lines):,} line{'' if len(lines) == 1 else 's'} of writing, each in its colour; grey is no number"
        found.append(PageStage("lines", told, _coloured(ink, every, lines)))
    return tuple(found)


def _of_line(pieces: list[Piece], line: Line, factor: float) -> list[Piece]:
    """The pieces that lie mostly within a digit of the line."""
    return [piece for piece in pieces if any(_shared(piece, digit.box, factor) > 0.5 for digit in line.digits)]


def _shared(piece: Piece, box: Box, factor: float) -> float:
    """The share of the smaller of a piece's box and a digit's that they have in common."""
    left, top, width, height = (value / factor for value in box)
    wide = min(piece.right, left + width) - max(piece.left, left)
    high = min(piece.bottom, top + height) - max(piece.top, top)
    return max(wide, 0) * max(high, 0) / max(1, min(piece.width * piece.height, width * height))


def _size(picture: Grey, rotation: int) -> str:
    turned = f", turned upright from {rotation} degrees" if rotation else ""
    return f"{picture.shape[1]:,} x {picture.shape[0]:,} pixels{turned}"


def _coloured(ink: Ink, every: list[Piece], groups: list[list[Piece]]) -> Grey:
    """White paper with all pieces in grey, and those of each group in its colour."""
    canvas = np.full((*ink.mask.shape, 3), 255, np.uint8)
    for piece in every:
        _fill(canvas, piece, _LEFT_OUT)
    for index, group in enumerate(groups):
        for piece in group:
            _fill(canvas, piece, _COLOURS[index % len(_COLOURS)])
    return canvas


def _fill(canvas: Grey, piece: Piece, colour: tuple[int, int, int]) -> None:
    canvas[piece.top : piece.bottom, piece.left : piece.right][piece.mask] = colour


def smaller(picture: Grey, longer: int) -> Grey:
    """Return the picture with its longer side at most `longer` pixels."""
    factor = longer / max(picture.shape[:2])
    if factor >= 1:
        return picture
    size = (max(1, round(picture.shape[1] * factor)), max(1, round(picture.shape[0] * factor)))
    return np.asarray(cv2.resize(picture, size, interpolation=cv2.INTER_AREA), np.uint8)
