"""Pens: lines of a hand put on paper as ink, from a hairline to a marker.

A pen has a width, a share by which the width follows the pressure and the direction, and an unevenness of its ink.
Strokes are drawn at several times the resolution and averaged, so that edges are as soft as a camera's.
"""

from dataclasses import dataclass
from typing import Literal, get_args

import cv2
import numpy as np

from inkwise.synthesis.noise import Floats, smooth_field, smooth_line

PenKind = Literal["hairline", "ballpoint", "gel", "fountain", "pencil", "felt", "marker"]
PENS: tuple[PenKind, ...] = get_args(PenKind)
Lines = tuple[Floats, ...]

_FIXED = 4  # binary digits after the point of the coordinates that OpenCV takes


@dataclass(frozen=True)
class Pen:
    """How a kind of pen writes.

    `width` is from and to, as shares of a digit's height. `pressure` and `nib` are the shares by which the width
    follows pressure and direction. `flow` is the least and `grain` the speckle of the ink's density of up to 1.
    """

    width: tuple[float, float]
    pressure: float
    nib: float
    flow: float
    grain: float


SETTINGS: dict[PenKind, Pen] = {
    "hairline": Pen((0.022, 0.035), 0.12, 0.0, 0.75, 0.10),
    "ballpoint": Pen((0.035, 0.06), 0.15, 0.0, 0.70, 0.18),
    "gel": Pen((0.05, 0.08), 0.08, 0.0, 0.90, 0.03),
    "fountain": Pen((0.05, 0.09), 0.15, 0.45, 0.85, 0.05),
    "pencil": Pen((0.035, 0.08), 0.20, 0.0, 0.65, 0.35),
    "felt": Pen((0.08, 0.13), 0.10, 0.10, 0.85, 0.05),
    "marker": Pen((0.12, 0.19), 0.05, 0.25, 0.90, 0.02),
}


@dataclass(frozen=True)
class Mark:
    """Ink on paper: `ink` is float32 (H, W) from 0 to 1, and its first pixel lies at (`x`, `y`) of the paper."""

    x: int
    y: int
    ink: Floats


def draw(lines: Lines, kind: PenKind, width: float, chance: np.random.Generator) -> Mark:
    """Return the ink of some lines.

    Args:
        lines: each float32 (M, 2), x and y in pixels of the paper.
        kind: the pen.
        width: of its stroke, in pixels; below one pixel strokes become fainter instead.
        chance: pressure and the ink's unevenness.
    """
    pen = SETTINGS[kind]
    zoom = 4 if width < 4 else 2 if width < 12 else 1
    every = np.concatenate(lines)
    margin = width + 2
    left, top = (int(value) for value in np.floor(every.min(axis=0) - margin))
    right, bottom = (int(value) for value in np.ceil(every.max(axis=0) + margin))
    solid = np.zeros(((bottom - top) * zoom, (right - left) * zoom), np.uint8)
    corner = np.array([left, top], np.float32)
    for line in lines:
        fine = _resampled(line, max(width, 2.0) / 2)
        points = np.rint(((fine - corner + 0.5) * zoom - 0.5) * 2**_FIXED).astype(np.int32)
        thickness = np.maximum(np.rint(_widths(fine, pen, width, chance) * zoom), 1).astype(int)
        for start, end, thick in zip(points[:-1], points[1:], thickness, strict=False):
            cv2.line(solid, start.tolist(), end.tolist(), 255, int(thick), cv2.LINE_AA, _FIXED)
    high, wide = bottom - top, right - left
    small = np.asarray(cv2.resize(solid, (wide, high), interpolation=cv2.INTER_AREA) / 255, np.float32)
    density = 1 - (1 - pen.flow) * np.minimum(np.abs(smooth_field(chance, high, wide, max(7 * width, 8.0))), 1.6)
    if pen.grain:
        speckle = smooth_field(chance, high, wide, max(width / 5, 1.0))
        density -= pen.grain * np.maximum(speckle - 0.3, 0)
    return Mark(left, top, np.asarray(small * np.clip(density, 0.15, 1) * min(1.0, width + 0.25), np.float32))


def _resampled(line: Floats, step: float) -> Floats:
    """The line with points about `step` pixels apart; a dot becomes a very short line."""
    if len(line) == 1:
        line = np.concatenate([line, line + np.float32(0.3)])
    along = np.concatenate([[0], np.cumsum(np.hypot(*np.diff(line, axis=0).T))])
    at = np.linspace(0, along[-1], max(2, int(along[-1] / step) + 1))
    return np.stack([np.interp(at, along, line[:, axis]) for axis in (0, 1)], axis=1).astype(np.float32)


def _widths(line: Floats, pen: Pen, width: float, chance: np.random.Generator) -> Floats:
    """The width in pixels of each piece between two points."""
    step = np.diff(line, axis=0)
    wave = smooth_line(chance, len(step), 8.0)
    factor = 1 + pen.pressure * np.clip(wave, -2, 2)
    if pen.nib:  # broad in strokes downwards to the right, as of a nib held at 45 degrees
        factor = factor * (1 + pen.nib * np.sin(np.arctan2(step[:, 1], step[:, 0]) * 2))
    return np.asarray(width * np.maximum(factor, 0.4), np.float32)
