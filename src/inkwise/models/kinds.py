"""The kinds of layer, one frozen dataclass each.

A dataclass's fields are its line's grammar: those without a default come first and by position, the others as a
word and its value, and a switch as "no" and its name ("nobias"). To add a kind, write its class and name it in
KINDS; the tests walk every entry.
"""
# What each method answers is told once, by Layer.
# ruff: noqa: D102

from dataclasses import dataclass, field, replace
from math import prod
from typing import TYPE_CHECKING, ClassVar

from inkwise.convolution.window import Axes, Window
from inkwise.models.front import Cosines, Crop, Deskew
from inkwise.models.layer import Layer, Spatial
from inkwise.models.shape import Pair, Shape
from inkwise.models.words import COUNT, FEATURES, MARGIN, PROBABILITY, SIZE, SLOPE

if TYPE_CHECKING:
    import torch


@dataclass(frozen=True)
class Conv(Spatial):
    """A convolution (cross-correlation, as everywhere in the field) over height and width."""

    word = stem = "conv"
    usage = "conv CHANNELS KERNEL [stride S] [pad P] [dilation D] [groups G] [nobias]"

    channels: int = field(metadata=COUNT)
    kernel: Pair = field(metadata=SIZE)
    stride: Pair = field(default=(1, 1), metadata=SIZE)
    pad: Pair = field(default=(0, 0), metadata=MARGIN)
    dilation: Pair = field(default=(1, 1), metadata=SIZE)
    groups: int = field(default=1, metadata=COUNT)
    bias: bool = True

    def window(self, _extent: Axes, /) -> Window:
        return Window.of(self.kernel, self.stride, self.pad, self.dilation)

    def output_shape(self, shape: Shape, /) -> Shape:
        given, _, _ = self._map(shape)
        if given % self.groups or self.channels % self.groups:
            raise self.refusal(
                shape, f"groups {self.groups} must divide {given} input and {self.channels} output channels"
            )
        return (self.channels, *self._fitted(shape))

    def parameters(self, shape: Shape, /) -> int:
        return self.channels * (shape[0] // self.groups) * prod(self.kernel) + self.channels * self.bias

    def multiply_adds(self, shape: Shape, /) -> int:
        return prod(self.output_shape(shape)) * (shape[0] // self.groups) * prod(self.kernel)

    def build(self, shape: Shape, /) -> "torch.nn.Module":
        from torch import nn

        return nn.Conv2d(
            shape[0], self.channels, self.kernel, self.stride, self.pad, self.dilation, self.groups, bias=self.bias
        )


@dataclass(frozen=True)
class _Pool(Spatial):
    stem = "pool"

    kernel: Pair = field(metadata=SIZE)
    stride: Pair | None = field(default=None, metadata=SIZE)  # the kernel's size
    pad: Pair = field(default=(0, 0), metadata=MARGIN)

    def window(self, _extent: Axes, /) -> Window:
        return Window.of(self.kernel, self.stride or self.kernel, self.pad)

    def output_shape(self, shape: Shape, /) -> Shape:
        if any(2 * p > m for p, m in zip(self.pad, self.kernel, strict=True)):
            raise self.refusal(shape, "a pool's pad must be at most half its kernel")
        return (shape[0], *self._fitted(shape))


@dataclass(frozen=True)
class MaxPool(_Pool):
    """The largest value under the window."""

    word = "maxpool"
    usage = "maxpool KERNEL [stride S] [pad P]"

    def build(self, _shape: Shape, /) -> "torch.nn.Module":
        from torch import nn

        return nn.MaxPool2d(self.kernel, self.stride, self.pad)


@dataclass(frozen=True)
class AvgPool(_Pool):
    """The mean under the window; padding counts as zeros."""

    word = "avgpool"
    usage = "avgpool KERNEL [stride S] [pad P]"

    def build(self, _shape: Shape, /) -> "torch.nn.Module":
        from torch import nn

        return nn.AvgPool2d(self.kernel, self.stride, self.pad)


@dataclass(frozen=True)
class GlobalAvgPool(Spatial):
    """The mean of each whole channel: (channels, 1, 1)."""

    word, stem, usage = "globalavgpool", "pool", "globalavgpool"

    def window(self, extent: Axes, /) -> Window:
        return Window.of(extent)

    def output_shape(self, shape: Shape, /) -> Shape:
        return (shape[0], *self._fitted(shape))

    def build(self, _shape: Shape, /) -> "torch.nn.Module":
        from torch import nn

        return nn.AdaptiveAvgPool2d(1)


@dataclass(frozen=True)
class BatchNorm(Layer):
    """Batch normalisation with a scale and a shift per channel (or per feature, once flat); arXiv:1502.03167."""

    word = stem = usage = "batchnorm"

    def parameters(self, shape: Shape, /) -> int:
        return 2 * shape[0]

    def build(self, shape: Shape, /) -> "torch.nn.Module":
        from torch import nn

        return nn.BatchNorm2d(shape[0]) if len(shape) == 3 else nn.BatchNorm1d(shape[0])


@dataclass(frozen=True)
class Dropout(Layer):
    """Sets each value to 0 with a probability, while training."""

    word = stem = "dropout"
    usage = "dropout PROBABILITY"

    probability: float = field(metadata=PROBABILITY)

    def build(self, _shape: Shape, /) -> "torch.nn.Module":
        from inkwise.models.kernels import Dropout as CpuDropout

        return CpuDropout(self.probability)


@dataclass(frozen=True)
class Flatten(Layer):
    """(channels, height, width) to (features,), channel by channel and row by row."""

    word = stem = usage = "flatten"

    def output_shape(self, shape: Shape, /) -> Shape:
        return (prod(shape),)

    def formula(self, shape: Shape, /) -> str:
        return f"{' * '.join(map(str, shape))} = {prod(shape)}" if len(shape) > 1 else ""

    def build(self, _shape: Shape, /) -> "torch.nn.Module":
        from torch import nn

        return nn.Flatten()


@dataclass(frozen=True)
class Linear(Layer):
    """Each output is a weighted sum of all inputs, so it sees the whole map."""

    word = stem = "linear"
    usage = "linear FEATURES [nobias]"

    features: int = field(metadata=FEATURES)  # 0 stands for the word classes
    bias: bool = True

    def sized(self, classes: int, /) -> "Linear":
        return self if self.features else replace(self, features=classes)

    def window(self, extent: Axes, /) -> Window:
        return Window.of(extent)

    def output_shape(self, shape: Shape, /) -> Shape:
        if len(shape) != 1:
            raise self.refusal(shape, "it needs flat features; put flatten before it")
        return (self.features,)

    def parameters(self, shape: Shape, /) -> int:
        return shape[0] * self.features + self.features * self.bias

    def multiply_adds(self, shape: Shape, /) -> int:
        return shape[0] * self.features

    def build(self, shape: Shape, /) -> "torch.nn.Module":
        from torch import nn

        return nn.Linear(shape[0], self.features, bias=self.bias)


class _Elementwise(Layer):
    """A function of each value on its own; `module` is its class in torch.nn."""

    module: ClassVar[str]

    def build(self, _shape: Shape, /) -> "torch.nn.Module":
        from torch import nn

        return getattr(nn, self.module)()  # type: ignore[no-any-return]


class Relu(_Elementwise):
    """max(0, x)."""

    word = stem = usage = "relu"
    module = "ReLU"


class Gelu(_Elementwise):
    """x times the normal distribution's cumulative probability of x; arXiv:1606.08415."""

    word = stem = usage = "gelu"
    module = "GELU"


class Silu(_Elementwise):
    """x times the sigmoid of x; arXiv:1702.03118."""

    word = stem = usage = "silu"
    module = "SiLU"


class Tanh(_Elementwise):
    """The hyperbolic tangent."""

    word = stem = usage = "tanh"
    module = "Tanh"


class Sigmoid(_Elementwise):
    """1 / (1 + exp(-x)); as the last layer it makes the outputs probabilities."""

    word = stem = usage = "sigmoid"
    module = "Sigmoid"


@dataclass(frozen=True)
class LeakyRelu(Layer):
    """x above 0, and `slope` times x below."""

    word = stem = "leakyrelu"
    usage = "leakyrelu [slope S]"

    slope: float = field(default=0.01, metadata=SLOPE)

    def build(self, _shape: Shape, /) -> "torch.nn.Module":
        from torch import nn

        return nn.LeakyReLU(self.slope)


class Softmax(Layer):
    """exp(x) over the sum of all features' exp(x); as the last layer it makes the outputs probabilities."""

    word = stem = usage = "softmax"

    def output_shape(self, shape: Shape, /) -> Shape:
        if len(shape) != 1:
            raise self.refusal(shape, "it needs flat features; put flatten before it")
        return shape

    def build(self, _shape: Shape, /) -> "torch.nn.Module":
        from torch import nn

        return nn.Softmax(dim=1)


KINDS: dict[str, type[Layer]] = {
    kind.word: kind
    for kind in (
        Conv,
        MaxPool,
        AvgPool,
        GlobalAvgPool,
        BatchNorm,
        Dropout,
        Flatten,
        Linear,
        Relu,
        LeakyRelu,
        Gelu,
        Silu,
        Tanh,
        Sigmoid,
        Softmax,
        Deskew,
        Crop,
        Cosines,
    )
}
