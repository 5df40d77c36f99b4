"""`inkwise explain IMAGE`."""

import shlex
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

from cyclopts import Parameter

from inkwise.cli.options import Flag
from inkwise.errors import ImageError, UnknownName, UsageError

if TYPE_CHECKING:
    from torch import Tensor

    from inkwise.explain.activations import Activations
    from inkwise.explain.field import Box, Unseen
    from inkwise.recognizer import Recognizer


def explain(
    image: Annotated[str, Parameter(allow_leading_hyphen=True)],  # for "-" itself
    /,
    *,
    model: str | None = None,
    layer: str | None = None,
    at: Annotated[str | None, Parameter(allow_leading_hyphen=True)] = None,  # so that -1,0,0 gets its own sentence
    figure: Path | None = None,
    folded: Flag = False,
    every: Annotated[Flag, Parameter(name="--all")] = False,
    register: Path | None = None,
    json: Flag = False,
) -> None:
    """Show the exact arithmetic of one value of any layer, from the pixels it sees to the number.

    Example: inkwise explain seven.png --model runs/small-cnn --layer relu1 --at 2,10,12

    Without --layer it lists the layers, and tells what to type next.

    Args:
        image: An image file with one digit, `-` for standard input, or DATASET:INDEX for an image of a test split,
            such as uci-digits:17.
        model: A model file or a run folder. Default: the newest finished run in runs/.
        layer: The layer whose value is explained.
        at: Which value: CHANNEL,ROW,COLUMN, or one number after flatten. Default: the layer's largest.
        figure: Draw the picture of every layer into this PNG file.
        folded: Write batch norms into the weights of the convolution or linear layer before them.
        every: Show every term, not the strongest alone.
        register: A .py file that registers the model's network.
        json: Print one JSON object with every term.
    """
    from inkwise.cli.console import print_json, say
    from inkwise.explain.activations import record
    from inkwise.recipes.load import run_python
    from inkwise.recognizer import Recognizer
    from inkwise.runs.newest import newest

    _check(image, layer, at, figure)
    if register:
        run_python(register)
    if model is None:
        run = newest()
        say(f"Model: {run.model_file}, of the newest finished run.")
        model = str(run.folder)
    recognizer = Recognizer.load(model)
    pixels = _pixels(image)
    answer = _answer(recognizer, pixels)
    activations = record(recognizer.network, pixels)
    if layer is None:
        shown, place = _layers(activations), None
        text = _listing(shown, ["inkwise", "explain", image, "--model", model])
    else:
        place, shown, text = _value(activations, layer, at, recognizer.classes, folded=folded, every=every)
    if figure is not None:
        _draw(figure, activations, layer, place, recognizer.classes, answer["probabilities"])
    if json:
        print_json({"image": image, **answer, **shown, "figure": None if figure is None else str(figure)})
        return
    print(_headline(image, tuple(pixels.shape[2:]), answer))
    print(text)
    if figure is not None:
        print(f"\nThe picture of every layer is in {figure}.")


def _check(image: str, layer: str | None, at: str | None, figure: Path | None) -> None:
    """Refuse what can be refused before anything is loaded."""
    if image.startswith("-") and image != "-":
        raise UnknownName("option", image, ("--model", "--layer", "--at", "--figure", "--json", "--help", "--debug"))
    if at is not None and layer is None:
        raise UsageError(f"--at {at} is a position in a layer; name the layer too, such as --layer conv1.")
    if at is not None:
        _numbers(at)
    if figure is not None and figure.suffix.lower() != ".png":
        raise UsageError(f"--figure is {figure}; the picture is a PNG, so give a name that ends in .png.")


def _numbers(at: str) -> tuple[int, ...]:
    """Return the position that `at` spells."""
    try:
        return tuple(int(word) for word in at.split(","))
    except ValueError as error:
        raise UsageError(
            f"--at is {at!r}; give whole numbers with commas between them, such as 2,10,12 for channel 2, row 10, "
            "column 12."
        ) from error


def _pixels(image: str) -> "Tensor":
    """Return the image in MNIST's form, uint8 (1, 1, H, W)."""
    import torch

    from inkwise.data.image import load_grey
    from inkwise.data.normaliser import normalise

    dataset, colon, index = image.rpartition(":")
    if colon and index.isdecimal() and not Path(image).exists():
        return _of_dataset(dataset, int(index))
    form = normalise(load_grey(_standard_input() if image == "-" else image))
    if form.reason:
        raise ImageError(f"{image}: {form.reason}, so there is no digit to explain.")
    return torch.from_numpy(form.image)[None, None]


def _of_dataset(name: str, index: int) -> "Tensor":
    """Return an image of a dataset's test split as it is."""
    from inkwise.data.load import load

    split = load(name, offline=True).split("test")
    if index >= len(split):
        raise UsageError(f"The test split of {name} has the images 0 to {len(split) - 1:,}; there is no {index:,}.")
    return split.images[index : index + 1]


def _standard_input() -> bytes:
    data = sys.stdin.buffer.read()
    if not data:
        raise ImageError("Standard input is empty; pipe an image file into it.")
    return data


