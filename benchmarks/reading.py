"""Reading: the time from a picture's bytes to its numbers, for a small page, a large page and a single digit.

    python -m benchmarks.reading [--model inkwise] [--pages 8] [--repeats 5]

Pages are drawn from a fixed seed with digits of MNIST's train images, or of the packaged ones where those are not here,
and kept as JPEG in memory; each is read `repeats` times after one that is not timed. Single digits are pictures of
three sizes. Prints the table, and writes docs/results/reading.md and .json. One process, on a machine that should do
nothing else meanwhile.
"""

import argparse
import io
import json
import os
import sys
from collections.abc import Callable
from pathlib import Path
from statistics import median
from time import perf_counter
from typing import Any

import torch
from PIL import Image

from inkwise import files
from inkwise.data.dataset import Split
from inkwise.data.frames import read_frames
from inkwise.data.load import load
from inkwise.data.uci import read_uci_digits
from inkwise.experiment.environment import machine
from inkwise.reading.reader import read_pages
from inkwise.recognizer import Recognizer
from inkwise.synthesis.page_style import PageStyle
from inkwise.synthesis.pages import draw_page

RESULTS = Path(__file__).parent.parent / "docs" / "results"
SMALL = PageStyle(width=600, height=400, layout="rows", digit_height=0.09, gap=0.3, desk="wood", noise=4.0, jpeg=90)
LARGE = PageStyle(width=2500, height=3500, layout="rows", digit_height=0.035, gap=0.3, desk="wood", noise=4.0, jpeg=90)
PAGES = (("page of 600 x 400", SMALL, 300.0), ("page of 2,500 x 3,500", LARGE, 1500.0))  # goals in milliseconds
SIDES, DIGITS, GOAL = (28, 112, 600), 50, 2.0  # pixels of single digits, how many, goal in milliseconds


def milliseconds(run: Callable[[], object], repeats: int) -> list[float]:
    """Return the time of each of `repeats` runs, after one that is not timed."""
    run()
    taken = []
    for _ in range(repeats):
        start = perf_counter()
        run()
        taken.append(1e3 * (perf_counter() - start))
    return taken


def spread(what: str, taken: list[float], goal: float, **more: float) -> dict[str, Any]:
    """Return a row of the table: median, largest and goal in milliseconds."""
    return {"what": what, "median": round(median(taken), 3), "largest": round(max(taken), 3), "goal": goal, **more}


def of_page(
    what: str, style: PageStyle, goal: float, digits: Split, recognizer: Recognizer, count: int, repeats: int
) -> dict[str, Any]:
    """Time pages of one style, from the bytes of a JPEG file; with the share that decoding it takes."""
    taken, decoded, found = [], [], []
    for seed in range(count):
        file = io.BytesIO()
        Image.fromarray(draw_page(digits, seed, style).image).save(file, "jpeg", quality=90)
        data = file.getvalue()
        pages = list(read_pages(data, recognizer))
        found.append(sum(len(line.digits) for line in pages[0].lines))
        taken += milliseconds(lambda: list(read_pages(data, recognizer)), repeats)  # noqa: B023, called in this turn
        decoded += milliseconds(lambda: list(read_frames(data)), repeats)  # noqa: B023
    return spread(what, taken, goal, decoding=round(median(decoded), 3), digits=median(found))


def of_digit(side: int, digits: Split, recognizer: Recognizer, repeats: int) -> dict[str, Any]:
    """Time pictures of one digit, grey and in memory: normaliser and network, one call for each."""
    small = [Image.fromarray(255 - image[0].numpy()) for image in digits.images[:DIGITS]]
    pictures = [picture.resize((side, side), Image.Resampling.BICUBIC) for picture in small]
    taken = [time for each in pictures for time in milliseconds(lambda: recognizer.predict(each), repeats)]  # noqa: B023
    return spread(f"digit of {side} x {side}", taken, GOAL)


def verdict(rows: list[dict[str, Any]]) -> str:
    """Return in a sentence which goals are reached and which are missed."""
    missed = [row["what"] for row in rows if row["median"] > row["goal"]]
    said = f"{len(rows) - len(missed)} of {len(rows)} goals are reached"
    return f"{said}; missed: {', '.join(missed)}." if missed else f"{said}."


def page(result: dict[str, Any]) -> str:
    """Return the results as Markdown."""
    table = "\n".join(
        f"| {row['what']} | {row.get('digits', 1):.0f} | {row['median']:.1f} | {row['largest']:.1f} | "
        f"{row.get('decoding', 0):.1f} | {row['goal']:,.0f}, "
        f"{'reached' if row['median'] <= row['goal'] else 'missed'} |"
        for row in result["rows"]
    )
    return f"""# How long reading takes

| what is read | digits found | median, ms | largest, ms | of it decoding, ms | goal, ms |
|---|---|---|---|---|---|
{table}

{verdict(result["rows"])} The goals are for two cores, once the model is loaded.

Pages from the bytes of a JPEG file to lines of digits: {result["pages"]} of each size, {result["repeats"]} times each,
after one that is not timed. Drawn photographs on a wooden desk with digits of {result["dataset"]}; the digits found are
the median page's. Single digits are grey pictures in memory, normalised and read one by one: {result["singles"]} of
each size, as often. The model is {result["model"]} ({result["parameters"]:,} parameters).

Command: `{result["command"]}`. Machine: {result["processor"]}, {result["cores"]} cores, {result["instructions"]}, AMX
{"yes" if result["amx"] else "no"}, {result["threads"]} threads; Python {result["python"]}, torch
{result["versions"]["torch"]}. Every figure: [reading.json](reading.json).
"""


def _digits() -> Split:
    root = os.environ.get("INKWISE_DATA")
    there = root is not None and (Path(root) / "mnist").is_dir()
    return (load("mnist") if there else read_uci_digits()).split("train")


def main() -> None:
    """Measure, print the table, and write both files."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--model", default="inkwise", help="a model file, a run folder or a shipped model (inkwise)")
    parser.add_argument("--pages", type=int, default=8, help="pages of each size (8)")
    parser.add_argument("--repeats", type=int, default=5, help="times of each (5)")
    parser.add_argument("--out", type=Path, default=RESULTS, help="the folder to write into (docs/results)")
    arguments = parser.parse_args()
    recognizer, digits = Recognizer.load(arguments.model), _digits()
    rows = [of_page(*each, digits, recognizer, arguments.pages, arguments.repeats) for each in PAGES]
    rows += [of_digit(side, digits, recognizer, arguments.repeats) for side in SIDES]
    result = {
        "command": "python -m " + " ".join(["benchmarks.reading", *sys.argv[1:]]),
        **machine(),
        "threads": torch.get_num_threads(),
        "model": Path(arguments.model).name,
        "parameters": sum(weight.numel() for weight in recognizer.network.parameters()),
        "dataset": "MNIST's train images" if len(digits) > 10_000 else "the packaged UCI digits",
        "pages": arguments.pages,
        "repeats": arguments.repeats,
        "singles": DIGITS,
        "rows": rows,
    }
    files.make_folder(arguments.out)
    files.write(arguments.out / "reading.json", json.dumps(result, indent=2) + "\n")
    files.write(arguments.out / "reading.md", page(result))
    print(page(result))


if __name__ == "__main__":
    main()
