"""A convolution told in text, around its steps: what slides over what, the size formula, and what comes out.

Lines are rich Texts: colours on a terminal, plain and aligned characters in a file. One step is told by `step_text`.
"""

from collections.abc import Iterator, Sequence
from typing import Final

from jaxtyping import Shaped
from rich.text import Text
from torch import Tensor

from inkwise.convolution.window import axis_names, spelled
from inkwise.explain.demonstration.numbers import Format, Number, exact
from inkwise.explain.demonstration.operation import Operation
from inkwise.explain.demonstration.step_text import DOT

_ROWS: Final = 40  # an image of more is summarised
_VALUES: Final = 100  # and a signal of more


def heading(operation: Operation, image_name: str, kernel_name: str) -> Iterator[Text]:
    """Yield what is convolved with what, how, and the size of the output."""
    o, s = operation, operation.setting
    verb = "Convolution" if o.rotate else "Cross-correlation"
    turned = "rotated by 180 degrees" if o.rotate else "as it is written"
    yield Text.assemble((verb, "bold"), f" of {extent(s.space)} with a kernel of {extent(s.kernel)}, {turned}.")
    for label, array, name in (("input", o.image, image_name), ("kernel", o.kernel, kernel_name)):
        yield from _labelled(label, array[0, 0], name)
    if o.rotate and o.symmetric:
        yield _line("rotated", "the same: this kernel is symmetric")
    elif o.rotate:
        yield from _labelled("rotated", o.kernel[0, 0].flip(tuple(range(o.rank))), "")
    yield _line("setting", f"{_padding(operation)}, stride {_axes(s.stride)}, dilation {_axes(s.dilation)}")
    names = axis_names(o.rank)
    if len(set(o.formulas)) == 1:
        yield _line("output" if o.rank == 1 else "each axis", o.formulas[0])
    else:
        for name, text in zip(names, o.formulas, strict=True):
            yield _line(name, text)
    yield _line("algorithm", o.reason if o.reason.startswith(o.algorithm) else f"{o.algorithm}, {o.reason}")


def legend(operation: Operation) -> Text:
    """Return one line that says how window and padding are marked; empty where nothing is to be marked."""
    marks = "[ ] the window" if operation.rank == 2 else ""
    if any(any(pair) for pair in operation.setting.pads):
        padded = (
            f"{DOT} padding, counts as 0" if operation.setting.padding_mode == "zeros" else "' padding, a copied value"
        )
        marks = f"{marks}   {padded}" if marks else padded
    return Text(marks, "dim")


def result_lines(operation: Operation, width: int = 80) -> Iterator[Text]:
    """Yield the output as numbers, or its size and range where it is too large to print."""
    values = operation.result[0, 0]
    size = extent(tuple(values.shape))
    low, high = exact(values.min().item()), exact(values.max().item())
    if values.numel() == 1:
        yield Text.assemble(("Result", "bold"), ": ", (low, "green"))
        return
    lines = _result_rows(values, width - 2)
    if lines:
        yield Text.assemble(("Result", "bold"), f", {size}:")
        for line in lines:
            yield Text(f"  {line}", "green")
        return
    yield Text.assemble(("Result", "bold"), f": {size}, from {low} to {high}.")
    yield Text("All its numbers: --save FILE.csv or FILE.npy, or --json.", "dim")


def _result_rows(values: Shaped[Tensor, "..."], width: int) -> list[str]:
    """Return a result as lines, those of a signal wrapped; none where it is too large."""
    if values.numel() > (_VALUES if values.ndim == 1 else _ROWS * width):
        return []
    form = Format(values.flatten().tolist())
    across = values.shape[-1]
    if values.ndim == 1:
        across = max(1, (width + 1) // (form.width + 1))
    elif values.shape[0] > _ROWS or (form.width + 1) * across - 1 > width:
        return []
    flat = values.flatten().tolist()
    return [_numbers(flat[first : first + across], form) for first in range(0, len(flat), across)]


def _labelled(label: str, values: Shaped[Tensor, "..."], name: str) -> Iterator[Text]:
    """Yield a small array as it is, and a large one by its name and range."""
    rows = values.reshape(-1, values.shape[-1])
    if values.numel() <= 100:
        lines = [_numbers(row.tolist(), Format(values.flatten().tolist())) for row in rows]
        if max(map(len, lines)) <= 66:
            if name:
                yield _line(label, name)
                label = ""
            for line in lines:
                yield _line(label, line)
                label = ""
            return
    span = f"{spelled(tuple(values.shape))} values from {exact(values.min().item())} to {exact(values.max().item())}"
    if name:
        yield _line(label, name)
        label = ""
    yield _line(label, span)


def _line(label: str, text: str) -> Text:
    return Text.assemble((f"  {label:<10}", "dim"), text)


def _numbers(values: Sequence[Number], form: Format) -> str:
    return " ".join(f"{form(value):>{form.width}}" for value in values)


def extent(size: Sequence[int]) -> str:
    """Return a size for people: "4 x 4", or "5 values" along one axis."""
    return spelled(size) if len(size) > 1 else f"{size[0]} value{'' if size[0] == 1 else 's'}"


def _axes(values: Sequence[int]) -> str:
    return str(values[0]) if len(set(values)) == 1 else " x ".join(map(str, values))


def _padding(operation: Operation) -> str:
    pads = operation.setting.pads
    mode = f"mode {operation.mode}, " if operation.mode else ""
    if not any(any(pair) for pair in pads):
        return f"{mode}no padding"
    if len(set(pads)) == 1 and pads[0][0] == pads[0][1]:
        amount = str(pads[0][0])
    elif len(set(pads)) == 1:
        amount = f"{pads[0][0]} before and {pads[0][1]} after"
    else:
        names = axis_names(operation.rank)
        amount = ", ".join(f"{name} {a} and {b}" for name, (a, b) in zip(names, pads, strict=True))
    return f"{mode}padding {amount} ({operation.setting.padding_mode})"
