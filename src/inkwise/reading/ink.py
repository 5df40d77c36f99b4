"""What is ink on a page: light, paper and shadow divided out, and strokes told from bare paper.

A page becomes a map of how much of the paper's light is missing, 0 to 255, seen in the colours that its ink takes
away most, and a mask of its strokes. Paper may be of any colour and unevenly lit, ink dark or light (chalk). Nothing
is decided here about what the strokes are. Thresholds follow the darkest ink around each place, as in Su, Lu & Tan,
doi:10.1145/1815330.1815351, so that faint and dark writing on one page are both found.
"""

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

Grey = NDArray[np.uint8]
Mask = NDArray[np.bool_]
Floats = NDArray[np.float32]

AREA = 4_000_000  # pixels at which a page is examined; larger ones are averaged down to it
_GROUND = 256  # longer side at which the paper's light is estimated
_SEEN = 640  # longer side at which dark and light ink are told apart
_STEP = 40  # grey levels between neighbourhoods from which there is an edge
_DARK = 0.3  # what has less than this share of the page's light, over wide areas, is not paper
_FAINT = 18.0  # least share of light that ink takes away, of 255
_NOISE = 5.0  # and in standard deviations of the page's noise


@dataclass(frozen=True)
class Ink:
    """The ink of a page.

    `levels` is uint8 (H, W), the light that is missing: 0 bare paper, 255 all of it. `mask` is where strokes are.
    `factor` is how many of the picture's pixels one of these is wide. `light` says that ink is lighter than its
    ground. `noise` is the standard deviation of `levels` on bare paper.
    """

    levels: Grey
    mask: Mask
    factor: float
    light: bool
    noise: float


def find_ink(picture: Grey) -> Ink:
    """Return the ink of a page.

    Args:
        picture: (H, W) grey or (H, W, 3) colour.
    """
    small, factor = shrink(picture)
    light = is_light_ink(small)
    levels = absorption(255 - small if light else small)
    noise = _noise(levels)
    if noise > 4:  # averaging over neighbours costs thin strokes little and noise much
        levels = np.asarray(cv2.GaussianBlur(levels, (0, 0), 0.7), np.uint8)
        noise = _noise(levels)
    return Ink(levels, strokes(levels, noise), factor, light, noise)


def shrink(picture: Grey, area: int = AREA) -> tuple[Grey, float]:
    """Return the picture with at most `area` pixels, and how many of its pixels one of these is wide."""
    height, width = picture.shape[:2]
    factor = (height * width / area) ** 0.5
    if factor <= 1:
        return picture, 1.0
    size = (max(1, round(width / factor)), max(1, round(height / factor)))
    return np.asarray(cv2.resize(picture, size, interpolation=cv2.INTER_AREA), np.uint8), factor


