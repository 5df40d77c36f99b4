"""What every layer of a network answers: its shape, its parameters, its arithmetic, its torch module.

A layer is one line, "conv 8 3x3 pad 1". Shapes leave the batch out. Multiply-adds are those of convolutions and
linear layers, without biases; pooling, scaling and activations count as none. The kinds are in `kinds`, the
reading of a line in `notation`. torch is imported by `build` alone.
"""

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from inkwise.convolution.window import Axes, Window, spelled
from inkwise.errors import ShapeError
from inkwise.models.shape import Pair, Shape

if TYPE_CHECKING:
    import torch


@dataclass(frozen=True)
class Layer:
    """One layer of a network; a kind overrides what differs from passing every value through unchanged."""

    word: ClassVar[str]  # the line's first word
    stem: ClassVar[str]  # what its child module is called, before the count
    usage: ClassVar[str]  # the line's grammar

    on_blank: ClassVar[bool] = False  # whether it takes ink on a background of 0 alone

    line: str

    def sized(self, _classes: int, /) -> "Layer":
        """Return the layer with the word "classes" replaced by their number."""
        return self

    def window(self, _extent: Axes, /) -> Window | None:
        """Return the window slid over a map of `extent` (height, width), or None where values stay in place."""
        return None

    def output_shape(self, shape: Shape, /) -> Shape:
        """Return the output's shape; ShapeError where the layer cannot take `shape`."""
        return shape

    def parameters(self, _shape: Shape, /) -> int:
        """Return the number of trained values."""
        return 0

    def multiply_adds(self, _shape: Shape, /) -> int:
        """Return the multiplications, each with its addition, for one image."""
        return 0

    def formula(self, _shape: Shape, /) -> str:
        """Return the size formula with its numbers, or "" where the size does not change."""
        return ""

    def build(self, shape: Shape, /) -> "torch.nn.Module":
        """Return the torch module, with torch's own initialisation, for input of `shape`."""
        raise AssertionError(f"{type(self).__name__} builds nothing for {shape}")

    def refusal(self, shape: Shape, reason: str) -> ShapeError:
        """Return the error that says why this layer cannot take `shape`."""
        return ShapeError(f"{self.line!r} cannot take {spelled(shape)}: {reason}.")


@dataclass(frozen=True)
class Spatial(Layer):
    """A layer that slides a window over (channels, height, width)."""

    def window(self, extent: Axes, /) -> Window:
        """Return the window slid over a map of `extent`; a global one unless a kind says otherwise."""
        return Window.of(extent)

    def _map(self, shape: Shape, /) -> tuple[int, Pair, Window]:
        """Return channels, extent and window; ShapeError where `shape` is flat."""
        if len(shape) != 3:
            raise self.refusal(shape, "it needs channels x height x width, so it must come before flatten")
        channels, height, width = shape
        return channels, (height, width), self.window((height, width))

    def _fitted(self, shape: Shape, /) -> Pair:
        """Return the output's height and width; ShapeError with the formula where the window does not fit."""
        _, extent, window = self._map(shape)
        height, width = window.size(extent)
        if min(height, width) < 1:
            raise self.refusal(shape, f"{self.formula(shape)}; the size must come to at least 1")
        return height, width

    def formula(self, shape: Shape, /) -> str:
        """Return the size formula with its numbers."""
        _, extent, window = self._map(shape)
        return window.formula(extent)
