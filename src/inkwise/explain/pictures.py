"""The plain figures of the guide as PNG bytes: signals, small arrays with their numbers, matrices, rows of images.

All are as wide as a page and drawn in the light look of `evaluation.canvas`; each function takes what it shows by
title. Leading axes of one value are dropped, so that what `correlate` returns for a single image can be handed over as
it is. Signed values are red above zero and blue below, as kernels are everywhere; others are ink on paper.
"""

from collections.abc import Collection, Mapping, Sequence
from typing import TYPE_CHECKING, TypeVar

import numpy as np
from numpy.typing import NDArray
from torch import Tensor

from inkwise.errors import DataError, ShapeError
from inkwise.evaluation.canvas import DASHES, LIGHT, dress, inches, new_figure, plain_figure, png

if TYPE_CHECKING:
    from matplotlib.axes import Axes

Values = Tensor | NDArray[np.generic] | Sequence[float | int] | Sequence[Sequence[float | int]]
Corner = tuple[int, int, int, int]  # row, column, height, width, in cells
Array = NDArray[np.float64]
T = TypeVar("T")

WIDTH = 7.2  # inches of a picture, shown at the width of a page's text: 10 points are as large as its own letters
EDGE = 0.15  # inches of paper around what is placed by hand
NUMBERED = 16  # a signal of so many values has room for a number at each
SIGNED = "RdBu_r"
INK = "Greys"
MINUS = "\N{MINUS SIGN}"


def stems(signals: Mapping[str, Values], *, starts: Mapping[str, int] | None = None, one_scale: bool = False) -> bytes:
    """Return sampled signals as dots on stems, one row each above a shared axis of places.

    Args:
        signals: Values by title, each along one axis; few values have their number written at them.
        starts: The place of a signal's first value, by title; 0 where none is given.
        one_scale: Whether the same height is the same value in every row; otherwise each row fills its height.

    Raises:
        DataError: There are no signals, or one is empty or not finite.
        ShapeError: A signal has more than one axis.
    """
    rows = {title: _array(title, values, 1) for title, values in _some(signals).items()}
    places = {title: (starts or {}).get(title, 0) + np.arange(len(row)) for title, row in rows.items()}
    first = min(int(at[0]) for at in places.values())
    last = max(int(at[-1]) for at in places.values())
    bounds = {title: (min(0.0, float(row.min())), max(0.0, float(row.max()))) for title, row in rows.items()}
    if one_scale:
        low, high = min(low for low, _ in bounds.values()), max(high for _, high in bounds.values())
        bounds = dict.fromkeys(rows, (low, high))
    figure = new_figure(WIDTH, 0.5 + 1.25 * len(rows), LIGHT)
    drawn = figure.subplots(len(rows), 1, sharex=True, squeeze=False)[:, 0]
    for order, (title, axes) in enumerate(zip(rows, drawn, strict=True)):
        colour, row, at = LIGHT.series[order % len(LIGHT.series)], rows[title], places[title]
        dress(axes, LIGHT, title=title, grid=False)
        axes.axhline(0, color=LIGHT.muted, linewidth=0.8, zorder=1)
        axes.vlines(at, 0, row, color=colour, linewidth=1.6, zorder=2)
        axes.plot(at, row, "o", color=colour, markersize=5 if len(row) <= NUMBERED else 3, zorder=3)
        low, high = bounds[title]
        space = (high - low) or 1.0
        axes.set_ylim(low - (0.45 if low < 0 else 0.1) * space, high + 0.45 * space)
        axes.spines[["left", "bottom"]].set_visible(False)
        axes.set_yticks([])
        if last - first < 2 * NUMBERED:
            axes.set_xticks(range(first, last + 1))
        axes.set_xlim(first - 0.7, last + 0.7)
        for place, value in zip(at, row, strict=True) if len(row) <= NUMBERED else ():
            up = 6 if value >= 0 else -6
            below = "bottom" if value >= 0 else "top"
            axes.annotate(
                _number(value), (place, value), (0, up), textcoords="offset points", ha="center", va=below,
                fontsize=10, color=LIGHT.ink,
            )  # fmt: skip
    return png(figure)


