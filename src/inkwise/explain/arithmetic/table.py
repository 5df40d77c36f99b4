"""An explanation as text for a terminal, 80 columns wide: one numbered paragraph for each step.

Long sums are cut to their strongest terms, with one line for the rest, unless every term is asked for.
"""

from collections.abc import Iterable, Sequence
from functools import singledispatch
from math import isfinite, log
from textwrap import fill, wrap
from typing import Final

import numpy as np

from inkwise.explain.activations import IMAGE, axes
from inkwise.explain.arithmetic.arithmetic import Explanation, Unexplained
from inkwise.explain.arithmetic.grid import blocks, column, marked
from inkwise.explain.arithmetic.terms import (
    Moved,
    Normalised,
    Place,
    Pointwise,
    Share,
    Sheared,
    Step,
    WeightedSum,
    WindowMaximum,
    WindowMean,
    WindowSum,
    normalising,
)
from inkwise.explain.spelling import calculated, number, signed, span
from inkwise.models.shape import Shape

CHANNELS: Final = 4  # shown in full where a kernel has more
TERMS: Final = 10  # shown of a longer list
_INDENT: Final = "  "


@np.errstate(all="ignore")
def render(explanation: Explanation | Unexplained, *, every: bool = False, width: int = 80) -> str:
    """Return the explanation as text.

    Args:
        explanation: What `explain_value` gave.
        every: Show every term of every sum.
        width: The columns there are, at least 60 for blocks of numbers side by side.
    """
    if isinstance(explanation, Unexplained):
        return fill(f"The network has {number(explanation.value)} there. {explanation.reason}", width)
    lines = [line for note in explanation.notes for line in (fill(note, width), "")]
    for count, step in enumerate(explanation.steps, start=1):
        lines.append(f"{count}. {step.layer} ({_kind(step)}) at {spot(step.at)}")
        lines += [(_INDENT + line).rstrip() for line in _told(step, every, width - len(_INDENT))]
        lines.append("")
    lines += _verdict(explanation)
    return "\n".join(lines)


def spot(at: Shape) -> str:
    """Return a position in words: "channel 2, row 10, column 12"."""
    return ", ".join(f"{axis.removesuffix('s')} {index}" for axis, index in zip(axes(len(at)), at, strict=True))


def _kind(step: Step) -> str:
    fold = getattr(step, "fold", None)
    return step.kind + (f" with {fold.layer} folded in" if fold else "")


def _verdict(explanation: Explanation) -> list[str]:
    line = f"Computed here {explanation.computed:.7g}, by the network {explanation.value:.7g}"
    if explanation.agrees and not isfinite(explanation.value):
        return [f"{line}: the same, but no number.", "The network's weights or the image's values are damaged."]
    if explanation.difference == 0:
        return [f"{line}: exactly the same."]
    if explanation.agrees:
        return [f"{line}: the same to {abs(explanation.difference):.0e}."]
    if not isfinite(explanation.difference):
        return [f"{line}.", "Beyond the finite numbers the order of the arithmetic counts, which is the network's own."]
    return [
        f"{line}: a difference of {explanation.difference:.3g}.",
        "That is more than rounding: something that is no layer, a hook say, changed it.",
    ]


@singledispatch
def _told(step: Step, _every: bool, _width: int) -> list[str]:
    """Return the lines of one step."""
    raise AssertionError(f"no table for {type(step).__name__}")


