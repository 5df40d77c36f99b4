"""`inkwise convolve INPUT --kernel K`."""

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final

from cyclopts import Parameter

from inkwise.cli.options import Flag
from inkwise.errors import UnknownName, UsageError

if TYPE_CHECKING:
    from inkwise.explain.demonstration.operand import Operand
    from inkwise.explain.demonstration.operation import Operation

Word = Annotated[str, Parameter(allow_leading_hyphen=True)]  # "-1 0 1" is no option

_FEW: Final = 9  # steps that are shown without being asked for
_FIRST: Final = 3  # of more
_FLAGS: Final = (
    *("--kernel", "--mode", "--stride", "--pad", "--padding-mode", "--dilation", "--correlate", "--algorithm"),
    *("--steps", "--at", "--save", "--dark", "--json", "--help", "--debug"),
)


def convolve(
    *values: Annotated[str, Parameter(allow_leading_hyphen=True, name="INPUT")],
    kernel: Word | None = None,
    mode: str = "valid",
    stride: Word = "1",
    pad: Word | None = None,
    padding_mode: str = "zeros",
    dilation: Word = "1",
    correlate: Flag = False,
    algorithm: str = "auto",
    steps: Word | None = None,
    at: Word | None = None,
    save: Path | None = None,
    dark: Flag = False,
    json: Flag = False,
) -> None:
    """Slide a kernel over a signal or an image, and show every product: the convolution, step by step.

    Example: inkwise convolve "1 2 3; 4 5 6; 7 8 9" --kernel sobel --mode same

    Args:
        values: Numbers ("1 2 3", or rows "1 2; 3 4"), a file (picture, .txt, .csv, .npy), - for standard input, or a
            dataset's test image, such as uci-digits:3.
        kernel: A name (blur, gaussian, sharpen, sobel, laplacian, moving-average, difference ...), numbers, a file, or
            a trained model's kernel MODEL:LAYER:OUT,IN, such as runs/small-cnn:conv1:0,0.
        mode: valid, same, full, or for signals causal.
        stride: Steps between two places: 2, or for rows and columns 2,1.
        pad: Padding instead of by a mode: 1, for rows and columns 1,2, or before:after 1:0.
        padding_mode: zeros, reflect, replicate or wrap.
        dilation: Steps between two values of the kernel: 2, or for rows and columns 2,1.
        correlate: Leave the kernel as it is written, which is what networks do. Default: rotate it by 180 degrees.
        algorithm: auto, direct, im2col or fft.
        steps: How many places to show: a number, or all. Default: all of up to 9, or the first 3.
        at: Begin with this place: 5, or for an image ROW,COLUMN. Alone, unless --steps says how many.
        save: Save an animation (.gif), or a strip of its key pictures (.png).
        dark: Light on dark, in what is saved.
        json: Print input, kernel, setting, formula, result and the steps as one JSON object.
    """
    text = _input(values)
    if kernel is None:
        raise UsageError("No kernel was given; add one, such as --kernel sobel or --kernel '1 0 -1'.")
    if save is not None and save.suffix.lower() not in {".gif", ".png"}:
        raise UsageError(
            f"--save {save} is neither .gif (an animation) nor .png (a strip of pictures); name one of them."
        )
    if save is not None and not save.parent.is_dir():
        raise UsageError(f"There is no folder {save.parent} to save {save.name} in; make it first, or name another.")
    sliding = _axes("--stride", stride), _axes("--dilation", dilation), None if pad is None else _pads(pad)
    count, spot = _count(steps), None if at is None else _axes("--at", at)

    from inkwise.cli.console import print_json, say
    from inkwise.explain.demonstration.operand import read_input, read_kernel
    from inkwise.explain.demonstration.operation import operate

    image, weights = read_input(text, sys.stdin.buffer.read() if text == "-" else None), read_kernel(kernel)
    operation = operate(
        image.values,
        weights.values,
        rotate=not correlate,
        mode=mode,
        padding=sliding[2],
        padding_mode=padding_mode,
        stride=sliding[0],
        dilation=sliding[1],
        algorithm=algorithm,
        light=image.light,
    )
    places = len(operation.walk)
    shown = range(min(places, count if count is not None else _FEW if places <= _FEW else _FIRST))
    if spot is not None:
        place = operation.place((spot,) if isinstance(spot, int) else spot)
        shown = range(place, min(places, place + (1 if count is None else count)))
    if json:
        print_json(operation.to_dict(shown))
    else:
        _print(operation, image, weights, shown)
    if save is not None:
        say(_save(operation, save, dark))


