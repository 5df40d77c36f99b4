"""Objects: filled, shaded silhouettes as of clothes, shoes, bags and vessels, that take up most of a picture.

They have no strokes and many levels of grey, unlike anything written. The solids of `other_object` are made by rules
of their own, for measuring on what was not learned from.
"""

from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from inkwise.synthesis.handwriting import CANVAS, SIDE, Floats, Ink, curve, distort, draw_line, fill
from inkwise.synthesis.noise import smooth_field

_GARMENTS: dict[str, str] = {  # half outlines as in `inkwise.synthesis.letters`; the rest is their mirror
    "shirt, short sleeves": "50 60 93 85 74 79 59",
    "shirt, long sleeves": "50 60 83 99 88 74 79 59",
    "trousers": "50 70 79 69 53",
    "dress": "52 60 70 73 89 59",
    "coat": "50 60 82 98 88 73 89 59",
    "vessel": "50 65 62 74 78 69 59",
    "bag": "53 93 98 59",
}
_SHOES: dict[str, str] = {
    "shoe": "03 24 44 66 86 98 08",
    "boot": "20 60 65 87 99 29",
    "heel": "04 24 67 98 68 35 29 19",
    "hat": "07 27 33 62 76 97 98 08",
    "leaf": "50 83 86 59 16 13",
}


def garment(chance: np.random.Generator) -> Ink:
    """Return a filled outline with shading, pattern and seams, (28, 28), most of it covered."""
    canvas = np.zeros((CANVAS, CANVAS), np.uint8)
    kinds = _GARMENTS | _SHOES
    name = list(kinds)[chance.integers(len(kinds))]
    half = np.array([[int(pair[0]), int(pair[1])] for pair in kinds[name].split()], np.float64)
    half = half + chance.normal(0, 0.4, half.shape)
    if name in _GARMENTS:
        half[:, 0] = np.maximum(half[:, 0], 4.5)
        half[[0, -1], 0] = 4.5 + np.array([0.8, 0.0]) * (chance.random() < 0.7)
        outline = np.vstack([half, (np.array([9.0, 0.0]) - half * [1, -1])[::-1]])
    else:
        outline = half * [1, 1] if chance.random() < 0.5 else np.array([9.0, 0.0]) - half * [1, -1]
    outline = CANVAS * (0.08 + 0.84 * outline / 9)
    fill(canvas, curve(np.vstack([outline, outline[:1]])) if chance.random() < 0.4 else outline)
    if name == "bag":
        handle = curve(np.array([[2.5, 3.2], [3.0, 1.0], [6.0, 1.0], [6.5, 3.2]]) + chance.normal(0, 0.2, (4, 2)))
        draw_line(canvas, CANVAS * (0.08 + 0.84 * handle / 9), int(chance.integers(3, 7)))
    return _small(distort(canvas, chance, turn=4.0, slant=0.06), _shading(chance), chance)


def other_object(chance: np.random.Generator) -> Ink:
    """Return a box seen from a corner, a lit ball or a lump of melting blobs, (28, 28), most of it covered."""
    shade: NDArray[Any] = np.zeros((CANVAS, CANVAS))
    y, x = np.mgrid[-1 : 1 : CANVAS * 1j, -1 : 1 : CANVAS * 1j].astype(np.float32)
    kind = chance.integers(3)
    if kind == 0:
        mask = np.zeros((CANVAS, CANVAS), np.uint8)
        wide, deep, high = chance.uniform(0.3, 0.5, 3) * CANVAS
        corner = np.array([CANVAS / 2, CANVAS / 2 - high / 3])
        right, left, down = np.array([wide, -deep / 2]), np.array([-deep, -wide / 2]), np.array([0, high])
        for a, b, level in ((right, left, 230), (right, down, 150), (left, down, 80)):
            fill(
                mask, np.stack([corner, corner + a, corner + a + b, corner + b]), int(level + chance.integers(-25, 25))
            )
        shade = mask / 255
    elif kind == 1:
        depth = np.sqrt(np.clip(1 - (x / chance.uniform(0.6, 0.95)) ** 2 - (y / chance.uniform(0.6, 0.95)) ** 2, 0, 1))
        light = chance.uniform(-0.7, 0.7, 2)
        shade = (depth > 0) * np.clip(0.35 + 0.65 * depth + light[0] * x + light[1] * y, 0.15, 1)
    else:
        lump = np.zeros_like(x)
        for a, b, size in chance.uniform((-0.5, -0.5, 0.2), (0.5, 0.5, 0.4), (6, 3)):
            lump += np.exp(-((x - a) ** 2 + (y - b) ** 2) / size**2)
        shade = np.clip((lump - 0.5) * chance.uniform(0.5, 1.5) + 0.3, 0, 1) * (lump > 0.5)
    return _small(np.full((CANVAS, CANVAS), 255, np.uint8), np.asarray(shade, np.float64), chance)


def _shading(chance: np.random.Generator) -> Floats:
    """Levels from 0 to 1 on the canvas: light from one side, perhaps stripes, a print, seams or cloth."""
    y, x = np.mgrid[0 : 1 : CANVAS * 1j, 0 : 1 : CANVAS * 1j]
    slope = chance.uniform(-0.5, 0.5, 2)
    levels = chance.uniform(0.3, 1) + slope[0] * (x - 0.5) + slope[1] * (y - 0.5)
    levels += chance.uniform(0, 0.25) * smooth_field(chance, CANVAS, CANVAS, chance.uniform(4, 20))
    pattern = chance.integers(6)
    if pattern == 0:
        angle, count = (0, np.pi / 2, chance.uniform(0, np.pi))[chance.integers(3)], chance.uniform(3, 9)
        waves = np.sin(2 * np.pi * count * (x * np.cos(angle) + y * np.sin(angle)))
        levels *= 1 - chance.uniform(0.2, 0.7) * (waves > chance.uniform(-0.5, 0.5))
    elif pattern == 1:
        middle = chance.uniform(0.3, 0.7, 2)
        inside = (np.abs(x - middle[0]) < chance.uniform(0.08, 0.2)) & (
            np.abs(y - middle[1]) < chance.uniform(0.05, 0.2)
        )
        levels = np.where(inside, chance.uniform(0, 1), levels)
    elif pattern == 2:
        levels *= 1 - 0.6 * (np.abs(x - chance.uniform(0.35, 0.65)) < 0.02)
    elif pattern == 3:
        levels *= 1 - 0.5 * (np.abs(y - chance.uniform(0.2, 0.8)) < 0.03)
    return np.asarray(levels, np.float64)


def _small(mask: Ink, levels: Floats, chance: np.random.Generator) -> Ink:
    shaded = np.where(mask > 0, np.clip(levels, 0.06, 1) * (levels != 0) * mask, 0).astype(np.float32)
    small = np.asarray(cv2.resize(shaded, (SIDE, SIDE), interpolation=cv2.INTER_AREA), np.float64)
    small += (small > 8) * chance.normal(0, chance.uniform(0, 12), small.shape)
    if chance.random() < 0.8:
        small *= 255 / max(float(small.max()), 1.0)
    return np.asarray(np.clip(small, 0, 255), np.uint8)
