"""The ink normaliser: any picture of one digit, in grey, to the form that MNIST's images have.

`normalise` runs the stages of `inkwise.data.normalising` in order: light (polarity, background), ink (levels), marks
(rules, page edges, specks), form (box, size, place). It chooses each setting itself and says why; `stages` returns
every picture on the way. An image that has the form comes out as it was, but for a stretch of its grey levels by a
few parts in 255. A picture without ink is a result with a reason, not an error. Knows nothing of networks or files.
"""

from collections.abc import Callable
from dataclasses import dataclass

import cv2
import numpy as np

from inkwise.data.normalising.form import BOX, SIDE, crop, fit, place, unstretch
from inkwise.data.normalising.ink import calm, find_levels, has_ink, soften, to_grey
from inkwise.data.normalising.light import ROOMY, Grey, Polarity, even, find_polarity, shrink
from inkwise.data.normalising.marks import drop_rules, keep_digit

__all__ = [
    "BOX",
    "NO_INK",
    "SIDE",
    "Grey",
    "Normalised",
    "Polarity",
    "Stage",
    "crop",
    "fit",
    "normalise",
    "place",
    "stages",
]

NO_INK = "no ink found"
_CLOSER = 0.4  # of the picture: a digit smaller than this is looked at again, alone


@dataclass(frozen=True)
class Normalised:
    """A picture brought to MNIST's form.

    `image` is uint8 (28, 28), ink high; all 0 where no ink was found, and then `reason` says so, else it is None.
    `polarity` is what the picture was. `threshold` is the level above which a pixel was taken for ink, on a scale
    from 0, as light as the background around it, to 255; 255 where no ink was found. `why` says in one sentence what
    was chosen and on what grounds.
    """

    image: Grey
    reason: str | None
    polarity: Polarity
    threshold: float
    why: str


@dataclass(frozen=True)
class Stage:
    """One picture on the way: its name, grey levels (H, W) and what was done, in a few words."""

    name: str
    image: Grey
    text: str


def normalise(grey: Grey) -> Normalised:
    """Return the digit in `grey` in MNIST's form.

    Args:
        grey: (H, W), at least 1 x 1; one digit, of any size and position, dark on light or light on dark.
    """
    return _run(grey, _unseen)


def stages(grey: Grey) -> tuple[Stage, ...]:
    """Return every picture on the way from `grey` to MNIST's form, the form last; for figures."""
    taken: list[Stage] = []
    _run(grey, lambda name, image, text: taken.append(Stage(name, image, text)))
    return tuple(taken)


Show = Callable[[str, Grey, str], None]


@dataclass(frozen=True)
class _Found:
    """The digit's ink, (H, W) as examined, None where there is none; and what was chosen on the way."""

    ink: Grey | None
    polarity: Polarity
    threshold: float
    why: str


def _unseen(name: str, image: Grey, text: str) -> None:
    """Shows a stage to nobody."""


def _run(grey: Grey, show: Show) -> Normalised:
    show("picture", grey, f"{grey.shape[1]} x {grey.shape[0]} pixels")
    small = shrink(grey)
    polarity, why = find_polarity(small)
    found = _find(small, polarity, why, show)
    closer = _closer(grey, found.ink) if found.ink is not None else None
    if closer is not None:
        show("closer", closer, "the digit is small, so it is looked at alone, from nearer")
        again = _find(shrink(closer), polarity, why, show)
        found = again if again.ink is not None else found
    if found.ink is None:
        return Normalised(np.zeros((SIDE, SIDE), np.uint8), NO_INK, polarity, found.threshold, found.why)
    digit = crop(found.ink)
    assert digit is not None  # what is found has ink
    show("box", digit, f"the smallest box with all ink, {digit.shape[1]} x {digit.shape[0]} pixels")
    if _fills_a_square(digit, found.ink):
        digit = unstretch(digit)
        show("unstretch", digit, f"it fills a square, so its width was stretched; {digit.shape[1]} x {digit.shape[0]}")
    fitted = fit(digit)
    show("fit", fitted, f"brought to {fitted.shape[1]} x {fitted.shape[0]} pixels")
    image = place(fitted)
    show("place", image, "centre of mass in the middle of 28 x 28 pixels")
    return Normalised(image, None, polarity, found.threshold, found.why)


def _find(grey: Grey, polarity: Polarity, why: str, show: Show) -> _Found:
    """Find the digit's ink in a picture of working size."""
    start = f"{polarity}: {why}"
    light = grey if polarity == "dark on light" else 255 - grey
    show("polarity", light, start)
    ink, how = even(light)
    show("even", to_grey(ink), how)
    if not has_ink(ink):
        return _Found(None, polarity, 255.0, f"{start}; {NO_INK}: no mark stands out from the noise.")
    levels = find_levels(ink)
    soft = soften(calm(ink, levels), levels.low, levels.high)
    show("levels", soft, f"ink from level {levels.low:.0f}, full from {levels.high:.0f}")
    plain, rules = drop_rules(soft)
    show("rules", plain, f"{rules} printed lines taken out")
    kept = keep_digit(plain)
    show("marks", kept.ink, f"{kept.at_border} marks at the border and {kept.specks} specks taken out")
    gone = [(rules, "printed line"), (kept.at_border, "mark at the border"), (kept.specks, "speck")]
    out = ", ".join(f"{number} {name}{'' if number == 1 else 's'}" for number, name in gone if number)
    why = f"{start}; ink from level {levels.threshold:.0f}{f'; without {out}' if out else ''}"
    if not kept.ink.any():
        return _Found(None, polarity, levels.threshold, f"{why}; {NO_INK}: nothing of it could be a digit.")
    return _Found(kept.ink, polarity, levels.threshold, f"{why}.")


def _fills_a_square(digit: Grey, ink: Grey) -> bool:
    """Whether a digit reaches all four sides of a square picture, which few do unless they were stretched."""
    side, width = ink.shape
    return side == width and abs(side - BOX) > 1 and bool(min(digit.shape) >= side - side // 25)


def _closer(grey: Grey, ink: Grey) -> Grey | None:
    """The part of `grey` around a digit that is small in it; None where it is not, or where there is no more to see."""
    x, y, width, height = cv2.boundingRect(ink)
    if max(width, height) > _CLOSER * max(ink.shape):
        return None
    factor = max(grey.shape) / max(ink.shape)
    margin = max(width, height) // 2
    top, left = (max(0, round(factor * (start - margin))) for start in (y, x))
    bottom, right = (round(factor * (end + margin)) for end in (y + height, x + width))
    part = grey[top:bottom, left:right]
    return part if min(part.shape) >= ROOMY else None
