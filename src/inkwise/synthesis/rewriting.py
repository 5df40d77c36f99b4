"""Digits written anew: the lines of known digits, by other hands, with other pens, taken by other eyes.

A collection's digits share a pen, a paper and a scanner. Here their middle lines are traced, written by hands with
habits of their own (a bar through the 7, a flag before the 1, a stroke through the 0), drawn with pens of any width,
pictured at any size with blur, noise or one bit a pixel, and brought back to MNIST's form by the normaliser, so that
what it does to strange pictures is learned from too. Knows nothing of pages or networks.
"""

import cv2
import numpy as np
import torch
from numpy.typing import NDArray

from inkwise.data.dataset import Split
from inkwise.data.normaliser import normalise
from inkwise.synthesis.hand import Hand, Written
from inkwise.synthesis.noise import generator
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
        european=chance.random() < 0.35,
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
    """A picture of one character, dark on light, (H, W)."""
    tall = float(np.exp(chance.uniform(*np.log(_TALL))))
    drawn = max(tall, _FINE)
    kind = tuple(SETTINGS)[chance.integers(len(SETTINGS))]
    low, high = SETTINGS[kind].width
    lines = tuple(line * np.float32(drawn) for line in written.lines)
    ink = draw(lines, kind, drawn * float(chance.uniform(0.8 * low, 1.2 * high)), chance).ink
    if tall < drawn:
        size = (max(2, round(ink.shape[1] * tall / drawn)), max(2, round(ink.shape[0] * tall / drawn)))
        ink = np.asarray(cv2.resize(ink, size, interpolation=cv2.INTER_AREA), np.float32)
    rim = 1 + int(chance.integers(0, max(2, int(0.4 * tall))))
    ink = np.pad(ink, rim)
    if chance.random() < 0.2:  # one bit a pixel
        bits = ink > chance.uniform(0.2, 0.4) * ink.max()
        return np.asarray(np.where(bits, 0, 255), np.uint8)
    if chance.random() < 0.4:
        ink = np.asarray(cv2.GaussianBlur(ink, (0, 0), float(chance.uniform(0.3, 0.02 * tall + 0.5))), np.float32)
    paper, depth = chance.uniform(150, 250), chance.uniform(0.45, 0.95)
    grey = paper * (1 - depth * ink)
    if chance.random() < 0.5:
        grey = grey + chance.normal(0, chance.uniform(0, 6), ink.shape)
    return np.asarray(np.clip(grey, 0, 255), np.uint8)
