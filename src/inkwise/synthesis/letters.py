"""Letters and signs as one writes them: a few strokes with one pen, each point moved a little.

A stroke is a row of points, two figures from 0 to 9 each, x to the right and y down; after ~ it is a curve through
them, else straight lines. What is like a digit is left out, as in `inkwise.synthesis.glyphs`.
"""

from functools import cache

import numpy as np

from inkwise.synthesis.handwriting import Floats, Ink, distort, draw_strokes, to_form

LETTERS: dict[str, tuple[str, ...]] = {
    "A": ("09 40 99", "26 76"),
    "C": ("~82 50 11 05 18 59 88",),
    "E": ("80 00 09 89", "05 65"),
    "F": ("80 00 09", "05 65"),
    "H": ("00 09", "90 99", "05 95"),
    "K": ("00 09", "80 05 89"),
    "L": ("00 09 79",),
    "M": ("09 10 56 90 99",),
    "N": ("09 00 99 90",),
    "P": ("09 00", "~00 50 82 64 05"),
    "R": ("09 00", "~00 50 82 64 05", "35 89"),
    "T": ("00 90", "50 59"),
    "U": ("~00 06 29 69 86 80",),
    "V": ("00 59 90",),
    "W": ("00 29 53 79 90",),
    "X": ("00 99", "90 09"),
    "Y": ("00 55 90", "55 59"),
    "a": ("~83 52 14 07 39 76 83", "~83 77 99"),
    "d": ("~84 53 15 17 39 77", "80 89"),
    "e": ("~05 85 73 42 15 07 39 78",),
    "f": ("~81 60 42 49", "15 75"),
    "h": ("00 09", "~06 34 64 75 79"),
    "k": ("00 09", "63 06 69"),
    "m": ("03 09", "~05 23 44 49", "~45 63 84 89"),
    "n": ("03 09", "~05 33 64 79"),
    "p": ("02 09", "~03 42 64 46 06"),
    "r": ("03 09", "~06 34 63"),
    "t": ("40 48 69", "13 73"),
    "v": ("03 49 83",),
    "w": ("03 29 45 69 83",),
    "x": ("03 79", "73 09"),
    "fi": ("~51 30 22 29", "04 44", "74 79", "71 72"),
    "th": ("10 19", "03 34", "40 49", "~46 64 85 89"),
}
SIGNS: dict[str, tuple[str, ...]] = {
    "plus": ("05 95", "50 59"),
    "minus": ("05 95",),
    "equals": ("03 93", "07 97"),
    "tick": ("05 38 90",),
    "cross": ("00 99", "90 09"),
    "arrow right": ("05 95", "62 95 68"),
    "arrow left": ("05 95", "32 05 38"),
    "arrow down": ("50 59", "26 59 86"),
    "hash": ("30 29", "70 69", "03 93", "06 96"),
    "star": ("50 59", "03 96", "93 06"),
    "less": ("80 15 89",),
    "brackets": ("20 00 09 29", "70 90 99 79"),
    "question": ("~02 30 72 54 46", "48 49"),
    "divided": ("05 95", "51 52", "58 59"),
    "percent": ("90 09", "~11 02 13 22 11", "~77 68 79 88 77"),
    "triangle": ("09 50 99 09",),
    "root": ("05 15 39 60 90",),
    "swung dash": ("~06 24 45 66 94",),
    "underlined": ("08 98", "09 99", "20 66", "60 26"),
}


def letter(chance: np.random.Generator) -> Ink:
    """Return a letter, or two that are written as one, (28, 28) in MNIST's form."""
    return _written(LETTERS, chance)


def sign(chance: np.random.Generator) -> Ink:
    """Return a sign, (28, 28) in MNIST's form."""
    return _written(SIGNS, chance)


def _written(alphabet: dict[str, tuple[str, ...]], chance: np.random.Generator) -> Ink:
    strokes = alphabet[list(alphabet)[chance.integers(len(alphabet))]]
    return to_form(distort(draw_strokes([_points(stroke) for stroke in strokes], chance), chance))


@cache
def _points(stroke: str) -> tuple[Floats, bool]:
    pairs = stroke.removeprefix("~").split()
    return np.array([[int(pair[0]), int(pair[1])] for pair in pairs], np.float64), stroke.startswith("~")
