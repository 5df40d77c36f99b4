"""`inkwise read IMAGE...`."""

import csv
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

from cyclopts import Parameter

from inkwise.cli.options import Flag
from inkwise.errors import ImageError, UnknownName, UsageError

if TYPE_CHECKING:
    from inkwise.reading.page import Page
    from inkwise.reading.scores import Judge

_COLUMNS = ("image", "page", "line", "number", "text", "confidence", "left", "top", "width", "height")


def read(
    *images: Annotated[str, Parameter(allow_leading_hyphen=True)],  # for "-" itself
    model: str | None = None,
    register: Path | None = None,
    overlay: Path | None = None,
    csv: Flag = False,
    json: Flag = False,
) -> int:
    """Read the numbers on photographs or scans of pages.

    Example: inkwise read page.jpg --model runs/accurate --overlay seen

    A line has a blank at a wide gap, and ? for a digit that is not clear.

    Args:
        images: Image files, each of a page, or of several if it is a TIFF; `-` reads one from standard input.
        model: A model file or a run folder. Default: the newest finished run in runs/.
        register: A .py file that registers the model's network.
        overlay: Draw what was read on each page, as a PNG file in this folder.
        csv: Print a table for spreadsheets, a row per number.
        json: Print one JSON object per page and line, with every digit's box and confidence.
    """
    from inkwise.cli.console import say
    from inkwise.cli.given import load_model, standard_input
    from inkwise.files import make_folder
    from inkwise.reading.reader import judge_of

    _check(images, csv=csv, json=json)
    judge = judge_of(load_model(model, register))
    if overlay is not None:
        make_folder(overlay)
    if csv:
        _write_row(_COLUMNS)
    failed = False
    for image, drawing in zip(images, _drawings(images, overlay), strict=True):
        try:
            source = standard_input() if image == "-" else image
            for number, page in enumerate(_pages(source, judge, drawing), start=1):
                _show(image, number, page, csv=csv, json=json)
        except ImageError as error:
            failed = True
            say(f"inkwise: {error}")
            if json:
                _show_json(image, 1, {"rotation": 0, "size": None, "lines": [], "reason": str(error)})
    return 1 if failed else 0


def _check(images: tuple[str, ...], *, csv: bool, json: bool) -> None:
    """Refuse wrong use before anything is loaded."""
    if not images:
        raise UsageError("No image was given; name one or more image files, or - for standard input.")
    for image in images:
        if image.startswith("-") and image != "-":
            options = ("--model", "--register", "--overlay", "--csv", "--json", "--help", "--debug")
            raise UnknownName("option", image, options)
    if csv and json:
        raise UsageError("--csv and --json were both given; choose one.")


def _pages(source: str | bytes, judge: "Judge", drawing: Path | None) -> "Iterator[Page]":
    """Read each page of a file, and draw it where that is asked for."""
    from inkwise.data.frames import read_frames
    from inkwise.files import write
    from inkwise.reading.overlay import draw
    from inkwise.reading.page import read_page

    for number, frame in enumerate(read_frames(source), start=1):
        page = read_page(frame, judge)
        if drawing is not None:
            write(drawing if number == 1 else drawing.with_stem(f"{drawing.stem}-page-{number}"), draw(frame, page))
        yield page


def _drawings(images: tuple[str, ...], folder: Path | None) -> list[Path | None]:
    """The file that each image is drawn into: by its name, with a number where two have the same."""
    if folder is None:
        return [None] * len(images)
    taken: dict[str, int] = {}
    drawings: list[Path | None] = []
    for image in images:
        stem = "standard-input" if image == "-" else Path(image).stem
        taken[stem] = taken.get(stem, 0) + 1
        drawings.append(folder / (f"{stem}.png" if taken[stem] == 1 else f"{stem}-{taken[stem]}.png"))
    return drawings


def _show(image: str, number: int, page: "Page", *, csv: bool, json: bool) -> None:
    from inkwise.evaluation.phrases import chance

    if json:
        _show_json(image, number, page.to_dict())
    elif csv:
        for row in _rows(image, number, page):
            _write_row(row)
    else:
        name = image if number == 1 else f"{image}, page {number}"
        for line in page.lines:
            print(f"{name}  {line.text}  {chance(line.confidence)}")
        if not page.lines:
            print(f"{name}  ({page.reason})")


def _show_json(image: str, number: int, page: dict[str, Any]) -> None:
    from inkwise.cli.console import print_json

    print_json({"image": image, "page": number, **page})


def _rows(image: str, number: int, page: "Page") -> Iterator[tuple[object, ...]]:
    """A row for each number: what blanks part in a line."""
    from math import prod

    for place, line in enumerate(page.lines, start=1):
        start = 0
        for which, text in enumerate(line.text.split(" "), start=1):
            digits = line.digits[start : start + len(text)]
            start += len(text)
            left, top = min(digit.box[0] for digit in digits), min(digit.box[1] for digit in digits)
            right = max(digit.box[0] + digit.box[2] for digit in digits)
            bottom = max(digit.box[1] + digit.box[3] for digit in digits)
            confidence = prod(digit.confidence for digit in digits)
            box = (left, top, right - left, bottom - top)
            yield (image, number, place, which, text, f"{confidence:.4f}", *box)


def _write_row(row: tuple[object, ...]) -> None:
    csv.writer(sys.stdout, lineterminator="\n").writerow(row)
