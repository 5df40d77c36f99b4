"""Few images, fast: a folded row of modules as matrix products over buffers that are laid out once, on a CPU.

A convolution library's set-up takes longer than all the arithmetic that a small network does for one image. Here
every buffer, and every view of one, is made when the network is prepared; to answer is to walk a list of calls that
allocate nothing. A convolution is two of them. With the rows of a padded map laid end to end, the pixels that one
weight meets are one contiguous run, so all columns of the product are a few long copies; where a window would cross
the right border, the product holds a value that nobody reads. A constant row of ones adds the bias.
im2col: Chellapilla, Puri and Simard 2006, https://inria.hal.science/inria-00112631.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from threading import Lock
from typing import Any

import numpy as np
import torch
from numpy.lib.stride_tricks import as_strided
from numpy.typing import NDArray
from torch import Tensor, nn

from inkwise.models.folding import affine, has_statistics
from inkwise.models.network import Pixels
from inkwise.models.shape import Pair, Shape

# Functions of one value, which may be computed for values that nobody reads too.
_POINTWISE = (nn.LeakyReLU, nn.GELU, nn.SiLU, nn.Tanh, nn.Sigmoid)

Call = tuple[Callable[..., Any], tuple[Any, ...]]


class Unplanned(Exception):
    """A module for which there is no plan here."""


@dataclass
class Map:
    """Feature maps (B, C, H, W), of which the first rows and columns, `extent`, are valid; no border."""

    values: Tensor
    extent: Pair

    @property
    def valid(self) -> Tensor:
        """The valid part, as a view."""
        return self.values[:, :, : self.extent[0], : self.extent[1]]


class Planar:
    """A network laid out for `count` images at a time; the buffers are shared, so calls wait for one another.

    Raises:
        Unplanned: The row has a module that is not known here.
    """

    def __init__(self, row: Sequence[nn.Module], shape: Shape, count: int = 1) -> None:
        self._row, self._count, self._lock = list(row), count, Lock()
        self._calls: list[Call] = []
        self._slack = max((_reach(module) for module in row), default=0)
        scale = self._row.pop(0) if self._row and type(self._row[0]) is Pixels else None
        place, (door, inside) = 0, self._buffer(shape, _border(self._row))
        self._given: Callable[[Tensor], Any] = inside.copy_
        if isinstance(scale, Pixels):
            self._given = partial(torch.sub, other=scale.mean, out=inside)
            self._call(inside.div_, scale.deviation)
        now: Map | Tensor = door
        while place < len(self._row):
            now, used = self._plan(now, place)
            place += used
        if isinstance(now, Map):
            raise Unplanned
        self._result = now

    def __call__(self, images: Tensor) -> Tensor:
        """Return the outputs (count, classes) for float32 images (count, C, H, W)."""
        with self._lock:
            self._given(images)
            for function, arguments in self._calls:
                function(*arguments)
            return self._result.clone()

    def _plan(self, now: Map | Tensor, place: int) -> tuple[Map | Tensor, int]:
        """Plan the module at `place`; return what it gives and how many modules that took."""
        module, rest = self._row[place], self._row[place + 1 :]
        if isinstance(now, Tensor):
            return self._plan_flat(module, now), 1
        if type(module) is nn.ReLU and rest and type(rest[0]) is nn.MaxPool2d:  # pooled first, fewer are left to cut
            return self._elementwise(self._pool(rest[0], now), torch.clamp_min, (0,), rest[1:]), 2
        if isinstance(module, nn.Flatten) and (module.start_dim, module.end_dim) == (1, -1):
            return self._flat(now), 1
        return self._plan_map(module, now, rest), 1

    def _plan_map(self, module: nn.Module, now: Map, rest: Sequence[nn.Module]) -> Map:
        kind = type(module)
        if isinstance(module, nn.Conv2d) and kind is nn.Conv2d:
            return self._bordered(self._convolution(module, now), rest)
        if isinstance(module, nn.MaxPool2d) and kind is nn.MaxPool2d:
            return self._bordered(self._pool(module, now), rest)
        if kind is nn.ReLU:
            return self._elementwise(now, torch.clamp_min, (0,), rest)
        if has_statistics(module):
            scale, shift = (part.float()[:, None, None] for part in affine(module))  # type: ignore[arg-type]
            return self._elementwise(now, _affine, (scale, shift), rest)
        if isinstance(module, nn.AdaptiveAvgPool2d) and module.output_size in {1, (1, 1)}:
            mean = torch.empty(*now.values.shape[:2], 1, 1)
            self._call(partial(torch.mean, out=mean), now.valid, (2, 3), True)
            return self._bordered(Map(mean, (1, 1)), rest)
        if kind in _POINTWISE:
            self._call(_in_place, module, now.valid)
            return self._bordered(now, rest)
        raise Unplanned

    def _plan_flat(self, module: nn.Module, now: Tensor) -> Tensor:
        if isinstance(module, nn.Linear) and type(module) is nn.Linear:
            made = torch.empty(len(now), module.out_features)
            weight = module.weight.detach().contiguous()
            bias: Tensor | None = module.bias  # torch's hints promise one
            zero = weight.new_zeros(len(weight)) if bias is None else bias.detach()
            if len(now) == 1:
                self._call(partial(torch.addmv, out=made[0]), zero, weight, now[0])
            else:
                self._call(partial(torch.addmm, out=made), zero, now, weight.t())
            return made
        if type(module) is nn.ReLU:
            self._call(now.relu_)
        elif type(module) in _POINTWISE or (isinstance(module, nn.Softmax) and module.dim in {1, -1}):
            self._call(_in_place, module, now)
        else:
            raise Unplanned
        return now

    def _convolution(self, conv: nn.Conv2d, now: Map) -> Map:
        """Plan columns, then the product with the weights."""
        if conv.padding_mode != "zeros" or isinstance(conv.padding, str):
            raise Unplanned
        kernel, step, far, groups = pair(conv.kernel_size), pair(conv.stride), pair(conv.dilation), conv.groups
        count, channels, _, pitch = now.values.shape
        batch, plane, line, one = now.values.stride()
        rows, columns = (
            (size - apart * (taps - 1) - 1) // stride + 1
            for size, apart, taps, stride in zip(now.extent, far, kernel, step, strict=True)
        )
        if step == (1, 1):  # whole rows end to end: long runs, with a few values at the end of each row for nobody
            width, places, strides = pitch, (rows * pitch,), (1,)
        else:
            width, places, strides = columns, (rows, columns), (step[0] * line, step[1] * one)  # type: ignore[assignment]
        each = channels // groups
        window = _view(
            now.values,
            (count, groups, *kernel, each, *places),
            (batch, each * plane, far[0] * line, far[1] * one, plane, *strides),
        )
        taps = each * kernel[0] * kernel[1]
        matrix = np.ones((count, groups, taps + 1, rows * width), np.float32)  # the last row stays 1, for the bias
        self._call(np.copyto, matrix[:, :, :taps].reshape(window.shape), window)
        bias = torch.zeros(conv.out_channels) if conv.bias is None else conv.bias.detach()
        flat = conv.weight.detach().permute(0, 2, 3, 1).flatten(1)  # (C_out, taps), in the order of the columns
        weights = torch.cat([flat, bias[:, None]], 1).reshape(groups, -1, taps + 1).numpy()
        made, _ = self._buffer((conv.out_channels, rows, width), (0, 0))
        out = made.values.reshape(count, groups, -1, rows * width).numpy()
        if count == groups == 1:
            self._call(partial(np.dot, out=out[0, 0]), weights[0], matrix[0, 0])
        else:
            self._call(partial(np.matmul, out=out), weights, matrix)
        return Map(made.values, (rows, columns))

    def _pool(self, pool: nn.MaxPool2d, now: Map) -> Map:
        """Plan maxima of strided views: of rows first, then of columns."""
        kernel, stride = pair(pool.kernel_size), pair(pool.stride)
        if pair(pool.padding) != (0, 0) or pair(pool.dilation) != (1, 1) or pool.ceil_mode or pool.return_indices:
            raise Unplanned
        values = now.valid
        for axis in (0, 1):
            size, step = kernel[axis], stride[axis]
            if size == step == 1:
                continue
            places = (values.shape[2 + axis] - size) // step + 1
            ends = (slice(start, start + (places - 1) * step + 1, step) for start in range(size))
            parts = [values[:, :, end] if axis == 0 else values[..., end] for end in ends]
            made, _ = self._buffer(tuple(parts[0].shape[1:]), (0, 0))
            if size == 1:
                self._call(made.values.copy_, parts[0])
            for first, second in zip((parts[0], *[made.values] * (size - 2)), parts[1:], strict=True):
                self._call(partial(torch.maximum, out=made.values), first, second)
            values = made.values
        return Map(values, (values.shape[2], values.shape[3]))

    def _elementwise(
        self, now: Map, function: Callable[..., Any], more: tuple[Any, ...], rest: Sequence[nn.Module]
    ) -> Map:
        """Plan `function` of each value, in place or into a buffer with the border that the next module wants."""
        if _border(rest) == (0, 0):
            self._call(partial(function, out=now.values), now.values, *more)  # values for nobody too: one run of memory
            return now
        made, inside = self._buffer((now.values.shape[1], *now.extent), _border(rest))
        self._call(partial(function, out=inside), now.valid, *more)
        return made

    def _bordered(self, now: Map, rest: Sequence[nn.Module]) -> Map:
        """Plan a copy into a buffer with the border that the next module wants, if any."""
        if _border(rest) == (0, 0):
            return now
        made, inside = self._buffer((now.values.shape[1], *now.extent), _border(rest))
        self._call(inside.copy_, now.valid)
        return made

    def _flat(self, now: Map) -> Tensor:
        if now.values.shape[2:] == now.extent:
            return now.values.view(len(now.values), -1)
        made = torch.empty(now.valid.shape)
        self._call(made.copy_, now.valid)
        return made.view(len(made), -1)

    def _buffer(self, shape: tuple[int, ...], border: Pair) -> tuple[Map, Tensor]:
        """Return maps of `shape` within a border of zeros, and the view without the border."""
        channels, height, width = shape
        rows, columns = height + 2 * border[0], width + 2 * border[1]
        size = self._count * channels * rows * columns
        # The last window at the right border reads on behind the end.
        values = torch.zeros(size + self._slack)[:size].view(self._count, channels, rows, columns)
        inside = values[:, :, border[0] : border[0] + height, border[1] : border[1] + width]
        return Map(values, (rows, columns)), inside

    def _call(self, function: Callable[..., Any], *arguments: Any) -> None:
        self._calls.append((function, arguments))


def pair(value: Any) -> Pair:
    """Return (height, width) of a module's setting, which may be one number for both."""
    return (value, value) if isinstance(value, int) else (value[0], value[1])


def _border(rest: Sequence[nn.Module]) -> Pair:
    """Return the padding of the module that comes next."""
    conv = rest[0] if rest else None
    return pair(conv.padding) if isinstance(conv, nn.Conv2d) and not isinstance(conv.padding, str) else (0, 0)


def _reach(module: nn.Module) -> int:
    if not isinstance(module, nn.Conv2d):
        return 0
    return (pair(module.kernel_size)[1] - 1) * pair(module.dilation)[1]


def _view(values: Tensor, shape: tuple[int, ...], strides: tuple[int, ...]) -> NDArray[np.float32]:
    """Return a view of the values, and of the slack behind them, by strides counted in values."""
    whole = torch.as_strided(values, (values.untyped_storage().nbytes() // 4,), (1,), 0).numpy()
    assert sum((size - 1) * stride for size, stride in zip(shape, strides, strict=True)) < whole.size
    return as_strided(whole, shape, [4 * stride for stride in strides])


def _affine(values: Tensor, scale: Tensor, shift: Tensor, *, out: Tensor) -> None:
    torch.addcmul(shift, values, scale, out=out)


def _in_place(module: nn.Module, values: Tensor) -> None:
    values.copy_(module(values))
