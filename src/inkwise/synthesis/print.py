"""Printed matter: lines of small text, for the heads of forms and for what shows through from the back of a sheet.

The fonts are those that come with matplotlib, which is imported only where text is set.
"""

from functools import cache
from pathlib import Path

import numpy as np
from PIL import Image, ImageDraw, ImageFont

from inkwise.synthesis.noise import Floats

_FACES = ("DejaVuSans.ttf", "DejaVuSerif.ttf", "STIXGeneral.ttf", "DejaVuSans-Bold.ttf")
_WORDS = """
the of and to in is that for with as at by from on this which answer total order number date name table value
amount account sheet page section result sample mean error time line delivered received price unit item report
customer invoice signature address street please return within days 1.00 24 2019 3.5 120 No. 7 0.94 18 Figure
"""


def font_path(name: str) -> Path:
    """Return the path of a font file that comes with matplotlib."""
    import matplotlib as mpl

    return Path(mpl.get_data_path()) / "fonts" / "ttf" / name


@cache
def font(name: str, size: int) -> ImageFont.FreeTypeFont:
    """Return a font of matplotlib's at a size in pixels."""
    return ImageFont.truetype(str(font_path(name)), size)


def printed(height: int, width: int, size: int, lines: int, chance: np.random.Generator) -> Floats:
    """Return float32 (height, width), ink from 0 to 1: printed lines from the top, some indented, some in columns.

    Args:
        height: pixels.
        width: pixels.
        size: of the type, in pixels.
        lines: how many at most.
        chance: the words.
    """
    sheet = Image.new("L", (width, height))
    pen = ImageDraw.Draw(sheet)
    face = font(str(chance.choice(_FACES)), max(size, 6))
    left, top = int(width * 0.08), int(height * 0.05)
    columned = chance.random() < 0.4
    for number in range(min(lines, int((height - top) / (1.5 * size)))):
        y = top + int(number * 1.5 * size)
        if columned and number > 3:
            for place in range(5):
                pen.text((left + place * width * 0.15, y), f"{chance.uniform(0, 99):.2f}", fill=255, font=face)
        elif chance.random() < 0.85:
            room = int(width / (3.1 * size) * chance.uniform(0.3, 1))
            text = " ".join(str(word) for word in chance.choice(_WORDS.split(), max(room, 1)))
            pen.text((left, y), text.capitalize(), fill=255, font=face)
    return np.asarray(sheet, np.float32) / np.float32(255)
