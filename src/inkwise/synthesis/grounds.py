"""Pictures without a mark that means anything: noise, next to nothing, ruled paper, textures and shades.

All are uint8 (28, 28). What the normaliser would make of noise, blots in MNIST's form, is drawn as well as the noise
itself.
"""

import cv2
import numpy as np

from inkwise.synthesis.handwriting import CANVAS, SIDE, Ink, draw_line, to_form
from inkwise.synthesis.noise import smooth_field


def noise(chance: np.random.Generator) -> Ink:
    """Return noise of some grain and strength, single specks, or blots of noise in MNIST's form."""
    kind = chance.integers(5)
    if kind == 0:
        return chance.integers(0, 256, (SIDE, SIDE), np.uint8)
    if kind == 1:
        return _bytes(chance.uniform(0, 160) + chance.uniform(10, 90) * chance.standard_normal((SIDE, SIDE)))
    if kind == 2:
        return _bytes(255.0 * (chance.random((SIDE, SIDE)) < chance.uniform(0.01, 0.5)))
    field = smooth_field(chance, SIDE, SIDE, chance.uniform(1, 3))
    if kind == 3:
        return _bytes(chance.uniform(0, 128) + 70.0 * field)
    blots = smooth_field(chance, CANVAS, CANVAS, chance.uniform(4, 9)) > chance.uniform(0.3, 1.4)
    return to_form(blots.astype(np.uint8) * np.uint8(255))


def blank(chance: np.random.Generator) -> Ink:
    """Return one level all over, 0 as often as not, with little noise or a faint smear or few specks, or neither."""
    level = 0.0 if chance.random() < 0.5 else chance.uniform(0, 255)
    picture = np.full((SIDE, SIDE), level)
    kind = chance.integers(4)
    if kind == 0:
        picture += chance.normal(0, chance.uniform(0.5, 10), picture.shape)
    elif kind == 1:
        picture += 8.0 * smooth_field(chance, SIDE, SIDE, chance.uniform(2, 12))
    elif kind == 2:
        row, column = chance.integers(1, SIDE - 1, (2, int(chance.integers(1, 5))))
        picture[row, column] = chance.uniform(60, 255)
    return _bytes(picture)


def ruled(chance: np.random.Generator) -> Ink:
    """Return pieces of ruled or squared paper: lines across, down or both, at one angle, from edge to edge.

    A single line is never near upright: it would be a 1.
    """
    canvas = np.zeros((CANVAS, CANVAS), np.uint8)
    width, level = int(chance.integers(1, 9)), int(chance.integers(70, 256))
    angle = chance.normal(0, 3)
    single = chance.random() < 0.25
    turns = [0] if single else [[0], [90], [0, 90], [0, 90]][chance.integers(4)]
    step = chance.uniform(14, 50 if 0 in turns else 28)
    for turn in turns:
        radians = np.radians(angle + turn)
        along, aside = (np.array([np.cos(a), np.sin(a)]) for a in (radians, radians + np.pi / 2))
        first = chance.uniform(0, step)
        reach = 0 if single or (len(turns) == 1 and turn == 0 and chance.random() < 0.2) else 4
        for number in range(-reach, reach + 1):
            middle = CANVAS / 2 + aside * (first + number * step - step / 2)
            draw_line(canvas, np.stack([middle - 80 * along, middle + 80 * along]), width, level=level)
    return np.asarray(cv2.resize(canvas, (SIDE, SIDE), interpolation=cv2.INTER_AREA), np.uint8)


def texture(chance: np.random.Generator) -> Ink:
    """Return a shade from one side to the other, stripes, checks, cloud, or half a picture of ink."""
    y, x = np.mgrid[0 : 1 : SIDE * 1j, 0 : 1 : SIDE * 1j]
    angle = chance.uniform(0, 2 * np.pi)
    way = x * np.cos(angle) + y * np.sin(angle)
    way = (way - way.min()) / (way.max() - way.min())
    kind = chance.integers(5)
    if kind == 0:
        low, high = chance.uniform(0, 255, 2)
        picture = low + (high - low) * way
    elif kind == 1:
        picture = 127.5 + chance.uniform(40, 127) * np.sin(
            2 * np.pi * chance.uniform(2, 9) * way + chance.uniform(0, 6)
        )
    elif kind == 2:
        size = int(chance.integers(2, 8))
        row, column = np.indices((SIDE, SIDE)) + chance.integers(0, size, (2, 1, 1))
        picture = chance.uniform(120, 255) * ((row // size + column // size) % 2)
    elif kind == 3:
        picture = 127.5 + chance.uniform(30, 90) * smooth_field(chance, SIDE, SIDE, chance.uniform(3, 12))
    else:
        picture = 255 / (1 + np.exp(-chance.uniform(15, 80) * (way - chance.uniform(0.2, 0.8))))
    return _bytes(picture + chance.normal(0, chance.uniform(0, 12), picture.shape))


def _bytes(picture: np.ndarray) -> Ink:
    return np.asarray(np.clip(np.rint(picture), 0, 255), np.uint8)
