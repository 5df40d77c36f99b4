"""The look that all pictures share: paper, ink and a palette, light and dark, and figures as PNG bytes.

Figures are made from matplotlib's Figure object; the global state of pyplot is never touched, so pictures can be
drawn in any thread. The palette is Okabe and Ito's, which colour-blind people can tell apart; lines differ in dash
as well, so that a grey print still reads. Matplotlib is imported only when something is drawn.
"""

from dataclasses import dataclass
from io import BytesIO
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

DPI = 200  # sharp on screens with two dots per pixel, and in print
DASHES = ("-", (0, (5, 1.5)), (0, (1, 1.2)), "-.")


@dataclass(frozen=True)
class Theme:
    """Colours of one look: `series` for lines in order, `ramp` for counts from none to many, `bad` for errors."""

    paper: str
    ink: str
    muted: str
    grid: str
    series: tuple[str, ...]
    ramp: tuple[str, str]
    bad: tuple[str, str]


LIGHT = Theme(
    paper="#ffffff",
    ink="#1c1e21",
    muted="#5f6670",
    grid="#e3e6ea",
    series=("#0072b2", "#d55e00", "#009e73", "#cc79a7"),
    ramp=("#f4f7fa", "#0072b2"),
    bad=("#fdeee4", "#c04f00"),
)
DARK = Theme(
    paper="#191c20",
    ink="#e8eaed",
    muted="#9aa2ad",
    grid="#31363d",
    series=("#56b4e9", "#f0a35e", "#4cc9a1", "#e3a5c7"),
    ramp=("#23282e", "#3d9bd6"),
    bad=("#33271f", "#e07b30"),
)


def theme(dark: bool) -> Theme:
    """Return the dark or the light look."""
    return DARK if dark else LIGHT


def new_figure(width: float, height: float, look: Theme) -> "Figure":
    """Return an empty figure of `width` x `height` inches that lays itself out."""
    from matplotlib.figure import Figure
    from matplotlib.layout_engine import ConstrainedLayoutEngine

    margins = ConstrainedLayoutEngine(w_pad=0.08, h_pad=0.08)  # inches of paper around everything
    return Figure(figsize=(width, height), dpi=DPI, layout=margins, facecolor=look.paper)


def plain_figure(width: float, height: float, look: Theme) -> "Figure":
    """Return an empty figure of `width` x `height` inches on which everything is placed by hand."""
    from matplotlib.figure import Figure

    return Figure(figsize=(width, height), dpi=DPI, facecolor=look.paper)


def inches(figure: "Figure", left: float, bottom: float, width: float, height: float) -> "Axes":
    """Return axes without frame at a place given in inches from the figure's lower left corner."""
    whole_width, whole_height = figure.get_size_inches()
    axes = figure.add_axes((left / whole_width, bottom / whole_height, width / whole_width, height / whole_height))
    axes.set_axis_off()
    return axes


def dress(axes: "Axes", look: Theme, *, title: str = "", x: str = "", y: str = "", grid: bool = True) -> None:
    """Give axes the shared look: title at the left, quiet frame, grid behind the data."""
    axes.set_facecolor(look.paper)
    axes.set_title(title, loc="left", fontsize=11, fontweight="bold", color=look.ink, pad=10)
    axes.set_xlabel(x, fontsize=10, color=look.muted)
    axes.set_ylabel(y, fontsize=10, color=look.muted)
    axes.tick_params(colors=look.muted, labelsize=9.5, length=0, pad=5)
    for side, spine in axes.spines.items():
        spine.set_visible(side in {"left", "bottom"})
        spine.set_color(look.grid)
    if grid:
        axes.grid(True, color=look.grid, linewidth=0.8)
        axes.set_axisbelow(True)


def png(figure: "Figure") -> bytes:
    """Return the figure as PNG bytes; the same figure gives the same bytes."""
    buffer = BytesIO()
    figure.savefig(buffer, format="png", dpi=DPI, facecolor=figure.get_facecolor(), metadata={"Software": None})
    return buffer.getvalue()
