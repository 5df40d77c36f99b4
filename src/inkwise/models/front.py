"""Layers with nothing to learn: they bring a digit to a form from which little training is needed.

Each line is read, checked and summarised as every other layer's (`layer`, `kinds`). What they compute is fixed by their
line alone, never by data, so a model file stays complete and the same line means the same everywhere.
"""
# What each method answers is told once, by Layer.
# ruff: noqa: D102

from dataclasses import dataclass, field
from math import prod
from typing import TYPE_CHECKING

from inkwise.convolution.window import Axes, Window
from inkwise.models.layer import Layer, Spatial
from inkwise.models.shape import Pair, Shape
from inkwise.models.words import COUNT, MARGIN, SIZE

if TYPE_CHECKING:
    import torch


@dataclass(frozen=True)
class Deskew(Layer):
    """Sets slanting strokes upright: each row is moved sideways by the slope of the ink, found from its moments."""

    word = stem = usage = "deskew"
    on_blank = True

    def output_shape(self, shape: Shape, /) -> Shape:
        if len(shape) != 3 or shape[0] != 1:
            raise self.refusal(shape, "it needs one channel x height x width, ink on a background of 0")
        return shape

    def build(self, shape: Shape, /) -> "torch.nn.Module":
        from inkwise.models.deskewing import Deskewing

        return Deskewing(shape[1], shape[2])


@dataclass(frozen=True)
class Crop(Spatial):
    """Leaves out a margin: padding taken away instead of added."""

    word = stem = "crop"
    usage = "crop MARGIN"

    margin: Pair = field(metadata=MARGIN)

    def window(self, _extent: Axes, /) -> Window:
        rows, columns = self.margin
        return Window((1, 1), (1, 1), ((-rows, -rows), (-columns, -columns)), (1, 1))

    def output_shape(self, shape: Shape, /) -> Shape:
        return (shape[0], *self._fitted(shape))

    def build(self, _shape: Shape, /) -> "torch.nn.Module":
        from torch import nn

        rows, columns = self.margin
        return nn.ZeroPad2d((-columns, -columns, -rows, -rows))


@dataclass(frozen=True)
class Cosines(Spatial):
    """A convolution whose kernels are given: the lowest cosine waves, and after them their negatives."""

    word, stem = "cosines", "conv"
    usage = "cosines CHANNELS KERNEL [stride S] [pad P]"

    channels: int = field(metadata=COUNT)
    kernel: Pair = field(metadata=SIZE)
    stride: Pair = field(default=(1, 1), metadata=SIZE)
    pad: Pair = field(default=(0, 0), metadata=MARGIN)

    def window(self, _extent: Axes, /) -> Window:
        return Window.of(self.kernel, self.stride, self.pad)

    def output_shape(self, shape: Shape, /) -> Shape:
        given, _, _ = self._map(shape)
        most = 2 * prod(self.kernel)
        if given != 1 or self.channels % 2 or self.channels > most:
            spelled = f"{self.kernel[0]}x{self.kernel[1]}"
            raise self.refusal(
                shape, f"it needs one channel, and makes an even number of them up to {most} from a {spelled} kernel"
            )
        return (self.channels, *self._fitted(shape))

    def multiply_adds(self, shape: Shape, /) -> int:
        return prod(self.output_shape(shape)) * prod(self.kernel)

    def build(self, _shape: Shape, /) -> "torch.nn.Module":
        from inkwise.models.cosines import cosine_convolution

        return cosine_convolution(self.channels, self.kernel, self.stride, self.pad)
