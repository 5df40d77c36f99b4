"""Plots of a training and its evaluation as PNG bytes: curves, confusion, calibration, ROC.

Each function takes plain data and returns PNG bytes, light by default and dark on request. `history` is a sequence of
rows such as {"epoch": 1, "step": 860, "split": "train", "loss": 0.21, "accuracy": 0.94}; epochs may be fractions, and
a row may lack a figure. Nothing here opens files or knows of runs.
"""

from collections.abc import Mapping, Sequence
from math import isfinite
from typing import TYPE_CHECKING, Literal

import numpy as np

from inkwise.errors import DataError
from inkwise.evaluation.answers import Array, Floats
from inkwise.evaluation.canvas import DASHES, dress, new_figure, png, theme
from inkwise.evaluation.evaluation import Evaluation
from inkwise.evaluation.intervals import wilson
from inkwise.evaluation.metrics import roc_auc, roc_curve

if TYPE_CHECKING:
    from matplotlib.axes import Axes

History = Sequence[Mapping[str, object]]
Axis = Literal["epoch", "step"]
SPLITS = ("train", "validation", "test")
_MANY = 25  # with more points than this, markers hide the line


def loss_curves(history: History, *, by: Axis = "epoch", distorted: bool = False, dark: bool = False) -> bytes:
    """Return the loss of each split over epochs or steps, on a log scale where it falls by a factor of 20.

    `distorted` says in the legend that train was measured on images changed at random.
    """
    return _curves(history, "loss", by, distorted, dark)


def accuracy_curves(history: History, *, by: Axis = "epoch", distorted: bool = False, dark: bool = False) -> bytes:
    """Return the accuracy of each split over epochs or steps, in percent; `distorted` as for the loss."""
    return _curves(history, "accuracy", by, distorted, dark)


def series(history: History, what: str, by: Axis) -> dict[str, tuple[list[float], list[float]]]:
    """Return x and y of each split that has finite values of `what`, in the order train, validation, test."""
    lines: dict[str, tuple[list[float], list[float]]] = {}
    for row in history:
        x, y = row.get(by), row.get(what)
        if not (isinstance(x, (int, float)) and isinstance(y, (int, float)) and isfinite(y)):
            continue
        xs, ys = lines.setdefault(str(row.get("split", "")), ([], []))
        xs.append(float(x))
        ys.append(float(y))
    order = {name: place for place, name in enumerate(SPLITS)}
    return dict(sorted(lines.items(), key=lambda item: order.get(item[0], len(order))))


def _curves(history: History, what: str, by: Axis, distorted: bool, dark: bool) -> bytes:
    lines = series(history, what, by)
    if not lines:
        raise DataError(
            f"The history holds no {what}, so there is no curve; rows with epoch, step, split and {what} are accepted."
        )
    from matplotlib.ticker import MaxNLocator

    look = theme(dark)
    figure = new_figure(5.4, 3.5, look)
    axes = figure.add_subplot()
    factor = 100 if what == "accuracy" else 1
    unit = " (%)" if what == "accuracy" else ""
    dress(axes, look, title=f"{what.capitalize()} by {by}", x=by, y=f"{what}{unit}")
    axes.xaxis.set_major_locator(MaxNLocator(nbins=8, integer=True))
    for (split, (xs, ys)), colour, dash in zip(lines.items(), look.series, DASHES, strict=False):
        shown = "test, watched" if split == "test" and len(xs) > 1 else split
        if split == "train":
            shown = f"train, {'distorted ' if distorted else ''}while learning"
        axes.plot(
            xs, [factor * y for y in ys], color=colour, linestyle=dash, linewidth=2,
            marker="o" if len(xs) <= _MANY else "", markersize=4.5, label=shown,
        )  # fmt: skip
    if what == "loss":
        _scale_loss(axes, [y for _, ys in lines.values() for y in ys])
    # A place of its own: searching for the best one takes seconds on a busy machine, and warns.
    place: Literal["lower right", "upper right"] = "lower right" if what == "accuracy" else "upper right"
    axes.legend(frameon=False, fontsize=9.5, labelcolor=look.ink, handlelength=2.6, loc=place)
    return png(figure)


def _scale_loss(axes: "Axes", losses: list[float]) -> None:
    """A loss that falls far is read on a log scale; otherwise the axis starts near the data, not at 0."""
    from matplotlib.ticker import FuncFormatter, LogLocator, NullFormatter

    if min(losses) > 0 and max(losses) / min(losses) >= 20:
        axes.set_yscale("log")
        axes.yaxis.set_major_locator(LogLocator(base=10, subs=(1, 2, 5)))
        axes.yaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:g}"))
        axes.yaxis.set_minor_formatter(NullFormatter())


