"""Scribbles: lines of a pen that are neither letter nor digit.

A single short curve may well be a digit; so each has many bends, loops or strokes. The hatchings, knots and spirals
of `other_scribble` are drawn by rules of their own, for measuring on what was not learned from.
"""

import numpy as np

from inkwise.synthesis.handwriting import CANVAS, Floats, Ink, curve, distort, draw_line, pen_width, to_form


def scribble(chance: np.random.Generator) -> Ink:
    """Return a tangle, a zigzag, a row of loops, a wave, several strokes or dots, (28, 28) in MNIST's form."""
    canvas = np.zeros((CANVAS, CANVAS), np.uint8)
    width = max(3, pen_width(chance) - 3)
    kinds = (_tangle, _corners, _zigzag, _loops, _wave, _strokes, _dots)
    for points in kinds[chance.integers(len(kinds))](chance):
        draw_line(canvas, CANVAS * (0.12 + 0.76 * points), width)
    return to_form(distort(canvas, chance))


def other_scribble(chance: np.random.Generator) -> Ink:
    """Return a hatching, a knot, a spiral of many turns or a random walk, (28, 28) in MNIST's form."""
    canvas = np.zeros((CANVAS, CANVAS), np.uint8)
    width = int(chance.integers(2, 6))
    kinds = (_hatching, _knot, _spiral, _walk)
    for points in kinds[chance.integers(len(kinds))](chance):
        draw_line(canvas, CANVAS * (0.12 + 0.76 * points), width)
    return to_form(distort(canvas, chance))


def _tangle(chance: np.random.Generator) -> list[Floats]:
    return [curve(chance.random((int(chance.integers(11, 18)), 2)))]


def _corners(chance: np.random.Generator) -> list[Floats]:
    return [chance.random((int(chance.integers(10, 15)), 2))]


def _zigzag(chance: np.random.Generator) -> list[Floats]:
    count = int(chance.integers(8, 14))
    across = np.linspace(0, 1, count) + chance.normal(0, 0.02, count)
    down = 0.5 + (np.arange(count) % 2 - 0.5) * chance.uniform(0.2, 1, count)
    return [_turned(np.stack([across, down], 1), chance)]


def _loops(chance: np.random.Generator) -> list[Floats]:
    turns = int(chance.integers(4, 7))
    t = np.linspace(0, 2 * np.pi * turns, 16 * turns)
    high, wide = chance.uniform(0.2, 0.45), chance.uniform(0.08, 0.2)
    sway = 1 + 0.3 * np.sin(t * chance.uniform(0.2, 0.5) + chance.uniform(0, 6))
    points = np.stack([t / t[-1] + wide * np.cos(t), 0.5 + high * sway * np.sin(t)], 1)
    return [_turned(points, chance)]


def _wave(chance: np.random.Generator) -> list[Floats]:
    t = np.linspace(0, 1, 60)
    bends = chance.uniform(3.5, 6)
    down = 0.5 + chance.uniform(0.08, 0.35) * np.sin(2 * np.pi * bends * t + chance.uniform(0, 6))
    return [_turned(np.stack([t, down], 1), chance)]


def _strokes(chance: np.random.Generator) -> list[Floats]:
    count = int(chance.integers(5, 10))
    starts = chance.random((count, 2))
    return [np.stack([start, start + chance.normal(0, 0.35, 2)]).clip(0, 1) for start in starts]


def _dots(chance: np.random.Generator) -> list[Floats]:
    count = int(chance.integers(5, 15))
    starts = chance.random((count, 2))
    return [np.stack([start, start + chance.normal(0, 0.03, 2)]) for start in starts]


def _hatching(chance: np.random.Generator) -> list[Floats]:
    count = int(chance.integers(5, 10))
    lines = [np.array([[i / count, 0], [i / count, 1]]) + chance.normal(0, 0.03, (2, 2)) for i in range(count + 1)]
    if chance.random() < 0.5:
        lines += [line[:, ::-1] for line in lines]
    return [_turned(line, chance, angle) for angle in [chance.uniform(0, np.pi)] for line in lines]


def _knot(chance: np.random.Generator) -> list[Floats]:
    t = np.linspace(0, 2 * np.pi, 160)
    first, second = ((3, 4), (3, 5), (4, 5), (2, 5), (5, 6))[chance.integers(5)]
    points = np.stack([np.cos(first * t), np.sin(second * t + chance.uniform(0.3, 1.2))], 1)
    return [_turned(0.5 + 0.5 * points, chance)]


def _spiral(chance: np.random.Generator) -> list[Floats]:
    turns = chance.uniform(2.8, 4)
    t = np.linspace(0, 2 * np.pi * turns, 140)
    radius = 0.5 * t / t[-1]
    phase = chance.uniform(0, 2 * np.pi)
    return [np.stack([0.5 + radius * np.cos(t + phase), 0.5 + radius * np.sin(t + phase)], 1)]


def _walk(chance: np.random.Generator) -> list[Floats]:
    direction = np.cumsum(chance.normal(0, 0.8, 150))
    steps = np.cumsum(np.stack([np.cos(direction), np.sin(direction)], 1), 0)
    low, high = steps.min(0), steps.max(0)
    return [(steps - low) / max(float((high - low).max()), 1e-9)]


def _turned(points: Floats, chance: np.random.Generator, angle: float | None = None) -> Floats:
    """The points turned about the middle of the unit square, by any angle if none is given."""
    angle = chance.uniform(0, 2 * np.pi) if angle is None else angle
    matrix = np.array([[np.cos(angle), np.sin(angle)], [-np.sin(angle), np.cos(angle)]])
    turned: Floats = 0.5 + (points - 0.5) @ matrix
    return turned
