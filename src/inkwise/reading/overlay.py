"""A page with its reading drawn on it: a box and a label for each digit, a thin box for each line.

Accepted digits are green, those abstained from orange with a question mark. The picture is the page turned upright.
On a page without digits the reason stands at the top.
"""

import cv2
import numpy as np

from inkwise.reading.ink import Grey
from inkwise.reading.page import Digit, Page

_ACCEPTED = (0, 140, 0)
_UNSURE = (230, 110, 0)
_LINE = (90, 140, 230)
_LARGEST = 3000  # longer side of the result, in pixels


def draw(picture: Grey, page: Page) -> bytes:
    """Return the page with its reading as the bytes of a PNG file.

    Args:
        picture: uint8 (H, W) or (H, W, 3), the page as it was given to be read.
        page: what was read from it.
    """
    upright = np.ascontiguousarray(np.rot90(picture, page.rotation // 90))
    canvas = np.array(cv2.cvtColor(upright, cv2.COLOR_GRAY2RGB) if upright.ndim == 2 else upright, np.uint8)
    scale = min(1.0, _LARGEST / max(canvas.shape[:2]))
    if scale < 1:
        canvas = np.asarray(cv2.resize(canvas, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA), np.uint8)
    thick = max(1, round(max(canvas.shape[:2]) / 1200))
    heights = [digit.box[3] * scale for line in page.lines for digit in line.digits]
    size = float(np.clip(np.median(heights or [0]) / 60, 0.4, 2.0))
    for line in page.lines:
        _box(canvas, line.box, scale, _LINE, thick)
        for digit in line.digits:
            _draw_digit(canvas, digit, scale, thick, size)
    if page.reason is not None:
        _write(canvas, page.reason)
    done, data = cv2.imencode(".png", cv2.cvtColor(canvas, cv2.COLOR_RGB2BGR))
    assert done
    return bytes(data.tobytes())


def _draw_digit(canvas: Grey, digit: Digit, scale: float, thick: int, size: float) -> None:
    colour = _ACCEPTED if digit.accepted else _UNSURE
    _box(canvas, digit.box, scale, colour, thick)
    left, top = (round(value * scale) for value in digit.box[:2])
    text = digit.label if digit.accepted else "?"
    place = (left, max(top - 2 * thick, round(22 * size)))
    _put(canvas, text, place, size, colour, thick)


def _write(canvas: Grey, text: str) -> None:
    """Write a sentence at the top, as large as the width allows."""
    wide = cv2.getTextSize(text, cv2.FONT_HERSHEY_SIMPLEX, 1.0, 1)[0][0]
    size = min(0.9 * canvas.shape[1] / wide, 0.05 * canvas.shape[0] / 22)
    place = (round(0.05 * canvas.shape[1]), round(60 * size))
    _put(canvas, text, place, size, _UNSURE, max(1, round(size)))


def _put(
    canvas: Grey, text: str, place: tuple[int, int], size: float, colour: tuple[int, int, int], thick: int
) -> None:
    """Put text on any ground: in colour, with a white rim."""
    cv2.putText(canvas, text, place, cv2.FONT_HERSHEY_SIMPLEX, size, (255, 255, 255), 3 * thick + 2, cv2.LINE_AA)
    cv2.putText(canvas, text, place, cv2.FONT_HERSHEY_SIMPLEX, size, colour, thick + 1, cv2.LINE_AA)


def _box(canvas: Grey, box: tuple[int, int, int, int], scale: float, colour: tuple[int, int, int], thick: int) -> None:
    left, top, width, height = (round(value * scale) for value in box)
    cv2.rectangle(canvas, (left, top), (left + width, top + height), colour, thick)
