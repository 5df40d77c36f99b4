"""The ink normaliser: any picture of one digit, in grey, to the form that MNIST's images have.

`normalise` runs the stages below in order, each a pure function on one image: `shrink`, `find_polarity`, `even`,
`has_ink`, `find_levels`, `soften`, `drop_specks`, `crop`, `fit`, `place`. The form: 28x28, ink 255 on background 0
with the grey levels between, the digit's box 20 pixels on its longer side, its centre of mass at pixel (14, 14). An
image that has the form comes out as it was, but for a stretch of its grey levels by a few parts in 255. A picture
without ink is a result with a reason, not an error. Knows nothing of networks or files.

Source of the form: LeCun, Bottou, Bengio & Haffner, "Gradient-based learning applied to document recognition",
Proc. IEEE 86(11), 1998, doi:10.1109/5.726791, section III.A; the constants were measured on MNIST itself.
"""

from dataclasses import dataclass
from typing import Any, Literal

import cv2
import numpy as np
from numpy.typing import NDArray

Grey = NDArray[np.uint8]
Polarity = Literal["dark on light", "light on dark"]

SIDE = 28  # pixels of the result
BOX = 20  # longer side of the digit's box
CENTRE = 14.0  # where MNIST's centres of mass lie, within half a pixel
NO_INK = "no ink found"
_WORKING = 512  # longer side at which a large picture is examined
_UNEVEN = 64  # shorter side from which there is room to estimate an uneven background
_DARKEST = 32.0  # no background is taken to be darker: it is a thick stroke, or noise would grow with it
_CONTRAST = 24.0  # least difference of ink and background, in grey levels of an evenly lit page
_UNLIKE = 0.85  # share of white noise's difference between neighbours from which a picture is noise
_HAIRLINE = 1.6  # stroke width, in pixels of the result, below which strokes are widened


@dataclass(frozen=True)
class Normalised:
    """A picture brought to MNIST's form.

    `image` is uint8 (28, 28), ink high; all 0 where no ink was found, and then `reason` says so, else it is None.
    `polarity` is what the picture was. `threshold` is the level above which a pixel was taken for ink, on a scale
    from 0, as light as the background around it, to 255; 255 where no ink was found.
    """

    image: Grey
    reason: str | None
    polarity: Polarity
    threshold: float


def normalise(grey: Grey) -> Normalised:
    """Return the digit in `grey` in MNIST's form.

    Args:
        grey: (H, W), at least 1 x 1; one digit, of any size and position, dark on light or light on dark.
    """
    small = shrink(grey)
    polarity = find_polarity(small)
    ink = even(small if polarity == "dark on light" else 255 - small)
    if not has_ink(ink):
        return Normalised(np.zeros((SIDE, SIDE), np.uint8), NO_INK, polarity, 255.0)
    low, threshold, high = find_levels(ink)
    digit = crop(drop_specks(soften(ink, low, high)))
    if digit is None:
        return Normalised(np.zeros((SIDE, SIDE), np.uint8), NO_INK, polarity, threshold)
    return Normalised(place(fit(digit)), None, polarity, threshold)


def shrink(grey: Grey, longer: int = _WORKING) -> Grey:
    """Return the picture with its longer side at most `longer` pixels, each the average of the area it covers."""
    height, width = grey.shape
    factor = longer / max(height, width)
    if factor >= 1:
        return grey
    size = (max(1, round(width * factor)), max(1, round(height * factor)))
    return np.asarray(cv2.resize(grey, size, interpolation=cv2.INTER_AREA), np.uint8)


def find_polarity(grey: Grey) -> Polarity:
    """Return whether ink is dark or light: background fills most of the border and most of the picture.

    Pixels are told apart by Otsu's threshold, and the border counts as much as the whole, which decides for a digit
    cut out so tightly that ink and background are both at the border. In a picture with room for it, what is thicker
    than strokes are is taken for shadow instead; then ink is what stands out from the median of its surroundings.
    """
    roomy = min(grey.shape) >= _UNEVEN
    grey = shrink(grey, _UNEVEN) if roomy else grey
    light = grey > _otsu(grey)
    edge = np.concatenate([light[0], light[-1], light[:, 0], light[:, -1]])
    dark_ink = bool(edge.mean() + light.mean() > 1)
    if roomy and _thick(light != dark_ink):
        dark_ink = _skew(grey) < 0
    return "dark on light" if dark_ink else "light on dark"


def even(light: Grey) -> Grey:
    """Return ink from 0 to 255 where the picture is as light as its background, divided out.

    Light falls on paper as a factor, so ink is 1 - light / background. In a picture with room for it the background
    is estimated around each pixel, as the lightest nearby within a window wider than strokes: a third of the picture,
    or a sixth where Otsu's threshold finds something thicker than strokes, which is shadow. In a small picture the
    background is one level, the median of what lies above the threshold.

    Args:
        light: (H, W), background light; a picture with light ink is inverted first.
    """
    if min(light.shape) < _UNEVEN:
        above = light[light > _otsu(light)]
        background: Any = float(np.median(above)) if above.size else float(light.max())
    else:
        height, width = light.shape
        tiny = shrink(light, _UNEVEN)
        window = max(tiny.shape) // (6 if _thick(tiny <= _otsu(tiny)) else 3) | 1
        disc = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (window, window))
        closed = cv2.morphologyEx(cv2.medianBlur(tiny, 3), cv2.MORPH_CLOSE, disc)
        smooth = cv2.GaussianBlur(closed.astype(np.float32), (0, 0), window / 10, borderType=cv2.BORDER_REPLICATE)
        background = cv2.resize(smooth, (width, height), interpolation=cv2.INTER_LINEAR)
    ink = 255 - light * (255 / np.maximum(background, np.float32(_DARKEST)))
    return np.asarray(np.rint(np.clip(ink, 0, 255)), np.uint8)


