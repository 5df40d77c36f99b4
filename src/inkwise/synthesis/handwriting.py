"""What a hand does to ink: lines bend, lean and vary in width; and the way of such ink to MNIST's form.

Pictures are uint8 (H, W), ink 255 on a background of 0, drawn on a canvas of three times 28 pixels. Every function
draws from the generator it is given and from nothing else. Knows nothing of what is shown.
"""

from collections.abc import Sequence

import cv2
import numpy as np
from numpy.typing import NDArray

from inkwise.data.normaliser import crop, fit, place

Ink = NDArray[np.uint8]
Floats = NDArray[np.float64]

SIDE = 28
CANVAS = 3 * SIDE
_SHIFT = 4  # bits behind the point in the coordinates that are handed to OpenCV


def distort(ink: Ink, chance: np.random.Generator, *, turn: float = 8.0, slant: float = 0.2, bend: float = 1.6) -> Ink:
    """Return the picture turned, slanted, stretched and bent smoothly, with strokes wider or narrower.

    Args:
        ink: (H, W).
        chance: what is drawn comes from it.
        turn: standard deviation of the angle, degrees; twice that is the most.
        slant: standard deviation of columns moved a row; twice that is the most.
        bend: standard deviation of the displacement in pixels, at control points a third of the picture apart.
    """
    side = ink.shape[0]
    angle, lean, wide, high = np.clip(chance.standard_normal(4), -2, 2) * (np.radians(turn), slant, 0.12, 0.08)
    sine, cosine = np.sin(angle), np.cos(angle)
    linear = np.array([[cosine, sine], [-sine, cosine]]) @ np.array([[np.exp(wide), lean], [0, np.exp(high)]])
    middle = (np.array([ink.shape[1], side]) - 1) / 2
    positions = np.indices(ink.shape, np.float32)[::-1] - middle[:, None, None].astype(np.float32)
    where = np.tensordot(linear.astype(np.float32), positions, 1) + middle[:, None, None].astype(np.float32)
    control = (chance.standard_normal((2, 4, 4)) * bend).astype(np.float32)
    size = (ink.shape[1], side)
    across, down = (w + cv2.resize(c, size, interpolation=cv2.INTER_CUBIC) for w, c in zip(where, control, strict=True))
    bent = np.asarray(cv2.remap(ink, across, down, cv2.INTER_LINEAR, borderValue=0), np.uint8)
    return _vary_width(bent, chance)


def to_form(ink: Ink) -> Ink:
    """Return the picture in MNIST's form, (28, 28); blank where there is no ink."""
    box = crop(ink)
    return np.zeros((SIDE, SIDE), np.uint8) if box is None else place(fit(box))


def pen_width(chance: np.random.Generator) -> int:
    """Return a width in canvas pixels: from a fine pen's to a felt pen's."""
    return int(chance.integers(4, 11))


def draw_line(canvas: Ink, points: Floats, width: int, *, closed: bool = False, level: int = 255) -> None:
    """Draw straight lines from point to point onto the canvas.

    Args:
        canvas: (H, W); is changed.
        points: (n, 2), x to the right and y down, in pixels.
        width: pixels.
        closed: whether a line leads from the last point back to the first.
        level: of the ink, 0 to 255.
    """
    fixed = np.rint(points * 2**_SHIFT).astype(np.int32)
    cv2.polylines(canvas, [fixed[:, None]], closed, level, width, cv2.LINE_AA, _SHIFT)


def fill(canvas: Ink, points: Floats, level: int = 255) -> None:
    """Fill the polygon through (n, 2) points onto the canvas, which is changed."""
    fixed = np.rint(points * 2**_SHIFT).astype(np.int32)
    cv2.fillPoly(canvas, [fixed[:, None]], level, cv2.LINE_AA, _SHIFT)


def curve(points: Floats, steps: int = 8) -> Floats:
    """Return a curve through (n, 2) points, a uniform Catmull-Rom spline of `steps` pieces between two of them."""
    padded = np.vstack([2 * points[0] - points[1], points, 2 * points[-1] - points[-2]])
    before, start, end, after = (padded[i : len(points) - 1 + i, None] for i in range(4))  # (n - 1, 1, 2)
    t = np.linspace(0, 1, steps, endpoint=False)[None, :, None]
    spline = start + t / 2 * (
        end - before + t * (2 * before - 5 * start + 4 * end - after + t * (3 * (start - end) + after - before))
    )
    return np.vstack([spline.reshape(-1, 2), points[-1:]])


def draw_strokes(strokes: Sequence[tuple[Floats, bool]], chance: np.random.Generator) -> Ink:
    """Return strokes written with one pen on a canvas, no point quite where it was meant.

    Args:
        strokes: points (n, 2) from 0 to 9, and whether the stroke is a curve through them or straight lines.
        chance: what is drawn comes from it.
    """
    canvas = np.zeros((CANVAS, CANVAS), np.uint8)
    width = pen_width(chance)
    for points, curved in strokes:
        moved = points + chance.normal(0, 0.35, points.shape)
        draw_line(canvas, CANVAS * (0.2 + 0.6 * (curve(moved) if curved else moved) / 9), width)
    return canvas


def _vary_width(ink: Ink, chance: np.random.Generator) -> Ink:
    change = int(chance.integers(-1, 2))
    if not change:
        return ink
    kernel = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (3, 3))
    varied = cv2.dilate(ink, kernel) if change > 0 else cv2.erode(ink, kernel)
    return np.asarray(varied if varied.max() > 200 else ink, np.uint8)
