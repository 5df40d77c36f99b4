"""Pieces of ink: what hangs together on a page, as small masks with their place.

A piece knows where its own ink is, so that two of them whose boxes overlap do not leak into each other. Dirt, frames
and print that shows through are left out here; what a piece means is not known here.
"""

from dataclasses import dataclass
from functools import cached_property

import cv2
import numpy as np
from numpy.typing import NDArray

from inkwise.reading.ink import Ink, Mask

MOST = 4000  # pieces of a page that are looked at, the largest ones
_SOFT = 0.6  # darkness two pixels beside a stroke, as a share of its own, from which it is a shadow
_THROUGH = 0.42  # print showing through has less than this share of the page's darkest ink


@dataclass(frozen=True)
class Piece:
    """Ink that belongs together: `mask` is bool (h, w), its upper left pixel at row `top`, column `left`."""

    mask: Mask
    top: int
    left: int

    @property
    def bottom(self) -> int:
        """The row below its lowest."""
        return self.top + self.height

    @property
    def right(self) -> int:
        """The column right of its last."""
        return self.left + self.width

    @property
    def height(self) -> int:
        """Rows from its highest pixel to its lowest."""
        return int(self.mask.shape[0])

    @property
    def width(self) -> int:
        """Columns from its first pixel to its last."""
        return int(self.mask.shape[1])

    @property
    def longer(self) -> int:
        """The longer side of its box."""
        return max(self.height, self.width)

    @cached_property
    def area(self) -> int:
        """Pixels of ink."""
        return int(np.count_nonzero(self.mask))

    @cached_property
    def stroke(self) -> float:
        """The mean width of its strokes, in pixels."""
        edged = cv2.copyMakeBorder(self.mask.astype(np.uint8), 1, 1, 1, 1, cv2.BORDER_CONSTANT)
        depth = cv2.distanceTransform(edged, cv2.DIST_L2, 3)
        # Depth rises linearly from the rim: its mean is a quarter of the width.
        return max(1.0, 4 * float(depth[edged > 0].mean()) - 1)

    @property
    def x(self) -> float:
        """The column of its box's middle."""
        return (self.left + self.right) / 2

    @property
    def y(self) -> float:
        """The row of its box's middle."""
        return (self.top + self.bottom) / 2

    @property
    def box(self) -> tuple[int, int, int, int]:
        """Left, top, width and height."""
        return self.left, self.top, self.width, self.height


def union(pieces: "list[Piece] | tuple[Piece, ...]") -> Piece:
    """Return several pieces as one."""
    if len(pieces) == 1:
        return pieces[0]
    top, left = min(piece.top for piece in pieces), min(piece.left for piece in pieces)
    bottom, right = max(piece.bottom for piece in pieces), max(piece.right for piece in pieces)
    mask = np.zeros((bottom - top, right - left), np.bool_)
    for piece in pieces:
        mask[piece.top - top : piece.bottom - top, piece.left - left : piece.right - left] |= piece.mask
    return Piece(mask, top, left)


def trimmed(mask: Mask, top: int, left: int) -> Piece | None:
    """Return the piece with that mask in its smallest box; None where the mask is empty."""
    x, y, width, height = cv2.boundingRect(mask.astype(np.uint8))
    if not width:
        return None
    return Piece(np.ascontiguousarray(mask[y : y + height, x : x + width]), top + y, left + x)


def find_pieces(ink: Ink) -> list[Piece]:
    """Return the connected pieces of a page's ink that may be digits or parts of them, in no order."""
    count, marks, measured, _ = cv2.connectedComponentsWithStats(ink.mask.astype(np.uint8), connectivity=8)
    labels, stats = np.asarray(marks, np.int32), np.asarray(measured, np.int32)
    if count <= 1:
        return []
    keep = _digit_like(ink, stats) & _dark(ink, labels, count, stats)
    chosen = np.flatnonzero(keep)
    if chosen.size > MOST:
        chosen = chosen[np.argsort(stats[chosen, cv2.CC_STAT_AREA])[-MOST:]]
    found = []
    for index in chosen:
        left, top, width, height = (int(value) for value in stats[index, :4])
        found.append(Piece(labels[top : top + height, left : left + width] == index, top, left))
    return [piece for piece in found if piece.stroke < 0.45 * piece.longer or piece.longer < 8]


