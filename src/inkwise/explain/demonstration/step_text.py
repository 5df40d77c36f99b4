"""One place of a convolution in text: what the kernel covers, the products, their sum.

A signal, its kernel and the products stand under each other, a column for each value; of an image the window, the
kernel and the products stand side by side. The window is marked by brackets, padding by a dot where it is zero and by
a prime where it is a copied value, so that nothing depends on colour. What is too wide gives way in steps: first the
input around the window, then the terms, then all but the first of them.
"""

from collections.abc import Iterator, Sequence
from itertools import zip_longest
from typing import Final

from rich.text import Text
from torch import Tensor

from inkwise.convolution.walk import Step
from inkwise.convolution.window import Axes
from inkwise.explain.demonstration.numbers import Format, exact, product
from inkwise.explain.demonstration.operation import Operation

DOT: Final = "\N{MIDDLE DOT}"
_TALL: Final = 16  # lines; more of them are not taken in at a glance
_WIDE: Final = 40  # cells of two characters

Block = list[Text]  # lines under each other


def step_lines(operation: Operation, step: Step, width: int = 80) -> Iterator[Text]:
    """Yield the lines of one place.

    Args:
        operation: What the step is of.
        step: The place.
        width: Columns that there are.
    """
    where = ", ".join(str(index) for index in step.at[1:])
    total = exact(step.total.item())
    yield Text.assemble(("output[", "dim"), (where, "bold"), ("] = ", "dim"), (total, "bold green"))
    for line in _signal(operation, step, width) if operation.rank == 1 else _image(operation, step, width):
        line.rstrip()
        yield line


def _signal(operation: Operation, step: Step, width: int) -> Iterator[Text]:
    (start,), (d,), (m,) = step.start, operation.setting.dilation, operation.setting.kernel
    padded = operation.walk.padded[0]
    covered = {start + k * d: k for k in range(m)}
    kernel, products = step.kernel[0].tolist(), step.products[0].tolist()
    first, last = 0, len(padded)
    texts = _cells(operation, padded, (first,)) if last <= _WIDE else []
    cell = max(map(len, texts), default=99)
    below = Format(kernel, products)
    room = width - 14
    if last * (max(cell, below.width) + 2) > room:  # what lies around the window is left out
        first, last = max(0, start - 3), min(last, start + d * (m - 1) + 4)
        if last - first > _WIDE:
            yield from _terms_in_short(step, width)
            return
        texts = _cells(operation, padded[first:last], (first,))
        cell = max(map(len, texts))
        if (last - first) * (max(cell, below.width) + 2) > room:
            yield from _terms_in_short(step, width)
            return
    cell = max(cell, below.width) + 2
    lines = [Text(f"  {label:<9}") for label in ("input", "kernel", "products")]
    lines[0].append(".." if first else "  ")
    for place, text in enumerate(texts, start=first):
        k = covered.get(place)
        style = "dim" if _beside(operation, (place,)) else "" if k is None else "bold cyan"
        lines[0].append(f"{text:>{cell}}", style)
        lines[1].append(f"{'' if k is None else below(kernel[k]):>{cell}}", "magenta")
        lines[2].append(f"{'' if k is None else below(products[k]):>{cell}}")
    lines[0].append("  .." if last < len(padded) else "")
    for line in lines[1:]:
        line.plain = f"{line.plain[:11]}  {line.plain[11:]}"
    yield from lines


def _image(operation: Operation, step: Step, width: int) -> Iterator[Text]:
    patch, kernel, products = (array[0] for array in (step.patch, step.kernel, step.products))
    if kernel.shape[0] > _TALL or kernel.shape[1] > _WIDE:
        yield from _terms_in_short(step, width)
        return
    setting = operation.setting
    reach = tuple(d * (m - 1) + 1 for d, m in zip(setting.dilation, setting.kernel, strict=True))
    views = [((0, 0), tuple(operation.walk.padded.shape[1:])), (step.start, reach)]  # the whole, then the window
    weights = _grid(kernel)
    for corner, size in views:
        if size[0] > _TALL or size[1] > _WIDE:
            continue
        for right in (_term_rows(patch, kernel), _grid(products)):
            total = Text.assemble("= ", (exact(step.total.item()), "bold green"))
            blocks = [_window(operation, step, corner, size), weights, [*right, total]]
            if sum(max(map(len, block)) for block in blocks) + 11 <= width:
                labels = ("  input" if size != reach else "  window", "kernel", "products")
                yield from _side_by_side(
                    [[Text(name, "dim"), *block] for name, block in zip(labels, blocks, strict=True)]
                )
                return
    yield from _terms_in_short(step, width)


