"""`inkwise explain IMAGE`."""

import shlex
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

from cyclopts import Parameter

from inkwise.cli.options import Flag
from inkwise.errors import ImageError, UnknownName, UsageError

if TYPE_CHECKING:
    from torch import Tensor

    from inkwise.explain.activations import Activations
    from inkwise.explain.layers import LayerRow
    from inkwise.recognizer import Recognizer


def explain(
    image: Annotated[str, Parameter(allow_leading_hyphen=True)],  # for "-" itself
    /,
    *,
    model: str | None = None,
    layer: str | None = None,
    at: Annotated[str | None, Parameter(allow_leading_hyphen=True)] = None,  # so that -1,0,0 gets its own sentence
    figure: Path | None = None,
    member: int | None = None,
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
        model: A model file, a run folder, or a shipped model: inkwise, inkwise-small. Default: the newest finished run
            in runs/.
        layer: The layer whose value is explained.
        at: Which value: CHANNEL,ROW,COLUMN, or one number after flatten. Default: the layer's largest.
        figure: Draw the picture of every layer into this PNG file.
        member: Which network of an ensemble, from 0.
        folded: Write batch norms into the weights of the convolution or linear layer before them.
        every: Show every term, not the strongest alone.
        register: A .py file that registers the model's network.
        json: Print one JSON object with every term.
    """
    from inkwise.cli.console import print_json
    from inkwise.cli.given import load_model
    from inkwise.convolution.window import spelled
    from inkwise.evaluation.phrases import chance
    from inkwise.explain.activations import record
    from inkwise.explain.figure.figure import draw
    from inkwise.explain.layers import layer_rows, layer_table, recipe_words
    from inkwise.files import make_folder, write

    _check(image, layer, at, figure, folded=folded, every=every)
    recognizer = _single(load_model(model, register), member)
    pixels = _pixels(image)
    answer = recognizer.answer(pixels)[0]
    names = (*recognizer.classes, *recognizer.rejects)
    activations = record(recognizer.network, pixels)
    shown: dict[str, Any]
    if layer is None:
        outputs = 1 if recognizer.recipe.binary else len(names)
        words = recipe_words(recognizer.recipe.network, outputs, tuple(pixels.shape[1:]))
        rows, place = layer_rows(activations, words), None
        shown = {"layers": [asdict(row) for row in rows]}
        text = f"{layer_table(rows)}\n\n{_next(image, model or str(recognizer.path), register, member, rows[-1])}"
    else:
        place, shown, text = _value(activations, layer, at, names, folded=folded, every=every)
    if figure is not None:
        make_folder(figure.parent)
        one, *none = recognizer.judge(pixels).kinds[0].tolist()
        chances = [*(one * each for each in answer.probabilities), *none]
        chosen = names.index(answer.label) if answer.accepted else chances.index(max(chances))
        write(figure, draw(activations, layer, place, classes=names, probabilities=chances, answer=chosen))
    if json:
        said = {name: getattr(answer, name) for name in ("label", "confidence", "accepted", "reason", "probabilities")}
        print_json({"image": image, **said, **shown, "figure": None if figure is None else str(figure)})
        return
    size = spelled(pixels.shape[2:])
    print(f"{image}, as {size} pixels, is read as {answer.label}: {chance(answer.confidence)}.")
    print("" if answer.accepted else f"It is not accepted: {answer.reason}.\n")
    print(text)
    if figure is not None:
        print(f"\nThe picture of every layer is in {figure}.")


def _check(image: str, layer: str | None, at: str | None, figure: Path | None, *, folded: bool, every: bool) -> None:
    """Refuse what can be refused before anything is loaded."""
    if image.startswith("-") and image != "-":
        raise UnknownName(
            "option",
            image,
            (
                "--model",
                "--layer",
                "--at",
                "--figure",
                "--member",
                "--folded",
                "--all",
                "--register",
                "--json",
                "--help",
                "--debug",
            ),
        )
    if at is not None and layer is None:
        raise UsageError(f"--at {at} is a position in a layer; name the layer too, such as --layer conv1.")
    for flag, given, what in (("--folded", folded, "writes batch norms into weights"), ("--all", every, "shows terms")):
        if given and layer is None:
            raise UsageError(f"{flag} {what} of one value's arithmetic; name its layer too, such as --layer conv1.")
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

    from inkwise.cli.given import standard_input
    from inkwise.data.image import load_grey
    from inkwise.data.normaliser import normalise

    dataset, colon, index = image.rpartition(":")
    if colon and index.isdecimal() and not Path(image).exists():
        return _of_dataset(dataset, int(index))
    form = normalise(load_grey(standard_input() if image == "-" else image))
    if form.reason:
        raise ImageError(f"{image}: {form.reason}, so there is no digit to explain.")
    return torch.from_numpy(form.image)[None, None]


def _of_dataset(name: str, index: int) -> "Tensor":
    """Return an image of a dataset's test split as it is."""
    from inkwise.explain.demonstration.operand import load_here

    split = load_here(name).split("test")
    if index >= len(split):
        raise UsageError(f"The test split of {name} has the images 0 to {len(split) - 1:,}; there is no {index:,}.")
    return split.images[index : index + 1]


def _single(recognizer: "Recognizer", member: int | None) -> "Recognizer":
    """Return the model itself, or of an ensemble the member that is named: what is explained is one network."""
    members = recognizer.members
    if not members and member is not None:
        raise UsageError(f"--member {member} names a network of an ensemble, and {recognizer.path} is one network.")
    if not members or (member is not None and 0 <= member < len(members)):
        return recognizer if member is None else members[member]
    asked = "" if member is None else f"there is no member {member}; "
    raise UsageError(
        f"{recognizer.path} is an ensemble of {len(members)} networks, and what is explained is one: {asked}"
        f"give --member 0 to {len(members) - 1}."
    )


def _next(image: str, model: str, register: Path | None, member: int | None, row: "LayerRow") -> str:
    """Return what to type next, for the largest value of a layer."""
    words = ["inkwise", "explain", image, "--model", model]
    words += [] if register is None else ["--register", str(register)]
    words += [] if member is None else ["--member", str(member)]
    command = shlex.join([*words, "--layer", row.name, "--at", ",".join(map(str, row.at))])
    return f"See how a value comes about, of any layer at any place:\n  {command}"


def _value(
    activations: "Activations", layer: str, at: str | None, names: tuple[str, ...], *, folded: bool, every: bool
) -> tuple[tuple[int, ...], dict[str, Any], str]:
    """Return the position, and the explanation of the value there as a dict and as text."""
    from shutil import get_terminal_size

    from inkwise.convolution.window import spelled
    from inkwise.explain.arithmetic.arithmetic import explain_value, strongest
    from inkwise.explain.arithmetic.ledger import to_dict
    from inkwise.explain.arithmetic.table import render, spot
    from inkwise.explain.field import boxes, seen

    call = activations.call(layer)
    place = strongest(call) if at is None else call.place(_numbers(at))
    explanation = explain_value(activations, layer, place, folded=folded)
    field = boxes(activations, layer, place)
    where = spot(place)
    if call is activations.calls[-1] and call.shape == (len(names),):
        where += f", the class {names[place[0]]}"
    which = f"Its largest value is at {','.join(map(str, place))}: {where}" if at is None else f"Shown is {where}"
    lines = [
        f"{layer} is {spelled(call.shape)}. {which}.",
        seen(field["image"], tuple(activations.image.shape[2:])),
        "",
        render(explanation, every=every, width=min(140, max(60, get_terminal_size().columns))),
    ]
    return (
        place,
        {**to_dict(explanation), "field": {name: each.to_dict() for name, each in field.items()}},
        "\n".join(lines),
    )