def confusion_plot(evaluation: Evaluation, *, dark: bool = False) -> bytes:
    """Return the confusion matrix: right answers in blue, errors in orange, each shaded on a scale of its own."""
    from matplotlib.colors import LinearSegmentedColormap, to_rgb

    look = theme(dark)
    counts = np.array(evaluation.confusion)
    k = len(counts)
    size = min(9.0, max(3.6, 1.5 + 0.44 * k))
    figure = new_figure(size, size, look)
    axes = figure.add_subplot()
    n, wrong = evaluation.n, evaluation.errors
    dress(axes, look, title=f"{wrong:,} errors of {n:,}", x="answered", y="true class", grid=False)
    good = LinearSegmentedColormap.from_list("good", look.ramp)
    bad = LinearSegmentedColormap.from_list("bad", look.bad)
    off = counts * (1 - np.eye(k, dtype=np.int64))
    support = np.maximum(1, counts.sum(axis=1))
    colours = np.zeros((k, k, 3))
    for t, p in np.ndindex(k, k):
        share = counts[t, p] / support[t] if t == p else counts[t, p] / max(1, off.max())
        colours[t, p] = ((good if t == p else bad)(share) if counts[t, p] else to_rgb(look.paper))[:3]
        if counts[t, p]:
            ink = "#ffffff" if _luminance(colours[t, p]) < 0.5 else "#14171a"
            size = 9 if k <= 12 else 6
            text = axes.text(p, t, f"{counts[t, p]:,}", ha="center", va="center", fontsize=size, color=ink)
            text.set_in_layout(False)  # measuring a hundred numbers takes a second, and they lie inside anyway
    axes.imshow(colours)
    axes.set_xticks(range(k), evaluation.classes, rotation=0 if max(map(len, evaluation.classes)) < 4 or k < 4 else 60)
    axes.set_yticks(range(k), evaluation.classes)
    axes.set_xticks(np.arange(k + 1) - 0.5, minor=True)
    axes.set_yticks(np.arange(k + 1) - 0.5, minor=True)
    axes.grid(which="minor", color=look.grid, linewidth=0.8)
    axes.tick_params(which="minor", length=0)
    for spine in axes.spines.values():
        spine.set_visible(False)
    return png(figure)


def reliability_plot(evaluation: Evaluation, *, dark: bool = False) -> bytes:
    """Return the reliability diagram: share right against confidence, over the number of answers in each bin."""
    from matplotlib.ticker import FuncFormatter, LogLocator

    look = theme(dark)
    figure = new_figure(4.6, 4.6, look)
    upper, lower = figure.subplots(2, 1, sharex=True, height_ratios=(3, 1))
    bins = [b for b in evaluation.calibration if b.count]
    x = [100 * (b.confidence or 0) for b in bins]
    y = [100 * (b.accuracy or 0) for b in bins]
    dress(upper, look, y="right (%)")
    title = f"Calibration: expected error {100 * evaluation.ece:.2f} %"
    upper.set_title(title, loc="left", fontsize=11, fontweight="bold", color=look.ink, pad=30)  # the legend is below
    upper.plot([0, 100], [0, 100], color=look.muted, linewidth=1.2, linestyle=DASHES[1], label="as sure as right")
    errors = np.array([_wilson_reach(b.count, b.accuracy or 0.0) for b in bins]).T * 100
    upper.errorbar(x, y, yerr=errors, fmt="none", ecolor=look.series[0], elinewidth=1.2, alpha=0.6)
    upper.plot(x, y, color=look.series[0], marker="o", markersize=5.5, linewidth=1.6, label="this model")
    # Outside: the bars of a few answers reach into every corner.
    upper.legend(
        frameon=False, fontsize=9.5, labelcolor=look.ink, loc="lower left", bbox_to_anchor=(-0.02, 0.99), ncols=2
    )
    upper.set_ylim(-3, 103)
    dress(lower, look, x="confidence (%)", y="answers")
    width = 100 / len(evaluation.calibration)
    lower.bar(
        [100 * (b.low + b.high) / 2 for b in bins], [b.count for b in bins], width=0.86 * width, color=look.series[0]
    )
    lower.set_yscale("log")
    lower.set_ylim(0.7, 2 * max(b.count for b in bins))
    lower.yaxis.set_major_locator(LogLocator(base=10, numticks=4))
    lower.yaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:,.0f}"))
    lower.set_xlim(-3, 103)
    lower.grid(False, axis="x")
    lower.minorticks_off()
    return png(figure)


def roc_plot(probabilities: Array, labels: Array, *, dark: bool = False) -> bytes:
    """Return the ROC curve of a yes-or-no question; DataError where only one class is present."""
    curve, area = roc_curve(probabilities, labels), roc_auc(probabilities, labels)
    look = theme(dark)
    figure = new_figure(4.6, 4.6, look)
    axes = figure.add_subplot()
    dress(axes, look, title=f"ROC curve: area {area:.4f}", x='others called "yes" (%)', y='"yes" found (%)')
    axes.plot([0, 100], [0, 100], color=look.muted, linewidth=1.2, linestyle=DASHES[1], label="guessing")
    x, y = 100 * curve.false_positive_rate, 100 * curve.true_positive_rate
    axes.fill_between(x, y, color=look.series[0], alpha=0.12, linewidth=0)
    axes.plot(x, y, color=look.series[0], linewidth=2.2, label="this model")
    axes.legend(frameon=False, fontsize=9.5, labelcolor=look.ink, loc="lower right")
    axes.set_xlim(-2, 102)
    axes.set_ylim(-2, 102)
    axes.set_aspect("equal")
    return png(figure)


def _wilson_reach(n: int, share: float) -> tuple[float, float]:
    low, high = wilson(round(n * share), n)
    return max(0.0, share - low), max(0.0, high - share)


def _luminance(rgb: Floats) -> float:
    return float(rgb @ np.array([0.2126, 0.7152, 0.0722]))
