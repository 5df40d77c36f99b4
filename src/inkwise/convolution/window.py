"""A window that slides over an axis, and how many places it has there.

A window of m values, dilated by d so that it reaches over d(m - 1) + 1, moved by s over n values with `before` and
`after` values of padding, stands at

    floor((n + before + after - d(m - 1) - 1) / s) + 1

places (Dumoulin and Visin, arXiv:1603.07285). Pure integers: no torch, no tensors, any number of axes.
"""

import operator
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, NamedTuple, SupportsIndex, TypeGuard, overload

from inkwise.errors import ShapeError, UsageError

Axes = tuple[int, ...]  # one value for each axis
Pads = tuple[tuple[int, int], ...]  # (before, after) for each axis

# What a caller may give: NumPy's whole numbers and tensors of a single one are whole numbers too.
if TYPE_CHECKING:
    Whole = SupportsIndex
    Each = SupportsIndex | Sequence[SupportsIndex]  # one for every axis, or one for each
    Padding = SupportsIndex | Sequence[SupportsIndex] | Sequence[Sequence[SupportsIndex]]
else:
    Whole = Each = Padding = object  # at run time anything may come, so that a mistake gets our own sentence


class Window(NamedTuple):
    """A window over one or more axes; each field has one value for each axis, in values of what it slides over.

    Made by `Window.of`, which checks what it is given.
    """

    kernel: Axes
    stride: Axes
    padding: Pads
    dilation: Axes

    @classmethod
    def of(cls, kernel: Each, stride: Each = 1, padding: Padding = 0, dilation: Each = 1) -> "Window":
        """Return the window of `kernel`; a single stride, padding or dilation holds for every axis.

        Args:
            kernel: m, along each axis; a single number is for one axis.
            stride: s, at least 1; one for all axes or one for each.
            padding: Values added on either side, not negative; one for all axes, one for each, or (before, after) for
                each.
            dilation: d, at least 1; one for all axes or one for each.

        Raises:
            UsageError: A number that is out of its range, or not as many as there are axes.
        """
        sizes = per_axis("kernel", kernel)
        rank = len(sizes)
        return cls(
            sizes, per_axis("stride", stride, rank), pads_of(padding, rank), per_axis("dilation", dilation, rank)
        )

    def size(self, extent: Axes) -> Axes:
        """Return the number of places along each axis by the formula; below 1 where the window does not fit."""
        return tuple(
            places(n, m, stride=s, pads=p, dilation=d)
            for n, m, s, p, d in zip(extent, self.kernel, self.stride, self.padding, self.dilation, strict=True)
        )

    def formula(self, extent: Axes) -> str:
        """Return the formula with its numbers, "floor((28 + 2*1 - 3) / 1) + 1 = 28"; each axis where they differ."""
        spans = [
            formula(n, m, stride=s, pads=p, dilation=d)
            for n, m, s, p, d in zip(extent, self.kernel, self.stride, self.padding, self.dilation, strict=True)
        ]
        if len(set(spans)) == 1:
            return spans[0]
        return ", ".join(f"{name} {span}" for name, span in zip(axis_names(len(spans)), spans, strict=True))


def places(n: int, m: int, *, stride: int, pads: tuple[int, int], dilation: int) -> int:
    """Return the number of places along one axis by the formula; 0 or less where the window does not fit."""
    return (n + sum(pads) - dilation * (m - 1) - 1) // stride + 1


def formula(n: int, m: int, *, stride: int, pads: tuple[int, int], dilation: int) -> str:
    """Return the formula of one axis with its numbers and its result."""
    padding = f"2*{pads[0]}" if pads[0] == pads[1] else f"{pads[0]} + {pads[1]}"
    reach = f"{m}" if dilation == 1 else f"{dilation}*({m} - 1) - 1"
    return f"floor(({n} + {padding} - {reach}) / {stride}) + 1 = " + str(
        places(n, m, stride=stride, pads=pads, dilation=dilation)
    )


def axis_names(rank: int) -> tuple[str, ...]:
    """Return what the last `rank` axes of a tensor are called: width last, before it height, then depth."""
    if rank > 3:
        return tuple(f"axis {axis}" for axis in range(1, rank + 1))
    return ("depth", "height", "width")[-rank:] if rank > 1 else ("length",)


