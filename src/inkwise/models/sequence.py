"""A network as a sequence of layers: the lines read, named, and their shapes walked from image to output.

Children are named by kind and count ("conv1", "relu1", "pool1", "conv2"), the same names in the summary, the
built module and the messages. A network that cannot work is refused here, before any weight exists.
"""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

from inkwise.convolution.window import spelled
from inkwise.errors import RecipeError, ShapeError, UsageError
from inkwise.models.layer import Layer
from inkwise.models.notation import parse
from inkwise.models.shape import Shape

MNIST: Shape = (1, 28, 28)  # one channel of ink, 28 rows, 28 columns


@dataclass(frozen=True)
class Step:
    """One layer in its place; shapes without the batch."""

    name: str
    layer: Layer
    input_shape: Shape
    output_shape: Shape


def layers(lines: Iterable[str]) -> tuple[Layer, ...]:
    """Return the layers that `lines` describe; RecipeError lists every line that cannot be read."""
    read, faults = [], []
    for position, line in enumerate(lines, start=1):
        try:
            read.append(parse(line))
        except UsageError as error:
            faults.append(f"layer {position}, {error}")
    if not read and not faults:
        faults.append("there are no layers; give at least one, such as 'conv 8 3x3 pad 1'.")
    if faults:
        raise RecipeError("The network", faults)
    return tuple(read)


def trace(lines: Iterable[str], classes: int, input_shape: Shape = MNIST) -> tuple[Step, ...]:
    """Return each layer of `lines` with its name and the shapes before and after it.

    Args:
        lines: one line for each layer.
        classes: what the word "classes" stands for: the number of outputs.
        input_shape: (channels, height, width) of one image, or (features,).

    Raises:
        RecipeError: lines that cannot be read, all of them.
        ShapeError: the first layer that cannot take what reaches it, with the formula.
    """
    counts: Counter[str] = Counter()
    steps, shape = [], input_shape
    for position, given in enumerate(layers(lines), start=1):
        layer = given.sized(classes)
        counts[layer.stem] += 1
        name = f"{layer.stem}{counts[layer.stem]}"
        try:
            output = layer.output_shape(shape)
        except ShapeError as error:
            raise ShapeError(f"Layer {position}, {name} {error}") from None
        steps.append(Step(name, layer, shape, output))
        shape = output
    return tuple(steps)


def require_classes(steps: tuple[Step, ...], classes: int) -> None:
    """Raise ShapeError unless the last layer of `steps` gives one value for each class."""
    last = steps[-1]
    if last.output_shape != (classes,):
        raise ShapeError(
            f"The last layer, {last.name} {last.layer.line!r}, gives {spelled(last.output_shape)} values, but "
            f"{'one output is' if classes == 1 else f'{classes} outputs are'} needed; end with 'linear classes'."
        )


def require_blank(steps: tuple[Step, ...], pixels: str) -> None:
    """Raise ShapeError where a layer of `steps` takes a background of 0 alone and `pixels` scales it away."""
    for step in steps:
        if step.layer.on_blank and pixels != "unit":
            raise ShapeError(
                f"{step.name} {step.layer.line!r} finds the ink by its background of 0, which pixels = {pixels!r} "
                "moves; set pixels to unit."
            )
