"""What a network costs and sees, layer by layer: shapes, parameters, multiply-adds, receptive fields.

`summarise` computes it from the lines by formula, without torch. `summarise_module` measures it on a real module by
running one image through, and `check` demands that both agree. The receptive field is the square of image pixels
that can change one value: each window adds d(m - 1) times the jump, and multiplies the jump by its stride
(Araujo, Norris and Sim 2019, doi:10.23915/distill.00021). After a layer that takes something from the whole map,
every value sees all of it.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from functools import partial
from itertools import chain
from typing import TYPE_CHECKING, Any

from inkwise.convolution.sight import Sight
from inkwise.convolution.window import Axes, Window, spelled
from inkwise.errors import InkwiseError, ShapeError
from inkwise.models.front import Deskew
from inkwise.models.sequence import MNIST, trace
from inkwise.models.shape import Shape

if TYPE_CHECKING:
    import torch


@dataclass(frozen=True)
class Row:
    """One layer of a summary. `sight` and `formula` come from lines alone; a measured module has none."""

    name: str
    line: str
    output_shape: Shape  # without the batch
    parameters: int
    multiply_adds: int  # for one image
    sight: Sight | None = None
    formula: str = ""  # the output's size with its numbers, "" where it does not change


@dataclass(frozen=True)
class Summary:
    """A network's layers in order, for images of `input_shape`."""

    input_shape: Shape
    rows: tuple[Row, ...]

    @property
    def parameters(self) -> int:
        """Trained values in all."""
        return sum(row.parameters for row in self.rows)

    @property
    def multiply_adds(self) -> int:
        """Multiplications, each with its addition, for one image in all."""
        return sum(row.multiply_adds for row in self.rows)


def summarise(lines: Iterable[str], classes: int, input_shape: Shape = MNIST) -> Summary:
    """Return the summary of a network given by lines, by formula alone.

    Args:
        lines: one line for each layer.
        classes: what the word "classes" stands for: the number of outputs.
        input_shape: (channels, height, width) of one image, or (features,).

    Raises:
        RecipeError: lines that cannot be read.
        ShapeError: a layer that cannot take what reaches it.

    Example:
        >>> summarise(("linear 512", "linear 512", "linear 5"), classes=5, input_shape=(1024,)).parameters
        790021
    """
    rows = []
    sight, extent = Sight(), _extent(input_shape)
    for step in trace(lines, classes, input_shape):
        layer, shape = step.layer, step.input_shape
        window = layer.window(extent)
        if isinstance(layer, Deskew):
            sight = sight.through(_everywhere(extent))
        elif window is not None:
            sight, extent = sight.through(window), window.size(extent)
        rows.append(
            Row(
                name=step.name,
                line=layer.line,
                output_shape=step.output_shape,
                parameters=layer.parameters(shape),
                multiply_adds=layer.multiply_adds(shape),
                sight=sight,
                formula=layer.formula(shape),
            )
        )
    return Summary(input_shape, tuple(rows))


def _everywhere(extent: Axes) -> Window:
    """Return the window of a value that sees the whole map, wherever it is: as large as the map, and never moved.

    A deskewed value lies between two pixels, but every pixel has a part in the slope that says between which two.
    """
    return Window(extent, (0, 0), ((0, 0), (0, 0)), (1, 1))


def _extent(shape: Shape) -> Axes:
    """Return height and width; flat features are one row."""
    return (shape[1], shape[2]) if len(shape) == 3 else (1, shape[0])


def summarise_module(module: "torch.nn.Module", input_shape: Shape = MNIST) -> Summary:
    """Return the summary of any module, measured by running one blank image through it in evaluation mode.

    Rows are the modules that do work: those without children, and those with parameters of their own, in the order
    in which they first finished. A module that runs twice has one row, with its last shape and all its multiply-adds.
    Multiply-adds are those of convolution and linear modules, from the shapes that went through them. Mode and
    weights of `module` are left as they were.

    Args:
        module: takes float32 (1, *input_shape) in [0, 1].
        input_shape: shape of one image, without the batch.

    Raises:
        ShapeError: torch refused the image inside `module`.
    """
    import torch

    shapes: dict[str, Shape] = {}
    worked: dict[str, int] = {}

    def leave(name: str, part: torch.nn.Module, given: tuple[Any, ...], output: Any) -> None:
        shapes[name] = tuple(output.shape[1:]) if isinstance(output, torch.Tensor) else ()
        worked[name] = worked.get(name, 0) + _work(part, given, output)

    own = {
        name: part
        for name, part in module.named_modules()
        if not any(part.children()) or any(True for _ in part.parameters(recurse=False))
    }
    handles = [part.register_forward_hook(partial(leave, name)) for name, part in own.items()]
    modes = {part: part.training for part in module.modules()}
    try:
        module.eval()
        first = next(chain(module.parameters(), module.buffers()), None)
        with torch.no_grad():
            module(torch.zeros(1, *input_shape, device=first.device if first is not None else None))
    except RuntimeError as error:
        reason = str(error).splitlines()[0]
        raise ShapeError(f"The network cannot take an image of {spelled(input_shape)}: {reason}") from error
    finally:
        for handle in handles:
            handle.remove()
        for part, mode in modes.items():
            part.training = mode
    rows = (
        Row(
            name=name,
            line=str(own[name]).splitlines()[0],
            output_shape=shape,
            parameters=sum(value.numel() for value in own[name].parameters(recurse=False)),
            multiply_adds=worked[name],
        )
        for name, shape in shapes.items()
    )
    return Summary(input_shape, tuple(rows))


def _work(part: "torch.nn.Module", given: tuple[Any, ...], output: Any) -> int:
    """Return the multiply-adds of one convolution or linear module, and 0 for others."""
    from torch import nn
    from torch.nn.modules.conv import _ConvNd, _ConvTransposeNd

    if isinstance(part, nn.Linear):
        return int(output.numel()) * part.in_features
    if isinstance(part, _ConvNd):  # each output value sums over a filter; transposed, each input value is spread by one
        values = given[0] if isinstance(part, _ConvTransposeNd) else output
        return int(values.numel()) * part.weight[0].numel()
    return 0


def check(summary: Summary, network: "torch.nn.Module") -> None:
    """Raise InkwiseError unless `network`, measured, has the layers, shapes, parameters and work of `summary`.

    The `pixels` child is left out: it is no layer of the lines.
    """
    measured = [row for row in summarise_module(network, summary.input_shape).rows if row.name != "pixels"]
    by_formula, by_run = [row.name for row in summary.rows], [row.name for row in measured]
    if by_formula != by_run:
        raise InkwiseError(
            f"The summary has the layers {', '.join(by_formula)}, but the network ran {', '.join(by_run)}; "
            "summarise the lines that the network was built from."
        )
    for row, real in zip(summary.rows, measured, strict=True):
        for what, formula, found in (
            ("output shape", spelled(row.output_shape), spelled(real.output_shape)),
            ("parameters", f"{row.parameters:,}", f"{real.parameters:,}"),
            ("multiply-adds", f"{row.multiply_adds:,}", f"{real.multiply_adds:,}"),
        ):
            if formula != found:
                raise InkwiseError(
                    f"{row.name} {row.line!r}: by formula its {what} would be {formula}, but the network has {found}; "
                    "summarise the lines that the network was built from."
                )
