"""The receptive field: which values of the input one value after a stack of windows can see.

Each window adds d(m - 1) times the jump to the size, and multiplies the jump by its stride (Araujo, Norris and Sim
2019, doi:10.23915/distill.00021). Pure integers; a window is all that is known of a layer.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from inkwise.convolution.window import Axes, Window
from inkwise.errors import UsageError


@dataclass(frozen=True)
class Sight:
    """Where one value looks in the input, one number for each axis, in values of the input (pixels of an image).

    Value i along an axis sees the inputs from start + i * jump on, `size` of them. Padding makes `start` negative:
    what lies outside is padding.
    """

    size: Axes = (1, 1)
    jump: Axes = (1, 1)
    start: Axes = (0, 0)

    def through(self, window: Window) -> "Sight":
        """Return the sight of a value that `window` computes from values of this sight."""
        m, s, p, d = window
        axes = range(len(m))
        return Sight(
            size=tuple(self.size[a] + d[a] * (m[a] - 1) * self.jump[a] for a in axes),
            jump=tuple(self.jump[a] * s[a] for a in axes),
            start=tuple(self.start[a] - p[a][0] * self.jump[a] for a in axes),  # what is added after moves nothing
        )


def receptive_field(windows: Iterable[Window]) -> Sight:
    """Return the receptive field of one value after `windows`, the first of which slides over the input.

    Args:
        windows: The stack from the input on, all over the same number of axes; at least one.

    Raises:
        UsageError: There are no windows, or they are over different numbers of axes.

    Example:
        >>> receptive_field([Window.of((3, 3)), Window.of((2, 2), stride=2), Window.of((3, 3), padding=1)])
        Sight(size=(8, 8), jump=(2, 2), start=(-2, -2))
        >>> receptive_field([Window.of(2, padding=((1, 0),)), Window.of(2, padding=((2, 0),), dilation=2)])  # causal
        Sight(size=(4,), jump=(1,), start=(-3,))
    """
    stack = list(windows)
    ranks = {len(window.kernel) for window in stack}
    if len(ranks) != 1:
        given = f"windows over {' and '.join(map(str, sorted(ranks)))} axes" if ranks else "no windows"
        raise UsageError(f"A receptive field was asked of {given}; give at least one, all over the same axes.")
    rank = ranks.pop()
    sight = Sight((1,) * rank, (1,) * rank, (0,) * rank)
    for window in stack:
        sight = sight.through(window)
    return sight
