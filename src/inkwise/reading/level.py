"""A page set level: turned by the few degrees by which its lines lean, and the way back for boxes.

Strokes are turned piece by piece, so that what did not touch does not come to touch. Knows nothing of how the lean was
found.
"""

from dataclasses import dataclass
from math import atan, cos, sin

import cv2
import numpy as np
from numpy.typing import NDArray

from inkwise.reading.ink import Ink
from inkwise.reading.pieces import Piece, trimmed

_LEAST = 0.01  # rows per column below which a page is straight enough


@dataclass(frozen=True)
class Level:
    """A page whose lines are level: its ink and pieces. `back` is float64 (2, 3), from its pixels to the page's."""

    ink: Ink
    pieces: list[Piece]
    back: NDArray[np.float64]

    def box(self, piece: Piece) -> tuple[float, float, float, float]:
        """Return the smallest box of a piece on the page as it was: left, top, width and height in pixels."""
        rows, columns = np.nonzero(piece.mask)
        places = np.stack([columns + piece.left + 0.5, rows + piece.top + 0.5, np.ones(len(rows))])
        x, y = self.back @ places
        left, top = float(x.min()) - 0.5, float(y.min()) - 0.5
        return left, top, float(x.max()) + 0.5 - left, float(y.max()) + 0.5 - top


def make_level(ink: Ink, pieces: list[Piece], slope: float) -> Level:
    """Return the page with its lines level.

    Args:
        ink: of the page.
        pieces: of its ink.
        slope: by how many rows lines sink per column.
    """
    if abs(slope) < _LEAST:
        return Level(ink, pieces, np.eye(2, 3))
    angle = atan(slope)
    turn = np.array([[cos(angle), sin(angle)], [-sin(angle), cos(angle)]])
    height, width = ink.mask.shape
    corners = turn @ np.array([[0, width, 0, width], [0, 0, height, height]], np.float64)
    shift = -corners.min(axis=1)
    wide, tall = (int(value) for value in np.ceil(corners.max(axis=1) + shift))
    matrix = np.hstack([turn, shift[:, None]])
    centred = _between_centres(matrix)
    levels = cv2.warpAffine(ink.levels, centred, (wide, tall), flags=cv2.INTER_LINEAR)
    mask = cv2.warpAffine(ink.mask.astype(np.uint8) * 255, centred, (wide, tall), flags=cv2.INTER_LINEAR) > 127
    turned = [each for piece in pieces if (each := _turned(piece, matrix)) is not None]
    level = Ink(np.asarray(levels, np.uint8), np.asarray(mask, np.bool_), ink.factor, ink.light, ink.noise)
    return Level(level, turned, np.hstack([turn.T, -turn.T @ shift[:, None]]))


def _turned(piece: Piece, matrix: NDArray[np.float64]) -> Piece | None:
    """The piece as it lies after the map; None where nothing is left of it."""
    across = np.array([[piece.left, piece.right] * 2, [piece.top] * 2 + [piece.bottom] * 2, [1] * 4], np.float64)
    corners = matrix @ across
    left, top = (int(value) for value in np.floor(corners.min(axis=1)) - 1)
    right, bottom = (int(value) for value in np.ceil(corners.max(axis=1)) + 1)
    own = matrix.copy()
    own[:, 2] += matrix[:, :2] @ np.array([piece.left, piece.top]) - np.array([left, top])
    solid = piece.mask.astype(np.uint8) * 255
    turned = cv2.warpAffine(solid, _between_centres(own), (right - left, bottom - top), flags=cv2.INTER_LINEAR)
    inside = turned[max(-top, 0) :, max(-left, 0) :]
    return trimmed(np.asarray(inside > 127, np.bool_), max(top, 0), max(left, 0))


def _between_centres(matrix: NDArray[np.float64]) -> NDArray[np.float64]:
    """The map for OpenCV, which counts from the middle of the first pixel."""
    moved = matrix.copy()
    moved[:, 2] += matrix[:, :2] @ np.array([0.5, 0.5]) - 0.5
    return moved
