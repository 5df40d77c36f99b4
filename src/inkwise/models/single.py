"""One image, fast: a folded row of modules as matrix products over buffers that are laid out once, on a CPU.

A convolution library's set-up takes longer than all the arithmetic that a small network does for one image. Here
every buffer, and every view of one, is made when the network is prepared; to answer is to walk a list of calls that
allocate next to nothing. A convolution is two of them: copy what its windows see into a matrix, and multiply. Maps
lie row by row with their channels innermost, so that a window is a few runs of memory; a border of zeros is part of
the buffer, and a constant 1 at the end of each window's row adds the bias.
im2col: Chellapilla, Puri and Simard 2006, https://inria.hal.science/inria-00112631.
"""

from collections.abc import Callable, Sequence
from functools import partial
from threading import Lock
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from inkwise.models.deskewing import Deskewing
from inkwise.models.folding import affine, has_statistics
from inkwise.models.network import Pixels
from inkwise.models.shape import Pair, Shape
from inkwise.models.shear import Shear

# Functions of one value.
_POINTWISE = (nn.LeakyReLU, nn.GELU, nn.SiLU, nn.Tanh, nn.Sigmoid)
# What stands in front of the first convolution and is called as the module it is.
_FRONT = (Deskewing, Pixels, nn.ZeroPad2d)

# Said at every buffer: torch's defaults are the caller's to change.
_FLOATS: Any = {"dtype": torch.float32, "device": torch.device("cpu")}

Call = tuple[Callable[..., Any], tuple[Any, ...]]


class Unplanned(Exception):
    """A module for which there is no plan here; never seen outside of `models`."""


