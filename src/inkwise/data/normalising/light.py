"""Light: which of dark and light is ink, and ink as what the background around it does not explain.

Pictures are grey, 0 black to 255 white. Light falls on paper as a factor, so it is divided out. A picture with a side
under 64 pixels has no room to tell shadow from ink, and is taken to be evenly lit. Knows nothing of digits but that
their strokes are narrower than a third of the picture.
"""

from typing import Any, Literal

import cv2
import numpy as np
from numpy.typing import NDArray

Grey = NDArray[np.uint8]
Floats = NDArray[np.float32]
Polarity = Literal["dark on light", "light on dark"]

ROOMY = 64  # pixels of the shorter side from which there is room to estimate an uneven background
WORKING = 384  # longer side at which a large picture is examined
_EVEN = 0.85  # share of the variance that two levels explain, from which a picture is taken to be evenly lit
_THIRD = 0.005  # share of pixels beyond the two levels from which there is a third, so that one of them is shadow
_DARKEST = 32.0  # no background is taken to be darker: it is a thick stroke, or noise would grow with it


def shrink(grey: Grey, longer: int = WORKING) -> Grey:
    """Return the picture with its longer side at most `longer` pixels, each the average of the area it covers."""
    height, width = grey.shape
    factor = longer / max(height, width)
    if factor >= 1:
        return grey
    size = (max(1, round(width * factor)), max(1, round(height * factor)))
    return np.asarray(cv2.resize(grey, size, interpolation=cv2.INTER_AREA), np.uint8)


def find_polarity(grey: Grey) -> tuple[Polarity, str]:
    """Return whether ink is dark or light, and the reason: background fills most of the border and of the picture.

    Pixels are told apart by Otsu's threshold, and the border counts as much as the whole, which decides for a digit
    cut out so tightly that ink and background are both at the border. In a picture with room for it the light is
    evened first by a quadratic surface, and ink that would be thicker than strokes are is not believed: then the
    other is ink, or, where that too is thick, as in a hard shadow, what stands out from the median of its
    surroundings.
    """
    roomy = min(grey.shape) >= ROOMY
    if roomy:
        grey = shrink(grey, ROOMY)
        if _two_levels(grey) < _EVEN:
            grey = _level(grey)
    light = grey > otsu(grey)
    border = float(np.concatenate([light[0], light[-1], light[:, 0], light[:, -1]]).mean())
    whole = float(light.mean())
    dark_ink = border + whole > 1
    name = "light" if dark_ink else "dark"
    if roomy and thick(light != dark_ink) and _beyond(grey, light) > _THIRD:
        if thick(light == dark_ink):
            dark_ink = _skew(grey) < 0
            why = f"what stands out from its surroundings is {'darker' if dark_ink else 'lighter'} than they are"
        else:
            why = f"what is {name} is too thick for strokes"
            dark_ink = not dark_ink
    else:
        shares = (border, whole) if dark_ink else (1 - border, 1 - whole)
        why = f"{100 * shares[0]:.0f} % of the border and {100 * shares[1]:.0f} % of the picture are {name}"
    return ("dark on light" if dark_ink else "light on dark"), why


def even(light: Grey) -> tuple[Floats, str]:
    """Return ink where the picture is darker than its background, divided out, and how the background was found.

    Ink is 255 (1 - light / background): 0 as light as the background, 255 black, below 0 lighter. In a picture with
    room for it the background is found around each pixel by a closing (the lightest within a window, then the
    darkest of these), which fills strokes narrower than the window and leaves the edge of a shadow, soft or hard, as
    it is. The window is a third of the picture, or a sixth where Otsu's threshold finds something thicker than
    strokes, which is shadow. In a small picture the background is one level, the median of what lies above the
    threshold.

    Args:
        light: (H, W), background light; a picture with light ink is inverted first.
    """
    if min(light.shape) < ROOMY:
        above = light[light > otsu(light)]
        background: Any = np.float32(np.median(above) if above.size else light.max())
        why = f"one background of level {background:.0f}"
    else:
        tiny = shrink(light, ROOMY)
        shadowed = thick(tiny <= otsu(tiny))
        window = max(light.shape) // (6 if shadowed else 3) | 1
        calm = cv2.medianBlur(light, 5)
        closed = cv2.morphologyEx(calm, cv2.MORPH_CLOSE, np.ones((window, window), np.uint8))
        background = closed.astype(np.float32)
        why = f"background around each pixel, within {window} pixels" + (" as there is shadow" if shadowed else "")
    return np.asarray(255 - light * (255 / np.maximum(background, np.float32(_DARKEST))), np.float32), why


def thick(mask: NDArray[np.bool_]) -> bool:
    """Return whether the mask has a place further inside than a fifth of the picture: a stroke has none."""
    depth = cv2.distanceTransform(mask.astype(np.uint8), cv2.DIST_L2, 3)
    return bool(depth.max() > max(mask.shape) / 5)


def otsu(grey: Grey) -> float:
    """Return Otsu's threshold: pixels above it are the lighter class. doi:10.1109/TSMC.1979.4310076."""
    return float(cv2.threshold(grey, 0, 255, cv2.THRESH_BINARY | cv2.THRESH_OTSU)[0])


def _two_levels(grey: Grey) -> float:
    """The share of the picture's variance that lies between the two classes of Otsu's threshold."""
    values, light = grey.astype(np.float64), grey > otsu(grey)
    share = float(light.mean())
    if not 0 < share < 1:
        return 1.0
    between = share * (1 - share) * float(values[light].mean() - values[~light].mean()) ** 2
    return between / float(values.var())


def _beyond(grey: Grey, light: NDArray[np.bool_]) -> float:
    """The share of pixels that are clearly darker than the darker of two classes, or lighter than the lighter."""
    dark, bright = float(np.median(grey[~light])), float(np.median(grey[light]))
    far = 0.3 * (bright - dark)
    return float(((grey < dark - far) | (grey > bright + far)).mean())


def _level(grey: Grey) -> Grey:
    """The picture without what a quadratic surface explains, which follows most pixels and not the few of strokes."""
    height, width = grey.shape
    y, x = (axis.ravel() for axis in np.mgrid[-1 : 1 : height * 1j, -1 : 1 : width * 1j])
    terms = np.stack([np.ones_like(x), x, y, x * x, x * y, y * y])  # (6, H W)
    values = np.log(grey.ravel() + 8.0)
    weights = np.ones_like(values)
    for _ in range(6):  # least absolute deviations, by weighted squares
        weighted = terms * weights
        surface = np.linalg.solve(weighted @ terms.T, weighted @ values) @ terms
        weights = 1 / np.maximum(np.abs(values - surface), 0.02)
    rest = (values - surface).reshape(height, width)
    low, high = rest.min(), rest.max()
    return np.asarray(np.rint((rest - low) * (255 / max(high - low, 1e-9))), np.uint8)


def _skew(grey: Grey) -> float:
    """Third moment of what differs from the local median; below 0 where few pixels are much darker than that."""
    window = max(grey.shape) // 4 | 1
    padded = cv2.copyMakeBorder(grey, window, window, window, window, cv2.BORDER_REFLECT)
    local = cv2.medianBlur(padded, window)[window:-window, window:-window]
    return float(((grey.astype(np.float64) - local) ** 3).sum())
