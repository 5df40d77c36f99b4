"""Digits written anew: the lines of known digits, by other hands, with other pens, taken by other eyes.

A collection's digits share a pen, a paper and a scanner. Here their middle lines are traced, written by hands with
habits of their own (a bar through the 7, a flag before the 1, a hook to the 9, a stroke through the 0), drawn with pens
of any width, and pictured at any size: with blur and noise, one bit a pixel, stretched to a square, or as a few cells
of counts. The normaliser brings all back to MNIST's form, so that what it does to strange pictures is learned from
too. Knows nothing of pages or networks.
"""

import cv2
import numpy as np
import torch
from numpy.typing import NDArray

from inkwise.data.dataset import Split
from inkwise.data.normaliser import normalise
from inkwise.synthesis.hand import Hand, Written
from inkwise.synthesis.noise import Floats, generator
from inkwise.synthesis.page_style import PageStyle
from inkwise.synthesis.page_text import Row, Word
from inkwise.synthesis.pen import SETTINGS, draw

Grey = NDArray[np.uint8]

_RUN = 25  # digits that one hand writes
_ATTEMPTS = 20
_TALL = (9.0, 70.0)  # pixels of a digit's height as pictured
_FINE = 48.0  # pixels of height at which it is drawn at least, before it is made small


def rewrite(digits: Split, count: int, seed: int) -> Split:
    """Return `count` digits written anew, a split of the same name; a picture depends on digits, seed and index alone.

    Args:
        digits: in MNIST's form, labels 0 to 9: what the new ones are shaped after. Each label that occurs is equally
            likely.
        count: how many.
        seed: another seed gives others.

    Raises:
        DataError: the digits are none, or not in MNIST's form.
    """
    images = np.zeros((count, 1, 28, 28), np.uint8)
    labels = np.zeros(count, np.int64)
    for start in range(0, count, _RUN):
        chance = generator("rewriting", seed, start)
        for place, written in enumerate(_written(digits, chance)):
            if start + place < count:
                assert written.label is not None  # digits alone are written
                images[start + place, 0] = _form(written, chance)
                labels[start + place] = written.label
    return Split(digits.name, torch.from_numpy(images), torch.from_numpy(labels))


def _written(digits: Split, chance: np.random.Generator) -> list[Written]:
    """What one hand writes."""
    style = PageStyle(
        gap=0.5,
        uneven=0.0,
        wander=0.0,
        slant=float(chance.normal(4, 10)),
        european=chance.random() < 0.4,
        slashed_zeros=chance.random() < 0.15,
    )
    text = "".join(str(chance.integers(10)) for _ in range(_RUN))
    return Hand(digits, style, chance).write((Row(1.0, (Word(text),)),), 0.0, 0.0, 1.0)


def _form(written: Written, chance: np.random.Generator) -> Grey:
    """One character in MNIST's form, of a picture in which there was something left to see."""
    for _ in range(_ATTEMPTS):
        done = normalise(_pictured(written, chance))
        if done.reason is None:
            break
    return done.image


def _pictured(written: Written, chance: np.random.Generator) -> Grey:
    """A picture of one character, dark on light, (H, W), of one of four kinds."""
    tall = float(np.exp(chance.uniform(*np.log(_TALL))))
    ink = _drawn(written, max(tall, _FINE), chance)
    kind = chance.random()
    if kind < 0.2:
        return _stretched(ink, chance)
    if kind < 0.35:
        return _counted(ink)
    ink = np.pad(_smaller(ink, tall), 1 + int(chance.integers(0, max(2, int(0.4 * tall)))))
    if kind < 0.5:
        return _grey(ink > chance.uniform(0.2, 0.4) * ink.max())
    if chance.random() < 0.4:
        ink = np.asarray(cv2.GaussianBlur(ink, (0, 0), float(chance.uniform(0.3, 0.02 * tall + 0.5))), np.float32)
    grey = chance.uniform(150, 250) * (1 - chance.uniform(0.45, 0.95) * ink)
    if chance.random() < 0.5:
        grey = grey + chance.normal(0, chance.uniform(0, 6), ink.shape)
    return np.asarray(np.clip(grey, 0, 255), np.uint8)


def _drawn(written: Written, tall: float, chance: np.random.Generator) -> Floats:
    """The ink of a character of this height, from 0 to 1, without a margin."""
    kind = tuple(SETTINGS)[chance.integers(len(SETTINGS))]
    low, high = SETTINGS[kind].width
    lines = tuple(line * np.float32(tall) for line in written.lines)
    ink = draw(lines, kind, tall * float(chance.uniform(0.8 * low, 1.2 * high)), chance).ink
    rows, columns = (np.flatnonzero((ink > 0.1).any(axis=axis)) for axis in (1, 0))
    return ink[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1] if len(rows) else ink


def _stretched(ink: Floats, chance: np.random.Generator) -> Grey:
    """One bit a pixel, width and height stretched to a square, as some collections keep their digits."""
    side = int(chance.integers(14, 25))
    if ink.shape[1] * 5 < ink.shape[0]:  # a bar would become a block
        ink = np.pad(ink, ((0, 0), (ink.shape[0] // 5, ink.shape[0] // 5)))
    square = cv2.resize(ink, (side, side), interpolation=cv2.INTER_AREA)
    return _grey(np.asarray(square, np.float32) > chance.uniform(0.25, 0.5) * square.max())


def _counted(ink: Floats) -> Grey:
    """Eight cells across or down, each the count of the inked among four by four pixels."""
    fine = _smaller(ink, 32.0)
    bits = (fine > 0.35 * fine.max()).astype(np.float32)
    high, wide = (-(-length // 4) * 4 for length in bits.shape)
    bits = np.pad(bits, ((0, high - bits.shape[0]), ((wide - bits.shape[1]) // 2, -(-(wide - bits.shape[1]) // 2))))
    counts = bits.reshape(high // 4, 4, wide // 4, 4).sum(axis=(1, 3))
    return np.asarray(np.pad(255 - counts * 15, 1, constant_values=255), np.uint8)


def _smaller(ink: Floats, longer: float) -> Floats:
    """The ink with its longer side at so many pixels; as it is where it has no more."""
    factor = longer / max(ink.shape)
    if factor >= 1:
        return ink
    size = (max(2, round(ink.shape[1] * factor)), max(2, round(ink.shape[0] * factor)))
    return np.asarray(cv2.resize(ink, size, interpolation=cv2.INTER_AREA), np.float32)


def _grey(bits: NDArray[np.bool_]) -> Grey:
    return np.asarray(np.where(bits, 0, 255), np.uint8)
