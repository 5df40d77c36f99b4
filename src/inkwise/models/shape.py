"""Shapes of feature maps, and the size formula of a sliding window.

A shape leaves the batch out: (channels, height, width), or (features,) once flat. Along one axis a window of m
values, dilated by d, moved by s over n values padded by p on either side, gives
floor((n + 2p - d(m - 1) - 1) / s) + 1 values (Dumoulin and Visin, arXiv:1603.07285). No torch here.
"""

from typing import NamedTuple

Shape = tuple[int, ...]
Pair = tuple[int, int]  # height, width


def spelled(shape: Shape) -> str:
    """Return a shape for people: "16 x 7 x 7"; a flat one as "784"."""
    return " x ".join(f"{size}" for size in shape)


class Window(NamedTuple):
    """A window that slides over the height and the width; all four in pixels of the map that it slides over."""

    kernel: Pair
    stride: Pair = (1, 1)
    padding: Pair = (0, 0)
    dilation: Pair = (1, 1)

    def size(self, extent: Pair) -> Pair:
        """Return the output's height and width by the formula; below 1 where the window does not fit."""
        height, width = (
            (n + 2 * p - d * (m - 1) - 1) // s + 1
            for n, m, s, p, d in zip(extent, self.kernel, self.stride, self.padding, self.dilation, strict=True)
        )
        return height, width

    def formula(self, extent: Pair) -> str:
        """Return the formula with its numbers, "floor((28 + 2*1 - 3) / 1) + 1 = 28"; both axes where they differ."""
        spans = [
            f"floor(({n} + 2*{p} - {m if d == 1 else f'{d}*({m} - 1) - 1'}) / {s}) + 1 = {out}"
            for n, m, s, p, d, out in zip(
                extent, self.kernel, self.stride, self.padding, self.dilation, self.size(extent), strict=True
            )
        ]
        return spans[0] if spans[0] == spans[1] else f"height {spans[0]}, width {spans[1]}"
