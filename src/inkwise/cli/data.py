"""`inkwise data`: list the datasets, fetch them, show what is in one.

A thin skin over `inkwise.data`; results go to standard output, messages to standard error. Listing and fetching do
not import torch.
"""

import json as json_format
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

from cyclopts import App, Parameter

from inkwise.errors import DataError, UsageError

if TYPE_CHECKING:
    from inkwise.data.dataset import Dataset
    from inkwise.data.registry import Source

Folder = Annotated[Path | None, Parameter(name="--data")]
Json = Annotated[bool, Parameter(name="--json", negative="")]

app = App(
    name="data",
    help="""List the datasets, fetch them, show what is in one.

    Example: inkwise data fetch mnist
    """,
)


@app.command(name="list")
def list_(*, data: Folder = None, json: Json = False) -> None:
    """List the datasets that have a name, and where each is on this machine.

    Example: inkwise data list

    Args:
        data: A folder to look into first.
        json: Print JSON.
    """
    from inkwise.data.registry import SOURCES

    rows = [_row(source, data) for source in SOURCES.values()]
    if json:
        _print_json(rows)
        return
    from rich.console import Console
    from rich.table import Table

    table = Table()
    for heading in ("name", "train", "test"):
        table.add_column(heading, no_wrap=True, justify="left" if heading == "name" else "right")
    table.add_column("where", overflow="fold")
    table.add_column("licence", no_wrap=True)
    for row in rows:
        counts = (f"{row['images'][split]:,}" for split in ("train", "test"))
        table.add_row(row["name"], *counts, row["where"] or "not here", row["licence"])
    Console().print(table)
    print("Also folder:PATH (one subfolder of images per class) and npz:PATH (a numpy archive).")


@app.command
def fetch(*names: str, data: Folder = None, json: Json = False) -> None:
    """Download datasets, verified; what is already here and right is kept. Run again to continue after a break.

    Example: inkwise data fetch mnist qmnist

    Args:
        names: Datasets by name.
        data: Download to a subfolder of this folder, rather than to the user's cache.
        json: Print JSON.
    """
    from inkwise.data.fetch import fetch as fetch_source
    from inkwise.data.fetch import say_on_stderr
    from inkwise.data.locate import cache_folder, find_file
    from inkwise.data.registry import SOURCES, find

    if not names:
        fetchable = ", ".join(source.name for source in SOURCES.values() if not source.packaged)
        raise UsageError(f"Nothing to fetch was named; accepted are {fetchable}. Example: inkwise data fetch mnist")
    done: list[dict[str, Any]] = []
    for source in [find(name) for name in names]:  # every name is looked up before anything is downloaded
        if source.packaged:
            say_on_stderr(f"{source.name} comes with Inkwise; there is nothing to fetch.")
            done.append({"name": source.name, "folder": None, "files": []})
            continue
        folder = cache_folder(source)
        if data is not None:
            in_place = any(find_file(data, file.name) for file in source.files)
            folder = data if in_place else data / source.name
        files = fetch_source(source, folder)
        say_on_stderr(f"{source.name} is in {folder}, whole and verified.")
        done.append({"name": source.name, "folder": str(folder), "files": [file.name for file in files]})
    if json:
        _print_json(done)


@app.command
def show(
    name: str,
    *,
    data: Folder = None,
    figure: Path | None = None,
    skip_unreadable: Annotated[bool, Parameter(negative="")] = False,
    json: Json = False,
) -> None:
    """Show a dataset: images per class and split, size, hashes, licence and origin.

    Example: inkwise data show uci-digits --figure digits.png

    Args:
        name: A dataset's name, folder:PATH or npz:PATH.
        data: A folder to look into first.
        figure: Save a sheet of samples, ten of each class, as this image file.
        skip_unreadable: Leave out images of a folder that cannot be read.
        json: Print JSON.
    """
    from inkwise.data.load import load

    dataset = load(name, root=data, skip_unreadable=skip_unreadable)
    facts = _facts(dataset)
    if figure is not None:
        _save_sheet(dataset, figure)
        print(f"Samples saved to {figure}.", file=sys.stderr)
    if json:
        _print_json(facts)
        return
    from rich.console import Console
    from rich.table import Table

    table = Table("class", *dataset.splits, title=dataset.name)
    for column in table.columns[1:]:
        column.justify = "right"
    for index, each in enumerate(dataset.classes):
        table.add_row(each, *(f"{facts['splits'][split]['per_class'][index]:,}" for split in dataset.splits))
    table.add_section()
    table.add_row("all", *(f"{len(split):,}" for split in dataset.splits.values()))
    Console().print(table)
    print(f"Size     {facts['height']}x{facts['width']} pixels, uint8, ink 255 on background 0")
    print(f"Licence  {dataset.licence}")
    print(f"Origin   {dataset.origin}")
    for file, sha256 in dataset.hashes.items():
        print(f"SHA-256  {sha256}  {file}")


def _row(source: "Source", data: Path | None) -> dict[str, Any]:
    from inkwise.data.locate import places

    where = "with Inkwise" if source.packaged else ""
    if not source.packaged:
        where = next((str(place.folder) for place in places(source, data) if place.complete), "")
    return {
        "name": source.name,
        "title": source.title,
        "images": source.counts,
        "where": where or None,
        "licence": source.licence,
        "home": source.home,
    }


def _facts(dataset: "Dataset") -> dict[str, Any]:
    height, width = dataset.split("train").images.shape[2:]
    return {
        "name": dataset.name,
        "classes": list(dataset.classes),
        "height": height,
        "width": width,
        "splits": {
            name: {
                "images": len(split),
                "per_class": split.labels.bincount(minlength=len(dataset.classes)).tolist(),
            }
            for name, split in dataset.splits.items()
        },
        "licence": dataset.licence,
        "origin": dataset.origin,
        "hashes": dict(dataset.hashes),
    }


def _save_sheet(dataset: "Dataset", path: Path, columns: int = 10) -> None:
    """Save the first images of each class of train as one picture; DataError where it cannot be written."""
    import numpy as np
    from matplotlib.figure import Figure

    train = dataset.split("train")
    height, width = train.images.shape[2:]
    sheet = np.zeros((len(dataset.classes) * height, columns * width), np.uint8)
    for row in range(len(dataset.classes)):
        chosen = train.images[(train.labels == row).nonzero()[:columns, 0]]
        for column, image in enumerate(chosen):
            sheet[row * height : (row + 1) * height, column * width : (column + 1) * width] = image[0].numpy()
    figure = Figure(figsize=(columns * 0.6 + 1.5, len(dataset.classes) * 0.6 + 0.5), layout="constrained")
    axes = figure.subplots()
    axes.imshow(sheet, cmap="gray_r", interpolation="nearest")
    axes.set_xticks([])
    axes.set_yticks([(row + 0.5) * height - 0.5 for row in range(len(dataset.classes))], labels=dataset.classes)
    axes.set_title(f"{dataset.name}: the first of each class, train split", fontsize=10)
    try:
        figure.savefig(path, dpi=100)
    except (OSError, ValueError) as error:  # ValueError: a format that matplotlib does not write
        raise DataError(f"{path} cannot be written ({error}); name a PNG file in a folder that exists.") from error


def _print_json(value: object) -> None:
    print(json_format.dumps(value, ensure_ascii=False))
