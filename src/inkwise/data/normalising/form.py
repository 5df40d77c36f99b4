"""The form of MNIST's images: 28x28, the digit's box 20 pixels on its longer side, its centre of mass at (14, 14).

Pictures are ink from 0 to 255 on a background of 0. A digit that fits already is moved, never resized. Knows nothing
of light, noise or other marks.

Source of the form: LeCun, Bottou, Bengio & Haffner, "Gradient-based learning applied to document recognition",
Proc. IEEE 86(11), 1998, doi:10.1109/5.726791, section III.A; the constants were measured on MNIST's train split.
"""

import cv2
import numpy as np
from numpy.typing import NDArray

from inkwise.data.normalising.light import Grey

SIDE = 28  # pixels of the result
BOX = 20  # longer side of the digit's box
CENTRE = 14.0  # where MNIST's centres of mass lie, within half a pixel
_HAIRLINE = 2.0  # stroke width, in pixels of the result, below which strokes are widened: 5 in 100 of MNIST's are
_GAIN = 1.5  # how much steeper the edges of an enlarged digit are made
_RATIO = -0.27  # mean log of width by height
_PRIOR = 0.1  # what a square unit of distance from it costs, in units of the spread of log stroke widths


def crop(ink: Grey) -> Grey | None:
    """Return the smallest box that holds all ink; None where there is none."""
    x, y, width, height = cv2.boundingRect(ink)
    return ink[y : y + height, x : x + width] if width else None


def unstretch(digit: Grey) -> Grey:
    """Return a digit that was stretched over a square with the width it had before, as far as its strokes tell.

    A pen is as wide along rows as along columns. So of the widths that the digit may have had, that one is chosen
    at which its strokes are most alike in width across, each pixel's stroke being judged by the ink left and right of
    it and above and below it; and near which MNIST's digits lie, whose log of width by height is -0.27 +- 0.30.
    """
    side = 64
    calm = cv2.GaussianBlur(digit, (0, 0), max(0.6, 0.04 * max(digit.shape)))
    inside = cv2.resize(calm, (side, side), interpolation=cv2.INTER_CUBIC) > 127
    across, down = _runs(inside)[inside], _runs(inside.T).T[inside]
    if not across.size:
        return digit
    ratios = np.linspace(-1.2, 0.2, 29)
    wide = across * np.exp(ratios)[:, None]  # (29, pixels)
    widths = np.log(wide * down / np.hypot(wide, down))
    cost = widths.std(axis=1) + _PRIOR * (ratios - _RATIO) ** 2
    ratio = float(np.exp(ratios[cost.argmin()]))
    digit = _enlarge(digit) if max(digit.shape) < 4 * BOX else digit
    height, width = digit.shape
    return np.asarray(cv2.resize(digit, (max(1, round(width * ratio)), height), interpolation=cv2.INTER_AREA), np.uint8)


def fit(digit: Grey) -> Grey:
    """Return the digit with its longer side at 20 pixels, within one where no resizing brings it nearer unblurred.

    Larger pictures are averaged over area; hairlines are widened first, as averaging would make them faint, and the
    result is stretched so that its darkest ink is 255. Smaller ones are enlarged with edges as sharp as MNIST's.
    """
    height, width = digit.shape
    longer = max(height, width)
    if abs(longer - BOX) <= 1:
        return digit
    digit = _enlarge(digit) if longer < BOX else _widen(digit)
    size = (max(1, round(width * BOX / longer)), max(1, round(height * BOX / longer)))
    small = cv2.resize(digit, size, interpolation=cv2.INTER_AREA)
    return np.asarray(np.rint(small * (255 / max(int(small.max()), 1))), np.uint8)


def place(digit: Grey) -> Grey:
    """Return 28x28 background with the digit's centre of mass at (14, 14), to the nearest whole pixel.

    A digit so lopsided that it would be cut off is moved in until it is whole.
    """
    height, width = digit.shape
    mass = digit.astype(np.float64)
    total = mass.sum()
    y = float(mass.sum(axis=1) @ np.arange(height)) / total
    x = float(mass.sum(axis=0) @ np.arange(width)) / total
    top = min(max(round(CENTRE - y), 0), SIDE - height)
    left = min(max(round(CENTRE - x), 0), SIDE - width)
    image = np.zeros((SIDE, SIDE), np.uint8)
    image[top : top + height, left : left + width] = digit
    return image


def _enlarge(digit: Grey) -> Grey:
    """The digit four times as large as it will be, with the edges that enlarging blurs made steeper again."""
    height, width = digit.shape
    factor = 4 * BOX / max(height, width)
    margin = 2  # background around it, as there was before it was cut out
    padded = cv2.copyMakeBorder(digit, margin, margin, margin, margin, cv2.BORDER_CONSTANT).astype(np.float32)
    large = cv2.resize(padded, None, fx=factor, fy=factor, interpolation=cv2.INTER_CUBIC)
    edge = round(margin * factor)
    inside = large[edge : large.shape[0] - edge, edge : large.shape[1] - edge]
    return np.asarray(np.rint(((inside - 127.5) * _GAIN + 127.5).clip(0, 255)), np.uint8)


def _widen(digit: Grey) -> Grey:
    """Strokes at least `_HAIRLINE` pixels wide once the digit is 20 pixels."""
    solid = (digit > 96).astype(np.uint8)
    depth = cv2.distanceTransform(cv2.copyMakeBorder(solid, 1, 1, 1, 1, cv2.BORDER_CONSTANT), cv2.DIST_L2, 3)
    inside = depth[depth > 0]
    if not inside.size:
        return digit
    stroke = 4 * float(inside.mean()) - 1  # depth rises linearly from the rim: its mean is a quarter of the width
    wanted = _HAIRLINE * max(digit.shape) / BOX
    if stroke >= wanted:
        return digit
    reach = int(np.ceil(wanted - stroke)) | 1
    kernel = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (reach, reach))
    return np.asarray(cv2.dilate(digit, kernel), np.uint8)


def _runs(mask: NDArray[np.bool_]) -> NDArray[np.int64]:
    """For each pixel of the mask, how many in a row of it hang together; elsewhere meaningless."""
    width = mask.shape[1]
    place = np.broadcast_to(np.arange(width), mask.shape)
    before = np.maximum.accumulate(np.where(mask, -1, place), axis=1)
    after = np.minimum.accumulate(np.where(mask, width, place)[:, ::-1], axis=1)[:, ::-1]
    return np.asarray(after - before - 1)
