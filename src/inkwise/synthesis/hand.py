"""A writer's hand: rows of words to lines of a pen, each character where this writer would put it.

One hand has one slant, size, spacing and wander. The digits' own slant is taken out first, so that those of many
people look like one person's. Knows the page's pixels; nothing of ink, paper or cameras.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from inkwise.data.dataset import Split
from inkwise.errors import DataError
from inkwise.synthesis.noise import Floats, smooth_line
from inkwise.synthesis.page_style import PageStyle
from inkwise.synthesis.page_text import Row
from inkwise.synthesis.pen import Lines
from inkwise.synthesis.signs import FACES, glyph
from inkwise.synthesis.skeleton import enlarge, holes, trace

_BOX = 20.0  # a digit's longer side in MNIST's form
_BANDS = 12  # of a digit's height, in which characters are kept apart
_LOOPED = (0, 6, 8, 9)  # digits with a loop, or two
_BLANK = 1.15  # digit heights between words, besides the gap


@dataclass(frozen=True)
class Written:
    """One character on the paper: its lines in pixels, its label or None for a sign, and its place in the text.

    `row` and `word` count from 0. `height` is of a full digit of this writer here, in pixels.
    """

    lines: Lines
    label: int | None
    row: int
    word: int
    text: str
    height: float


class Hand:
    """Writes rows with digits out of a collection.

    Args:
        digits: in MNIST's form, with labels from 0 to 9, of which only those can be written that occur.
        style: of the page.
        chance: which digits are taken, and how each differs.

    Raises:
        DataError: the collection is empty or not in MNIST's form.
    """

    def __init__(self, digits: Split, style: PageStyle, chance: np.random.Generator) -> None:
        if not len(digits) or digits.images.shape[1:] != (1, 28, 28):
            raise DataError(
                f"The {digits.name} split has images of shape {tuple(digits.images.shape)}; a page is written with at "
                "least one image of 28x28 pixels."
            )
        self._style, self._chance = style, chance
        self._images = digits.images.numpy()[:, 0]
        labels = digits.labels.numpy()
        self._places = {int(label): np.flatnonzero(labels == label) for label in np.unique(labels)}
        self._face = int(chance.integers(len(FACES)))
        self._stretch = float(chance.uniform(0.85, 1.2))  # of all widths
        self._foot, self._hook = (style.european and chance.random() < share for share in (0.4, 0.5))

    def write(self, rows: tuple[Row, ...], left: float, top: float, height: float) -> list[Written]:
        """Return the characters of the rows, in their order.

        Args:
            rows: what to write.
            left: of the room, in pixels.
            top: of the room, in pixels.
            height: of a digit, in pixels.
        """
        return [
            written
            for number, row in enumerate(rows)
            for written in self._write_row(row, number, left, top + row.baseline * height, height)
        ]

    def _write_row(self, row: Row, number: int, left: float, baseline: float, height: float) -> list[Written]:
        style, chance = self._style, self._chance
        height *= float(np.clip(1 + chance.normal(0, style.uneven / 2), 0.7, 1.3))
        slope = float(chance.normal(0, style.wander / 12))
        wave = smooth_line(chance, 80, 6.0) * style.wander
        cursor = left
        done: list[Written] = []
        before: list[Written] = []  # the last character
        for place, word in enumerate(row.words):
            if word.left is not None:
                cursor = max(cursor, left + word.left * height)
            for character in word.text:
                foot = baseline + (slope * (cursor - left) / height + wave[len(done) % 80]) * height
                lines, label = self._shape(character)
                size = height * self._factor(label)
                drop = style.descend * float(chance.uniform(0.5, 1)) * height if label in (7, 9) else 0.0
                lines = tuple(line * np.float32(size) for line in lines)
                lines = tuple(line + np.array([0, foot + drop], np.float32) for line in lines)
                start = cursor - min(float(line[:, 0].min()) for line in lines)
                if before and before[0].word == place:
                    gap = height * (style.gap + abs(style.gap) * 0.3 * float(chance.normal()))
                    start = _beside(before[0].lines, lines, height) + gap
                    if label is None or before[0].label is None:
                        start = max(start, cursor - min(float(line[:, 0].min()) for line in lines) + 0.12 * height)
                lines = tuple(line + np.array([start, 0], np.float32) for line in lines)
                before = [Written(lines, label, number, place, character, height)]
                done += before
                cursor = max(float(line[:, 0].max()) for line in lines)
            cursor += height * (abs(style.gap) + _BLANK * float(chance.uniform(1, 1.4)))
        return done

    def _factor(self, label: int | None) -> float:
        """A character's size as a factor."""
        if label == 0 and self._style.small_zeros:
            return float(self._chance.uniform(0.45, 0.7))
        return float(np.clip(1 + self._chance.normal(0, self._style.uneven), 0.55, 1.5))

    def _shape(self, character: str) -> tuple[Lines, int | None]:
        """A character's lines, in digit heights from the baseline, slanted as this hand does, and its label."""
        if character.isdigit():
            wanted = int(character)
            label = wanted if wanted in self._places else sorted(self._places)[wanted % len(self._places)]
            lines = self._digit(label)
        else:
            label = None
            lines = glyph(character, self._face)
        slant = np.tan(np.radians(self._style.slant + self._chance.normal(0, 2.5)))
        shear = np.array([[self._stretch, 0], [-slant, 1]], np.float32)  # x grows upwards, where y is below 0
        return tuple(np.asarray(line @ shear, np.float32) for line in lines), label

    def _digit(self, label: int) -> Lines:
        """The lines of one digit, upright, its foot on 0."""
        lines: Lines = ()
        for _ in range(20):
            image = self._images[int(self._chance.choice(self._places[label]))]
            lines = _main(trace(image))
            if lines and (label not in _LOOPED or holes(enlarge(image))):  # a loop filled by the pen cannot be redrawn
                break
        if not lines:
            raise DataError(f"Images of the digit {label} have no ink; a page is written with digits.")
        lean = _lean(image)
        every = np.concatenate(lines)
        middle, foot = every.mean(axis=0)[1], every[:, 1].max()
        upright = []
        for line in lines:
            x = line[:, 0] + lean * (line[:, 1] - middle)
            upright.append(np.stack([x, line[:, 1] - foot], axis=1).astype(np.float32) / np.float32(_BOX))
        return (*upright, *self._habits(label, upright))

    def _habits(self, label: int, lines: list[Floats]) -> Lines:
        """What this hand adds: a bar through a 7, a flag and a foot to a 1, a hook to a 9, a stroke through a 0."""
        every = np.concatenate(lines)
        (left, top), (right, _) = every.min(axis=0), every.max(axis=0)
        if self._style.european and label == 7:
            level = 0.45 * top + float(self._chance.normal(0, 0.03))
            middle = float(np.median(every[np.abs(every[:, 1] - level) < 0.15, 0])) if len(every) > 8 else right
            return (np.array([[middle - 0.2, level + 0.02], [middle + 0.22, level - 0.03]], np.float32),)
        if self._style.european and label == 1 and right - left < 0.4:
            tip, end = every[every[:, 1].argmin()], every[every[:, 1].argmax()]
            long, angle = self._chance.uniform(0.2, 0.6), np.radians(self._chance.uniform(25, 60))
            flag = long * np.array([-np.sin(angle), np.cos(angle)])
            foot = np.stack([end - (0.16, -0.01), np.add(end, (0.18, 0.0))]).astype(np.float32)
            return (np.stack([tip, tip + flag]).astype(np.float32), *([foot] if self._foot else []))
        if self._hook and label == 9:
            end = every[every[:, 1].argmax()]
            reach, rise = self._chance.uniform(0.2, 0.5), self._chance.uniform(-0.05, 0.15)
            hook = np.array([[0, 0], [-0.15, 0.09], [-0.5, 0.12], [-0.85, 0.04], [-1, -rise]]) * [reach, 1]
            return (np.asarray(end + hook, np.float32),)
        if self._style.slashed_zeros and label == 0:
            return (np.array([[right + 0.03, top + 0.02], [left - 0.02, -0.04]], np.float32),)
        return ()