class Single:
    """A network laid out for one image; its buffers are shared, so calls wait for one another.

    Raises:
        Unplanned: The row has a module that is not known here.
    """

    def __init__(self, row: Sequence[nn.Module], shape: Shape) -> None:
        self._row, self._lock = list(row), Lock()
        self._calls: list[Call] = []
        self._front: list[Callable[[Tensor], Tensor]] = []
        given = torch.zeros(1, *shape, **_FLOATS)
        while self._row and type(self._row[0]) in _FRONT:
            given = self._row[0](given)
            self._front.append(_in_front(self._row.pop(0)))
        now, inside = self._buffer((*given.shape[2:], given.shape[1]), _border(self._row))
        self._door = inside.permute(2, 0, 1)[None]  # (1, C, H, W)
        place = 0
        while place < len(self._row):
            now, used = self._plan(now, place)
            place += used
        if now.ndim != 1:
            raise Unplanned
        self._result = now[None]  # (1, classes)

    def __call__(self, image: Tensor) -> Tensor:
        """Return the outputs (1, classes) for a float32 image (1, C, H, W); no gradient goes through."""
        with self._lock, np.errstate(all="ignore"):  # weights may overflow; who reads the outputs says so
            image = image.detach()
            for function in self._front:
                image = function(image)
            self._door.copy_(image)
            for call, arguments in self._calls:
                call(*arguments)
            return self._result.clone()

    def _plan(self, now: Tensor, place: int) -> tuple[Tensor, int]:
        """Plan the module at `place` for maps (H, W, C) or features (F,); return its result and how many it took."""
        module, rest = self._row[place], self._row[place + 1 :]
        if now.ndim == 1:
            return self._plan_flat(module, now), 1
        if type(module) is nn.ReLU and rest and type(rest[0]) is nn.MaxPool2d:  # pooled first, fewer are left to cut
            return self._elementwise(self._pool(rest[0], now), torch.clamp_min, (0,), rest[1:]), 2
        if type(module) is nn.Flatten and (module.start_dim, module.end_dim) == (1, -1):
            if rest and type(rest[0]) is nn.Linear:
                return self._linear(rest[0], now), 2
            made = torch.empty(now.shape[2], *now.shape[:2], **_FLOATS)
            self._call(made.copy_, now.permute(2, 0, 1))
            return made.view(-1), 1
        return self._plan_maps(module, now, rest), 1

    def _plan_maps(self, module: nn.Module, now: Tensor, rest: Sequence[nn.Module]) -> Tensor:
        kind = type(module)
        if isinstance(module, nn.Conv2d) and kind is nn.Conv2d:
            return self._bordered(self._convolution(module, now), rest)
        if isinstance(module, nn.MaxPool2d) and kind is nn.MaxPool2d:
            return self._bordered(self._pool(module, now), rest)
        if kind is nn.ReLU:
            return self._elementwise(now, torch.clamp_min, (0,), rest)
        if has_statistics(module):
            scale, shift = (part.float() for part in affine(module))  # type: ignore[arg-type]  # it has just been asked
            return self._elementwise(now, _affine, (scale, shift), rest)
        if type(module) is nn.AdaptiveAvgPool2d and module.output_size in {1, (1, 1)}:
            mean = torch.empty(1, 1, now.shape[2], **_FLOATS)
            self._call(partial(torch.mean, out=mean), now, (0, 1), True)
            return self._bordered(mean, rest)
        if kind in _POINTWISE:
            self._call(_in_place, module, now)
            return self._bordered(now, rest)
        raise Unplanned

    def _plan_flat(self, module: nn.Module, now: Tensor) -> Tensor:
        if isinstance(module, nn.Linear) and type(module) is nn.Linear:
            return self._linear(module, now)
        if type(module) is nn.ReLU:
            self._call(now.relu_)
        elif type(module) in _POINTWISE or (type(module) is nn.Softmax and module.dim in {1, -1}):
            self._call(_in_place, module, now[None])
        else:
            raise Unplanned
        return now

    def _linear(self, linear: nn.Linear, now: Tensor) -> Tensor:
        """Plan a linear layer of features, or of maps that are flattened channel by channel before it."""
        weight, made = linear.weight.detach(), torch.empty(linear.out_features, **_FLOATS)
        if now.ndim == 3:
            height, width, channels = now.shape
            weight = weight.reshape(-1, channels, height, width).permute(0, 2, 3, 1).flatten(1)
        self._call(partial(np.dot, out=made.numpy()), weight.contiguous().numpy(), now.reshape(-1).numpy())
        bias: Tensor | None = linear.bias  # torch's hints promise one
        if bias is not None:
            self._call(made.add_, bias.detach())
        return made

    def _convolution(self, conv: nn.Conv2d, now: Tensor) -> Tensor:
        """Plan a convolution of maps (H, W, C) that have its border already."""
        if conv.padding_mode != "zeros" or isinstance(conv.padding, str):
            raise Unplanned
        kernel, step, far = pair(conv.kernel_size), pair(conv.stride), pair(conv.dilation)
        line, column, channel = now.stride()
        height, width = (
            (size - apart * (taps - 1) - 1) // stride + 1
            for size, apart, taps, stride in zip(now.shape[:2], far, kernel, step, strict=True)
        )
        window = torch.as_strided(
            now,
            (height, width, *kernel, now.shape[2]),
            (step[0] * line, step[1] * column, far[0] * line, far[1] * column, channel),
        )  # (H, W, kernel height, kernel width, C)
        bias = torch.zeros(conv.out_channels, **_FLOATS) if conv.bias is None else conv.bias.detach()
        if conv.groups == 1:
            return self._dense(window, conv.weight.detach(), bias)
        if conv.groups == conv.in_channels == conv.out_channels:
            return self._depthwise(window, conv.weight.detach(), bias)
        raise Unplanned

    def _dense(self, window: Tensor, weight: Tensor, bias: Tensor) -> Tensor:
        """Plan the product of all windows' values with the weights (C_out, C, kernel height, kernel width)."""
        height, width, rows, columns, channels = window.shape
        places, taps = height * width, rows * columns * channels
        # Whichever makes the longer runs of memory: along a window, or one tap of all windows.
        by_window = columns * channels >= width
        if by_window:
            matrix = torch.ones(places, taps + 1, **_FLOATS)
            self._copy(matrix[:, :taps].view(window.shape), window)
        else:
            matrix = torch.ones(taps + 1, places, **_FLOATS)
            seen = window.permute(2, 3, 4, 0, 1)
            self._copy(matrix[:taps].view(seen.shape), seen)
            matrix = matrix.t()
        flat = torch.cat([weight.permute(2, 3, 1, 0).flatten(0, 2), bias[None]]).contiguous()  # (taps + 1, C_out)
        made, _ = self._buffer((height, width, len(bias)), (0, 0))
        out = made.view(places, -1).numpy()
        self._call(partial(np.dot, out=out), matrix.numpy(), flat.numpy())
        return made

    def _depthwise(self, window: Tensor, weight: Tensor, bias: Tensor) -> Tensor:
        """Plan a kernel (C, 1, kernel height, kernel width) for each channel: products, then their sums."""
        height, width, rows, columns, channels = window.shape
        # Taps outermost and weights repeated for each column, so that both calls run along whole rows.
        products = torch.empty(rows * columns + 1, height, width, channels, **_FLOATS)
        products[-1] = bias
        repeated = weight[:, 0].permute(1, 2, 0)[:, :, None, None].repeat(1, 1, 1, width, 1)
        target = products[:-1].view(rows, columns, height, width, channels)
        self._call(partial(torch.mul, out=target), window.permute(2, 3, 0, 1, 4), repeated)
        made, _ = self._buffer((height, width, channels), (0, 0))
        self._call(partial(torch.sum, out=made), products, 0)
        return made

    def _pool(self, pool: nn.Module, now: Tensor) -> Tensor:
        """Plan maxima of strided views: of rows first, then of columns."""
        assert isinstance(pool, nn.MaxPool2d)
        kernel, stride = pair(pool.kernel_size), pair(pool.stride)
        if pair(pool.padding) != (0, 0) or pair(pool.dilation) != (1, 1) or pool.ceil_mode or pool.return_indices:
            raise Unplanned
        for axis, (size, step) in enumerate(zip(kernel, stride, strict=True)):
            if size == step == 1:
                continue
            reach = (now.shape[axis] - size) // step * step + 1
            ends = (slice(start, start + reach, step) for start in range(size))
            parts = [now[end] if axis == 0 else now[:, end] for end in ends]
            made, _ = self._buffer(tuple(parts[0].shape), (0, 0))
            if size == 1:  # a stride alone
                self._call(made.copy_, parts[0])
            else:
                for first, second in zip((parts[0], *[made] * (size - 2)), parts[1:], strict=True):
                    self._call(partial(torch.maximum, out=made), first, second)
            now = made
        return now

    def _elementwise(
        self, now: Tensor, function: Callable[..., Any], more: tuple[Any, ...], rest: Sequence[nn.Module]
    ) -> Tensor:
        """Plan `function` of each value, in place or into a buffer with the border that the next module wants."""
        made, inside = (now, now) if _border(rest) == (0, 0) else self._buffer(tuple(now.shape), _border(rest))
        self._call(partial(function, out=inside), now, *more)
        return made

    def _bordered(self, now: Tensor, rest: Sequence[nn.Module]) -> Tensor:
        """Plan a copy into a buffer with the border that the next module wants, if any."""
        if _border(rest) == (0, 0):
            return now
        made, inside = self._buffer(tuple(now.shape), _border(rest))
        self._call(inside.copy_, now)
        return made

    def _buffer(self, shape: tuple[int, ...], border: Pair) -> tuple[Tensor, Tensor]:
        """Return maps of `shape` (H, W, C) within a border of zeros, and the view without the border."""
        (height, width, channels), (above, left) = shape, border
        made = torch.zeros(height + 2 * above, width + 2 * left, channels, **_FLOATS)
        return made, made[above : above + height, left : left + width]

    def _copy(self, target: Tensor, source: Tensor) -> None:
        self._call(np.copyto, target.numpy(), source.numpy())

    def _call(self, function: Callable[..., Any], *arguments: Any) -> None:
        self._calls.append((function, arguments))


def pair(value: Any) -> Pair:
    """Return (height, width) of a module's setting, which may be one number for both."""
    return (value, value) if isinstance(value, int) else (value[0], value[1])


def _in_front(module: nn.Module) -> Callable[[Tensor], Tensor]:
    """Return what computes a module in front of the network for one image."""
    if isinstance(module, Pixels):
        return lambda image: image.sub(module.mean).div_(module.deviation)  # as the module does
    if isinstance(module, nn.ZeroPad2d) and max(module.padding) <= 0:
        left, right, above, below = module.padding
        return lambda image: image[:, :, -above : below or None, -left : right or None]
    if isinstance(module, Deskewing):
        return Shear(module)
    return module.forward


def _border(rest: Sequence[nn.Module]) -> Pair:
    """Return the padding of the module that comes next."""
    conv = rest[0] if rest else None
    return pair(conv.padding) if isinstance(conv, nn.Conv2d) and not isinstance(conv.padding, str) else (0, 0)


def _affine(values: Tensor, scale: Tensor, shift: Tensor, *, out: Tensor) -> None:
    torch.addcmul(shift, values, scale, out=out)


def _in_place(module: nn.Module, values: Tensor) -> None:
    values.copy_(module(values))
