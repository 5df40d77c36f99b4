"""The arithmetic of one value, layer by layer, as numbers: what each step multiplied, added or chose.

Arrays are float64, in the input's order; a step's `computed` is what comes of them, and `value` what the network has
there itself. `window_terms`, `dense_terms`, `norm_terms` and `point_terms` fill these in from modules.
"""

from dataclasses import dataclass, field
from typing import Any, Final, NamedTuple

import numpy as np
import numpy.typing as npt
from torch import Tensor

from inkwise.explain.activations import Call
from inkwise.explain.stencil import NOTHING, Indices
from inkwise.models.shape import Shape

Numbers = npt.NDArray[np.float64]
TOLERANCE: Final = 1e-5  # of the size of what was added up: what a float32 network may differ by


@dataclass(frozen=True, eq=False, kw_only=True)
class Step:
    """One layer's part in a value; each kind of layer has its own.

    Attributes:
        layer: the layer's name.
        kind: what it is, "convolution" or "ReLU" say.
        at: the value's position in the layer's output, without the batch.
        source: the layer whose output it takes, "image", or None where that was computed between modules.
        value: what the network has there.
        scale: the size of what was added up, to which an error is compared.
    """

    layer: str
    kind: str
    at: Shape
    source: str | None
    value: float
    scale: float = field(default=0.0)

    @property
    def computed(self) -> float:
        """The value, anew."""
        raise AssertionError(f"{type(self).__name__} computes nothing")


@dataclass(frozen=True, eq=False)
class Place:
    """Where a window stands: per axis of space, the positions taken and the input's index behind each.

    A position outside the input is padding; its source is NOTHING, a zero, unless the padding copies. `starts` has for
    each axis why the window begins there, "5*2 - 1 = 9".
    """

    positions: tuple[Indices, ...]
    sources: tuple[Indices, ...]
    starts: tuple[str, ...]

    @property
    def inside(self) -> npt.NDArray[np.bool_]:
        """Whether a value of the input, or a copy of one, is taken, over the window's axes."""
        return _everywhere([source != NOTHING for source in self.sources])

    def spot(self, index: tuple[int, ...]) -> Shape:
        """Return the input's indices behind place `index` of the window."""
        return tuple(int(source[i]) for source, i in zip(self.sources, index, strict=True))


class Fold(NamedTuple):
    """A batch norm taken into the weights before it: kernel * factor, (bias - mean) * factor + beta."""

    layer: str
    factor: float  # gamma / sqrt(variance + eps)
    mean: float
    beta: float
    bias: float  # before the folding


@dataclass(frozen=True, eq=False, kw_only=True)
class WindowSum(Step):
    """A convolution: over every input channel and place of the kernel, the sum of patch * kernel, and the bias."""

    channels: tuple[int, int]  # the first and last input channel that the kernel sees
    place: Place
    patch: Numbers  # (channels, *kernel); 0 where padding by zeros is taken
    kernel: Numbers  # (channels, *kernel)
    bias: float | None
    fold: Fold | None = None

    @property
    def products(self) -> Numbers:
        """(channels, *kernel)."""
        return self.patch * self.kernel

    @property
    def sums(self) -> Numbers:
        """(channels,): the products of each input channel added up."""
        sums: Numbers = self.products.reshape(len(self.patch), -1).sum(axis=1)
        return sums

    @property
    def computed(self) -> float:
        """The value, anew."""
        return float(self.sums.sum()) + (self.bias or 0.0)


@dataclass(frozen=True, eq=False, kw_only=True)
class WeightedSum(Step):
    """A linear layer: the sum of input * weight, and the bias."""

    inputs: Numbers  # (features,)
    weights: Numbers  # (features,)
    bias: float | None
    origin: tuple[str, Shape] | None = None  # the map that was flattened into the inputs: its layer and shape
    fold: Fold | None = None

    @property
    def products(self) -> Numbers:
        """(features,)."""
        return self.inputs * self.weights

    @property
    def computed(self) -> float:
        """The value, anew."""
        return float(self.products.sum()) + (self.bias or 0.0)

    def where(self, index: int) -> Shape | None:
        """Return where input `index` was in the map before flattening; None where there was none."""
        if self.origin is None:
            return None
        return tuple(int(each) for each in np.unravel_index(index, self.origin[1]))


@dataclass(frozen=True, eq=False, kw_only=True)
class WindowMaximum(Step):
    """A maximum pool: the largest value under the window; of equal ones the first counts."""

    place: Place
    values: Numbers  # (*window); 0 where there is padding, which cannot win

    @property
    def winner(self) -> tuple[int, ...]:
        """Where in the window the largest value is."""
        contest = np.where(self.place.inside, self.values, -np.inf)
        return tuple(int(each) for each in np.unravel_index(int(contest.argmax()), contest.shape))

    @property
    def equals(self) -> int:
        """How many values are as large as the winner, itself included."""
        return int(np.sum(self.place.inside & (self.values == self.values[self.winner])))

    @property
    def computed(self) -> float:
        """The value, anew."""
        return float(self.values[self.winner])


