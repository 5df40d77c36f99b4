"""Marks that are not the digit: printed rules, the edge of the page, neighbours cut off by the border, specks.

Pictures are ink from 0 to 255 on a background of 0. A mark is dropped only where another one remains that is more
like a digit. Knows nothing of light.
"""

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from inkwise.data.normalising.light import ROOMY, Grey

Mask = NDArray[np.bool_]

_SOLID = 64  # ink from which a pixel belongs to a mark
_FAINT = 24  # ink from which it may belong to a printed rule
_SPECK = 25  # a mark with less ink than this part of the largest is a speck
_PALE = 0.8  # a rule's ink is paler than this share of full ink
_SLOPES = np.linspace(-0.07, 0.07, 29)  # rows a column: up to 4 degrees
_EXAMINED = 160  # longer side at which rules are looked for
_PARTS, _COVERED = 6, 0.5  # a rule covers this share at least of each of so many parts of its way
_APART = 4  # rows between two rules


def drop_rules(ink: Grey) -> tuple[Grey, int]:
    """Return the picture without printed rules, and how many were found.

    A rule is a straight line across the whole picture, within 4 degrees of its sides, paler than full ink. Where a
    stroke crosses it the stroke stays. Pictures with a side under 64 pixels stay as they are.
    """
    if min(ink.shape) < ROOMY:
        return ink, 0
    across, rows = _lines(ink)
    down, columns = _lines(ink.T)
    if not rows + columns:
        return ink, 0
    lines = across | down.T
    return np.where(lines & (ink < _PALE * 255), 0, ink).astype(np.uint8), rows + columns


def _lines(ink: Grey) -> tuple[Mask, int]:
    """Rules from left to right: the pixels they cover, and their number."""
    found = np.zeros(ink.shape, bool)
    faint = ink > _FAINT
    side = max(1, ink.shape[1] // 20)
    if not (faint[:, :side].any() and faint[:, -side:].any()):
        return found, 0
    factor = min(1.0, _EXAMINED / max(ink.shape))
    small = cv2.resize(ink, None, fx=factor, fy=factor, interpolation=cv2.INTER_AREA) if factor < 1 else ink
    height, width = small.shape
    y, x = np.nonzero(small > _FAINT * max(0.5, factor))
    part = x * _PARTS // width
    weight = small[y, x].astype(np.float64)
    lines: list[tuple[float, float, float]] = []  # ink, row in the middle column, slope
    for slope in _SLOPES:
        row = np.rint(y - slope * (x - width / 2)).astype(np.int64)
        inside = (row >= 0) & (row < height)
        cells = part[inside] * height + row[inside]
        shares = np.bincount(cells, minlength=_PARTS * height).reshape(_PARTS, height).min(axis=0) * _PARTS / width
        level = np.bincount(row[inside], weight[inside], minlength=height) / width
        lines += [(float(level[r]), float(r), float(slope)) for r in np.flatnonzero(shares > _COVERED)]
    columns, rows = np.arange(ink.shape[1]), np.arange(ink.shape[0])[:, None]
    taken: list[float] = []
    for _, r, slope in sorted(lines, key=lambda line: (line[0], -abs(line[2])), reverse=True):
        if any(abs(r - other) < _APART for other in taken):
            continue
        taken.append(r)
        distance = np.abs(rows - (r + 0.5) / factor + 0.5 - slope * (columns - ink.shape[1] / 2))
        if np.median(np.where(distance <= 1 / factor, ink, 0).max(axis=0)) >= _PALE * 255:
            taken.pop()
        else:
            found |= distance <= 1 / factor + 2
    return found, len(taken)


@dataclass(frozen=True)
class Kept:
    """The digit's marks alone; how many were left out at the border, and how many as specks."""

    ink: Grey
    at_border: int
    specks: int


def keep_digit(ink: Grey) -> Kept:
    """Return the picture without what is cut off by its border, and without specks.

    A mark at the border goes where it does not reach the middle of the picture and another mark, of some size and
    whole, does not touch the border: it is the edge of a page, or a neighbour. A mark with less than a twenty-fifth
    of the largest one's ink is a speck. Pictures with a side under 64 pixels lose nothing but faint noise: there a
    speck may be part of a stroke.
    """
    small = min(ink.shape) < ROOMY
    mask = (ink > (0 if small else _SOLID)).astype(np.uint8)
    count, found, boxes, _ = cv2.connectedComponentsWithStats(mask, connectivity=8)
    labels, stats = np.asarray(found, np.int32), np.asarray(boxes, np.int32)
    if count <= 1:
        return Kept(np.zeros_like(ink), 0, 0)
    if small:
        strongest = np.zeros(count)
        np.maximum.at(strongest, labels.ravel(), ink.ravel())
        keep = strongest > _SOLID
        keep[0] = False
        return Kept(np.where(keep[labels], ink, 0).astype(np.uint8), 0, int(count - 1 - keep.sum()))
    mass = np.bincount(labels.ravel(), weights=ink.ravel(), minlength=count)
    mass[0] = 0
    touching = _touching(stats, ink.shape)
    touching[0] = True
    whole = ~touching & (np.maximum(stats[:, cv2.CC_STAT_WIDTH], stats[:, cv2.CC_STAT_HEIGHT]) >= max(ink.shape) / 10)
    foreign = np.zeros(count, bool)
    if whole.any() and mass[whole].max() * _SPECK > mass.max():
        foreign = touching & ~_central(labels, count)
        foreign[0] = False
    mass[foreign] = 0
    keep = mass >= mass.max() / _SPECK
    keep[0] = False
    near = cv2.dilate(keep[labels].astype(np.uint8), np.ones((5, 5), np.uint8)) > 0
    near &= keep[labels] | (labels == 0)
    return Kept(
        np.where(near, ink, 0).astype(np.uint8), int(foreign.sum()), int(count - 1 - keep.sum() - foreign.sum())
    )


def _touching(stats: NDArray[np.int32], shape: tuple[int, ...]) -> Mask:
    """Which marks have a pixel at the border."""
    left, top = stats[:, cv2.CC_STAT_LEFT], stats[:, cv2.CC_STAT_TOP]
    right, bottom = left + stats[:, cv2.CC_STAT_WIDTH], top + stats[:, cv2.CC_STAT_HEIGHT]
    return np.asarray((left <= 0) | (top <= 0) | (right >= shape[1]) | (bottom >= shape[0]))


def _central(labels: NDArray[np.int32], count: int) -> Mask:
    """Which marks have a twentieth of their pixels in the middle half of the picture."""
    height, width = labels.shape
    middle = labels[height // 4 : height - height // 4, width // 4 : width - width // 4]
    inside = np.bincount(middle.ravel(), minlength=count)
    return np.asarray(inside * 20 >= np.bincount(labels.ravel(), minlength=count))