def lines(
    curves: Mapping[str, tuple[Values, Values]], *, x: str = "", y: str = "", dots: Collection[str] = ()
) -> bytes:
    """Return curves over one pair of axes, told apart by colour and dash, with a legend above them.

    Args:
        curves: (places, values) by name, equally long, each along one axis.
        x: What the places are, with their unit.
        y: What the values are, with their unit.
        dots: Names of those drawn as dots, such as measurements.

    Raises:
        DataError: There are no curves, or one is empty or not finite.
        ShapeError: A curve has more than one axis, or not as many places as values.
    """
    figure = new_figure(WIDTH, 3.3, LIGHT)
    axes = figure.subplots()
    dress(axes, LIGHT, x=x, y=y)
    for order, (name, (places, values)) in enumerate(_some(curves).items()):
        at, row = _array(name, places, 1), _array(name, values, 1)
        if len(at) != len(row):
            raise ShapeError(
                f"{name!r} has {len(at)} places and {len(row)} values; give as many of one as of the other."
            )
        colour, dash = LIGHT.series[order % len(LIGHT.series)], DASHES[order % len(DASHES)]
        if name in dots:
            axes.plot(at, row, "o", markersize=2.6, label=name, color=colour)
        else:
            axes.plot(at, row, linewidth=1.8, label=name, color=colour, linestyle=dash)
    figure.legend(loc="outside upper left", ncols=3, frameon=False, fontsize=10, labelcolor=LIGHT.ink, handlelength=2.6)
    return png(figure)


def grids(arrays: Mapping[str, Values], *, windows: Mapping[str, Corner] | None = None) -> bytes:
    """Return small arrays beside each other as squares with their numbers, a window of each marked where one is given.

    Args:
        arrays: Values by title, each over two axes (or one: a single row); all together at most 40 columns.
        windows: (row, column, height, width) in squares, by title.

    Raises:
        DataError: There are no arrays, or one is empty or not finite.
        ShapeError: An array has more than two axes, or they are too wide together.
    """
    planes = {title: _array(title, values, 2) for title, values in _some(arrays).items()}
    columns = sum(plane.shape[1] for plane in planes.values())
    gap, head = 0.35, 0.35
    if columns > 40:
        raise ShapeError(f"The arrays have {columns} columns together; numbers can be read in at most 40.")
    longest = max(len(_number(value)) for plane in planes.values() for value in plane.flat)
    cell = min(0.42 if longest <= 4 else 0.55, (WIDTH - 2 * EDGE - gap * (len(planes) - 1)) / columns)
    tall = max(plane.shape[0] for plane in planes.values()) * cell
    figure = plain_figure(WIDTH, tall + head + 2 * EDGE, LIGHT)
    left = (WIDTH - columns * cell - gap * (len(planes) - 1)) / 2
    for title, plane in planes.items():
        high, wide = plane.shape
        axes = inches(figure, left, EDGE + tall - high * cell, wide * cell, high * cell)
        _squares(axes, plane, cell)
        if windows and title in windows:
            _mark(axes, windows[title])
        axes.set_title(title, fontsize=11, fontweight="bold", color=LIGHT.ink, loc="left", pad=6)
        left += wide * cell + gap
    return png(figure)


def heat(matrix: Values, *, title: str = "", x: str = "", y: str = "") -> bytes:
    """Return a matrix as colours, zeros blank, with a bar that says what the colours mean.

    Args:
        matrix: Values over two axes; a sparse tensor is taken as it is.
        title: What it is.
        x: What the columns are.
        y: What the rows are.

    Raises:
        DataError: The matrix is empty or not finite.
        ShapeError: It has not two axes.
    """
    plane = _array(title or "The matrix", matrix, 2)
    reach = float(abs(plane).max()) or 1.0
    high, wide = plane.shape
    figure = new_figure(WIDTH, min(5.2, max(2.2, 5.4 * high / wide + 1.0)), LIGHT)
    axes = figure.subplots()
    dress(axes, LIGHT, title=title, x=x, y=y, grid=False)
    blank = np.ma.masked_equal(plane, 0.0)
    shown = axes.imshow(blank, cmap=SIGNED, vmin=-reach, vmax=reach, interpolation="nearest")
    axes.set_facecolor("#ffffff")
    for spine in axes.spines.values():
        spine.set_visible(True)
    bar = figure.colorbar(shown, ax=axes, shrink=0.8, pad=0.02)
    bar.ax.tick_params(colors=LIGHT.muted, labelsize=9.5, length=0)
    bar.outline.set_visible(False)
    return png(figure)