@_told.register
def _(step: WindowSum, every: bool, width: int) -> list[str]:
    first = step.channels[0]
    order = np.argsort(-np.abs(step.sums), kind="stable")
    shown = order if every or len(order) <= CHANNELS else order[:CHANNELS]
    if len(shown) == len(order):
        shown = np.sort(shown)
    lines = [f"patch of {_source(step)}, {_window(step.place)}", *_edges(step)]
    lines += _folding(step)
    if len(shown) < len(order):
        lines.append(f"the {len(shown)} strongest of {len(order)} input channels (--all shows every one)")
    inside = step.place.inside
    labels, sums = [], []
    for index in shown:
        labels.append(f"channel {first + index}")
        sums.append(float(step.sums[index]))
        lines.append("")
        if len(order) > 1:
            lines.append(f"channel {first + index} of {_source(step)}")
        trio = [
            ("patch", step.patch[index], inside),
            ("kernel", step.kernel[index], np.ones_like(inside)),
            ("products", step.products[index], inside),
        ]
        block = blocks(trio, width)
        lines += block or _places(step, int(index), every)
    if len(order) == 1:
        labels = ["sum of the products"]
    elif len(shown) < len(order):
        labels.append(f"the other {len(order) - len(shown)} channels")
        sums.append(float(step.sums.sum() - sum(sums)))
    return [*lines, "", *_total(step, labels, sums, step.bias)]


def _places(step: WindowSum, channel: int, every: bool) -> list[str]:
    """Return the products of one channel as a list, for kernels that are too wide for blocks."""
    products, kernel, patch = (values[channel].ravel() for values in (step.products, step.kernel, step.patch))
    order = np.argsort(-np.abs(products), kind="stable")
    shown = order if every else order[:TERMS]
    names = [axis.removesuffix("s") for axis in axes(step.kernel.ndim)[1:]]
    spots = np.stack(np.meshgrid(*step.place.positions, indexing="ij"), axis=-1).reshape(products.size, -1)
    table = [[name, *(str(spots[index][axis]) for index in shown)] for axis, name in enumerate(names)]
    for name, values in (("patch", patch), ("kernel", kernel), ("product", products)):
        table.append([name, *column(values[shown].tolist())])
    lines = _aligned(table)
    if len(shown) < len(order):
        rest = float(products.sum() - products[shown].sum())
        lines.append(f"the other {len(order) - len(shown)} products come to {number(rest)}")
    return [f"the strongest of {products.size} products first", *lines]


@_told.register
def _(step: WeightedSum, every: bool, _width: int) -> list[str]:
    products = step.products
    order = np.argsort(-np.abs(products), kind="stable")
    shown = order if every else order[:TERMS]
    zeros = int((step.inputs == 0).sum())
    lines = [
        f"input * weight over the {products.size:,} values of {_source(step)}"
        + (f", {zeros:,} of them 0" if zeros else "")
    ]
    lines += _folding(step)
    table = [["input", *(str(index) for index in shown)]]
    if step.origin:
        table.append([f"in {step.origin[0]}", *(",".join(map(str, step.where(int(i)) or ())) for i in shown)])
    for name, values in (("value", step.inputs), ("weight", step.weights), ("product", products)):
        table.append([name, *column(values[shown].tolist())])
    lines += ["", *_aligned(table), ""]
    labels, sums = [f"these {len(shown)} products"], [float(products[shown].sum())]
    if len(shown) < len(order):
        labels.append(f"the other {len(order) - len(shown):,}")
        sums.append(float(products.sum()) - sums[0])
    return [*lines, *_total(step, labels, sums, step.bias)]


@_told.register
def _(step: WindowMaximum, _every: bool, width: int) -> list[str]:
    winner = step.winner
    lines = [f"the largest of {_source(step)}, channel {step.at[0]}, {_window(step.place)}", *_edges(step)]
    grid = marked(step.values, step.place.inside, winner, width)
    if grid:
        lines += ["", *grid]
    names = [axis.removesuffix("s") for axis in axes(len(step.at))[1:]]
    where = ", ".join(f"{name} {index}" for name, index in zip(names, step.place.spot(winner), strict=True))
    equal = f"; {step.equals} are equally large, and the first counts" if step.equals > 1 else ""
    return [*lines, "", f"{'* ' if grid else ''}the largest: {where}, {number(step.computed)}{equal}"]


@_told.register
def _(step: WindowMean, _every: bool, width: int) -> list[str]:
    lines = [f"the mean of {_source(step)}, channel {step.at[0]}, {_window(step.place)}", *_edges(step)]
    grid = marked(step.values, step.place.inside, None, width)
    if grid:
        lines += ["", *grid]
    mean = calculated(f"{{}} / {step.divisor}", lambda total: total / step.divisor, float(step.values.sum()))
    return [*lines, "", f"sum / count = {mean} = {number(step.computed)}"]


