"""Sheets of paper before anything is written on them: colour, fibre, rulings, print, dirt and folds.

A sheet is light reflected, float32 (H, W, 3) from 0 to 1, red first. Knows nothing of digits or cameras.
"""

import cv2
import numpy as np

from inkwise.synthesis.noise import Floats, generator, smooth_field
from inkwise.synthesis.page_style import Colour, PageStyle
from inkwise.synthesis.print import printed

COLOURS: dict[Colour, tuple[int, int, int]] = {
    "white": (244, 244, 242),
    "cream": (243, 234, 210),
    "yellow": (232, 226, 82),
    "pink": (240, 190, 200),
    "blue": (188, 212, 236),
    "green": (196, 228, 190),
    "grey": (200, 200, 198),
    "brown": (190, 160, 122),
}
_FAINT = ((150, 180, 215), (170, 170, 175), (200, 180, 160), (140, 200, 190))  # colours of ruled lines


def make_sheet(style: PageStyle, seed: int, digit: float) -> Floats:
    """Return an unwritten sheet of the page's size.

    Args:
        style: of the page.
        seed: another seed gives another sheet of the same style.
        digit: height of the digits in pixels, to which rulings keep some proportion.
    """
    height, width = style.height, style.width
    chance = generator("paper", seed)
    tint = np.array(COLOURS[style.paper], np.float32) + chance.normal(0, 2.5, 3).astype(np.float32)
    sheet = np.empty((height, width, 3), np.float32)
    sheet[:] = np.clip(tint, 40, 250) / 255
    if style.fibre:
        rough = smooth_field(generator("fibre", seed), height, width, 1.6) * np.float32(0.010 * style.fibre)
        rough += smooth_field(generator("cloud", seed), height, width, max(width, height) / 25) * np.float32(
            0.008 * style.fibre
        )
        sheet *= (1 + rough)[..., None]
    if style.back:
        _lay(sheet, _back(style, seed), (0.25, 0.25, 0.3), 0.55 * style.back)
    _rule(sheet, style, seed, digit)
    if style.header:
        chance = generator("header", seed)
        size = round(min(width, height) * float(chance.uniform(0.018, 0.03)))
        _lay(sheet, printed(height, width, size, int(chance.integers(1, 4)), chance), (0.1, 0.1, 0.1), 0.9)
    if style.dirt:
        _soil(sheet, style.dirt, generator("dirt", seed))
    for number in range(style.folds):
        _fold(sheet, generator("fold", seed, number))
    return sheet


def _lay(sheet: Floats, ink: Floats, colour: tuple[float, float, float], strength: float) -> None:
    """Print ink of a colour on the sheet."""
    cover = (ink * np.float32(strength))[..., None]
    sheet *= 1 - cover * (1 - np.array(colour, np.float32))


def _back(style: PageStyle, seed: int) -> Floats:
    """What is printed on the back: mirrored, blurred by the paper, in places fainter."""
    chance = generator("back", seed)
    size = round(min(style.width, style.height) * float(chance.uniform(0.018, 0.035)))
    text = printed(style.height, style.width, size, 60, chance)[:, ::-1]
    faint = 0.75 + 0.25 * smooth_field(chance, style.height, style.width, max(style.width, style.height) / 4)
    return np.asarray(cv2.GaussianBlur(text, (0, 0), max(0.6, size / 16)) * np.clip(faint, 0, 1), np.float32)


def _rule(sheet: Floats, style: PageStyle, seed: int, digit: float) -> None:
    """Draw ruled lines, squares or dots, and the margin."""
    height, width = style.height, style.width
    chance = generator("ruling", seed)
    pitch = max(8.0, digit * float(chance.uniform(0.55, 1.1) if style.ruling != "ruled" else chance.uniform(1.3, 2.2)))
    thick = max(0.6, min(width, height) / 900)
    lines = np.zeros((height, width), np.float32)
    first = float(chance.uniform(0.3, 1)) * pitch
    colour = _FAINT[int(chance.integers(len(_FAINT)))]
    strength = float(chance.uniform(0.4, 1))
    dark = np.asarray(1 - np.array(colour) / 255, np.float32)
    if style.ruling in ("ruled", "squared", "dotted"):
        rows = _stripes(height, pitch, first + (1.5 * pitch if style.ruling == "ruled" else 0), thick)
        columns = _stripes(width, pitch, first, thick)
        if style.ruling == "ruled":
            lines[:] = rows[:, None]
        elif style.ruling == "squared":
            lines[:] = np.maximum(rows[:, None], columns[None])
        else:
            lines[:] = cv2.GaussianBlur(np.outer(rows, columns), (0, 0), max(0.5, thick)) * 2.5
        sheet *= 1 - np.minimum(lines, 1)[..., None] * np.float32(strength) * dark
    if style.margin:
        at = width * float(chance.uniform(0.06, 0.12))
        line = np.clip(thick / 2 + 0.5 - np.abs(np.arange(width) - at), 0, 1).astype(np.float32)
        sheet *= 1 - line[None, :, None] * np.array([0.12, 0.5, 0.5], np.float32)