def images(planes: Mapping[str, Values]) -> bytes:
    """Return images beside each other with their titles, each on its own scale.

    An image with values below zero is signed: zero is white, red above, blue below. Others are dark ink on paper, white
    at zero.

    Args:
        planes: Values by title, each over two axes; at most six.

    Raises:
        DataError: There are no images, or one is empty or not finite, or there are more than six.
        ShapeError: An image has more than two axes.
    """
    shown = {title: _array(title, values, 2) for title, values in _some(planes).items()}
    if len(shown) > 6:
        raise DataError(f"{len(shown)} images were given; at most 6 can be seen in one row.")
    gap, head = 0.25, 0.35
    side = min(2.4, (WIDTH - 2 * EDGE - gap * (len(shown) - 1)) / len(shown))
    figure = plain_figure(WIDTH, side + head + 2 * EDGE, LIGHT)
    left = (WIDTH - len(shown) * side - gap * (len(shown) - 1)) / 2
    for title, plane in shown.items():
        axes = inches(figure, left, EDGE, side, side)
        axes.set_axis_on()
        reach = float(abs(plane).max()) or 1.0
        signed = bool((plane < 0).any())
        axes.imshow(
            plane, cmap=SIGNED if signed else INK, vmin=-reach if signed else 0, vmax=reach, interpolation="nearest"
        )
        axes.set_xticks([])
        axes.set_yticks([])
        for spine in axes.spines.values():
            spine.set_color(LIGHT.muted)
            spine.set_linewidth(0.8)
        axes.set_title(title, fontsize=10.5, fontweight="bold", color=LIGHT.ink, pad=6)
        left += side + gap
    return png(figure)


def _squares(axes: "Axes", plane: Array, cell: float) -> None:
    """Draw every value as a square with its number; colour says how large it is."""
    high, wide = plane.shape
    reach = float(abs(plane).max()) or 1.0
    axes.imshow(
        plane * 0.45, cmap=SIGNED, vmin=-reach, vmax=reach, extent=(0, wide, high, 0)
    )  # pale, under the numbers
    for at in range(high + 1):
        axes.axhline(at, color=LIGHT.muted, linewidth=0.7, clip_on=False)
    for at in range(wide + 1):
        axes.axvline(at, color=LIGHT.muted, linewidth=0.7, clip_on=False)
    written = [[_number(value) for value in row] for row in plane]
    longest = max(len(number) for row in written for number in row)
    size = min(11.0, 72 * cell * 0.85 / (0.62 * max(2, longest)))  # a digit is about 0.62 of its size wide
    for (row, column), _ in np.ndenumerate(plane):
        axes.text(
            column + 0.5, row + 0.52, written[row][column], fontsize=size, color=LIGHT.ink, ha="center", va="center"
        )


def _mark(axes: "Axes", window: Corner) -> None:
    from matplotlib.patches import Rectangle

    row, column, high, wide = window
    frame = Rectangle((column, row), wide, high, fill=False, edgecolor=LIGHT.series[1], linewidth=2.6, clip_on=False)
    frame.set_zorder(5)
    axes.add_patch(frame)


def _some(given: Mapping[str, T]) -> Mapping[str, T]:
    if not given:
        raise DataError("There is nothing to draw; give at least one, by its title.")
    return given


def _array(title: str, values: Values, rank: int) -> Array:
    """Return the values over `rank` axes, leading axes of one value dropped, missing ones added."""
    if isinstance(values, Tensor):
        values = (values.to_dense() if values.is_sparse else values).detach().cpu().double().numpy()
    array = np.asarray(values, dtype=np.float64)
    while array.ndim > rank and array.shape[0] == 1:
        array = array[0]
    if array.ndim > rank:
        raise ShapeError(f"{title!r} has shape {array.shape}; at most {rank} of its axes may hold more than one value.")
    if array.size == 0 or not np.isfinite(array).all():
        raise DataError(f"{title!r} is empty or holds nan or infinite values; finite ones are needed.")
    return array.reshape((1,) * (rank - array.ndim) + array.shape)


def _number(value: float) -> str:
    """Return a number as short as two decimals allow, with a true minus sign."""
    text = f"{value:.2f}".rstrip("0").rstrip(".")
    return "0" if text in {"-0", ""} else text.replace("-", MINUS)
