"""Signs and letters as lines of a pen, to stand between and beside numbers.

A glyph is in units of a digit's height: x to the right from its left edge, y downwards from the baseline, so that a
capital reaches to -1. Letters are traced from sans-serif type; signs are given here as lines.
"""

from functools import cache

import numpy as np
from PIL import Image, ImageDraw

from inkwise.synthesis.pen import Lines
from inkwise.synthesis.print import font
from inkwise.synthesis.skeleton import trace

FACES = ("DejaVuSans.ttf", "cmss10.ttf", "DejaVuSans-Oblique.ttf")

_SIZE, _ROOM = 48, 8  # of the type and around it, in pixels

_CURVE = [(0.22, -1.05), (0.08, -0.8), (0.02, -0.45), (0.08, -0.05), (0.22, 0.2)]
_SIGNS: dict[str, list[list[tuple[float, float]]]] = {
    "-": [[(0, -0.45), (0.42, -0.46)]],
    "/": [[(0.42, -1.05), (0, 0.12)]],
    "+": [[(0, -0.45), (0.5, -0.45)], [(0.25, -0.72), (0.25, -0.18)]],
    "=": [[(0, -0.55), (0.48, -0.56)], [(0.01, -0.33), (0.48, -0.33)]],
    ".": [[(0.05, -0.03), (0.06, -0.01)]],
    ",": [[(0.08, -0.06), (0.07, 0.05), (0, 0.17)]],
    ":": [[(0.05, -0.12), (0.06, -0.1)], [(0.05, -0.6), (0.06, -0.58)]],
    "(": [_CURVE],
    ")": [[(0.24 - x, y) for x, y in _CURVE]],
    "x": [[(0, -0.55), (0.45, -0.02)], [(0.42, -0.56), (0.02, 0)]],
    "*": [[(0.2, -0.9), (0.2, -0.5)], [(0.03, -0.8), (0.37, -0.6)], [(0.37, -0.8), (0.03, -0.6)]],
    "#": [
        [(0.22, -0.95), (0.12, 0)],
        [(0.5, -0.95), (0.4, 0)],
        [(0.02, -0.62), (0.62, -0.64)],
        [(0, -0.3), (0.58, -0.32)],
    ],
    "%": [
        [(0.6, -0.95), (0.1, 0)],
        [(0.2, -0.9), (0.06, -0.76), (0.18, -0.62), (0.31, -0.76), (0.2, -0.9)],
        [(0.56, -0.33), (0.42, -0.19), (0.54, -0.04), (0.68, -0.19), (0.56, -0.33)],
    ],
    "€": [
        [(0.55, -0.85), (0.35, -0.97), (0.17, -0.75), (0.12, -0.5), (0.17, -0.22), (0.35, 0), (0.55, -0.1)],
        [(0, -0.6), (0.4, -0.6)],
        [(0, -0.38), (0.38, -0.38)],
    ],
    "✓": [[(0, -0.4), (0.18, -0.02), (0.6, -1.0)]],
    "→": [[(0, -0.42), (0.9, -0.45)], [(0.68, -0.65), (0.9, -0.45), (0.66, -0.24)]],
}
SIGNS = tuple(_SIGNS)


@cache
def glyph(character: str, face: int = 0) -> Lines:
    """Return the lines of a sign or letter, each float32 (M, 2).

    Args:
        character: one of `SIGNS`, or a printable character of the fonts that is no blank.
        face: which of `FACES`, counted from 0.
    """
    if character in _SIGNS:
        return tuple(np.array(line, np.float32) for line in _SIGNS[character])
    pen = font(FACES[face], _SIZE)
    _, top, _, foot = pen.getbbox("H")
    left, _, right, _ = pen.getbbox(character)
    sheet = Image.new("L", (int(right - left) + 2 * _ROOM, 2 * _SIZE))
    ImageDraw.Draw(sheet).text((_ROOM - left, 0), character, fill=255, font=pen)
    lines = trace(np.asarray(sheet, np.uint8))
    start = min(float(line[:, 0].min()) for line in lines)
    return tuple(
        np.asarray((line - np.array([start, foot], np.float32)) / np.float32(foot - top), np.float32) for line in lines
    )