def _window(operation: Operation, step: Step, corner: Axes, size: Axes) -> Block:
    """Return the padded input from `corner` on, with brackets around what the kernel covers."""
    (top, left), (height, width) = corner, size
    texts = _cells(operation, operation.walk.padded[0, top : top + height, left : left + width], corner)
    cell = max(map(len, texts))
    rows, columns = (
        {a + k * d for k in range(m)}
        for a, m, d in zip(step.start, operation.setting.kernel, operation.setting.dilation, strict=True)
    )
    lines = []
    for i in range(height):
        line = Text()
        inside = False
        for j in range(width + 1):
            before, inside = inside, j < width and top + i in rows and left + j in columns
            opens = inside and not (before and left + j - 1 in columns)
            closes = before and not inside
            line.append(("]" if closes else " ") + ("[" if opens else " "), "cyan")
            if j < width:
                style = "bold cyan" if inside else "dim" if _beside(operation, (top + i, left + j)) else ""
                line.append(f"{texts[i * width + j]:>{cell}}", style)
        lines.append(line)
    return lines


def _term_rows(patch: Tensor, kernel: Tensor) -> Block:
    """Return the products with their factors, a line for each row of the kernel."""
    terms = [
        [product(x, h) for x, h in zip(*pair, strict=True)]
        for pair in zip(patch.tolist(), kernel.tolist(), strict=True)
    ]
    widths = [max(map(len, column)) for column in zip(*terms, strict=True)]
    return [
        Text(("  " if place == 0 else "+ ") + " + ".join(f"{term:>{w}}" for term, w in zip(row, widths, strict=True)))
        for place, row in enumerate(terms)
    ]


def _grid(values: Tensor) -> Block:
    form = Format(values.flatten().tolist())
    return [Text(" ".join(f"{form(value):>{form.width}}" for value in row), "magenta") for row in values.tolist()]


def _side_by_side(blocks: Sequence[Block]) -> Iterator[Text]:
    widths = [max(map(len, block)) for block in blocks]
    for parts in zip_longest(*blocks, fillvalue=Text()):
        line = Text("  ")
        for part, width in zip(parts, widths, strict=True):
            line.append_text(part)
            line.append(" " * (width - len(part) + 3))
        yield line


def _terms_in_short(step: Step, width: int) -> Iterator[Text]:
    """Yield the first terms of a sum that is too long to lay out."""
    patch, kernel, products = (array.flatten().tolist() for array in (step.patch, step.kernel, step.products))
    line = ""
    for count, (x, h) in enumerate(zip(patch, kernel, strict=True)):
        more = f" + ... {len(patch) - count:,} more"
        longer = f"{line} + {product(x, h)}" if line else product(x, h)
        if count == 8 or len(longer + more) + 4 > width:
            line += more
            break
        line = longer
    yield Text(f"    {line}")
    low, high = exact(min(products)), exact(max(products))
    yield Text(f"    {len(products):,} products from {low} to {high}", "dim")


def _cells(operation: Operation, values: Tensor, corner: Axes) -> list[str]:
    """Return the text of each value of a part of the padded input that begins at `corner`."""
    form = Format(values.flatten().tolist())
    texts = []
    for index, value in zip(_places(values, corner), values.flatten().tolist(), strict=True):
        if not _beside(operation, index):
            texts.append(form(value))
        else:
            texts.append(DOT if operation.setting.padding_mode == "zeros" else f"{form(value)}'")
    return texts


def _places(values: Tensor, corner: Axes) -> Iterator[Axes]:
    """Yield the place in the padded input of each of `values`, in order."""
    if values.ndim == 1:
        yield from ((corner[0] + i,) for i in range(len(values)))
    else:
        yield from ((corner[0] + i, corner[1] + j) for i in range(values.shape[0]) for j in range(values.shape[1]))


def _beside(operation: Operation, place: Axes) -> bool:
    """Return whether a place of the padded input is padding."""
    setting = operation.setting
    return not all(
        before <= i < before + n for i, n, (before, _) in zip(place, setting.space, setting.pads, strict=True)
    )
