"""`inkwise convolve INPUT --kernel K`."""

import sys
from collections.abc import Sequence
from dataclasses import replace
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
_STRONGEST: Final = 3  # of more
_FORMS: Final = (".gif", ".png", ".csv", ".npy")
_FLAGS: Final = (
    *("--kernel", "--mode", "--stride", "--pad", "--padding-mode", "--dilation", "--correlate", "--algorithm"),
    *("--ink", "--register", "--kernels", "--steps", "--at", "--save", "--dark", "--json", "--help", "--debug"),
)


def convolve(
    *values: Annotated[str, Parameter(allow_leading_hyphen=True, name="INPUT")],
    kernel: Word | None = None,
    kernels: Flag = False,
    register: Path | None = None,
    ink: Flag = False,
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

    Example: inkwise convolve "1 2 3; 4 5 6; 7 8 9" --kernel sobel --mode same --correlate

    Args:
        values: Numbers ("1 2 3", or rows "1 2; 3 4"), a file (picture, .txt, .csv, .npy), - for standard input, or a
            dataset's test image, such as uci-digits:3.
        kernel: A name (blur, gaussian, sharpen, sobel, laplacian, moving-average, difference ...), numbers, a file, or
            a trained model's kernel MODEL:LAYER:OUT,IN, such as runs/small-cnn:conv1:0,0.
        kernels: List the kernels that have a name, with what each does.
        register: A .py file that registers the network of the model whose kernel it is.
        ink: Of a picture dark is 1, as ink is for networks and in the digits of datasets. Default: white is 1.
        mode: valid, same, full, or for signals causal.
        stride: Steps between two places: 2, or for rows and columns 2,1.
        pad: Padding instead of by a mode: 1, for rows and columns 1,2, or before:after 1:0.
        padding_mode: zeros, reflect, replicate or wrap.
        dilation: Steps between two values of the kernel: 2, or for rows and columns 2,1.
        correlate: Leave the kernel as it is written, which is what networks do. Default: rotate it by 180 degrees.
        algorithm: auto, direct, im2col or fft.
        steps: How many places to show from the first on: a number, or all. Default: all of up to 9, or the 3
            strongest, where the result is largest, its sign aside.
        at: Begin with this place: 5, or for an image ROW,COLUMN. Alone, unless --steps says how many.
        save: Save an animation (.gif), a strip of key pictures (.png), both of the places that --steps and --at ask
            for, else of all; or the result's numbers (.csv, .npy).
        dark: Light on dark, in what is saved.
        json: Print input, kernel, setting, formula, result and the steps as one JSON object.
    """
    if kernels:
        _list(json)
        return
    text = _input(values)
    if kernel is None:
        raise UsageError(
            "No kernel was given; add one, such as --kernel sobel or --kernel '1 0 -1'; --kernels lists those with a "
            "name."
        )
    if save is not None and save.suffix.lower() not in _FORMS:
        raise UsageError(
            f"--save {str(save)!r} is neither .gif (an animation), .png (a strip of pictures), .csv nor .npy (the "
            "result's numbers); name one of them."
        )
    sliding = _axes("--stride", stride), _axes("--dilation", dilation), None if pad is None else _pads(pad)
    count, spot = _count(steps), None if at is None else _axes("--at", at)

    from inkwise.cli.console import print_json, say
    from inkwise.explain.demonstration.operand import read_input, read_kernel, remarks
    from inkwise.explain.demonstration.operation import operate
    from inkwise.recipes.load import run_python

    if register is not None:
        run_python(register)
    weights = read_kernel(kernel)
    image = read_input(text, sys.stdin.buffer.read() if text == "-" else None, ink=ink)
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
    operation = replace(operation, notices=(*operation.notices, *remarks(image, weights)))
    asked = _asked(operation, count, spot)
    _check_film(save, asked)
    few = len(operation.walk) <= _FEW
    shown = asked if asked is not None else operation.strongest(_FEW if few else _STRONGEST)
    if json:
        print_json(operation.to_dict(shown))
    else:
        _print(operation, image, weights, shown)
    if save is not None:
        say(_save(operation, save, asked or None, dark))


def _list(json: bool) -> None:
    """Print the kernels that have a name."""
    from inkwise.cli.console import out, print_json
    from inkwise.explain.demonstration.listing import kernel_dicts, kernel_lines

    if json:
        print_json(kernel_dicts())
        return
    console = out()
    for line in kernel_lines(min(100, console.width)):
        console.print(line, markup=False, soft_wrap=True)


def _asked(operation: "Operation", count: int | None, spot: int | tuple[int, ...] | None) -> range | None:
    """Return the places that --steps and --at ask for: None where neither was given."""
    if count is None and spot is None:
        return None
    first = 0 if spot is None else operation.place((spot,) if isinstance(spot, int) else spot)
    return range(first, min(len(operation.walk), first + (1 if count is None else count)))


def _check_film(save: Path | None, asked: range | None) -> None:
    """Refuse a film of more places than it has pictures, where these were asked for one by one."""
    from inkwise.explain.demonstration.film import PICTURES

    if save is not None and save.suffix.lower() == ".gif" and asked is not None and len(asked) > PICTURES:
        raise UsageError(
            f"A film has at most {PICTURES} places, and {len(asked):,} were asked for by --steps; leave --steps out, "
            f"and the film goes over the whole input, or take up to {PICTURES} from one on with --at."
        )


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
        raise UsageError(f"{flag} {text!r} is not a whole number; give one, or one for each axis as 2,1.") from error
    return numbers[0] if len(numbers) == 1 else numbers


def _pads(text: str) -> int | tuple[int, ...] | tuple[tuple[int, ...], ...]:
    """Return one padding, one for each axis, or (before, after) for each."""
    try:
        pads = tuple(tuple(int(word) for word in axis.split(":")) for axis in text.split(","))
    except ValueError as error:
        raise UsageError(
            f"--pad {text!r} is not a padding; give a whole number, one for each axis as 1,2, or before:after as 1:0."
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
        raise UsageError(f"--steps {steps!r} is neither a whole number from 0 on nor all.")
    return int(steps)


def _print(operation: "Operation", image: "Operand", kernel: "Operand", shown: Sequence[int]) -> None:
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
    if not isinstance(shown, range) and len(shown) < len(operation.walk):
        show()
        show(f"The {len(shown)} strongest of {len(operation.walk):,} places, in order:")
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


def _save(operation: "Operation", path: Path, asked: range | None, dark: bool) -> str:
    """Write the film, the strip or the numbers, and return a sentence about it."""
    from inkwise.explain.demonstration.export import as_csv, as_npy
    from inkwise.explain.demonstration.film import film, keys, shown, strip
    from inkwise.explain.demonstration.transcript import extent
    from inkwise.files import make_folder, write

    make_folder(path.parent)
    suffix, places = path.suffix.lower(), len(operation.walk)
    if suffix in {".csv", ".npy"}:
        write(path, as_csv(operation) if suffix == ".csv" else as_npy(operation))
        return f"Saved {path}: the result, {extent(operation.setting.output_size)}."
    if suffix == ".gif":
        write(path, film(operation, asked, dark=dark))
        count = len(asked or shown(operation))
        return f"Saved {path}: {_of(count, places)}."
    write(path, strip(operation, asked, dark=dark))
    count = len(keys(operation, asked))
    several = count < len(asked or operation.walk)
    return f"Saved {path}: {_of(count, places)}{', of each quarter the strongest' if several else ''}."


def _of(count: int, places: int) -> str:
    return f"{count} of {places:,} places" if count < places else "every place"