def typical_size(pieces: list[Piece], *, upright: bool = False) -> float:
    """Return the size of the page's digits: the one that most pieces have, within a factor of 1.5 either way.

    A piece's size is its height where the page is upright. Where that is not known it is the longer side, but not more
    than twice the shorter one of what is not a single stroke: digits that touch make long pieces.

    Larger pieces count more, which keeps dirt, of which there may be more than of digits, from deciding; but less
    than by their size, which keeps a frame or a long line from it.
    """
    sizes = np.sort(np.array([piece.height if upright else _side(piece) for piece in pieces], np.float64))
    votes = np.concatenate([[0.0], np.cumsum(sizes**0.75)])
    first, last = np.searchsorted(sizes, sizes / 1.5), np.searchsorted(sizes, sizes * 1.5, side="right")
    best = int(np.argmax(votes[last] - votes[first]))
    return float(np.median(sizes[first[best] : last[best]]))


def _side(piece: Piece) -> float:
    shorter = min(piece.width, piece.height)
    return float(min(piece.longer, 2 * shorter) if shorter > 4 * piece.stroke else piece.longer)


def without_dirt(pieces: list[Piece], size: float) -> list[Piece]:
    """Return the pieces that are not far smaller or larger than the page's digits are."""
    return [piece for piece in pieces if 0.2 * size <= piece.longer <= 12 * size]


def _digit_like(ink: Ink, stats: NDArray[np.int32]) -> Mask:
    """Which components are neither specks nor frames of the page."""
    height, width = ink.mask.shape
    left, top, wide, tall, area = (stats[:, column] for column in range(5))
    longer = np.maximum(wide, tall)
    rim = max(2, max(height, width) // 150)
    touching = (left < rim) | (top < rim) | (left + wide > width - rim) | (top + tall > height - rim)
    edge = touching & ((longer > max(height, width) / 6) | (np.minimum(wide, tall) <= 3 * rim))
    frame = (wide > 0.6 * width) & (tall > 0.6 * height)
    found = (longer >= 5) & (area >= 6) & ~frame & ~edge
    found[0] = False
    return np.asarray(found, np.bool_)


def _dark(ink: Ink, labels: NDArray[np.int32], count: int, stats: NDArray[np.int32]) -> Mask:
    """Which components are dark enough to be on this side of the paper."""
    places = np.flatnonzero(ink.mask)
    owners = labels.ravel()[places]
    darkness = np.bincount(owners, weights=ink.levels.ravel()[places], minlength=count) / np.maximum(stats[:, 4], 1)
    longer = np.maximum(stats[:, 2], stats[:, 3])
    longer[0] = 0
    large = longer >= max(8, 0.5 * float(np.percentile(longer[1:], 90)))
    levels = np.sort(darkness[large])
    if not levels.size:
        return np.ones(count, np.bool_)
    full = float(levels[-min(3, levels.size)])  # a single blot does not count as the page's ink
    return np.asarray((darkness >= _THROUGH * full) & _sharp(ink, labels, count, darkness), np.bool_)


def _sharp(ink: Ink, labels: NDArray[np.int32], count: int, darkness: NDArray[np.float64]) -> Mask:
    """Which components end within two pixels, as strokes do and shadows do not."""
    grown = labels.astype(np.float32)
    near, far = (cv2.dilate(grown, np.ones((side, side), np.uint8)) for side in (3, 5))
    places = np.flatnonzero((near == 0) & (far > 0))
    owners = np.asarray(far.ravel()[places], np.int64)
    total = np.bincount(owners, weights=ink.levels.ravel()[places], minlength=count)
    beside = total / np.maximum(np.bincount(owners, minlength=count), 1)
    return np.asarray(beside < _SOFT * darkness, np.bool_)
