"""Sheets of small pictures as PNG bytes: digits with what was said of them, and a first layer's kernels.

Digits are drawn as on paper, dark ink on a light ground, whatever the theme, without smoothing: each square is one
pixel. Kernels are drawn on a diverging scale: zero is white, what adds to the answer red, what takes away blue.
"""

from collections.abc import Sequence
from math import ceil

import numpy as np
from jaxtyping import Float, UInt8
from torch import Tensor

from inkwise.errors import DataError
from inkwise.evaluation.answers import Array, check_answers
from inkwise.evaluation.canvas import dress, new_figure, png, theme
from inkwise.evaluation.mistakes import Mistake
from inkwise.evaluation.phrases import chance

ARROW = "\N{RIGHTWARDS ARROW}"


def errors_sheet(
    images: UInt8[Tensor, "n 1 h w"],
    mistakes: Sequence[Mistake],
    classes: Sequence[str],
    *,
    columns: int = 6,
    most: int = 36,
    dark: bool = False,
) -> bytes:
    """Return the mistakes as pictures, each titled "label → answer" with both probabilities below.

    Args:
        images: The split's images, uint8, ink high; a mistake's index is a row here.
        mistakes: In the order to show; at least one.
        classes: Names of the labels.
        columns: Pictures in a row.
        most: How many to show at most.
        dark: Light text on a dark ground.

    Raises:
        DataError: There are no mistakes, or one has an index beyond the images.
    """
    shown = list(mistakes)[:most]
    if not shown:
        raise DataError("There are no mistakes to draw; at least one is needed.")
    captions = [(f"{classes[m.label]} {ARROW} {classes[m.predicted]}", _both(m, classes)) for m in shown]
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
    look = theme(dark)
    columns = 1 if len(weights) == 1 else min(8, max(4, ceil(len(weights) ** 0.5)))
    rows = ceil(len(weights) / columns)
    single = len(weights) == 1
    figure = new_figure(*((5.2, 4.7) if single else (0.95 * columns + 1.0, 0.95 * rows + 0.8)), look)
    grid = figure.subplots(rows, columns, squeeze=False)
    reach = float(np.abs(weights).max()) or 1.0
    pictures = []
    for place, axes in enumerate(grid.reshape(-1)):
        axes.set_axis_off()
        if place < len(weights):
            pictures.append(
                axes.imshow(weights[place], cmap="RdBu_r", vmin=-reach, vmax=reach, interpolation="nearest")
            )
    height, width = weights.shape[1:]
    shown = "" if total == len(weights) else f", the first {len(weights)} of {total}"
    heading = f"The kernel, {height} x {width}" if single else f"{len(weights)} kernels, {height} x {width}{shown}"
    figure.suptitle(heading, x=0.02, ha="left", fontsize=11, fontweight="bold", color=look.ink)
    bar = figure.colorbar(pictures[0], ax=grid.reshape(-1).tolist(), fraction=0.05, pad=0.03, aspect=24)
    dress(bar.ax, look, grid=False)
    bar.ax.set_title("")
    bar.outline.set_visible(False)
    bar.set_label(
        "weight: ink here speaks against (blue) or for (red)" if single else "weight", color=look.muted, fontsize=9.5
    )
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
    lines = 1 + max(below.count("\n") for _, below in captions)
    figure = new_figure(1.36 * columns + 0.1, (1.64 + 0.14 * lines) * rows + 0.1, look)
    grid = figure.subplots(rows, columns, squeeze=False).reshape(-1)
    for axes in grid[len(pictures) :]:
        axes.set_axis_off()
    for axes, picture, (above, below), fine in zip(grid, pictures, captions, right, strict=False):
        axes.imshow(255 - picture, cmap="gray", vmin=0, vmax=255, interpolation="nearest")
        dress(axes, look, grid=False)
        axes.set_xticks([])
        axes.set_yticks([])
        axes.set_title(
            above,
            fontsize=min(11.0, 145 / max(1, len(above))),
            fontweight="bold",
            color=look.ink if fine else look.series[1],
            pad=4,
        )
        axes.set_xlabel(below, fontsize=8, color=look.muted, labelpad=4)
        for spine in axes.spines.values():
            spine.set_visible(True)
            spine.set_color(look.grid)
    return png(figure)