def _stripes(length: int, pitch: float, first: float, thick: float) -> Floats:
    """1 on lines every `pitch` pixels, 0 between, soft at their edges."""
    at = np.arange(length) - first
    away = np.abs((at + pitch / 2) % pitch - pitch / 2)
    inside: Floats = np.clip(thick / 2 + 0.5 - away, 0, 1).astype(np.float32)
    inside[at < -pitch / 2] = 0
    return inside


def _soil(sheet: Floats, amount: float, chance: np.random.Generator) -> None:
    """Specks, hairs and a stain or two."""
    height, width = sheet.shape[:2]
    short = min(height, width)
    dirt = np.zeros((height, width), np.uint8)
    for _ in range(int(chance.integers(3, 40) * amount) + 1):
        centre = (int(chance.integers(width)), int(chance.integers(height)))
        radius = max(1, round(short / 700 * float(chance.exponential(0.7))))
        cv2.circle(dirt, centre, radius, int(chance.integers(60, 220)), -1, cv2.LINE_AA)
    for _ in range(int(chance.integers(0, 4) * amount + 0.5)):
        start = chance.uniform(0, 1, 2) * (width, height)
        turn = np.cumsum(chance.normal(0, 0.25, 30)) + chance.uniform(0, 6.3)
        hair = start + np.cumsum(np.stack([np.cos(turn), np.sin(turn)], 1) * short / 500, axis=0)
        cv2.polylines(dirt, [np.rint(hair).astype(np.int32)], False, 130, 1, cv2.LINE_AA)
    _lay(sheet, np.asarray(dirt / 255, np.float32), (0.25, 0.22, 0.2), 0.8)
    for _ in range(int(chance.integers(0, 3) * amount + 0.3)):
        radius = int(short * float(chance.uniform(0.05, 0.2)))
        stain = np.zeros((height, width), np.uint8)
        centre = (int(chance.integers(width)), int(chance.integers(height)))
        axes = (radius, max(1, int(radius * float(chance.uniform(0.5, 1)))))
        cv2.ellipse(stain, centre, axes, float(chance.uniform(0, 180)), 0, 360, 255, -1)
        rim = cv2.morphologyEx(stain, cv2.MORPH_GRADIENT, np.ones((5, 5), np.uint8))
        soft = cv2.GaussianBlur(np.maximum(stain // 2, rim), (0, 0), max(1.0, short / 250))
        _lay(sheet, np.asarray(soft / 255, np.float32), (0.72, 0.6, 0.42), 0.35 * amount)


def _fold(sheet: Floats, chance: np.random.Generator) -> None:
    """A crease from side to side: a thin line, lighter on one side and darker on the other."""
    height, width = sheet.shape[:2]
    upright = chance.random() < 0.4
    length, across = (height, width) if upright else (width, height)
    at = across * float(chance.uniform(0.15, 0.85)) + np.arange(length) * float(chance.normal(0, 0.01))
    at = at + np.cumsum(chance.normal(0, 0.08, length))
    away = np.arange(across)[:, None] - at[None]  # (across, length)
    wide = max(height, width) / 40
    shade = 0.10 * float(chance.uniform(0.3, 1)) * np.sign(away) * np.exp(-np.abs(away) / wide)
    line = 0.18 * float(chance.uniform(0.2, 1)) * np.exp(-((away / max(0.8, wide / 25)) ** 2))
    factor = (1 + shade - line).astype(np.float32)
    sheet *= (factor.T if upright else factor)[..., None]
