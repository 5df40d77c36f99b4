"""What a page looks like: everything that can be chosen about it, in one frozen value.

A style is drawn from a seed at a difficulty, or written by hand; benchmarks report by its fields. Knows nothing of
how a page is drawn.
"""

from dataclasses import dataclass
from typing import Literal, TypeVar, get_args

import numpy as np

from inkwise.errors import UsageError
from inkwise.synthesis.noise import generator
from inkwise.synthesis.pen import PENS, PenKind

Layout = Literal["lines", "rows", "columns", "scattered", "dates", "telephones", "sums"]
Ink = Literal["blue", "navy", "black", "red", "green", "grey"]
Colour = Literal["white", "cream", "yellow", "pink", "blue", "green", "grey", "brown"]
Ruling = Literal["none", "ruled", "squared", "dotted"]
Desk = Literal["none", "dark", "wood", "cloth", "light"]
Shadow = Literal["none", "soft", "hard"]
Capture = Literal["photo", "scan"]
T = TypeVar("T")


@dataclass(frozen=True)
class PageStyle:
    """How a page is written, on what, and how it was taken."""

    # The picture
    width: int = 1000  # pixels of the upright page
    height: int = 1400
    rotation: Literal[0, 90, 180, 270] = 0  # degrees clockwise by which the upright page is turned
    capture: Capture = "photo"
    # What is written
    layout: Layout = "lines"
    digit_height: float = 0.06  # of the page's shorter side
    gap: float = 0.2  # between the middle lines of digits where nearest, in digit heights; below 0 they cross
    uneven: float = 0.1  # of sizes in a line: standard deviation, as a share
    small_zeros: bool = False
    european: bool = False  # 7 with a bar, 1 with a flag, some with a foot, 9 with a hook
    slashed_zeros: bool = False
    wander: float = 0.04  # of the baseline: standard deviation in digit heights
    leading: float = 1.8  # from baseline to baseline, in digit heights
    slant: float = 5.0  # degrees to the right
    descend: float = 0.0  # how far 7 and 9 reach below the line, in digit heights
    signs: float = 0.0  # share of numbers with a sign or letters
    # With what
    pen: PenKind = "ballpoint"
    ink: Ink = "blue"
    strength: float = 0.9  # of the ink: 1 covers the paper
    # On what
    paper: Colour = "white"
    ruling: Ruling = "none"
    margin: bool = False  # a red line at the left
    header: bool = False  # printed text at the top
    back: float = 0.0  # strength of the print showing through from the back, up to 1
    dirt: float = 0.0  # specks and stains, up to 1
    folds: int = 0
    fibre: float = 0.4  # roughness of the paper, up to 1
    # How it was taken
    desk: Desk = "none"  # what is seen around the page
    shade: float = 0.15  # how much darker the darkest side is, as a share
    shadow: Shadow = "none"
    skew: float = 0.0  # degrees clockwise
    perspective: float = 0.0  # by how much of a side a corner is out of place
    edges: float = 0.0  # darkness of the edges of a scan, up to 1
    blur: float = 0.5  # standard deviation, pixels
    noise: float = 2.0  # standard deviation, grey levels
    sharpen: float = 0.0  # what a camera does against blur, up to 1
    jpeg: int = 100  # quality; at 100 there are no traces of it

    def __post_init__(self) -> None:
        if min(self.width, self.height) < 64 or max(self.width, self.height) > 8000:
            raise UsageError(
                f"A page of {self.width} x {self.height} pixels cannot be drawn; each side may have 64 to 8000."
            )
        if not 0.01 <= self.digit_height <= 0.6:
            raise UsageError(
                f"A digit height of {self.digit_height} cannot be drawn; it may be 0.01 to 0.6 of the shorter side."
            )


_SIZES = ((400, 600), (600, 800), (768, 1024), (1000, 1400), (1240, 1754), (1700, 2400), (2500, 3500))


