"""Test error against training time and against parameters, as PNG bytes.

A point for each contender, with a bar of one standard deviation over seeds; ours stand out. Figures that others
published are hollow. Both axes are logarithmic: what counts is factors.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from math import ceil, floor, log10
from typing import TYPE_CHECKING, Final

from inkwise.bench.labels import place
from inkwise.bench.published import published_on
from inkwise.bench.standing import Standing
from inkwise.errors import DataError
from inkwise.evaluation.canvas import Theme, dress, new_figure, png, theme

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.text import Annotation

_WIDTH, _HEIGHT = 7.0, 4.4  # inches: read at the width of a README
_ROOM = 0.09  # how far the axes go beyond the outermost points, as a share of what lies between these
_LEAST = 0.12  # decades that an axis spans at least, so that one point alone has ticks around it
_SUBS = ((1,), (1, 3), (1, 2, 5), (1, 1.5, 2, 3, 5, 7), (1, 1.2, 1.4, 1.6, 1.8, 2, 2.5, 3, 3.5, 4, 5, 6, 7, 8, 9))
_NEAR = 0.13  # share of the height within which a point is near the line
_TICKS = 4  # how many numbers an axis has at least


@dataclass(frozen=True)
class Point:
    """One point: error and its standard deviation in percent."""

    name: str
    x: float
    error: float
    deviation: float | None
    kind: str  # "ours", "peer" or "published"


def error_against_seconds(found: Sequence[Standing], *, dark: bool = False) -> bytes:
    """Return test error against median training time."""
    points = [_point(one, one.seconds[0]) for one in found if one.seconds]
    return _scatter(points, "Test error against training time", "training time, seconds", found, dark)


def error_against_parameters(found: Sequence[Standing], *, dark: bool = False) -> bytes:
    """Return test error against the number of learned parameters; published figures are those on MNIST."""
    points = [_point(one, float(one.first.parameters)) for one in found]
    if found:
        points += [
            Point(one.name, float(one.parameters), 100 - one.accuracy, one.deviation, "published")
            for one in published_on(found[0].first.conditions.dataset)
        ]
    return _scatter(points, "Test error against size", "parameters", found, dark)


PLOTS: Final[tuple[tuple[str, str, Callable[[Sequence[Standing]], bytes]], ...]] = (
    ("bench-time.png", "Test error against training time, both logarithmic", error_against_seconds),
    ("bench-parameters.png", "Test error against the number of parameters, both logarithmic", error_against_parameters),
)


def _point(one: Standing, x: float) -> Point:
    least = 50 / one.first.n  # percent: half an image, where none was wrong, which no logarithm shows
    deviation = None if one.deviation is None else 100 * one.deviation
    kind = "ours" if one.first.ours else "peer"
    return Point(one.name, x, max(least, 100 * (1 - one.accuracy)), deviation, kind)


def _scatter(points: Sequence[Point], title: str, x: str, found: Sequence[Standing], dark: bool) -> bytes:
    if not points:
        raise DataError("There is no finished run to draw; run `inkwise bench` without --no-peers, or name a recipe.")
    look = theme(dark)
    figure = new_figure(_WIDTH, _HEIGHT, look)
    axes = figure.add_subplot()
    first = found[0].first.conditions
    title += f", {first.dataset}" if first.dataset != "mnist" else ", MNIST"
    dress(axes, look, title=title + (" (a trial, no measurement)" if first.quick else ""), x=x, y="test error (%)")
    axes.set_xscale("log")
    axes.set_yscale("log")
    _limits(axes, points)
    _ticks(axes)
    colours = {"ours": look.series[0], "peer": look.series[1], "published": look.muted}
    shown = {"ours": "Inkwise", "peer": "peer, measured here", "published": "as published, not measured here"}
    seen: set[str] = set()
    for point in points:
        colour, hollow = colours[point.kind], point.kind == "published"
        if point.deviation:
            low = min(point.deviation, 0.9 * point.error)
            axes.errorbar(
                point.x, point.error, yerr=[[low], [point.deviation]], fmt="none", ecolor=colour, elinewidth=1.3,
                capsize=2.5, alpha=0.75, zorder=2,
            )  # fmt: skip
        axes.plot(
            point.x, point.error, marker="s" if point.kind == "peer" else "o", linestyle="", color=colour,
            markersize=8.5 if point.kind == "ours" else 6.5, markerfacecolor=look.paper if hollow else colour,
            markeredgewidth=1.4, zorder=3, label=None if point.kind in seen else shown[point.kind],
        )  # fmt: skip
        seen.add(point.kind)
    figure.legend(
        loc="outside lower left", ncols=3, frameon=False, fontsize=9.5, labelcolor=look.ink, handletextpad=0.3
    )
    height = 100 * (1 - found[0].mark)
    lines = [height] if axes.get_ylim()[0] < height < axes.get_ylim()[1] else []
    notes = [_mark(axes, look, height, points)] if lines else []
    place(
        axes,
        [
            (
                p.name,
                p.x,
                p.error,
                p.deviation or 0.0,
                look.muted if p.kind == "published" else look.ink,
                p.kind == "ours",
            )
            for p in points
        ],
        lines,
        notes,
    )
    return png(figure)


def _limits(axes: "Axes", points: Sequence[Point]) -> None:
    xs = [point.x for point in points]
    lows = [max(0.3 * point.error, point.error - (point.deviation or 0)) for point in points]
    highs = [point.error + (point.deviation or 0) for point in points]
    axes.set_xlim(*_widened(min(xs), max(xs)))
    axes.set_ylim(*_widened(min(lows), max(highs)))


def _widened(low: float, high: float) -> tuple[float, float]:
    """Return limits with room around the outermost points, in the logarithm."""
    span = log10(high / low)
    room = max(_ROOM * span, 0.03, (_LEAST - span) / 2)
    return low / 10**room, high * 10**room


def _ticks(axes: "Axes") -> None:
    from matplotlib.ticker import FixedLocator, FuncFormatter, NullFormatter, NullLocator

    for axis, limits in ((axes.xaxis, axes.get_xlim()), (axes.yaxis, axes.get_ylim())):
        axis.set_major_locator(FixedLocator(ticks_between(*limits)))
        axis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:,.0f}" if value >= 1000 else f"{value:.4g}"))
        axis.set_minor_locator(NullLocator())
        axis.set_minor_formatter(NullFormatter())


def ticks_between(low: float, high: float) -> list[float]:
    """Return round numbers from `low` to `high` for a logarithmic axis: at least four, and no more than are needed."""
    decades = range(floor(log10(low)), ceil(log10(high)) + 1)
    for subs in _SUBS:
        ticks = [sub * 10.0**decade for decade in decades for sub in subs if low <= sub * 10.0**decade <= high]
        if len(ticks) >= _TICKS:
            return ticks
    step = 10.0 ** floor(log10(high - low))
    step *= next(part for part in (1, 0.5, 0.2, 0.1) if (high - low) / (part * step) >= _TICKS)
    return [number * step for number in range(ceil(low / step), floor(high / step) + 1)]


def _mark(axes: "Axes", look: Theme, error: float, points: Sequence[Point]) -> "Annotation":
    """Draw a line at the accuracy that a run should reach, and return its name, at the end with fewer points near."""
    axes.axhline(error, color=look.muted, linewidth=1, linestyle=(0, (4, 2)), zorder=1)
    (first, last), (low, high) = axes.get_xlim(), axes.get_ylim()
    near = [
        (log10(point.x / first) / log10(last / first), point.error)  # from 0, at the left, to 1
        for point in points
        if abs(log10(point.error / error)) < _NEAR * log10(high / low)
    ]
    left = min(near, default=(0, 0))[0] > 1 - max(near, default=(0, 0))[0]
    below = all(height > error for place, height in near if (place < 0.5) == left)
    return axes.annotate(
        f"{100 - error:.2f} % accuracy", (0 if left else 1, error), xycoords=("axes fraction", "data"),
        xytext=(4 if left else -4, -3 if below else 3), textcoords="offset points",
        ha="left" if left else "right", va="top" if below else "bottom",
        fontsize=9, color=look.muted,
    )  # fmt: skip
