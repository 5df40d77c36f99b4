"""What is ink on a page: light, paper and shadow divided out, and strokes told from bare paper.

A page becomes a map of how much of the paper's light is missing, 0 to 255, seen in the colours that its ink takes
away most, and a mask of its strokes. Paper may be of any colour and unevenly lit, ink dark or light (chalk), and a desk
may be seen around it. Nothing is decided here about what the strokes are. Thresholds follow the darkest ink around each
place, as in Su, Lu & Tan, doi:10.1145/1815330.1815351, so that faint and dark writing on one page are both found.
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
_TELLING = 0.001  # share of a picture that must differ from its surroundings to tell dark ink from light
_STEP = 40  # grey levels between neighbourhoods from which there is an edge
_EDGES = 320  # longer side at which what lies beyond the page is sought
_THICK = 10  # pixels of that from which a mark at the picture's rim is no stroke
_MOSTLY = 0.85  # share of the picture from which that is the page itself
_DIMMER, _DENSE = 1.3, 0.25  # the same where marks cover such a share: writing does not
_DIM = 3.0  # times less light than usual from which wide areas are no paper in the shade
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
    levels, dim = absorption(255 - small if light else small)
    noise = _noise(levels)
    if noise > 4:  # averaging over neighbours costs thin strokes little and noise much
        levels = np.asarray(cv2.GaussianBlur(levels, (0, 0), 0.7), np.uint8)
        noise = _noise(levels)
    mask = strokes(levels, noise, dim)
    around = beyond(mask, dim)
    if around.any():  # its darkness has hidden what is written beside it
        levels[around] = 0
        mask = strokes(levels, noise, dim)
    return Ink(levels, mask, factor, light, noise)


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
    edge or a shadow's, it tells nothing. Neighbourhoods are small at first, and larger where writing is too large for
    them to tell.
    """
    grey = np.asarray(cv2.cvtColor(picture, cv2.COLOR_RGB2GRAY), np.uint8) if picture.ndim == 3 else picture
    small = np.ascontiguousarray(_at_most(grey, _SEEN))
    for part in (20, 7, 2):
        window = max(3, max(small.shape) // part) | 1
        ground = cv2.medianBlur(small, window)
        around = np.ones((window, window), np.uint8)
        step = cv2.subtract(cv2.dilate(ground, around), cv2.erode(ground, around))
        difference = np.where(step < _STEP, small.astype(np.float32) - ground, 0)
        if (abs(difference) >= _FAINT).mean() > _TELLING:
            break
    return bool((difference**3).sum() > 0)


def absorption(picture: Grey) -> tuple[Grey, Floats]:
    """Return how much of the paper's light is missing at each pixel: uint8 (H, W), 0 none, 255 all; and how dim it is.

    The second is float32 (h, w), smaller: how many times less light there is than usual, at least 1. Noise grows by it.

    The paper's light is estimated around each pixel as the lightest nearby. Colours count by how much of them the
    page's ink takes away: all alike for black, red light most for blue ink.

    Args:
        picture: (H, W) or (H, W, 3), ink darker than its ground.
    """
    planes = picture[..., None] if picture.ndim == 2 else picture
    ground = _ground(planes)
    missing = [_missing(planes[..., index], ground[..., index]) for index in range(planes.shape[2])]
    mixed = missing[0] if len(missing) == 1 else _mix(missing)
    brightness = ground.mean(axis=2)
    # The page may be the smaller part of the picture, and a shadow the larger part of the page.
    usual = max(float(np.median(brightness)), 0.7 * float(np.percentile(brightness, 90)))
    return mixed, np.maximum(usual / np.maximum(brightness, 1), 1).astype(np.float32)


def strokes(levels: Grey, noise: float, dim: Floats) -> Mask:
    """Return where ink is: what takes away half as much light as the darkest ink around, and what hangs on to it.

    Args:
        levels: (H, W), from `absorption`.
        noise: standard deviation of `levels` on bare paper.
        dim: from `absorption`.
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
    floor = np.maximum(_FAINT, _NOISE * noise * cv2.resize(dim, (wide, tall), interpolation=cv2.INTER_LINEAR))
    limits = [np.minimum(np.maximum(peak * share, floor * rise), 255) for share, rise in ((0.33, 1.0), (0.5, 1.2))]
    least, sure_from = (
        cv2.resize(limit.astype(np.uint8), (wide * step, tall * step), interpolation=cv2.INTER_LINEAR)[:height, :width]
        for limit in limits
    )
    low = np.asarray(levels > least, np.uint8)
    high = levels > sure_from
    count, labels = cv2.connectedComponents(low, connectivity=8)
    sure = np.zeros(count, np.bool_)
    sure[labels[high]] = True
    sure[0] = False
    return np.asarray(sure[labels], np.bool_)


def beyond(mask: Mask, dim: Floats) -> Mask:
    """Return what lies beyond the page, a desk say, and its edge.

    It is too thick for a stroke and reaches the picture's rim; what is so dark over wide areas that it has become
    ground itself is a part of it, and what is darker than the page and all over marks, as cloth and wood are.

    Args:
        mask: bool (H, W), from `strokes`.
        dim: from `absorption`.
    """
    height, width = mask.shape
    small = _at_most(np.asarray(mask, np.uint8) * np.uint8(255), _EDGES)
    rim = _THICK
    less = cv2.resize(dim, (small.shape[1], small.shape[0]), interpolation=cv2.INTER_LINEAR)
    dense = cv2.blur(small, (2 * rim, 2 * rim)) > _DENSE * 255
    both = np.asarray((small > 127) | (less > _DIM) | (dense & (less > _DIMMER)), np.uint8)
    edged = cv2.copyMakeBorder(both, rim, rim, rim, rim, cv2.BORDER_REPLICATE)  # a narrow strip of desk is thick too
    solid = cv2.morphologyEx(edged, cv2.MORPH_CLOSE, np.ones((3, 3), np.uint8))
    thick = cv2.morphologyEx(solid, cv2.MORPH_OPEN, cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (rim, rim)))
    _, marks = cv2.connectedComponents(thick, connectivity=8)
    labels = np.asarray(marks, np.int32)
    outside = np.ones(labels.shape, np.bool_)
    outside[rim:-rim, rim:-rim] = False
    reaching = np.unique(labels[outside])
    around = np.isin(labels, reaching[reaching > 0])[rim:-rim, rim:-rim]
    if not around.any() or around.mean() > _MOSTLY:
        return np.zeros_like(mask)
    grown = cv2.dilate(around.astype(np.uint8), np.ones((5, 5), np.uint8))
    return np.asarray(cv2.resize(grown, (width, height), interpolation=cv2.INTER_NEAREST) > 0, np.bool_)


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
