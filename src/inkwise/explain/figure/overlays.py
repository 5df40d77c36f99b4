"""Digits with something drawn on them: maps of what an answer hangs on, and what most excites a channel.

A digit is grey under a map, so that both are seen: red is above zero and blue below, for the answer and against it
where the map has a sign, and the stronger the colour the more. Each map has its own scale, told beneath it.
"""

from collections.abc import Mapping, Sequence
from typing import Final

import numpy as np
from torch import Tensor

from inkwise.errors import DataError, ShapeError
from inkwise.evaluation.canvas import theme
from inkwise.explain.exciting import Exciting
from inkwise.explain.field import Box
from inkwise.explain.figure.page import FIELD, Page, Picture, Values, coloured, fitted, number
from inkwise.explain.figure.tiles import SMALL

_MARGIN: Final = 44
_LINE: Final = 30
_TITLE: Final = 10.5  # points


def saliency_sheet(image: Tensor, maps: Mapping[str, Tensor], *, columns: int = 5, dark: bool = False) -> bytes:
    """Return the digit and, beside it, the digit under each map, as PNG; the same input gives the same bytes.

    Args:
        image: (H, W), (1, H, W) or (1, 1, H, W), ink high: uint8, or float in [0, 1].
        maps: By the name to write above it, real (h, w): of the image's size, or a smaller one that is spread over it.
        columns: Pictures in a row at most.
        dark: Light text on a dark ground; digits stay on white.

    Raises:
        DataError: There are no maps, or one holds nan or infinity.
        ShapeError: The image is not one of one channel, or a map has not two axes.
    """
    digit = _digit(image)
    if not maps:
        raise DataError("There are no maps to draw; give at least one by its name.")
    pictures, titles, notes = [coloured(digit, 1.0, signed=False)], ["image"], [""]
    for name, given in maps.items():
        values: Values = given.detach().cpu().double().numpy()
        if values.ndim != 2 or not values.size:
            raise ShapeError(f"The map {name!r} has shape {tuple(given.shape)}; give (height, width).")
        if not np.isfinite(values).all():
            raise DataError(f"The map {name!r} holds nan or infinity; give finite values.")
        pictures.append(_under(digit, values))
        titles.append(name)
        notes.append(f"{number(values.min())} to {number(values.max())}")
    cell = max(1, 336 // max(digit.shape))
    return _sheet(pictures, titles, notes, [None] * len(pictures), cell=cell, columns=columns, dark=dark)


def exciting_sheet(
    images: Tensor, found: Sequence[Exciting], *, columns: int = 9, title: str = "", dark: bool = False
) -> bytes:
    """Return what `most_exciting` found as pictures with the receptive field of the strongest place, as PNG.

    Beneath each stand the channel's value and the image's index in the dataset.

    Args:
        images: uint8 (N, 1, H, W), ink high: those that were looked through.
        found: In the order to show; at least one.
        columns: Pictures in a row at most.
        title: What stands above all of them.
        dark: Light text on a dark ground; digits stay on white.

    Raises:
        DataError: There is nothing to draw, or an index is beyond the images.
    """
    if not found:
        raise DataError("There are no exciting images to draw; at least one is needed.")
    beyond = [each.index for each in found if not 0 <= each.index < len(images)]
    if beyond:
        raise DataError(
            f"Image {beyond[0]} was asked for, but there are {len(images):,}; give the images that were looked through."
        )
    digits = [_digit(images[each.index]) for each in found]
    pictures = [coloured(digit, 1.0, signed=False) for digit in digits]
    cell = max(1, 168 // max(digits[0].shape))
    return _sheet(
        pictures,
        [number(each.value) for each in found],
        [f"image {each.index}" for each in found],
        [each.box if isinstance(each.box, Box) else None for each in found],
        cell=cell,
        columns=columns,
        heading=title,
        dark=dark,
    )


def _digit(image: Tensor) -> Values:
    """Return one image's ink in [0, 1], (H, W)."""
    shape = tuple(image.shape)
    if len(shape) < 2 or any(size != 1 for size in shape[:-2]) or not image.numel():
        raise ShapeError(f"The image has shape {shape}; give one of one channel: (H, W), (1, H, W) or (1, 1, H, W).")
    values: Values = image.detach().reshape(shape[-2:]).cpu().double().numpy()
    return values if image.is_floating_point() else values / 255


def _under(digit: Values, values: Values) -> Picture:
    """Return the digit in grey under a map in red and blue."""
    rows, columns = (np.arange(n) * m // n for n, m in zip(digit.shape, values.shape, strict=True))
    spread = values[np.ix_(rows, columns)]  # each value over the pixels that it stands for
    reach = float(np.abs(values).max()) or 1.0
    strength = (np.abs(spread) / reach)[..., None] ** 0.7  # so that half the strength is seen as well
    ground = 255 * (1 - 0.38 * digit[..., None])
    strongest = coloured(np.sign(spread) * 0.85, 1.0, signed=True)
    picture: Picture = np.round((1 - strength) * ground + strength * strongest).astype(np.uint8)
    return picture


def _sheet(
    pictures: Sequence[Picture],
    titles: Sequence[str],
    notes: Sequence[str],
    boxes: Sequence[Box | None],
    *,
    cell: int,
    columns: int,
    heading: str = "",
    dark: bool,
) -> bytes:
    look = theme(dark)
    page = Page(look)
    high, wide = (cell * side for side in pictures[0].shape[:2])
    gap = 36
    columns = min(max(1, columns), len(pictures))
    width = columns * (wide + gap) - gap + 2 * _MARGIN
    y = _MARGIN
    if heading:
        page.text(
            _MARGIN, y + _LINE - 4, fitted(heading, _TITLE, width - 2 * _MARGIN, bold=True), size=_TITLE, bold=True
        )
        y += 2 * _LINE - 6
    for start in range(0, len(pictures), columns):
        for place in range(start, min(start + columns, len(pictures))):
            x, top = _MARGIN + (place - start) * (wide + gap), y + _LINE + 10
            name = fitted(titles[place], _TITLE, wide, bold=True)
            page.text(x, y + _LINE - 6, name, size=_TITLE, bold=True)
            page.picture(x, top, pictures[place], cell)
            page.frame(x, top, wide, high, look.grid, line=2)
            box = boxes[place]
            if box is not None and box.width and box.height:
                page.frame(x + box.x * cell, top + box.y * cell, box.width * cell, box.height * cell, FIELD, line=4)
            page.text(x, top + high + _LINE + 4, fitted(notes[place], SMALL, wide), size=SMALL, colour=look.muted)
        y += high + 2 * _LINE + 52
    return page.png(width, y - 52 + _MARGIN - 10)