def _input(values: tuple[str, ...]) -> str:
    """Return the input as one text: numbers may be given without quotes, as several words."""
    for word in values:
        if word.startswith("--"):
            raise UnknownName("option", word, _FLAGS)
    if not values:
        raise UsageError("No input was given; type numbers such as '1 2 3', or name a file, or - for standard input.")
    return " ".join(values)


def _axes(flag: str, text: str) -> int | tuple[int, ...]:
    """Return one whole number, or one for each axis."""
    try:
        numbers = tuple(int(word) for word in text.split(","))
    except ValueError as error:
        raise UsageError(f"{flag} {text} is not a whole number; give one, or one for each axis as 2,1.") from error
    return numbers[0] if len(numbers) == 1 else numbers


def _pads(text: str) -> int | tuple[int, ...] | tuple[tuple[int, ...], ...]:
    """Return one padding, one for each axis, or (before, after) for each."""
    try:
        pads = tuple(tuple(int(word) for word in axis.split(":")) for axis in text.split(","))
    except ValueError as error:
        raise UsageError(
            f"--pad {text} is not a padding; give a whole number, one for each axis as 1,2, or before:after as 1:0."
        ) from error
    if all(len(pair) == 1 for pair in pads):
        return tuple(pair[0] for pair in pads) if len(pads) > 1 else pads[0][0]
    return tuple(pair * 2 if len(pair) == 1 else pair for pair in pads)


def _count(steps: str | None) -> int | None:
    """Return how many steps to show: None where that was not said."""
    if steps is None:
        return None
    if steps == "all":
        return sys.maxsize
    if not steps.isdecimal():
        raise UsageError(f"--steps {steps} is neither a whole number from 0 on nor all.")
    return int(steps)


def _print(operation: "Operation", image: "Operand", kernel: "Operand", shown: range) -> None:
    from textwrap import wrap

    from rich.text import Text

    from inkwise.cli.console import out
    from inkwise.explain.demonstration.step_text import step_lines
    from inkwise.explain.demonstration.transcript import heading, legend, result_lines

    console = out()

    def show(line: str | Text = "") -> None:
        console.print(Text(line) if isinstance(line, str) else line, soft_wrap=True)  # as wide as it is

    for line in heading(operation, image.name, kernel.name):
        show(line)
    for sentence in (*operation.notices, _rotation(operation, kernel)):
        for text in wrap(f"Note: {sentence}" if sentence else "", console.width):
            show(text)
    marks = legend(operation)
    if shown and marks:
        show()
        show(marks)
    for place in shown:
        show()
        for line in step_lines(operation, operation.step(place), console.width):
            show(line)
    left = len(operation.walk) - len(shown)
    if left:
        show()
        where = "ROW,COLUMN" if operation.rank == 2 else "PLACE"
        show(f"... {left:,} more (--steps all, or --at {where} for one, or --save FILE.gif).")
    show()
    for line in result_lines(operation, console.width):
        show(line)


def _rotation(operation: "Operation", kernel: "Operand") -> str:
    """Return what is to be said about convolution and correlation, which differ by the kernel's rotation alone."""
    if operation.symmetric:
        return "" if operation.rotate else "the kernel is symmetric, so a convolution is the same."
    if not operation.rotate:
        return "a convolution would rotate the kernel first; what networks call convolution is this, without it."
    if kernel.correlated:
        return "this kernel is meant to be correlated, as networks do; --correlate leaves it as it is written."
    return "without the rotation it is a cross-correlation, which is what networks compute; --correlate does that."


def _save(operation: "Operation", path: Path, dark: bool) -> str:
    """Write the film or the strip, and return a sentence about it."""
    from inkwise.explain.demonstration.film import chosen, film, shown, strip
    from inkwise.files import write

    moving = path.suffix.lower() == ".gif"
    write(path, (film if moving else strip)(operation, dark=dark))
    places = len(operation.walk)
    count = len(shown(operation)) if moving else len(chosen(places, 4))
    return f"Saved {path}: {count} of {places:,} places." if count < places else f"Saved {path}: every place."
