"""Taking a picture of a sheet: where it lies, the desk around it, light and shadow, lens, sensor and file.

Works on float32 (H, W, 3) from 0 to 1, red first. Geometry comes out as a 3x3 matrix, so that truth can be moved
with the pixels. Knows nothing of what is written.
"""

from itertools import pairwise
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from inkwise.synthesis.noise import Floats, generator, smooth_field
from inkwise.synthesis.page_style import Desk, PageStyle

Matrix = NDArray[np.float64]


def aim(style: PageStyle, seed: int, inside: Floats) -> Matrix:
    """Return the matrix that takes points of the sheet to points of the picture, both of the page's size.

    Args:
        style: of which desk, skew and perspective count.
        seed: another seed gives another view.
        inside: (M, 2) points of the sheet that must come to lie in the picture.
    """
    chance = generator("view", seed)
    size = np.array([style.width, style.height], np.float64)
    corners = np.array([[0, 0], [1, 0], [1, 1], [0, 1]]) * size
    angle = np.radians(style.skew)
    turn = np.array([[np.cos(angle), np.sin(angle)], [-np.sin(angle), np.cos(angle)]])  # for rows of points
    bent = corners + chance.uniform(-1, 1, (4, 2)) * style.perspective * size
    zoom = float(chance.uniform(0.82, 0.97)) if style.desk != "none" else 1 + 1.8 * abs(angle)
    shift = chance.uniform(-0.5, 0.5, 2) * max(1 - zoom, 0) * size
    while True:
        target = (bent - size / 2) @ turn * zoom + size / 2 + shift
        matrix = np.asarray(
            cv2.getPerspectiveTransform(corners.astype(np.float32), target.astype(np.float32)), np.float64
        )
        seen = move(inside, matrix)
        if ((seen >= 1).all() and (seen <= size - 2).all()) or zoom < 0.3:
            return matrix
        zoom, shift = zoom * 0.97, shift * 0.9


def move(points: Floats, matrix: Matrix) -> Floats:
    """Return (M, 2) points of the sheet as points of the picture."""
    return np.asarray(cv2.perspectiveTransform(points[None].astype(np.float32), matrix)[0], np.float32)


def take(sheet: Floats, matrix: Matrix, style: PageStyle, seed: int) -> NDArray[np.uint8]:
    """Return the picture, upright: uint8 (H, W, 3), red first."""
    height, width = style.height, style.width
    scene = _lie(sheet, matrix, style, seed)
    scene *= _light(style, seed)[..., None]
    chance = generator("sensor", seed)
    if style.capture == "photo":
        scene *= chance.uniform(0.95, 1.02, 3).astype(np.float32) * np.float32(chance.uniform(0.75, 1.02))
    if style.edges:
        scene *= _edges(style, seed)[..., None]
    if style.blur:
        scene = np.asarray(cv2.GaussianBlur(scene, (0, 0), style.blur), np.float32)
    if style.noise:
        grain = generator("noise", seed).standard_normal((height, width, 1), dtype=np.float32)
        scene += grain * np.float32(style.noise / 255)
        if style.capture == "photo":  # of colour, coarser than that of light
            for channel in (0, 2):
                scene[..., channel] += smooth_field(chance, height, width, 2.0) * np.float32(style.noise / 500)
    if style.sharpen:
        soft = cv2.GaussianBlur(scene, (0, 0), 1.0 + style.blur)
        scene += (scene - soft) * np.float32(1.5 * style.sharpen)
    image = np.asarray(np.rint(np.clip(scene, 0, 1) * 255), np.uint8)
    if style.jpeg < 100:
        _, data = cv2.imencode(".jpg", image[..., ::-1], [cv2.IMWRITE_JPEG_QUALITY, style.jpeg])
        decoded = cv2.imdecode(data, cv2.IMREAD_COLOR)
        assert decoded is not None  # it was encoded a line above
        image = np.asarray(decoded[..., ::-1], np.uint8)
    return np.ascontiguousarray(image)


