"""The layers of a network at work, one row each: shape, the largest value and where it is."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from inkwise.convolution.window import spelled
from inkwise.explain.activations import Activations
from inkwise.explain.arithmetic.arithmetic import obstacle, strongest
from inkwise.explain.spelling import number
from inkwise.models.sequence import trace
from inkwise.models.shape import Shape


@dataclass(frozen=True)
class LayerRow:
    """One layer's run.

    Attributes:
        name: as `Activations.call` takes it.
        kind: the word of its line in the recipe; of a module that has none its class.
        shape: of the output, without the batch.
        largest: the largest value, and `at` its position.
        explained: whether the arithmetic of its values is known.
    """

    name: str
    kind: str
    shape: Shape
    largest: float
    at: tuple[int, ...]
    explained: bool


def layer_rows(activations: Activations, words: Mapping[str, str] | None = None) -> tuple[LayerRow, ...]:
    """Return a row for every layer, in the order they ran; `words` has the kinds of those that a recipe's lines name.

    A module says too little of itself: cosines are a convolution to torch, and a crop is a padding.
    """
    rows = []
    for call in activations.calls:
        at = strongest(call)
        kind, largest = (words or {}).get(call.name, type(call.module).__name__), float(call.output[0][at])
        rows.append(LayerRow(call.name, kind, call.shape, largest, at, not obstacle(call)))
    return tuple(rows)


def recipe_words(lines: tuple[str, ...] | str, classes: int, input_shape: Shape) -> dict[str, str]:
    """Return the word of each layer's line by the layer's name; none of a registered network, which has no lines."""
    steps = () if isinstance(lines, str) else trace(lines, classes, input_shape)
    return {step.name: step.layer.word for step in steps}


def layer_table(rows: Iterable[LayerRow]) -> str:
    """Return the rows as a text table, with a line about the layers whose arithmetic is not known."""
    rows = tuple(rows)
    cells = [("layer", "kind", "shape", "largest value", "at")]
    cells += [(row.name, row.kind, spelled(row.shape), number(row.largest), ",".join(map(str, row.at))) for row in rows]
    widths = [max(map(len, column)) for column in zip(*cells, strict=True)]
    lines = [
        f"{name:<{widths[0]}}  {kind:<{widths[1]}}  {shape:<{widths[2]}}  {largest:>{widths[3]}}  {at}"
        for name, kind, shape, largest, at in cells
    ]
    unknown = [row.name for row in rows if not row.explained]
    if unknown:
        lines += ["", f"The arithmetic of {', '.join(unknown)} is not known here; that of the others is."]
    return "\n".join(lines)
