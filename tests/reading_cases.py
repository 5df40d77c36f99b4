"""Pages written in a stroke font, whose digits and letters look as if a hand had drawn them."""

import cv2
import numpy as np
import numpy.typing as npt

from inkwise.data.normaliser import crop, fit, place

Grey = npt.NDArray[np.uint8]
FONT = cv2.FONT_HERSHEY_SIMPLEX


def write_lines(*lines: str, step: int = 90, shape: tuple[int, int] | None = None) -> Grey:
    """Return a white page with lines of dark writing, digits 44 pixels high."""
    height, width = shape or (step * len(lines) + 60, 60 + 44 * max(map(len, lines), default=1))
    page = np.full((height, width), 235, np.uint8)
    for index, line in enumerate(lines):
        cv2.putText(page, line, (30, step * (index + 1)), FONT, 2.0, 40, 4, cv2.LINE_AA)
    return page


def template(text: str) -> Grey:
    """Return the form of what is written in that font: uint8 (28, 28)."""
    page = np.zeros((120, 60 * len(text) + 40), np.uint8)
    cv2.putText(page, text, (20, 90), FONT, 2.0, 255, 4, cv2.LINE_AA)
    digit = crop(page)
    assert digit is not None
    return place(fit(digit))
