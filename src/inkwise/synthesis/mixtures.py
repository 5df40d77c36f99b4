"""What is made of digits and is not one: two or three beside or across one another, and pieces of one.

Digits are uint8 (M, 28, 28) in MNIST's form, none of them blank; their labels are not known here.
"""

import cv2
import numpy as np

from inkwise.data.normaliser import crop
from inkwise.synthesis.handwriting import SIDE, Ink, to_form

_ATTEMPTS = 12
_STRAIGHT = 0.45  # ink that spreads across by less than this share of how it spreads along may be a 1
_SHARE = 0.33  # of a digit's ink: more in view, and a person may tell the digit


def two_digits(digits: Ink, chance: np.random.Generator) -> Ink:
    """Return two digits beside one another, apart, touching or overlapping, (28, 28).

    Most are in MNIST's form; a few are a picture of both pressed into 28 columns, or lie across one another.
    """
    kind = chance.random()
    if kind < 0.12:
        pair = np.hstack([_any(digits, chance), _any(digits, chance)])  # (28, 56)
        if chance.random() < 0.5:
            return np.asarray(cv2.resize(pair, (SIDE, SIDE), interpolation=cv2.INTER_AREA), np.uint8)
        small = np.asarray(cv2.resize(pair, (SIDE, SIDE // 2), interpolation=cv2.INTER_AREA), np.uint8)
        return cv2.copyMakeBorder(small, SIDE // 4, SIDE // 4, 0, 0, cv2.BORDER_CONSTANT, value=0).astype(np.uint8)
    if kind < 0.2:
        return _across(digits, chance)
    return _row(digits, 2, chance)


def three_digits(digits: Ink, chance: np.random.Generator) -> Ink:
    """Return three digits beside one another, (28, 28) in MNIST's form."""
    return _row(digits, 3, chance)


def piece(digits: Ink, chance: np.random.Generator) -> Ink:
    """Return what the edge of the picture leaves of a digit that lies mostly beyond it, (28, 28), not enlarged.

    Enlarged it might show another digit, as half of an 8 does. What has a loop or is a straight stroke is not taken.
    """
    part = np.zeros((SIDE, SIDE), np.uint8)
    for _ in range(_ATTEMPTS):
        digit = _any(digits, chance)
        candidate = _beyond(digit, chance)
        if not candidate.any() or int(candidate.sum()) > _SHARE * int(digit.sum()):
            continue
        part = candidate
        if _is_hook(part):
            break
    return part


def _row(digits: Ink, count: int, chance: np.random.Generator) -> Ink:
    gap = int(chance.integers(-4, 11) if chance.random() < 0.7 else chance.integers(-2, 2))
    canvas = np.zeros((3 * SIDE, (SIDE + 12) * count), np.uint8)
    height = chance.uniform(0.8, 1.2, count)
    right = width = 0
    for number in range(count):
        digit = crop(_any(digits, chance))
        assert digit is not None  # none is blank
        size = (max(2, round(digit.shape[1] * height[number])), max(2, round(digit.shape[0] * height[number])))
        digit = np.asarray(cv2.resize(digit, size, interpolation=cv2.INTER_LINEAR), np.uint8)
        # A narrow digit that overlapped as far as a wide one would be lost in its neighbour, or make it a slashed 0.
        overlap = min(width, digit.shape[1]) // 5 if min(width, digit.shape[1]) > 9 else 0
        left = max(0, right + max(gap, -overlap)) if number else 0
        top = int(1.5 * SIDE - digit.shape[0] / 2 + np.clip(chance.normal(0, 2.5), -7, 7))
        place = canvas[top : top + digit.shape[0], left : left + digit.shape[1]]
        np.maximum(place, digit, out=place)
        width = digit.shape[1]
        right = left + width
    if chance.random() < 0.25:  # narrow writing
        narrow = (round(canvas.shape[1] * chance.uniform(0.5, 0.9)), canvas.shape[0])
        canvas = np.asarray(cv2.resize(canvas, narrow, interpolation=cv2.INTER_AREA), np.uint8)
    return to_form(canvas)


def _across(digits: Ink, chance: np.random.Generator) -> Ink:
    """Two digits on one place, apart by less than their width; straight ones would be lost and are not taken."""
    wide: list[Ink] = []
    for _ in range(_ATTEMPTS):
        digit = _any(digits, chance)
        if not _is_straight(digit):
            wide.append(digit)
        if len(wide) == 2:
            break
    else:
        return _row(digits, 2, chance)
    canvas = np.zeros((3 * SIDE, 3 * SIDE), np.uint8)
    down, right = int(chance.integers(-5, 6)), int(chance.integers(8, 13))
    for digit, y, x in ((wide[0], SIDE, SIDE), (wide[1], SIDE + down, SIDE + right)):
        place = canvas[y : y + SIDE, x : x + SIDE]
        np.maximum(place, digit, out=place)
    return to_form(canvas)


def _beyond(digit: Ink, chance: np.random.Generator) -> Ink:
    """The digit moved over the edge, at which it is cut, by 13 to 19 pixels."""
    far, slip = int(chance.integers(13, 20)), int(chance.integers(-4, 5))
    down, right = ((far, slip), (-far, slip), (slip, far), (slip, -far))[chance.integers(4)]
    moved = np.array([[1, 0, right], [0, 1, down]], np.float32)
    return np.asarray(cv2.warpAffine(digit, moved, (SIDE, SIDE), flags=cv2.INTER_NEAREST), np.uint8)


def _is_hook(part: Ink) -> bool:
    """Whether a piece of ink has some size, is no straight stroke and has no loop."""
    solid = (part > 64).astype(np.uint8)
    if np.count_nonzero(solid) < 12 or _is_straight(part):
        return False
    ground = cv2.copyMakeBorder(1 - solid, 1, 1, 1, 1, cv2.BORDER_CONSTANT, value=1)
    return int(cv2.connectedComponents(ground, connectivity=4)[0]) == 2


def _is_straight(ink: Ink) -> bool:
    """Whether the ink lies along one line, as a 1 does."""
    spread = np.linalg.eigvalsh(np.cov(np.stack(np.nonzero(ink > 64)).astype(np.float64)))
    return bool(spread[0] < _STRAIGHT**2 * spread[1])


def _any(digits: Ink, chance: np.random.Generator) -> Ink:
    digit: Ink = digits[chance.integers(len(digits))]
    return digit