@_told.register
def _(step: Normalised, _every: bool, width: int) -> list[str]:
    numbers = calculated(
        f"= ({{}} - {{}}) / sqrt({{}} + {step.eps:.12g}) * {{}} + {{}}",
        lambda x, mean, variance, gamma, beta: (x - mean) * normalising(variance, step.eps, gamma) + beta,
        *(step.x, step.mean, step.variance, step.gamma, step.beta),
    )
    return [
        f"mean and variance: {step.over}",
        "(x - mean) / sqrt(variance + eps) * gamma + beta",
        *wrap(numbers, width, subsequent_indent="  "),
        f"= {number(step.computed)}",
    ]


@_told.register
def _(step: Pointwise, _every: bool, width: int) -> list[str]:
    if step.branch:
        filled = "" if step.filled.strip("()") == number(step.computed) else f" = {step.filled}"
        return [step.formula, f"{step.branch}{filled} = {number(step.computed)}"]
    line = f"{step.formula} = {step.filled} = {number(step.computed)}"
    if len(line) <= width:
        return [line]
    return [step.formula, f"= {step.filled}", f"= {number(step.computed)}"]


@_told.register
def _(step: Moved, _every: bool, _width: int) -> list[str]:
    if step.came_from is None:
        return [f"{number(step.computed)}: {step.why}"]
    if step.at == step.came_from:
        return [f"{number(step.computed)}, unchanged: {step.why}"]
    lines = [f"{number(step.computed)}, unchanged from {spot(step.came_from)} of {_source(step)}"]
    if len(step.at) == 1 and len(step.came_from) == 3:
        (c, i, j), (_, height, w) = step.came_from, step.shape_before
        lines.append(f"(channel * height + row) * width + column = ({c} * {height} + {i}) * {w} + {j} = {step.at[0]}")
    return lines


@_told.register
def _(step: Sheared, _every: bool, width: int) -> list[str]:
    (_, row, column), (down, right) = step.at, step.centre
    if step.mass:
        where = f"centred on row {number(down)}, column {number(right)}"
        lines = [f"the ink of {_source(step)} is {number(step.mass)} in all, {where}"]
    else:
        lines = [f"{_source(step)} has no ink"]
    if step.steep is None:
        lines.append("slope = 0: there is no ink with a height that could lean")
    else:
        slope = calculated("{} / {}", lambda xy, yy: xy / yy, step.s_xy, step.s_yy)
        lines += [
            "at m rows, n columns from there: slope = sum(ink * m * n) / sum(ink * m^2)",
            f"= {slope} = {number(step.steep)} columns a row",
        ]
        lines += [] if step.slope == step.steep else [f"held at {number(step.slope)}, the steepest that is set upright"]
    turn = calculated(f"{{}} * ({row} - {{}})", lambda by, middle: by * (row - middle), step.slope, down)
    lines.append(f"shift = slope * (row - centre) = {turn} = {number(step.shift)}")
    place = calculated(f"{column} + {{}}", lambda by: column + by, step.shift)
    lines.append(f"it is read at column {place} = {number(column + step.shift)}: w = {number(step.weight)} from a to b")
    for name, at, value in zip("ab", step.columns, step.pair, strict=True):
        beyond = "" if 0 <= at < step.width else ", beyond the side, where there is background"
        lines.append(f"{name} = {number(value)}, row {row}, column {at}{beyond}")
    mix = calculated(
        "(1 - {}) * {} + {} * {}",
        lambda w, a, again, b: (1 - w) * a + again * b,
        *(step.weight, step.pair[0], step.weight, step.pair[1]),
    )
    lines.append(f"(1 - w) * a + w * b = {mix} = {number(step.computed)}")
    return [part for line in lines for part in wrap(line, width, subsequent_indent="  ")]