def _beside(left: Lines, right: Lines, height: float) -> float:
    """How far right the second character must go to touch the first with its middle lines, neither within the other.

    They touch where they come nearest at about the same height, so that one may reach over the other; by a quarter of
    a digit at most.
    """
    bands = height / _BANDS
    ends = _side(left, bands, 1.0)
    starts = _side(right, bands, -1.0)
    over = max(ends.values()) + max(starts.values())  # of their boxes
    near = [ends[y] + starts[y + step] for y in ends for step in (-1, 0, 1) if y + step in starts]
    return max([*near, over - height / 4])


def _side(lines: Lines, band: float, sign: float) -> dict[int, float]:
    """How far a character reaches, in each band of height, to the right for sign 1 or to the left for -1."""
    reach: dict[int, float] = {}
    for x, y in np.concatenate(lines).tolist():
        key = int(y // band)
        reach[key] = max(reach.get(key, -1e9), sign * x)
    return reach


def _main(lines: Lines) -> Lines:
    """The lines without specks: those of less than a twelfth of the longest one."""
    if not lines:
        return ()
    lengths = [float(np.hypot(*np.diff(line, axis=0).T).sum()) for line in lines]
    return tuple(line for line, length in zip(lines, lengths, strict=True) if length * 12 >= max(lengths))


def _lean(image: NDArray[np.uint8]) -> float:
    """How far to the right a digit leans, pixels across by pixels up, as far as it is to be taken out."""
    ink = image.astype(np.float64)
    y, x = np.indices(image.shape)
    total = ink.sum()
    down, across = y - (ink * y).sum() / total, x - (ink * x).sum() / total
    return float(np.clip(-0.7 * (ink * down * across).sum() / max((ink * down**2).sum(), 1e-9), -0.45, 0.45))


def extent(lines: Lines, radius: float) -> Floats:
    """Return float32 (M, 2): points around lines drawn with a pen of that radius, which their box must hold."""
    every = np.concatenate(lines)
    around = np.array([[radius, 0], [-radius, 0], [0, radius], [0, -radius]], np.float32)
    return np.asarray((every[:, None] + around).reshape(-1, 2), np.float32)
