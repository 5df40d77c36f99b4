"""Sheets of small pictures as PNG bytes: digits with what was said of them, and a first layer's kernels.

Digits are drawn as on paper, dark ink on a light ground, whatever the theme, without smoothing: each square is one
pixel. Kernels are drawn on a diverging scale: zero is white, what adds to the answer red, what takes away blue.
"""

from collections.abc import Container, Sequence
from math import ceil

import numpy as np
from jaxtyping import Float, UInt8
from torch import Tensor

from inkwise.errors import DataError
from inkwise.evaluation.answers import Array, check_answers
from inkwise.evaluation.canvas import dress, inches, plain_figure, png, theme
from inkwise.evaluation.mistakes import Mistake
from inkwise.evaluation.phrases import chance

ARROW = "\N{RIGHTWARDS ARROW}"


def errors_sheet(
    images: UInt8[Tensor, "n 1 h w"],
    mistakes: Sequence[Mistake],
    classes: Sequence[str],
    *,
    disputed: Container[int] = (),
    columns: int = 6,
    most: int = 30,
    dark: bool = False,
) -> bytes:
    """Return the mistakes as pictures, each titled "label → answer" with both probabilities and its index below.

    Args:
        images: The split's images, uint8, ink high; a mistake's index is a row here.
        mistakes: In the order to show; at least one.
        classes: Names of the labels.
        disputed: Indices of images whose labels people do not uphold, which is said below them.
        columns: Pictures in a row.
        most: How many to show at most.
        dark: Light text on a dark ground.

    Raises:
        DataError: There are no mistakes, or one has an index beyond the images.
    """
    shown = list(mistakes)[:most]
    if not shown:
        raise DataError("There are no mistakes to draw; at least one is needed.")
    captions = [
        (
            f"{classes[m.label]} {ARROW} {classes[m.predicted]}",
            f"{_both(m, classes)}\nimage {m.index}{', disputed' if m.index in disputed else ''}",
        )
        for m in shown
    ]
    return _sheet(_pick(images, [m.index for m in shown]), captions, [False] * len(shown), columns, dark)


def samples_sheet(
    images: UInt8[Tensor, "n 1 h w"],
    probabilities: Array,
    labels: Array,
    classes: Sequence[str],
    *,
    indices: Sequence[int],
    threshold: float = 0.5,
    columns: int = 6,
    dark: bool = False,
) -> bytes:
    """Return some images with the answer and its probability; wrong answers stand out.

    Args:
        images: The split's images, uint8, ink high.
        probabilities: Real (N, C) in [0, 1], or (N, 1), the probability of "yes".
        labels: Whole numbers (N,).
        classes: Names of the labels.
        indices: Rows to show; at least one.
        threshold: From which probability on "yes" is answered, where there is one column.
        columns: Pictures in a row.
        dark: Light text on a dark ground.
    """
    if not indices:
        raise DataError("There are no samples to draw; at least one index is needed.")
    answers = check_answers(probabilities, labels)
    chosen = _pick(images, indices)
    said = answers.decide(threshold)
    sure = answers.probability_of(said)
    captions = []
    for i in indices:
        fine = said[i] == answers.labels[i]
        labelled = "" if fine else f", labelled {classes[answers.labels[i]]}"
        captions.append((classes[said[i]], chance(float(sure[i])) + labelled))
    return _sheet(chosen, captions, [bool(said[i] == answers.labels[i]) for i in indices], columns, dark)


