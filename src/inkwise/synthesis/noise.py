"""Seeded chance: generators that belong to a purpose, and smooth random fields.

A generator is made from whole numbers and a word, so that what one part of a picture draws never moves what another
part draws. Knows nothing of pages or digits.
"""

import zlib

import cv2
import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float32]


def generator(purpose: str, *numbers: int) -> np.random.Generator:
    """Return the generator of a purpose.

    Args:
        purpose: a word; another word gives independent numbers.
        numbers: seed, index ...: each any integer, taken modulo 2**64.
    """
    return np.random.default_rng([zlib.crc32(purpose.encode()), *(number % 2**64 for number in numbers)])


def smooth_field(chance: np.random.Generator, height: int, width: int, scale: float) -> Floats:
    """Return float32 (height, width): smooth noise of mean about 0 and standard deviation about 1.

    Args:
        chance: where the numbers come from.
        height: pixels.
        width: pixels.
        scale: pixels over which the field changes its sign, at least 1.
    """
    rows, columns = int(height / scale) + 4, int(width / scale) + 4
    coarse = chance.standard_normal((rows, columns), dtype=np.float32) * np.float32(1.3)
    size = (max(width, round(columns * scale)), max(height, round(rows * scale)))
    fine = cv2.resize(coarse, size, interpolation=cv2.INTER_CUBIC)
    top, left = (size[1] - height) // 2, (size[0] - width) // 2
    return np.asarray(fine[top : top + height, left : left + width], np.float32)


def smooth_line(chance: np.random.Generator, length: int, scale: float) -> Floats:
    """Return float32 (length,): smooth noise along a line, of standard deviation about 1."""
    line: Floats = smooth_field(chance, 1, length, max(scale, 1.0))[0]
    return line
