"""Pages of packaged digits, which even a small network reads, as files."""

import io
from functools import cache

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image

from inkwise.data.load import load


@cache
def sheet(*rows: str) -> bytes:
    """A light page with these rows of numbers, as a PNG file."""
    split = load("uci-digits").split("test")
    page = np.full((70 * len(rows) + 50, 560), 235, np.uint8)
    for row, text in enumerate(rows):
        left = 30
        for place, sign in enumerate(text):
            if sign != " ":
                digit = split.images[split.labels == int(sign)][place, 0].numpy()
                large = cv2.resize(digit, (48, 48), interpolation=cv2.INTER_CUBIC)
                page[70 * row + 30 : 70 * row + 78, left : left + 48] -= (large * 0.8).astype(np.uint8)
            left += 50
    return file_of(page)


@cache
def bare() -> bytes:
    """A page without ink."""
    return file_of(np.full((200, 300), 235, np.uint8))


def file_of(page: NDArray[np.uint8]) -> bytes:
    """A picture as a PNG file."""
    file = io.BytesIO()
    Image.fromarray(page).save(file, "png")
    return file.getvalue()