def has_ink(ink: Grey) -> bool:
    """Return whether there are marks: enough contrast, and neighbours that are alike.

    In white noise the mean squared difference of neighbours is twice the variance (von Neumann's ratio,
    doi:10.1214/aoms/1177731677); in digits, from 8x8 pixels up, it was at most 0.75 of that. Large pictures are
    averaged first, which takes noise away and leaves strokes.
    """
    small = shrink(ink, 128).astype(np.float64)
    bottom, top = np.percentile(small, [1, 99.9], method="nearest")
    if top - bottom < _CONTRAST:
        return False
    squares = [np.diff(small, axis=axis) ** 2 for axis in (0, 1) if small.shape[axis] > 1]
    unlike = sum(float(square.mean()) for square in squares) / len(squares)
    return unlike < _UNLIKE * 2 * float(small.var())


def find_levels(ink: Grey) -> tuple[float, float, float]:
    """Return the level at which ink begins, the threshold between background and ink, and the level of full ink.

    The threshold is Otsu's, moved half way between the levels either side of it. Background reaches to its median
    plus three standard deviations of its noise (by the median deviation, which the grey rim of strokes does not
    disturb), at most half way to the threshold. Full ink is what a tenth of the pixels above the threshold exceed.

    Args:
        ink: (H, W) with at least two different levels.
    """
    levels, counts = np.arange(256), np.bincount(ink.ravel(), minlength=256)
    dark = levels > _otsu(ink)
    above, below = np.where(dark, counts, 0), np.where(dark, 0, counts)
    threshold = (float(np.flatnonzero(below)[-1]) + float(np.flatnonzero(above)[0])) / 2
    middle = _quantile(levels, below, 0.5)
    noise = 1.4826 * _quantile(np.abs(levels - middle), below, 0.5)
    low = min(middle + 3 * noise, (middle + threshold) / 2)
    return low, threshold, _quantile(levels, above, 0.9)


def soften(ink: Grey, low: float, high: float) -> Grey:
    """Return ink stretched so that `low` and below become 0, `high` and above 255, with the grey between kept."""
    return np.asarray(np.rint(np.clip((ink - low) * (255 / (high - low)), 0, 255)), np.uint8)


def drop_specks(ink: Grey) -> Grey:
    """Return the picture without connected marks of less than a twenty-fifth of the largest one's ink.

    Pictures with a side under 64 pixels stay as they are: there a speck may be part of a faint stroke.
    """
    if min(ink.shape) < _UNEVEN:
        return ink
    count, labels = cv2.connectedComponents((ink > 64).astype(np.uint8), connectivity=8)
    if count <= 2:
        return np.where(_near(labels > 0), ink, 0).astype(np.uint8)
    mass = np.bincount(labels.ravel(), weights=ink.ravel(), minlength=count)
    mass[0] = 0
    return np.where(_near((mass >= mass.max() / 25)[labels]), ink, 0).astype(np.uint8)


def crop(ink: Grey) -> Grey | None:
    """Return the smallest box that holds all ink; None where there is none."""
    x, y, width, height = cv2.boundingRect(ink)
    return ink[y : y + height, x : x + width] if width else None


def fit(digit: Grey) -> Grey:
    """Return the digit with its longer side at 20 pixels, within one where no resizing brings it nearer unblurred.

    Smaller pictures are interpolated, larger ones averaged over area; hairlines of a large one are widened first, as
    averaging would make them faint, and the result is stretched so that its darkest ink is 255.
    """
    height, width = digit.shape
    longer = max(height, width)
    if abs(longer - BOX) <= 1:
        return digit
    size = (max(1, round(width * BOX / longer)), max(1, round(height * BOX / longer)))
    if longer < BOX:
        return np.asarray(cv2.resize(digit, size, interpolation=cv2.INTER_CUBIC), np.uint8)
    small = cv2.resize(_widen(digit), size, interpolation=cv2.INTER_AREA)
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


def _skew(grey: Grey) -> float:
    """Third moment of what differs from the local median; below 0 where few pixels are much darker than that."""
    window = max(grey.shape) // 4 | 1
    padded = cv2.copyMakeBorder(grey, window, window, window, window, cv2.BORDER_REFLECT)
    local = cv2.medianBlur(padded, window)[window:-window, window:-window]
    return float(((grey.astype(np.float64) - local) ** 3).sum())


def _thick(mask: NDArray[np.bool_]) -> bool:
    """Whether the mask has a place further inside than a fifth of the picture: a stroke has none."""
    depth = cv2.distanceTransform(mask.astype(np.uint8), cv2.DIST_L2, 3)
    return bool(depth.max() > max(mask.shape) / 5)


def _near(mask: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """The mask and two pixels around it, which hold the grey rim of its strokes."""
    return cv2.dilate(mask.astype(np.uint8), np.ones((5, 5), np.uint8)) > 0


def _quantile(values: NDArray[Any], counts: NDArray[Any], share: float) -> float:
    """The least value that `share` of all reach or stay below, each value occurring as often as counted."""
    order = np.argsort(values, kind="stable")
    total = np.cumsum(counts[order])
    return float(values[order[np.searchsorted(total, share * total[-1])]])


def _otsu(grey: Grey) -> float:
    """Otsu's threshold: pixels above it are the lighter class. doi:10.1109/TSMC.1979.4310076."""
    return float(cv2.threshold(grey, 0, 255, cv2.THRESH_BINARY | cv2.THRESH_OTSU)[0])
