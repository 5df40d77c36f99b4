"""Test error against training time and against parameters, as PNG bytes.

A point for each contender, with a bar of one standard deviation over seeds; ours stand out. Figures that others
published are hollow. Both axes are logarithmic: what counts is factors.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from inkwise.bench.labels import place
from inkwise.bench.published import PUBLISHED
from inkwise.bench.standing import Standing
from inkwise.errors import DataError
from inkwise.evaluation.canvas import Theme, dress, new_figure, png, theme

if TYPE_CHECKING:
    from matplotlib.axes import Axes

_WIDTH, _HEIGHT = 7.0, 4.4  # inches: read at the width of a README
_ROOM = 1.7  # how far the axes go beyond the outermost points, as a factor


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
    return _scatter(points, "Test error against training time", "training, seconds", found, dark)


def error_against_parameters(found: Sequence[Standing], *, dark: bool = False) -> bytes:
    """Return test error against the number of learned parameters; published figures are those on MNIST."""
    points = [_point(one, float(one.first.parameters)) for one in found]
    if found and found[0].first.conditions.dataset == "mnist":
        points += [
            Point(one.name, float(one.parameters), 100 - one.accuracy, one.deviation, "published") for one in PUBLISHED
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
    _mark(axes, look, 100 * (1 - found[0].mark))
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
        [100 * (1 - found[0].mark)],
    )
    return png(figure)


def _limits(axes: "Axes", points: Sequence[Point]) -> None:
    xs = [point.x for point in points]
    lows = [max(0.3 * point.error, point.error - (point.deviation or 0)) for point in points]
    highs = [point.error + (point.deviation or 0) for point in points]
    axes.set_xlim(min(xs) / _ROOM, max(xs) * _ROOM)
    axes.set_ylim(min(lows) / 1.25, max(highs) * 1.35)


def _ticks(axes: "Axes") -> None:
    from matplotlib.ticker import FuncFormatter, LogLocator, NullFormatter, NullLocator

    for axis, (low, high) in ((axes.xaxis, axes.get_xlim()), (axes.yaxis, axes.get_ylim())):
        decades = high / low
        subs: tuple[float, ...] = (1,) if decades > 2000 else (1, 3) if decades > 200 else (1, 2, 5)
        subs = subs if decades > 30 else (1, 1.5, 2, 3, 5, 7)
        axis.set_major_locator(LogLocator(base=10, subs=subs, numticks=20))
        axis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:,.0f}" if value >= 1000 else f"{value:g}"))
        axis.set_minor_locator(NullLocator())
        axis.set_minor_formatter(NullFormatter())


def _mark(axes: "Axes", look: Theme, error: float) -> None:
    """A line at the accuracy that a run should reach, where it lies in the picture."""
    low, high = axes.get_ylim()
    if low < error < high:
        axes.axhline(error, color=look.muted, linewidth=1, linestyle=(0, (4, 2)), zorder=1)
        axes.annotate(
            f"{100 - error:.2f} %", (1, error), xycoords=("axes fraction", "data"), xytext=(-2, 3),
            textcoords="offset points", ha="right", va="bottom", fontsize=9, color=look.muted,
        )  # fmt: skip
