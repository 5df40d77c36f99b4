"""Pictures in MNIST's form that are not one digit, for networks that learn what to turn away.

Each depends on the seed, its index and the digits alone: not on how many are drawn, nor in which order. Families that
`draw_held_out` draws are never among those of `draw_negatives`, so that what is measured on them is not what was
learned. Knows nothing of networks.
"""

from collections.abc import Callable, Mapping

import numpy as np
from numpy.typing import NDArray

from inkwise.errors import DataError
from inkwise.synthesis import glyphs, grounds, letters, mixtures, objects, scribbles
from inkwise.synthesis.handwriting import SIDE, Ink
from inkwise.synthesis.noise import generator

Images = NDArray[np.uint8]
Kinds = NDArray[np.int64]
Drawer = Callable[[Ink, np.random.Generator], Ink]

NOT_A_DIGIT, TWO_DIGITS = 0, 1


def _alone(draw: Callable[[np.random.Generator], Ink]) -> Drawer:
    """A drawer that takes nothing from the digits."""

    def drawer(_: Ink, chance: np.random.Generator) -> Ink:
        return draw(chance)

    return drawer


_DRAWERS: dict[str, tuple[float, int, Drawer]] = {  # share, kind, drawer
    "printed letters": (0.14, NOT_A_DIGIT, _alone(glyphs.letter)),
    "written letters": (0.14, NOT_A_DIGIT, _alone(letters.letter)),
    "printed signs": (0.06, NOT_A_DIGIT, _alone(glyphs.sign)),
    "written signs": (0.06, NOT_A_DIGIT, _alone(letters.sign)),
    "scribbles": (0.10, NOT_A_DIGIT, _alone(scribbles.scribble)),
    "noise": (0.04, NOT_A_DIGIT, _alone(grounds.noise)),
    "blank": (0.02, NOT_A_DIGIT, _alone(grounds.blank)),
    "ruled paper": (0.04, NOT_A_DIGIT, _alone(grounds.ruled)),
    "textures": (0.04, NOT_A_DIGIT, _alone(grounds.texture)),
    "objects": (0.11, NOT_A_DIGIT, _alone(objects.garment)),
    "pieces": (0.05, NOT_A_DIGIT, mixtures.piece),
    "two digits": (0.17, TWO_DIGITS, mixtures.two_digits),
    "three digits": (0.03, TWO_DIGITS, mixtures.three_digits),
}
_HELD_OUT: dict[str, tuple[float, int, Drawer]] = {
    "Greek letters": (0.2, NOT_A_DIGIT, _alone(glyphs.greek)),
    "Cyrillic letters": (0.2, NOT_A_DIGIT, _alone(glyphs.cyrillic)),
    "pictograms": (0.2, NOT_A_DIGIT, _alone(glyphs.pictogram)),
    "other scribbles": (0.2, NOT_A_DIGIT, _alone(scribbles.other_scribble)),
    "other objects": (0.2, NOT_A_DIGIT, _alone(objects.other_object)),
}
FAMILIES: dict[str, int] = {name: kind for name, (_, kind, _) in _DRAWERS.items()}
"""The families that are learned from, and the kind of each."""
HELD_OUT: dict[str, int] = {name: kind for name, (_, kind, _) in _HELD_OUT.items()}
"""The families that are measured on alone, and the kind of each."""


def draw_negatives(digits: Images, count: int, seed: int) -> tuple[Images, Kinds, tuple[str, ...]]:
    """Return pictures that are not one digit, with the kind and the family of each.

    Args:
        digits: uint8 (M, 1, 28, 28), ink high, of which two are set beside one another, or pieces are cut. At least
            one shows something; those that show nothing are left aside.
        count: how many to draw.
        seed: any whole number.

    Returns:
        images uint8 (count, 1, 28, 28), kinds int64 (count,), 0 not a digit and 1 two digits, and family names.

    Raises:
        DataError: The digits are of another form, or none shows anything.
    """
    shown = _inked(digits)
    return _gather([_draw(_DRAWERS, shown, seed, index) for index in range(count)], FAMILIES)


def draw_negative(digits: Images, seed: int, index: int) -> tuple[Ink, str]:
    """Return picture `index` of `draw_negatives`, uint8 (28, 28), and its family; arguments and errors as there."""
    return _draw(_DRAWERS, _inked(digits), seed, index)


def draw_held_out(count: int, seed: int) -> tuple[Images, Kinds, tuple[str, ...]]:
    """Return pictures of the families that are never learned from, as `draw_negatives` does; it takes no digits."""
    none = np.zeros((0, SIDE, SIDE), np.uint8)
    return _gather([_draw(_HELD_OUT, none, seed, index) for index in range(count)], HELD_OUT)


def _draw(drawers: Mapping[str, tuple[float, int, Drawer]], digits: Ink, seed: int, index: int) -> tuple[Ink, str]:
    chance = generator("negatives", seed, index)
    shares = np.cumsum([share for share, _, _ in drawers.values()])
    chosen = int(np.searchsorted(shares, chance.random() * shares[-1], side="right"))
    name = list(drawers)[chosen]
    return drawers[name][2](digits, chance), name


def _gather(drawn: list[tuple[Ink, str]], kinds: Mapping[str, int]) -> tuple[Images, Kinds, tuple[str, ...]]:
    names = tuple(name for _, name in drawn)
    images = np.zeros((len(drawn), 1, SIDE, SIDE), np.uint8)
    for row, (image, _) in zip(images, drawn, strict=True):
        row[0] = image
    return images, np.array([kinds[name] for name in names], np.int64), names


def _inked(digits: Images) -> Ink:
    if digits.dtype != np.uint8 or digits.shape[1:] != (1, SIDE, SIDE):
        raise DataError(
            f"Negatives are made of digits that are {digits.dtype} of shape {digits.shape}; "
            f"give uint8 of shape (M, 1, {SIDE}, {SIDE}), ink high."
        )
    shown: Ink = digits[:, 0][digits.any(axis=(1, 2, 3))]
    if not len(shown):
        raise DataError(f"None of the {len(digits)} digits that negatives are made of has ink; give at least one.")
    return shown
