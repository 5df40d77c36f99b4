"""A window that slides over an axis, and how many places it has there.

A window of m values, dilated by d so that it reaches over d(m - 1) + 1, moved by s over n values with `before` and
`after` values of padding, stands at

    floor((n + before + after - d(m - 1) - 1) / s) + 1

places (Dumoulin and Visin, arXiv:1603.07285). Pure integers: no torch, no tensors, any number of axes.
"""

from collections.abc import Sequence
from typing import NamedTuple, TypeVar, overload

from inkwise.errors import ShapeError, UsageError

Axes = tuple[int, ...]  # one value for each axis
Pads = tuple[tuple[int, int], ...]  # (before, after) for each axis
Padding = int | Sequence[int] | Sequence[Sequence[int]]

Value = TypeVar("Value")


class Window(NamedTuple):
    """A window over one or more axes; each field has one value for each axis, in values of what it slides over."""

    kernel: Axes
    stride: Axes
    padding: Axes  # on either side
    dilation: Axes

    @classmethod
    def of(cls, kernel: Axes, stride: int | Axes = 1, padding: int | Axes = 0, dilation: int | Axes = 1) -> "Window":
        """Return the window of `kernel`; a single stride, padding or dilation holds for every axis."""
        rank = len(kernel)
        return cls(kernel, spread(stride, rank), spread(padding, rank), spread(dilation, rank))

    def size(self, extent: Axes) -> Axes:
        """Return the number of places along each axis by the formula; below 1 where the window does not fit."""
        return tuple(
            places(n, m, stride=s, pads=(p, p), dilation=d)
            for n, m, s, p, d in zip(extent, self.kernel, self.stride, self.padding, self.dilation, strict=True)
        )

    def formula(self, extent: Axes) -> str:
        """Return the formula with its numbers, "floor((28 + 2*1 - 3) / 1) + 1 = 28"; each axis where they differ."""
        spans = [
            formula(n, m, stride=s, pads=(p, p), dilation=d)
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
    return ("depth", "height", "width")[-rank:] if rank > 1 else ("length",)


def spread(value: Value | tuple[Value, ...], rank: int) -> tuple[Value, ...]:
    """Return `value` for each of `rank` axes; a tuple is taken as it is."""
    return value if isinstance(value, tuple) else (value,) * rank


@overload
def output_size(
    size: int, kernel: int, *, stride: int = 1, padding: int | Sequence[int] = 0, dilation: int = 1
) -> int: ...
@overload
def output_size(
    size: Sequence[int],
    kernel: Sequence[int],
    *,
    stride: int | Sequence[int] = 1,
    padding: Padding = 0,
    dilation: int | Sequence[int] = 1,
) -> Axes: ...
def output_size(
    size: int | Sequence[int],
    kernel: int | Sequence[int],
    *,
    stride: int | Sequence[int] = 1,
    padding: Padding = 0,
    dilation: int | Sequence[int] = 1,
) -> int | Axes:
    """Return floor((n + before + after - d(m - 1) - 1) / s) + 1 for each axis: how many places a window has.

    Args:
        size: n, the values along one axis, or along each.
        kernel: m, likewise.
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
        >>> output_size((28, 28), (3, 5))
        (26, 24)
    """
    single = isinstance(size, int)
    sizes, kernels = per_axis("size", size), per_axis("kernel", kernel)
    if len(sizes) != len(kernels):
        raise ShapeError(f"A kernel of {spelled(kernels)} cannot slide over {spelled(sizes)}; give both the same axes.")
    rank = len(sizes)
    pads = pads_of([(*padding,)] if single and isinstance(padding, Sequence) else padding, rank)
    strides, dilations = per_axis("stride", stride, rank), per_axis("dilation", dilation, rank)
    result = check_places(sizes, kernels, strides, pads, dilations)
    return result[0] if single else result


def per_axis(what: str, value: int | Sequence[int], rank: int | None = None, *, least: int = 1) -> Axes:
    """Return one whole number for each axis, all at least `least`.

    Args:
        what: The argument's name, for the message.
        value: One for all axes, or one for each.
        rank: How many axes there are; as many as `value` has where None.
        least: The smallest that is accepted.

    Raises:
        UsageError: A number below `least` or not whole, or another number of them than axes.
    """
    values = tuple(value) if isinstance(value, Sequence) else (value,) * (rank or 1)
    if not all(isinstance(each, int) and not isinstance(each, bool) and each >= least for each in values):
        raise UsageError(f"The {what} is {value}; each must be a whole number of at least {least}.")
    if not values or (rank is not None and len(values) != rank):
        axes = ", ".join(axis_names(rank)) if rank else "each axis"
        raise UsageError(f"The {what} is {value}; give one number, or one for each axis ({axes}).")
    return values


def pads_of(padding: Padding, rank: int) -> Pads:
    """Return (before, after) for each axis from one number, one for each axis, or a pair for each axis.

    Raises:
        UsageError: It is none of these, or a number is negative.
    """
    if not isinstance(padding, Sequence):
        return tuple((each, each) for each in per_axis("padding", padding, rank, least=0))
    ends = [tuple(each) if isinstance(each, Sequence) else (each, each) for each in padding]
    if len(ends) != rank or any(len(pair) != 2 for pair in ends):
        raise UsageError(
            f"The padding is {padding}; give one number, one for each axis ({', '.join(axis_names(rank))}), or a pair "
            "(before, after) for each."
        )
    for pair in ends:
        per_axis("padding", pair, 2, least=0)
    return tuple((before, after) for before, after in ends)


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