def kernels_sheet(kernels: Float[Tensor, "k c h w"], *, most: int = 64, dark: bool = False) -> bytes:
    """Return the kernels of a first layer as pictures with a colour bar; a single kernel fills the sheet.

    Args:
        kernels: Weights, output channels by input channels by height by width; at least one.
        most: How many to show at most.
        dark: Light text on a dark ground.

    Raises:
        DataError: There are no kernels, or weights that are not finite.
    """
    weights = kernels.detach().cpu().double().numpy().reshape(-1, *kernels.shape[-2:])  # (K * C, h, w)
    if weights.size == 0 or not np.isfinite(weights).all():
        raise DataError("The kernels are empty or hold nan; finite weights of at least one kernel are needed.")
    total, weights = len(weights), weights[:most]
    single = len(weights) == 1
    columns = 1 if single else min(8, max(4, ceil(len(weights) ** 0.5)))
    rows = ceil(len(weights) / columns)
    cell, gap = (4.0, 0.0) if single else (0.8, 0.12)
    width, height = columns * (cell + gap) - gap, rows * (cell + gap) - gap
    look = theme(dark)
    # Everything is placed by hand, in inches: laying out 64 axes would take seconds.
    figure = plain_figure(width + 1.35, height + 0.6, look)
    axes = inches(figure, 0.15, 0.15, width, height)
    # A few seldom inked pixels at the rim carry the largest weights of an image-sized kernel; they would pale the rest.
    reach = float(np.quantile(np.abs(weights), 0.97 if single else 1.0)) or 1.0
    pictures = []
    for place, kernel in enumerate(weights):
        left, top = (place % columns) * (cell + gap), height - (place // columns) * (cell + gap)
        extent = (left, left + cell, top - cell, top)
        pictures.append(
            axes.imshow(kernel, extent=extent, cmap="RdBu_r", vmin=-reach, vmax=reach, interpolation="nearest")
        )
    axes.set(xlim=(0, width), ylim=(0, height))
    high, wide = weights.shape[1:]
    shown = "" if total == len(weights) else f", the first {len(weights)} of {total}"
    heading = f"The kernel, {high} x {wide}" if single else f"{len(weights)} kernels, {high} x {wide}{shown}"
    axes.text(0, height + 0.15, heading, fontsize=11, fontweight="bold", color=look.ink)
    beyond = float(np.abs(weights).max()) > reach
    bar = figure.colorbar(
        pictures[0], cax=inches(figure, width + 0.3, 0.15, 0.14, height), extend="both" if beyond else "neither"
    )
    bar.ax.set_axis_on()
    dress(bar.ax, look, grid=False)
    bar.ax.locator_params(nbins=9 if height > 2 else 3)
    bar.outline.set_visible(False)
    bar.set_label("for (red) or against (blue)" if single else "weight", color=look.muted, fontsize=9.5)
    return png(figure)


def _both(mistake: Mistake, classes: Sequence[str]) -> str:
    said = f"{classes[mistake.predicted]}: {chance(mistake.predicted_probability)}"
    labelled = f"{classes[mistake.label]}: {chance(mistake.label_probability)}"
    return f"{said}   {labelled}" if len(said + labelled) < 22 else f"{said}\n{labelled}"


def _pick(
    images: UInt8[Tensor, "n 1 h w"], indices: Sequence[int]
) -> list[np.ndarray[tuple[int, ...], np.dtype[np.uint8]]]:
    beyond = [index for index in indices if not 0 <= index < len(images)]
    if beyond:
        raise DataError(
            f"Image {beyond[0]} was asked for, but there are {len(images):,}; "
            "give the images of the split that was evaluated."
        )
    return [images[index, 0].cpu().numpy() for index in indices]


def _sheet(
    pictures: Sequence[np.ndarray[tuple[int, ...], np.dtype[np.uint8]]],
    captions: Sequence[tuple[str, str]],
    right: Sequence[bool],
    columns: int,
    dark: bool,
) -> bytes:
    look = theme(dark)
    columns = min(columns, len(pictures))
    rows = ceil(len(pictures) / columns)
    lines = max(below.count("\n") + 1 if below else 0 for _, below in captions)
    cell, gap, above, under = 1.24, 0.14, 0.26, 0.05 + 0.14 * lines  # inches
    step = above + cell + under + 0.1
    width, height = columns * (cell + gap) + gap, rows * step + 0.16
    figure = plain_figure(width, height, look)
    axes = inches(figure, 0.0, 0.0, width, height)
    for place, (picture, (title, caption), fine) in enumerate(zip(pictures, captions, right, strict=True)):
        left, top = gap + (place % columns) * (cell + gap), height - 0.06 - (place // columns) * step - above
        middle, bottom = left + cell / 2, top - cell
        axes.imshow(
            255 - picture,
            extent=(left, left + cell, bottom, top),
            cmap="gray",
            vmin=0,
            vmax=255,
            interpolation="nearest",
        )
        frame = [left, left + cell, left + cell, left, left], [top, top, bottom, bottom, top]
        axes.plot(*frame, color=look.grid, linewidth=0.8)
        size = min(11.0, 145 / max(1, len(title)))
        colour = look.ink if fine else look.series[1]
        axes.text(middle, top + 0.07, title, ha="center", fontsize=size, fontweight="bold", color=colour)
        axes.text(middle, bottom - 0.06, caption, ha="center", va="top", fontsize=8, color=look.muted)
    axes.set(xlim=(0, width), ylim=(0, height))
    return png(figure)