def _lie(sheet: Floats, matrix: Matrix, style: PageStyle, seed: int) -> Floats:
    """The sheet as it lies in the picture, with what is around it."""
    size = (style.width, style.height)
    if style.desk == "none":  # the paper goes on beyond the picture
        straight = np.allclose(matrix, np.eye(3), atol=1e-6)
        return (
            sheet
            if straight
            else np.asarray(
                cv2.warpPerspective(sheet, matrix, size, flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE),
                np.float32,
            )
        )
    moved = cv2.warpPerspective(sheet, matrix, size, flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
    cover = _outline(matrix, style, seed)
    shadow = cv2.GaussianBlur(cover, (0, 0), max(size) / 150)
    desk = _desk(style.desk, style.height, style.width, generator("desk", seed)) * (1 - 0.5 * shadow[..., None])
    return np.asarray(desk + (moved - desk) * cover[..., None], np.float32)


def _outline(matrix: Matrix, style: PageStyle, seed: int) -> Floats:
    """1 where the sheet lies, 0 around it; its sides are a little bent, as paper is."""
    chance = generator("outline", seed)
    size = np.array([style.width, style.height], np.float32)
    corners = np.array([[0, 0], [1, 0], [1, 1], [0, 1], [0, 0]], np.float32) * (size - 1)
    along = np.linspace(0, 1, 40, dtype=np.float32)[:, None]
    sides = []
    for start, end in pairwise(corners):
        side = start + (end - start) * along
        outward = np.array([-(end - start)[1], (end - start)[0]], np.float32)
        bulge = np.float32(chance.normal(0, 0.006)) * np.sin(along * np.pi)
        sides.append(side + outward * bulge)
    points = np.rint(move(np.concatenate(sides), matrix) * 16).astype(np.int32)
    cover = np.zeros((style.height, style.width), np.uint8)
    cv2.fillPoly(cover, [points], 255, cv2.LINE_AA, 4)
    return np.asarray(cover, np.float32) / np.float32(255)


def _desk(kind: Desk, height: int, width: int, chance: np.random.Generator) -> Floats:
    """What lies under the sheet."""
    scale = max(height, width) / 1000
    if kind == "wood":
        along = smooth_field(chance, max(height // 12, 2), width, 3 * scale + 1)
        grain = cv2.resize(along, (width, height), interpolation=cv2.INTER_CUBIC)
        rings = np.sin(
            grain * 2 + np.arange(height)[:, None] / (14 * scale) + smooth_field(chance, height, width, 120 * scale)
        )
        light = 0.42 + 0.05 * grain + 0.05 * rings + 0.01 * smooth_field(chance, height, width, 1.5)
        tint: Any = np.array([1.15, 0.82, 0.55]) * chance.uniform(0.6, 1.4)
    elif kind == "cloth":
        y, x = np.indices((height, width), np.float32)
        pitch = max(3.0, 5 * scale)
        weave = np.sin(x * 2 * np.pi / pitch) * np.sin(y * 2 * np.pi / pitch)
        light = 0.25 + 0.06 * weave + 0.04 * smooth_field(chance, height, width, 2.0)
        light += 0.04 * smooth_field(chance, height, width, 200 * scale)
        tint = chance.uniform(0.4, 1.6, 3)
    else:
        level = float(chance.uniform(0.06, 0.22) if kind == "dark" else chance.uniform(0.5, 0.72))
        light = level * (1 + 0.1 * smooth_field(chance, height, width, 200 * scale))
        light += 0.015 * smooth_field(chance, height, width, 1.5)
        tint = chance.uniform(0.9, 1.1, 3)
    return np.asarray(np.clip(light, 0.02, 1)[..., None] * tint, np.float32)


def _light(style: PageStyle, seed: int) -> Floats:
    """The factor by which light falls on each pixel."""
    height, width = style.height, style.width
    chance = generator("light", seed)
    y, x = np.linspace(-1, 1, height, dtype=np.float32)[:, None], np.linspace(-1, 1, width, dtype=np.float32)[None]
    turn = float(chance.uniform(0, 2 * np.pi))
    slope = (x * np.cos(turn) + y * np.sin(turn)) / 2.0
    cloud = smooth_field(chance, height, width, max(height, width) / 2)
    light: Floats = np.asarray(1 - style.shade * (0.5 - 0.5 * slope + 0.15 * cloud), np.float32)
    light *= 1 - np.float32(0.12 * style.shade) * (x**2 + y**2)
    if style.shadow != "none":
        light *= 1 - _shadow(style, generator("shadow", seed)) * np.float32(chance.uniform(0.25, 0.55))
    return light


def _shadow(style: PageStyle, chance: np.random.Generator) -> Floats:
    """How far each pixel lies in the shadow of a hand, a head or a telephone, from 0 to 1."""
    size = np.array([style.width, style.height])
    if chance.random() < 0.5:  # something with straight sides
        centre = chance.uniform(0.0, 1.0, 2) * size
        half = chance.uniform(0.15, 0.5, 2) * size
        turn = float(chance.uniform(0, np.pi))
        axes = np.array([[np.cos(turn), np.sin(turn)], [-np.sin(turn), np.cos(turn)]])
        shape = centre + (np.array([[-1, -1], [1, -1], [1, 1], [-1, 1]]) * half) @ axes
    else:  # something round that reaches in from a side
        centre = chance.uniform(-0.2, 1.2, 2) * size
        turns = np.linspace(0, 2 * np.pi, 60, endpoint=False)
        radius = size.max() * float(chance.uniform(0.2, 0.5))
        wobble = 1 + 0.25 * sum(np.sin(turns * n + chance.uniform(0, 6.3)) / n for n in (1, 2, 3))
        shape = centre + np.stack([np.cos(turns), np.sin(turns)], 1) * (radius * wobble)[:, None]
    small = 4  # a shadow has no fine detail
    dark = np.zeros((style.height // small + 1, style.width // small + 1), np.uint8)
    cv2.fillPoly(dark, [np.rint(shape / small).astype(np.int32)], 255)
    soft = max(style.width, style.height) / small / (14 if style.shadow == "soft" else 160)
    faded = cv2.GaussianBlur(dark, (0, 0), max(soft, 0.7))
    large = cv2.resize(faded, (style.width, style.height), interpolation=cv2.INTER_LINEAR)
    return np.asarray(large, np.float32) / np.float32(255)


def _edges(style: PageStyle, seed: int) -> Floats:
    """The factor by which a scan is darker at its edges, where the lid let no light through."""
    chance = generator("edges", seed)
    factor = np.ones((style.height, style.width), np.float32)
    for side in range(4):
        if chance.random() < 0.6:
            turned = np.rot90(factor, side)  # a view: the side's edge comes to the left
            wide = float(chance.uniform(0.004, 0.035)) * min(style.width, style.height)
            away = np.arange(turned.shape[1], dtype=np.float32)
            turned *= 1 - np.float32(0.85 * style.edges) * np.exp(-((away / wide) ** 2))
    return factor
