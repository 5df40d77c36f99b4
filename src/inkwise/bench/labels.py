"""Names beside the points of a plot, so placed that none lies on another, on a point, or outside.

Each name tries the places around its point in turn and takes the one that covers least; those with the least room
choose first, and a thin line leads to a name that had to go further off. It knows nothing of what the points mean.
"""

from collections.abc import Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.text import Annotation
    from matplotlib.transforms import Bbox

Label = tuple[str, float, float, float, str, bool]  # text, x, y, half a bar up and down in y, colour, bold
_GAP = 8.0  # points from a marker's centre to its name
_POINT = 6.0  # points: half a marker
_SIZE = 9.5

# Where a name may stand: by how many gaps it is moved, and which of its edges is nearest.
_PLACES = (
    (1, 0, "left", "center"),
    (-1, 0, "right", "center"),
    (0, 1, "center", "bottom"),
    (0, -1, "center", "top"),
    (0.8, 0.8, "left", "bottom"),
    (0.8, -0.8, "left", "top"),
    (-0.8, 0.8, "right", "bottom"),
    (-0.8, -0.8, "right", "top"),
    (1.5, 1.8, "left", "bottom"),
    (1.5, -1.8, "left", "top"),
    (-1.5, 1.8, "right", "bottom"),
    (-1.5, -1.8, "right", "top"),
    (0, 2.6, "center", "bottom"),
    (0, -2.6, "center", "top"),
    (2.2, 3, "left", "bottom"),
    (2.2, -3, "left", "top"),
    (-2.2, 3, "right", "bottom"),
    (-2.2, -3, "right", "top"),
)
_BESIDE = 8  # so many of the places are beside the point; a line leads to the others


def place(
    axes: "Axes", labels: Sequence[Label], lines: Sequence[float] = (), notes: Sequence["Annotation"] = ()
) -> None:
    """Write the names into `axes`, whose limits and scales are final.

    Args:
        axes: Where the points are drawn already.
        labels: The names with their points.
        lines: Horizontal lines that no name should lie on, by their height.
        notes: Texts that are there already.
    """
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.transforms import Bbox

    figure = axes.figure.figure
    canvas = FigureCanvasAgg(figure)
    figure.draw_without_rendering()  # the layout is settled before anything is measured
    renderer = canvas.get_renderer()  # type: ignore[no-untyped-call]
    scale = figure.dpi / 72
    inside = axes.get_window_extent(renderer)
    taken: list[Bbox] = [_around(axes, x, y, bar, scale) for _, x, y, bar, _, _ in labels]
    for height in lines:
        at = float(axes.transData.transform((1, height))[1])
        taken.append(Bbox.from_extents(inside.x0, at - scale, inside.x1, at + scale))
    texts = [note.get_window_extent(renderer) for note in notes]
    taken += texts
    crowded = sorted(labels, key=lambda label: -_neighbours(axes, label, labels, 90 * scale))
    for text, x, y, _, colour, bold in crowded:
        own = _around(axes, x, y, 0.0, scale)
        best: tuple[float, int] | None = None
        boxes: list[Bbox] = []
        for number, (right, up, ha, va) in enumerate(_PLACES):
            note = axes.annotate(
                text, (x, y), (right * _GAP, up * _GAP), textcoords="offset points", ha=ha, va=va, fontsize=_SIZE,
                fontweight="bold" if bold else "normal", color=colour,
            )  # fmt: skip
            box = note.get_window_extent(renderer).padded(1.5 * scale)
            note.remove()
            boxes.append(box)
            outside = _area(box) - _shared(box, inside)
            covered = sum(_shared(box, other) for other in taken) - 0.5 * _shared(box, own)
            crossed = _crossed(own, box, texts) if number >= _BESIDE else 0
            cost = covered + 3 * outside + (0.002 * number + 0.2 * crossed) * _area(box)
            if best is None or cost < best[0]:
                best = (cost, number)
        assert best is not None
        right, up, ha, va = _PLACES[best[1]]
        note = axes.annotate(
            text, (x, y), (right * _GAP, up * _GAP), textcoords="offset points", ha=ha, va=va, fontsize=_SIZE,
            fontweight="bold" if bold else "normal", color=colour, zorder=4,
            arrowprops={"arrowstyle": "-", "color": colour, "linewidth": 0.6, "shrinkA": 0, "shrinkB": 5}
            if best[1] >= _BESIDE else None,
        )  # fmt: skip
        note.set_in_layout(False)
        taken.append(boxes[best[1]])
        texts.append(boxes[best[1]])


def _around(axes: "Axes", x: float, y: float, bar: float, scale: float) -> "Bbox":
    """Return what a marker and its bar cover, in pixels."""
    from matplotlib.transforms import Bbox

    at_x, at_y = axes.transData.transform((x, y))
    low, high = at_y, at_y
    if bar:
        low = float(axes.transData.transform((x, max(y - bar, 0.1 * y)))[1])
        high = float(axes.transData.transform((x, y + bar))[1])
    half = _POINT * scale
    return Bbox.from_extents(at_x - half, min(low, at_y - half), at_x + half, max(high, at_y + half))


def _neighbours(axes: "Axes", label: Label, labels: Sequence[Label], near: float) -> int:
    at = axes.transData.transform((label[1], label[2]))
    others = (axes.transData.transform((x, y)) for _, x, y, _, _, _ in labels)
    return sum(bool(abs(other - at).max() < near) for other in others)


def _crossed(point: "Bbox", box: "Bbox", texts: Sequence["Bbox"]) -> int:
    """Return at how many of ten places a line from a point to its name lies on another name."""
    x, y = (point.x0 + point.x1) / 2, (point.y0 + point.y1) / 2
    to_x, to_y = (box.x0 + box.x1) / 2, (box.y0 + box.y1) / 2
    steps = [(x + part / 10 * (to_x - x), y + part / 10 * (to_y - y)) for part in range(10)]
    return sum(any(text.contains(*step) for text in texts) for step in steps)


def _area(box: "Bbox") -> float:
    return float(box.width * box.height)


def _shared(box: "Bbox", other: "Bbox") -> float:
    """Return the area in which two boxes overlap."""
    width = min(box.x1, other.x1) - max(box.x0, other.x0)
    height = min(box.y1, other.y1) - max(box.y0, other.y0)
    return float(width * height) if width > 0 and height > 0 else 0.0
