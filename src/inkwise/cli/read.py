"""`inkwise read IMAGE...`."""

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

from cyclopts import Parameter

from inkwise.cli.options import Flag
from inkwise.errors import ImageError, UnknownName, UsageError
from inkwise.models.shipped import DEFAULT

if TYPE_CHECKING:
    from inkwise.evaluation.rejection import Rejection
    from inkwise.reading.ink import Grey
    from inkwise.reading.page import Page
    from inkwise.reading.scores import Judge


def read(
    *images: Annotated[str, Parameter(allow_leading_hyphen=True)],  # for "-" itself
    model: str = DEFAULT,
    register: Path | None = None,
    overlay: Path | None = None,
    csv: Flag = False,
    json: Flag = False,
) -> int:
    """Read the numbers on photographs or scans of pages.

    Example: inkwise read page.jpg --overlay seen

    A line has a blank at a wide gap, and ? for a digit that is not clear.

    Args:
        images: Image files, each of a page, or of several if it is a TIFF; `-` reads one from standard input.
        model: A model file, a run folder, or a shipped model: inkwise, inkwise-small.
        register: A .py file that registers the model's network.
        overlay: Draw what was read on each page, as a PNG file in this folder, NAME-read.png.
        csv: Print a table for spreadsheets, a row per number, or one with the reason.
        json: Print one JSON object per page and line, with every digit's box and confidence.
    """
    from inkwise.cli.console import say
    from inkwise.cli.drawings import Drawings
    from inkwise.cli.given import load_model, standard_input
    from inkwise.files import make_folder, write
    from inkwise.reading.overlay import draw
    from inkwise.reading.reader import judge_of
    from inkwise.reading.sheet import COLUMNS, to_row

    _check(images, csv=csv, json=json)
    recognizer = load_model(model, register)
    judge = judge_of(recognizer)
    drawings = None
    if overlay is not None:
        make_folder(overlay)
        drawings = Drawings(overlay, images)
    if csv:
        sys.stdout.write(to_row(COLUMNS))
    failed = False
    for image in images:
        done = 0
        try:
            for frame, page in _pages(standard_input() if image == "-" else image, judge, recognizer.rejection):
                done += 1
                if drawings is not None:
                    write(drawings.place(image, done), draw(frame, page))
                _show(image, done, page, csv=csv, json=json)
        except ImageError as error:
            failed = True
            say(f"inkwise: {error}")
            _show_failure(image, done + 1, str(error), csv=csv, json=json)
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


def _pages(source: str | bytes, judge: "Judge", rejection: "Rejection | None") -> "Iterator[tuple[Grey, Page]]":
    """Each page of a file as a picture, and what it says."""
    from inkwise.data.frames import read_frames
    from inkwise.reading.page import ACCEPT
    from inkwise.reading.reader import read_picture

    for frame in read_frames(source):
        yield frame, read_picture(frame, judge, rejection or ACCEPT)


def _show(image: str, number: int, page: "Page", *, csv: bool, json: bool) -> None:
    from inkwise.evaluation.phrases import chance
    from inkwise.reading.sheet import rows, to_row

    if json:
        _show_json(image, number, page.to_dict())
    elif csv:
        sys.stdout.writelines(map(to_row, rows(image, number, page)))
    else:
        name = image if number == 1 else f"{image}, page {number}"
        for line in page.lines:
            print(f"{name}  {line.text}  {chance(line.confidence)}")
        if not page.lines:
            print(f"{name}  ({page.reason})")


def _show_failure(image: str, number: int, reason: str, *, csv: bool, json: bool) -> None:
    """Show what was told on stderr in the page's place too, where a machine reads on."""
    from inkwise.reading.page import Page

    if json:
        _show_json(image, number, {"rotation": 0, "size": None, "lines": [], "reason": reason})
    elif csv:
        _show(image, number, Page(0, (0, 0), (), reason), csv=True, json=False)


def _show_json(image: str, number: int, page: dict[str, Any]) -> None:
    from inkwise.cli.console import print_json

    print_json({"image": image, "page": number, **page})
