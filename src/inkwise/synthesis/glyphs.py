r"""Letters and signs that no person takes for a digit: in print, in fonts that come with matplotlib and Pillow.

Left out is what is a digit's picture when it stands alone, handwritten, at the size of one. For 0: O o Q D; for 1:
I i l j J and / | \ , ' ( ) [ ] { }, which are one stroke, bent or not; 2: Z z; 4: y and u, which an open 4 is like; 5:
S s; 6: b G; 7: >; 8: B; 9: g q. Kept are C and e, V and T, which differ from any digit in more than a slip of the pen.

OpenCV's own faces are not used: they are Hershey's up to version 4 and others from 5 on.
"""

from functools import cache

import numpy as np
from PIL import Image, ImageDraw, ImageFont

from inkwise.synthesis.handwriting import CANVAS, Ink, distort, to_form
from inkwise.synthesis.print import font

LIKE_DIGITS = frozenset("OoQDIiljJZzyuSsbGBgq/|\\,'()[]{}>")
LETTERS = "ACEFHKLMNPRTUVWXYacdefhkmnprtvwx"
SIGNS = "+-=:;%&#@!?$*<~^_€©±÷≠≈√←→↔⇒✓✔✗✘…«»"
GREEK = "ΓΔΛΞΠΣΨΩακλμνξπψωχη"
CYRILLIC = "ЖШЩЦЮЯДЛПИЙХжшщцюядлпийк"
PICTOGRAMS = "☀☁☂☃★☆☎☕☠☮☯☺♠♣♥♦♫♬✂✈✉✎✿❄❤⚓⚙♔♕♘⌂"

_SIZE = 96  # at which a font is set, before it is averaged down
MATHS = "DejaVuSans.ttf"  # has every sign and pictogram above
TEXT = (
    "DejaVuSans.ttf",
    "DejaVuSans-Oblique.ttf",
    "DejaVuSansMono.ttf",
    "DejaVuSerif.ttf",
    "DejaVuSerif-Italic.ttf",
    "DejaVuSans-Bold.ttf",
    "STIXGeneral.ttf",
    "STIXGeneralItalic.ttf",
    "cmss10.ttf",
    "cmtt10.ttf",
    "",  # the font that comes with Pillow
)
ABROAD = ("DejaVuSans.ttf", "DejaVuSans-Oblique.ttf", "DejaVuSerif.ttf", "DejaVuSansMono.ttf")


def letter(chance: np.random.Generator) -> Ink:
    """Return a Latin letter of print, bent as if by hand, (28, 28) in MNIST's form."""
    return _written(LETTERS, TEXT, chance)


def sign(chance: np.random.Generator) -> Ink:
    """Return a sign of print, bent as if by hand, (28, 28) in MNIST's form."""
    return _written(SIGNS, (MATHS,), chance)


def greek(chance: np.random.Generator) -> Ink:
    """Return a Greek letter that is no Latin one, (28, 28) in MNIST's form."""
    return _written(GREEK, ABROAD, chance)


def cyrillic(chance: np.random.Generator) -> Ink:
    """Return a Cyrillic letter that is no Latin one, (28, 28) in MNIST's form."""
    return _written(CYRILLIC, ABROAD, chance)


def pictogram(chance: np.random.Generator) -> Ink:
    """Return a small picture of a font, such as a star or an umbrella, (28, 28) in MNIST's form."""
    return _written(PICTOGRAMS, (MATHS,), chance)


def _written(characters: str, faces: tuple[str, ...], chance: np.random.Generator) -> Ink:
    character = characters[chance.integers(len(characters))]
    return to_form(distort(_glyph(character, faces[chance.integers(len(faces))]), chance))


@cache
def _glyph(character: str, face: str) -> Ink:
    """The character upright in the middle of a canvas, its longer side at 52 pixels of 84."""
    set_in = _font(face)
    left, top, right, bottom = (round(edge) for edge in set_in.getbbox(character))
    size = 52 / max(right - left, bottom - top)
    large = Image.new("L", (right - left, bottom - top))
    ImageDraw.Draw(large).text((-left, -top), character, fill=255, font=set_in)
    small = large.resize((max(1, round(large.width * size)), max(1, round(large.height * size))), Image.Resampling.BOX)
    canvas = Image.new("L", (CANVAS, CANVAS))
    canvas.paste(small, ((CANVAS - small.width) // 2, (CANVAS - small.height) // 2))
    return np.asarray(canvas, np.uint8)


def _font(face: str) -> ImageFont.FreeTypeFont:
    return font(face, _SIZE) if face else _own()


@cache
def _own() -> ImageFont.FreeTypeFont:
    """The font that comes with Pillow."""
    own = ImageFont.load_default(_SIZE)
    assert isinstance(own, ImageFont.FreeTypeFont)  # a size was asked for
    return own