def _answer(recognizer: "Recognizer", pixels: "Tensor") -> dict[str, Any]:
    """Return the model's answer: label, confidence, and the probability of each class."""
    probabilities = recognizer.probabilities(pixels)
    chosen = int(recognizer.decide(probabilities)[0])
    row = probabilities[0].tolist()
    if recognizer.recipe.binary:
        row = [1 - row[0], row[0]]
    return {"label": recognizer.classes[chosen], "confidence": row[chosen], "probabilities": row}


def _headline(image: str, size: tuple[int, ...], answer: dict[str, Any]) -> str:
    from inkwise.convolution.window import spelled
    from inkwise.evaluation.phrases import percent

    return f"{image}, as {spelled(size)} pixels, is read as {answer['label']}: {percent(answer['confidence'])}.\n"


def _layers(activations: "Activations") -> dict[str, Any]:
    """Return every layer with its shape, and where its largest value is."""
    from inkwise.explain.arithmetic.arithmetic import obstacle, strongest

    rows = []
    for call in activations.calls:
        at = strongest(call)
        rows.append(
            {
                "name": call.name,
                "kind": type(call.module).__name__,
                "shape": list(call.shape),
                "largest": float(call.output[0][at]),
                "at": list(at),
                "explained": not obstacle(call),
            }
        )
    return {"layers": rows}


def _listing(layers: dict[str, Any], words: list[str]) -> str:
    """Return the layers as a table, and what to type next."""
    from inkwise.convolution.window import spelled
    from inkwise.explain.arithmetic.spelling import number

    rows = [("layer", "kind", "shape", "largest value", "at")]
    for layer in layers["layers"]:
        where = ",".join(map(str, layer["at"]))
        rows.append((layer["name"], layer["kind"], spelled(layer["shape"]), number(layer["largest"]), where))
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    table = [
        f"{name:<{widths[0]}}  {kind:<{widths[1]}}  {shape:<{widths[2]}}  {largest:>{widths[3]}}  {at}"
        for name, kind, shape, largest, at in rows
    ]
    unknown = [layer["name"] for layer in layers["layers"] if not layer["explained"]]
    if unknown:
        table += ["", f"The arithmetic of {', '.join(unknown)} is not known here; that of the others is."]
    name, *_, where = rows[-1]
    next_one = shlex.join([*words, "--layer", name, "--at", where])
    return "\n".join([*table, "", "See how a value comes about, of any layer at any place:", f"  {next_one}"])


def _value(
    activations: "Activations", layer: str, at: str | None, classes: tuple[str, ...], *, folded: bool, every: bool
) -> tuple[tuple[int, ...], dict[str, Any], str]:
    """Return the position, and the explanation of the value there as a dict and as text."""
    from shutil import get_terminal_size

    from inkwise.convolution.window import spelled
    from inkwise.explain.arithmetic.arithmetic import explain_value, strongest
    from inkwise.explain.arithmetic.ledger import to_dict
    from inkwise.explain.arithmetic.table import render, spot
    from inkwise.explain.field import boxes

    call = activations.call(layer)
    place = strongest(call) if at is None else call.place(_numbers(at))
    explanation = explain_value(activations, layer, place, folded=folded)
    field = boxes(activations, layer, place)
    where = spot(place)
    if call is activations.calls[-1] and call.shape == (len(classes),):
        where += f", the class {classes[place[0]]}"
    which = f"Its largest value is at {','.join(map(str, place))}: {where}" if at is None else f"Shown is {where}"
    lines = [
        f"{layer} is {spelled(call.shape)}. {which}.",
        _seen(field["image"], tuple(activations.image.shape[2:])),
        "",
        render(explanation, every=every, width=min(140, max(60, get_terminal_size().columns))),
    ]
    return place, {**to_dict(explanation), "field": _plain(field)}, "\n".join(lines)


def _seen(box: "Box | Unseen", size: tuple[int, ...]) -> str:
    """Return which pixels of the image, of `size` (height, width), a value depends on."""
    from inkwise.explain.arithmetic.spelling import span
    from inkwise.explain.field import Unseen

    if isinstance(box, Unseen):
        return f"Which pixels it depends on is not known: {box.reason}."
    if not box.width:
        return "It depends on no pixel: there is padding alone under the window."
    padding = ", and on padding" if box.whole != box[:4] else ""
    if (box.height, box.width) == size:
        return f"It depends on the whole image{padding}."
    rows, columns = range(box.y, box.y + box.height), range(box.x, box.x + box.width)
    count = "1 pixel" if box.height == box.width == 1 else f"{box.height} x {box.width} pixels"
    return f"It depends on {count} of the image, {span(rows, 'rows')}, {span(columns, 'columns')}{padding}."


def _plain(field: "dict[str, Box | Unseen]") -> dict[str, Any]:
    """Return boxes as [x, y, width, height], and reasons."""
    from inkwise.explain.field import Unseen

    return {
        name: {"reason": box.reason} if isinstance(box, Unseen) else {"box": list(box[:4]), "whole": list(box.whole)}
        for name, box in field.items()
    }


def _draw(
    path: Path,
    activations: "Activations",
    layer: str | None,
    at: tuple[int, ...] | None,
    classes: tuple[str, ...],
    probabilities: list[float],
) -> None:
    """Write the picture of every layer."""
    from inkwise.explain.figure.figure import draw
    from inkwise.files import make_folder, write

    make_folder(path.parent)
    write(path, draw(activations, layer, at, classes=classes, probabilities=probabilities))