@_told.register
def _(step: Share, every: bool, _width: int) -> list[str]:
    powers, minus = step.powers, "" if step.sign > 0 else "-"
    order = np.argsort(-powers, kind="stable")
    few = every or len(order) <= 2 * TERMS
    shown = np.arange(len(order)) if few else order[:TERMS]
    top = float((step.sign * step.logits).max())
    table = [
        ["feature", *(f"{index}{' *' if index == step.index else ''}" for index in shown)],
        ["logit z", *column(step.logits[shown].tolist())],
        [f"exp({minus}z {signed(-top)})", *map(number, powers[shown].tolist())],
        ["share", *map(number, (powers / powers.sum())[shown].tolist())],
    ]
    share = calculated(
        "log({} / {})" if step.log else "{} / {}",
        lambda power, total: log(power / total) if step.log and power else power / total,
        *(float(powers[step.index]), float(powers.sum())),
    )
    return [
        f"{'log of ' if step.log else ''}exp({minus}z) / the sum of every exp({minus}z)",
        f"less {number(top)}, the largest: the shares stay the same, and nothing overflows",
        "",
        *_aligned(table),
        *([] if few else [f"and {len(order) - TERMS:,} smaller ones"]),
        "",
        f"{share} = {number(step.computed)}",
    ]


def _folding(step: WindowSum | WeightedSum) -> list[str]:
    """Return how a batch norm was written into the weights and the bias; nothing where none was."""
    if step.fold is None:
        return []
    fold = step.fold
    bias = calculated(
        "({} - {}) * {} + {}",
        lambda bias, mean, factor, beta: (bias - mean) * factor + beta,
        *(fold.bias, fold.mean, fold.factor, fold.beta),
    )
    return [
        f"every weight times gamma / sqrt(variance + eps) = {number(fold.factor)}",
        f"bias: {bias} = {number(step.bias or 0.0)}",
    ]


def _source(step: Step) -> str:
    if step.source == IMAGE:
        return "the image"
    return step.source or "what was computed before"


def _window(place: Place) -> str:
    """Return where a window stands: "rows 9 to 11, columns 11 to 13"."""
    names = axes(len(place.positions) + 1)[1:]
    return ", ".join(span(sorted(set(each.tolist())), name) for each, name in zip(place.positions, names, strict=True))


def _edges(step: WindowSum | WindowMaximum | WindowMean) -> list[str]:
    """Return why a window stands where it does, and what is beyond the input's edge."""
    names = [axis.removesuffix("s") for axis in axes(len(step.at))[1:]]
    lines = []
    if any(step.place.starts):
        starts = ", ".join(f"{name} {start}" for name, start in zip(names, step.place.starts, strict=True) if start)
        lines.append(f"from {starts} (position * stride - padding)")
    if not step.place.inside.all():
        what = "padding, a zero" if isinstance(step, WindowSum | WindowMean) else "padding, which cannot win"
        if step.kind == "transposed convolution":
            what = "a place that no input reaches"
        lines.append(f"a dot is {what}")
    for name, positions, sources in zip(names, step.place.positions, step.place.sources, strict=True):
        copies = [f"{p} is {s}" for p, s in zip(positions, sources, strict=True) if s >= 0 and p != s]
        if copies and step.kind == "convolution":
            lines.append(f"beyond the edge, {name} {', '.join(copies)}")
    return lines


def _total(step: Step, labels: Sequence[str], sums: Sequence[float], bias: float | None) -> list[str]:
    """Return a column of sums with the bias and the total."""
    rows = [*labels, "bias" if bias is not None else "no bias", step.layer]
    figures = column([*sums, bias or 0.0, step.computed])
    lines = _aligned([rows, figures])
    return [*lines[:-1], "-" * max(map(len, lines)), lines[-1]]


def _aligned(columns: Iterable[Sequence[str]]) -> list[str]:
    """Return rows of columns: texts to the left in the first one, to the right in the others."""
    padded = []
    for place, cells in enumerate(columns):
        width = max(map(len, cells))
        padded.append([cell.ljust(width) if place == 0 else cell.rjust(width) for cell in cells])
    return ["   ".join(row).rstrip() for row in zip(*padded, strict=True)]