@dataclass(frozen=True, eq=False, kw_only=True)
class WindowMean(Step):
    """An average pool: the sum under the window, divided by `divisor`."""

    place: Place
    values: Numbers  # (*window); 0 where there is padding
    divisor: int  # how many values count; padding may or may not

    @property
    def computed(self) -> float:
        """The value, anew."""
        return float(self.values.sum()) / self.divisor


@dataclass(frozen=True, eq=False, kw_only=True)
class Normalised(Step):
    """A normalisation: (x - mean) / sqrt(variance + eps) * gamma + beta."""

    x: float
    mean: float
    variance: float
    eps: float
    gamma: float
    beta: float
    over: str  # where mean and variance come from
    own: bool  # whether that is the image itself, and not training

    @property
    def factor(self) -> float:
        """By how much the distance from the mean is scaled: gamma / sqrt(variance + eps)."""
        return normalising(self.variance, self.eps, self.gamma)

    @property
    def computed(self) -> float:
        """The value, anew."""
        return (self.x - self.mean) * self.factor + self.beta


@dataclass(frozen=True, eq=False, kw_only=True)
class Pointwise(Step):
    """A function of the value alone, with its formula in symbols and in numbers."""

    x: float
    result: float
    formula: str
    branch: str  # of a formula with cases the one that applies, "as x > 0: x" say; "" where there are none
    filled: str

    @property
    def computed(self) -> float:
        """The value, anew."""
        return self.result


@dataclass(frozen=True, eq=False, kw_only=True)
class Moved(Step):
    """A layer that changes no value: where it stood before, in a map of which shape, and why it is unchanged.

    A value of padding stood nowhere: `x` is what padding is filled with, and `came_from` None.
    """

    x: float
    came_from: Shape | None
    shape_before: Shape
    why: str

    @property
    def computed(self) -> float:
        """The value, anew."""
        return self.x


@dataclass(frozen=True, eq=False, kw_only=True)
class Sheared(Step):
    """A deskewing: a value of a row moved sideways, (1 - w) * a + w * b of two neighbours a and b.

    Output column j takes the input at j + shift, where shift = slope * (row - the row of the ink's centre).
    """

    mass: float  # all ink added up
    centre: tuple[float, float]  # of the ink: row, column
    s_xy: float  # sum of ink * (column - centre) * (row - centre)
    s_yy: float  # sum of ink * (row - centre)^2
    steep: float | None  # s_xy / s_yy, columns a row; None where the ink has no height
    slope: float  # the same, held within the layer's limits; 0 where there is none
    shift: float  # of this row, in columns
    columns: tuple[int, int]  # of a and b; beyond the image there is background
    pair: tuple[float, float]  # a and b
    width: int  # of the image, in columns

    @property
    def weight(self) -> float:
        """w, the share of b: how far beyond a's column the value is read."""
        return self.at[-1] + self.shift - self.columns[0]

    @property
    def computed(self) -> float:
        """The value, anew."""
        return (1 - self.weight) * self.pair[0] + self.weight * self.pair[1]


@dataclass(frozen=True, eq=False, kw_only=True)
class Share(Step):
    """A softmax: exp(sign * logit) over the sum of all of them; the logarithm of that where `log`."""

    logits: Numbers
    index: int
    sign: int = 1
    log: bool = False

    @property
    def powers(self) -> Numbers:
        """exp(sign * (logit - the largest)): the shift leaves the shares as they are, and nothing overflows."""
        signed = self.sign * self.logits
        powers: Numbers = np.exp(signed - signed.max())
        return powers

    @property
    def computed(self) -> float:
        """The value, anew."""
        if self.log:
            signed = self.sign * self.logits
            return float(signed[self.index] - signed.max() - np.log(self.powers.sum()))
        return float(self.powers[self.index] / self.powers.sum())


def normalising(variance: float, eps: float, gamma: float) -> float:
    """Return gamma / sqrt(variance + eps); infinity or nan where torch has it too, for a variance of no use."""
    with np.errstate(all="ignore"):
        return float(np.float64(gamma) / np.sqrt(np.float64(variance) + eps))


def common(call: Call, at: Shape) -> dict[str, Any]:
    """Return what every kind of step takes from its layer: layer, at, source and value."""
    return {"layer": call.name, "at": at, "source": call.before, "value": scalar(call.output[0][at])}


def numbers(tensor: Tensor) -> Numbers:
    """Return a tensor of any floating dtype and device as float64."""
    return tensor.detach().double().cpu().numpy()


def scalar(tensor: Tensor) -> float:
    """Return the one value of a tensor, a parameter's too."""
    return float(tensor.detach())


def _everywhere(axes: list[npt.NDArray[np.bool_]]) -> npt.NDArray[np.bool_]:
    """Return where all axes say yes, over their product."""
    result = np.array(True)
    for axis in axes:
        result = result[..., None] & axis
    return result