def is_light_ink(picture: Grey) -> bool:
    """Return whether strokes are lighter than their ground.

    Strokes cover the smaller part of any neighbourhood, so they are what differs from the median around; the third
    moment of the difference has the sign of the strongest of them. Where the median itself changes, at the page's
    edge or a shadow's, it tells nothing.
    """
    grey = np.asarray(cv2.cvtColor(picture, cv2.COLOR_RGB2GRAY), np.uint8) if picture.ndim == 3 else picture
    small = np.ascontiguousarray(_at_most(grey, _SEEN))
    window = max(3, max(small.shape) // 20) | 1
    ground = cv2.medianBlur(small, window)
    around = np.ones((window, window), np.uint8)
    step = cv2.subtract(cv2.dilate(ground, around), cv2.erode(ground, around))
    difference = np.where(step < _STEP, small.astype(np.float32) - ground, 0)
    return bool((difference**3).sum() > 0)


def absorption(picture: Grey) -> Grey:
    """Return how much of the paper's light is missing at each pixel: uint8 (H, W), 0 none, 255 all.

    The paper's light is estimated around each pixel as the lightest nearby. Colours count by how much of them the
    page's ink takes away: all alike for black, red light most for blue ink. What is dark over wide areas is no paper,
    and nothing is missing there.

    Args:
        picture: (H, W) or (H, W, 3), ink darker than its ground.
    """
    planes = picture[..., None] if picture.ndim == 2 else picture
    ground = _ground(planes)
    missing = [_missing(planes[..., index], ground[..., index]) for index in range(planes.shape[2])]
    mixed = missing[0] if len(missing) == 1 else _mix(missing)
    brightness = ground.mean(axis=2)
    outside = brightness < _DARK * float(np.percentile(brightness, 90))
    if outside.any():
        reach = np.ones((5, 5), np.uint8)
        away = cv2.dilate(outside.astype(np.uint8), reach)
        mixed[cv2.resize(away, mixed.shape[::-1], interpolation=cv2.INTER_NEAREST) > 0] = 0
    return mixed


def strokes(levels: Grey, noise: float) -> Mask:
    """Return where ink is: what takes away half as much light as the darkest ink around, and what hangs on to it.

    Args:
        levels: (H, W), from `absorption`.
        noise: standard deviation of `levels` on bare paper.
    """
    height, width = levels.shape
    soft = cv2.GaussianBlur(levels, (0, 0), 0.8)
    window = max(9, max(height, width) // 24)
    step = max(1, window // 8)
    # The maximum of each block; then over the blocks around.
    tall, wide = -(-height // step), -(-width // step)
    padded = np.zeros((tall * step, wide * step), np.uint8)
    padded[:height, :width] = soft
    blocks = np.ascontiguousarray(padded.reshape(tall, step, wide, step).max(axis=(1, 3)))
    reach = max(3, window // step) | 1
    peak = cv2.blur(cv2.dilate(blocks, np.ones((reach, reach), np.uint8)), (reach, reach))
    peak = cv2.resize(peak, (wide * step, tall * step), interpolation=cv2.INTER_LINEAR)[:height, :width]
    floor = max(_FAINT, _NOISE * noise)
    low = np.asarray(levels > np.maximum(peak * np.float32(0.33), floor), np.uint8)
    high = levels > np.maximum(peak * np.float32(0.5), floor * 1.2)
    count, labels = cv2.connectedComponents(low, connectivity=8)
    sure = np.zeros(count, np.bool_)
    sure[labels[high]] = True
    sure[0] = False
    return np.asarray(sure[labels], np.bool_)


def _ground(planes: Grey) -> Floats:
    """The paper's light, (h, w, C) at a small size."""
    tiny = _at_most(planes, _GROUND)
    tiny = tiny[..., None] if tiny.ndim == 2 else tiny
    window = max(3, max(tiny.shape[:2]) // 10) | 1
    disc = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (window, window))
    found = []
    for index in range(tiny.shape[2]):
        calm = cv2.medianBlur(np.ascontiguousarray(tiny[..., index]), 3)
        closed = cv2.morphologyEx(calm, cv2.MORPH_CLOSE, disc).astype(np.float32)
        found.append(cv2.GaussianBlur(closed, (0, 0), window / 8, borderType=cv2.BORDER_REPLICATE))
    return np.stack(found, axis=2)


def _missing(plane: Grey, ground: Floats) -> Grey:
    """255 - 255 * plane / ground, within 0 to 255."""
    height, width = plane.shape
    full = cv2.resize(np.maximum(ground, 16), (width, height), interpolation=cv2.INTER_LINEAR)
    share = cv2.divide(np.ascontiguousarray(plane), full, scale=255, dtype=cv2.CV_32F)
    return np.asarray(255 - np.minimum(share, 255), np.uint8)


def _mix(missing: list[Grey]) -> Grey:
    """The planes' mean, weighted by what the darkest marks take away of each."""
    mean = cv2.addWeighted(missing[0], 1 / 3, missing[1], 1 / 3, 0)
    mean = cv2.addWeighted(mean, 1, missing[2], 1 / 3, 0)
    counts = np.bincount(mean.ravel(), minlength=256)
    most = int(np.searchsorted(np.cumsum(counts), 0.99 * mean.size))  # strokes rarely cover less of a page
    marks = mean >= max(most, int(_FAINT))
    if not marks.any():
        return np.asarray(mean, np.uint8)
    weights = np.array([float(plane[marks].mean()) for plane in missing])
    weights /= weights.sum()
    mixed = cv2.addWeighted(missing[0], weights[0], missing[1], weights[1], 0)
    return np.asarray(cv2.addWeighted(mixed, 1, missing[2], weights[2], 0), np.uint8)


def _noise(levels: Grey) -> float:
    """Standard deviation on bare paper, by the median deviation from the mean of the neighbours."""
    part = levels[:: max(1, levels.shape[0] // 1024)]
    rest = cv2.absdiff(part, cv2.blur(part, (5, 1)))
    away = float(np.median(rest[part < 64])) if (part < 64).any() else 0.0
    return 1.4826 * 1.12 * away  # a mean of five holds a fifth of the pixel itself


def _at_most(picture: Grey, longer: int) -> Grey:
    """The picture with its longer side at most `longer` pixels."""
    factor = longer / max(picture.shape[:2])
    if factor >= 1:
        return picture
    size = (max(1, round(picture.shape[1] * factor)), max(1, round(picture.shape[0] * factor)))
    return np.asarray(cv2.resize(picture, size, interpolation=cv2.INTER_AREA), np.uint8)