def draw_style(seed: int, difficulty: float = 0.5) -> PageStyle:
    """Return a style drawn at random.

    Args:
        seed: another seed gives another style.
        difficulty: from 0, well-spaced ink on clean white paper, to 1, where everything may go wrong at once.

    Raises:
        UsageError: the difficulty is not from 0 to 1.
    """
    if not 0 <= difficulty <= 1:
        raise UsageError(f"There is no difficulty {difficulty}; it goes from 0 to 1.")
    chance = generator("page style", seed)

    def often(share: float) -> bool:
        """Whether something happens that does so for a share of the pages at difficulty 1."""
        return bool(chance.random() < share * difficulty)

    def upto(most: float) -> float:
        return float(chance.random() * most * difficulty)

    width, height = _SIZES[int(chance.integers(len(_SIZES)))]
    if chance.random() < 0.3:
        width, height = height, width
    short = min(width, height)
    layout: Layout = _one(chance, get_args(Layout))
    least = max(0.028 if width > 1000 else 0.04, (26 - 12 * difficulty) / short)
    tall = float(np.exp(chance.uniform(np.log(least), np.log(0.13))))
    pen: PenKind = _one(chance, PENS if difficulty > 0.3 else PENS[1:6])
    inks: tuple[Ink, ...] = ("blue", "blue", "navy", "black", "black", "red", "green")
    ink: Ink = "grey" if pen == "pencil" else _one(chance, inks)
    capture: Capture = "scan" if chance.random() < 0.35 else "photo"
    photo = capture == "photo"
    tight = chance.random()
    return PageStyle(
        width=width,
        height=height,
        rotation=_one(chance, (90, 180, 270)) if often(0.5) else 0,
        capture=capture,
        layout=layout,
        digit_height=tall,
        gap=float(chance.uniform(-0.04, 0.12) if tight < 0.35 * difficulty else chance.uniform(0.1, 0.5)),
        uneven=0.03 + upto(0.2),
        small_zeros=often(0.3),
        european=often(0.3),
        slashed_zeros=often(0.12),
        wander=0.01 + upto(0.12),
        leading=float(chance.uniform(2.4 - 1.0 * difficulty, 2.8)),
        slant=float(chance.normal(6, 4 + 8 * difficulty)),
        descend=upto(0.7) if often(0.5) else 0.0,
        signs=upto(0.8) if often(0.5) else 0.0,
        pen=pen,
        ink=ink,
        strength=float(chance.uniform(0.95 - 0.35 * difficulty, 0.98)),
        paper=_one(chance, get_args(Colour)) if often(0.6) else "white",
        ruling=_one(chance, get_args(Ruling)[1:]) if often(0.6) else "none",
        margin=often(0.25),
        header=often(0.25),
        back=0.15 + upto(0.6) if often(0.35) else 0.0,
        dirt=upto(1.0) if often(0.5) else 0.0,
        folds=int(chance.integers(1, 4)) if often(0.3) else 0,
        fibre=float(chance.uniform(0.1, 0.9)),
        desk=_one(chance, get_args(Desk)[1:]) if photo and often(0.7) else "none",
        shade=0.05 + upto(0.5) if photo else upto(0.05),
        shadow=_one(chance, get_args(Shadow)[1:]) if photo and often(0.5) else "none",
        skew=float(chance.uniform(-5, 5)) * difficulty,
        perspective=upto(0.05) if photo else 0.0,
        edges=upto(1.0) if not photo and often(0.6) else 0.0,
        blur=0.3 + upto(0.9 if short < 700 else 1.6),
        noise=0.5 + upto(9.0 if photo else 3.0),
        sharpen=upto(1.0) if often(0.6) else 0.0,
        jpeg=int(chance.integers(95 - round(60 * difficulty), 100)) if photo else 100,
    )


def _one(chance: np.random.Generator, choices: tuple[T, ...]) -> T:
    """One of the choices, each equally likely."""
    return choices[int(chance.integers(len(choices)))]
