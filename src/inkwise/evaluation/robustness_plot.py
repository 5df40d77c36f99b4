"""The plot of robustness: for each corruption, share right and calibration error over its strength; as PNG bytes."""

from math import ceil

import numpy as np

from inkwise.evaluation.canvas import DASHES, dress, new_figure, png, theme
from inkwise.evaluation.robustness import Robustness

_COLUMNS = 3


def robustness_plot(robustness: Robustness, *, dark: bool = False) -> bytes:
    """Return one panel for each corruption, all with the same axes, so that they can be compared at a glance."""
    look = theme(dark)
    names = robustness.corruptions
    columns = min(_COLUMNS, len(names))
    rows = ceil(len(names) / columns)
    figure = new_figure(3.0 * columns + 0.6, 2.1 * rows + 0.7, look)
    panels = np.atleast_1d(np.asarray(figure.subplots(rows, columns, sharey=True, squeeze=False))).ravel()
    for panel in panels[len(names) :]:
        panel.set_axis_off()
    for place, (name, axes) in enumerate(zip(names, panels, strict=False)):
        levels = (robustness.clean, *robustness.of(name))
        x = [level.strength for level in levels]
        right = np.array([100 * level.accuracy for level in levels])
        ends = np.array([[100 * low, 100 * high] for low, high in (level.interval for level in levels)])
        dress(axes, look, title=name, x=levels[-1].unit, y="%" if place % columns == 0 else "")
        axes.fill_between(x, ends[:, 0], ends[:, 1], color=look.series[0], alpha=0.15, linewidth=0)
        axes.plot(x, right, color=look.series[0], linewidth=2, marker="o", markersize=4, label="right")
        off = [100 * level.ece for level in levels]
        axes.plot(
            x, off, color=look.series[1], linewidth=1.6, linestyle=DASHES[1], marker="s", markersize=3.5,
            label="calibration error",
        )  # fmt: skip
        if any(level.abstained for level in robustness.levels):
            left = [100 * level.abstained / robustness.n for level in levels]
            axes.plot(x, left, color=look.series[2], linewidth=1.4, linestyle=DASHES[2], label="not accepted")
        axes.set_xticks(x)
        axes.set_ylim(-4, 104)
    handles, labels = panels[0].get_legend_handles_labels()
    figure.legend(
        handles, labels, loc="outside upper left", ncols=2, frameon=False, fontsize=9.5, labelcolor=look.ink,
    )  # fmt: skip
    return png(figure)