@overload
def output_size(
    size: SupportsIndex, kernel: SupportsIndex, *, stride: Each = 1, padding: Padding = 0, dilation: Each = 1
) -> int: ...
@overload
def output_size(
    size: Sequence[SupportsIndex], kernel: Each, *, stride: Each = 1, padding: Padding = 0, dilation: Each = 1
) -> Axes: ...
@overload
def output_size(
    size: SupportsIndex,
    kernel: Sequence[SupportsIndex],
    *,
    stride: Each = 1,
    padding: Padding = 0,
    dilation: Each = 1,
) -> Axes: ...
def output_size(size: Each, kernel: Each, *, stride: Each = 1, padding: Padding = 0, dilation: Each = 1) -> int | Axes:
    """Return floor((n + before + after - d(m - 1) - 1) / s) + 1 for each axis: how many places a window has.

    Args:
        size: n, the values along one axis, or along each.
        kernel: m, likewise. Where one of the two is for several axes, a single number for the other holds for each.
        stride: s, at least 1; one for all axes or one for each.
        padding: Values added on either side, not negative; one for all axes, one for each, or (before, after) for
            each. For a single axis a pair is (before, after).
        dilation: d, at least 1; one for all axes or one for each.

    Raises:
        UsageError: A stride, dilation or padding that is out of its range or not of the axes' number.
        ShapeError: The window is larger than the padded axis, or something is empty.

    Example:
        >>> output_size(28, 5, stride=2, padding=1)
        13
        >>> output_size((28, 28), (3, 5)), output_size((28, 28), 3)
        ((26, 24), (26, 26))
    """
    single = not (_several(size) or _several(kernel))
    sizes = per_axis("size", size)
    kernels = per_axis("kernel", kernel, None if _several(kernel) else len(sizes))
    sizes = sizes if _several(size) else sizes * len(kernels)
    if len(sizes) != len(kernels):
        raise ShapeError(f"A kernel of {spelled(kernels)} cannot slide over {spelled(sizes)}; give both the same axes.")
    rank = len(sizes)
    ends = (padding,) if single and _several(padding) else padding  # for a single axis a pair is (before, after)
    pads = pads_of(ends, rank)
    strides, dilations = per_axis("stride", stride, rank), per_axis("dilation", dilation, rank)
    result = check_places(sizes, kernels, strides, pads, dilations)
    return result[0] if single else result


def per_axis(what: str, value: Each, rank: int | None = None, *, least: int = 1) -> Axes:
    """Return one whole number for each axis, all at least `least`.

    Args:
        what: The argument's name, for the message.
        value: One for all axes, or one for each.
        rank: How many axes there are; as many as `value` has where None.
        least: The smallest that is accepted.

    Raises:
        UsageError: A number below `least` or not whole, or another number of them than axes.
    """
    values = tuple(value) if _several(value) else (value,) * (rank or 1)
    numbers = _wholes(what, value, values, least)
    if not numbers or (rank is not None and len(numbers) != rank):
        axes = f" ({', '.join(axis_names(rank))})" if rank else ""
        raise UsageError(f"The {what} is {value!r}; give one number, or one for each axis{axes}.")
    return numbers


def pads_of(padding: Padding, rank: int) -> Pads:
    """Return (before, after) for each axis from one number, one for each axis, or a pair for each axis.

    Raises:
        UsageError: It is none of these, or a number is negative.
    """
    if not _several(padding):
        (amount,) = _wholes("padding", padding, (padding,), 0)
        return ((amount, amount),) * rank
    ends = [tuple(each) if _several(each) else (each, each) for each in padding]
    if len(ends) != rank or any(len(pair) != 2 for pair in ends):
        raise UsageError(
            f"The padding is {padding!r}; give one number, one for each axis ({', '.join(axis_names(rank))}), or a "
            "pair (before, after) for each."
        )
    return tuple((before, after) for before, after in (_wholes("padding", padding, pair, 0) for pair in ends))


def whole(what: str, value: Whole, *, least: int = 1) -> int:
    """Return one whole number as an int.

    Raises:
        UsageError: It is below `least` or not whole; a tuple of one is not either.
    """
    if _several(value) or (number := _index(value, least)) is None:
        raise UsageError(f"The {what} is {value!r}; it must be a whole number of at least {least}.")
    return number


def _wholes(what: str, given: object, values: Sequence[object], least: int) -> Axes:
    """Return `values`, which `given` stands for, as ints; UsageError where one is below `least` or not whole."""
    numbers = [_index(value, least) for value in values]
    if None in numbers:
        raise UsageError(f"The {what} is {given!r}; each must be a whole number of at least {least}.")
    return tuple(number for number in numbers if number is not None)


def _index(value: Any, least: int) -> int | None:
    """Return Python's, NumPy's or a tensor's whole number as an int; None for what is below `least` or not whole."""
    try:
        number = operator.index(value)
    except TypeError:  # a float, a string, several values
        return None
    return None if isinstance(value, bool) or number < least else number


def _several(value: object) -> TypeGuard[Sequence[Any]]:
    """Whether `value` has one for each axis; a string is one value, and a wrong one."""
    return isinstance(value, Sequence) and not isinstance(value, str | bytes)


def check_places(size: Axes, kernel: Axes, stride: Axes, pads: Pads, dilation: Axes) -> Axes:
    """Return the output size; ShapeError with the formula where the window has no place."""
    names = axis_names(len(size))
    result = []
    for name, n, m, s, p, d in zip(names, size, kernel, stride, pads, dilation, strict=True):
        count = places(n, m, stride=s, pads=p, dilation=d)
        if count < 1:
            reach = f"{m}" if d == 1 else f"{m} dilated by {d}, which reaches over {d * (m - 1) + 1},"
            padded = f"{n}" if p == (0, 0) else f"{n} padded by {p[0]} and {p[1]} to {n + sum(p)}"
            raise ShapeError(
                f"A kernel of {name} {reach} does not fit into an input of {name} {padded}: "
                f"{formula(n, m, stride=s, pads=p, dilation=d)}; pad it (mode 'same' or 'full') or take a smaller "
                "kernel."
            )
        result.append(count)
    return tuple(result)


def spelled(shape: Sequence[int]) -> str:
    """Return a shape for people: "16 x 7 x 7"; a flat one as "784"."""
    return " x ".join(f"{size}" for size in shape)


def counted(number: int, one: str, several: str = "") -> str:
    """Return a number with its noun: "1 channel", "3 channels"; `several` where it is not `one` and an s."""
    return f"{number} {one if number == 1 else several or one + 's'}"
