"""What scoring costs: images a second on one and two processes, where the time goes, and memory.

    python -m benchmarks.scoring [--images 4000] [--pages 60] [--repeats 3] [--model inkwise-small] [--out FOLDER]
                                 [--processor-only]

First the processor time of one image, by stage, in this process. Then `inkwise score` is run as a process of its own
over a tar of PNG digits and over a tar of JPEG pages, with one worker and with two, in turn. A rate is over the shards
alone, without start and end, which an archive of millions does not notice. Cost is processor seconds of the whole
command less those of its start, for a million. Memory is the largest sum over its processes of their proportional share
(PSS), for an archive and for one of five times as many. Writes docs/results/scoring.md and scoring.json.
"""

import argparse
import io
import json
import os
import resource
import subprocess
import sys
import tarfile
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from statistics import median
from typing import Any

import numpy as np
import torch
from PIL import Image

from inkwise import files
from inkwise.data.image import load_grey
from inkwise.data.normaliser import normalise
from inkwise.data.uci import read_uci_digits
from inkwise.experiment.environment import machine
from inkwise.recognizer import Recognizer
from inkwise.scoring.scoring import score
from inkwise.scoring.worker import one_thread
from inkwise.synthesis.page_style import PageStyle
from inkwise.synthesis.pages import draw_page

RESULTS = Path(__file__).parent.parent / "docs" / "results"
STYLE = PageStyle(width=600, height=400, layout="rows", digit_height=0.09, gap=0.3, desk="wood", noise=4.0, jpeg=90)
WORKERS = (1, 2)
SIDE = 64  # pixels of a digit's picture
KINDS = 200  # different digits, and a tenth as many pages; an archive repeats them
FIVE = 5


def digit(index: int) -> bytes:
    """Return a packaged digit as a PNG file, dark on light."""
    split = read_uci_digits().split("train")
    image = Image.fromarray(255 - split.images[index, 0].numpy()).resize((SIDE, SIDE), Image.Resampling.BICUBIC)
    return encoded(image, "png")


def page_of(index: int) -> bytes:
    """Return a drawn page as a JPEG file."""
    return encoded(Image.fromarray(draw_page(read_uci_digits().split("train"), index, STYLE).image), "jpeg")


def encoded(image: Image.Image, form: str) -> bytes:
    """Return a picture as a file's bytes."""
    file = io.BytesIO()
    image.save(file, form)
    return file.getvalue()


def write_archive(path: Path, pictures: list[bytes], count: int, suffix: str) -> Path:
    """Write a tar of `count` pictures."""
    with tarfile.open(path, "w") as archive:
        for index in range(count):
            data = pictures[index % len(pictures)]
            header = tarfile.TarInfo(f"{index:08d}.{suffix}")
            header.size = len(data)
            archive.addfile(header, io.BytesIO(data))
    return path


def memory_of(pid: int) -> int:
    """Return the bytes that a process and those that it began take, what they share counted once."""
    try:
        line = next(
            line for line in Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines() if line.startswith("Pss:")
        )
        begun = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
        return 1024 * int(line.split()[1]) + sum(memory_of(int(child)) for child in begun)
    except (OSError, StopIteration):
        return 0


def run(archive: Path, out: Path, workers: int, arguments: argparse.Namespace, *more: str) -> dict[str, float]:
    """Score once; return images a second, processor seconds and the largest memory in bytes."""
    words = ["score", archive, "--out", out, "--workers", workers, "--model", arguments.model, "--json", *more]
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    process = subprocess.Popen([sys.executable, "-m", "inkwise", *map(str, words)], stdout=subprocess.PIPE)
    largest = 0
    while process.poll() is None:
        largest = max(largest, memory_of(process.pid))
        time.sleep(0.2)
    assert process.stdout is not None
    told = json.loads(process.stdout.read())
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    out.unlink()
    Path(f"{out}.summary.json").unlink()
    spent = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return {"rate": told["images_per_second"], "processor": spent, "memory": largest, "bytes": archive.stat().st_size}


def processor(arguments: argparse.Namespace, folder: Path) -> dict[str, Any]:
    """Return the processor's microseconds for one image, in this process on one thread: by stage, and in all.

    Processor time is not lengthened by others who wait for the same processor, as the time of a clock is.
    """
    recognizer = Recognizer.load(arguments.model)
    pictures = [digit(index) for index in range(KINDS)]
    greys = [load_grey(data) for data in pictures]
    forms = torch.from_numpy(np.stack([normalise(grey).image for grey in greys])[:, None]).repeat(5, 1, 1, 1)

    def each(call: Callable[[], object], count: int) -> float:
        began = time.process_time()
        call()
        return round(1e6 * (time.process_time() - began) / count, 1)

    def whole(archive: Path, count: int, *, pages: bool) -> float:
        out = folder / "whole.csv"

        def call() -> None:
            score([str(archive)], out, model=arguments.model, pages=pages, workers=0, say=lambda _: None)
            out.unlink()
            Path(f"{out}.summary.json").unlink()

        return each(call, count)

    with one_thread():
        recognizer.answer(forms)
        digits = write_archive(folder / "digits.tar", pictures, arguments.images, "png")
        pages = write_archive(
            folder / "pages.tar", [page_of(index) for index in range(4)], max(arguments.pages // 5, 4), "jpg"
        )
        return {
            "decode": each(lambda: [load_grey(data) for data in pictures], len(pictures)),
            "normalise": each(lambda: [normalise(grey) for grey in greys], len(greys)),
            "network": each(lambda: recognizer.answer(forms), len(forms)),
            "digit": whole(digits, arguments.images, pages=False),
            "page": whole(pages, max(arguments.pages // 5, 4), pages=True),
        }


def measure(arguments: argparse.Namespace, folder: Path) -> dict[str, Any]:
    """Measure everything."""
    rows = []
    for what, count, suffix, more in (
        ("digits", arguments.images, "png", ()),
        ("pages", arguments.pages, "jpg", ("--pages", "--shard", "5")),
    ):
        kinds = KINDS if what == "digits" else KINDS // 10
        pictures = [digit(index) if what == "digits" else page_of(index) for index in range(kinds)]
        small = write_archive(folder / "small.tar", pictures, 1, suffix)
        archive = write_archive(folder / "a.tar", pictures, count, suffix)
        start = median(run(small, folder / "o.csv", 1, arguments, *more)["processor"] for _ in range(arguments.repeats))
        found: dict[int, list[dict[str, float]]] = {workers: [] for workers in WORKERS}
        for _ in range(arguments.repeats):
            for workers in WORKERS:
                found[workers].append(run(archive, folder / "o.csv", workers, arguments, *more))
        for workers in WORKERS:
            rates = [each["rate"] for each in found[workers]]
            processor = median(each["processor"] for each in found[workers]) - workers * start
            rows.append(
                {
                    "what": what,
                    "images": count,
                    "workers": workers,
                    "rate": round(median(rates), 1),
                    "low": round(min(rates), 1),
                    "high": round(max(rates), 1),
                    "hours_per_million": round(1e6 / median(rates) / 3600, 2),
                    "processor_hours_per_million": round(1e6 * processor / count / 3600, 2),
                    "memory_mb": round(max(each["memory"] for each in found[workers]) / 1e6),
                }
            )
            print(rows[-1], flush=True)
    pictures = [digit(index) for index in range(KINDS)]
    archive = write_archive(folder / "five.tar", pictures, FIVE * arguments.images, "png")
    five = run(archive, folder / "o.csv", 1, arguments)
    return {"rows": rows, "five": {"memory_mb": round(five["memory"] / 1e6), "rate": five["rate"]}}


def page(result: dict[str, Any]) -> str:
    """Return the results as Markdown."""
    spent = result["processor"]
    rest = spent["digit"] - spent["decode"] - spent["normalise"] - spent["network"]
    return f"""# Scoring

Processor time of one image, on one thread, microseconds: a PNG digit of {SIDE} x {SIDE} pixels out of a tar, decoded
{spent["decode"]:.0f}, normalised {spent["normalise"]:.0f}, through the network {spent["network"]:.0f}, listing, rows \
and files {rest:.0f}; in all {spent["digit"]:.0f}. A JPEG page of {STYLE.width} x {STYLE.height}: {spent["page"]:,.0f}.

| a million | processor hours | a processor could do in an hour |
|---|---|---|
| digits | {spent["digit"] / 3600:.2f} | {3.6e9 / spent["digit"]:,.0f} |
| pages | {spent["page"] / 3600:,.1f} | {3.6e9 / spent["page"]:,.0f} |

Hours for a million are microseconds for one, over 3,600. At p for an hour of one processor a million digits cost
{spent["digit"] / 3600:.2f} p and a million pages {spent["page"] / 3600:,.1f} p.

{by_the_clock(result) if result["rows"] else NOT_BY_THE_CLOCK}
Model: {result["model"]}. The load of the machine was {result["load"]:.1f} when it began.
Command: `{result["command"]}`. Machine: \
{result["processor_name"]}, {result["cores"]} cores; Python {result["python"]}, torch \
{result["versions"]["torch"]}. Every figure: [scoring.json](scoring.json).
"""


NOT_BY_THE_CLOCK = """By the clock, on one process and on two, nothing was measured in this run: that takes a machine
that does nothing else, and the command without `--processor-only`.
"""


def by_the_clock(result: dict[str, Any]) -> str:
    """Return what a clock says, as Markdown."""
    rows = result["rows"]
    table = "\n".join(
        f"| {row['what']}, {row['images']:,} | {row['workers']} | {row['rate']:,.1f} ({row['low']:,.1f} to "
        f"{row['high']:,.1f}) | {row['hours_per_million']:.2f} | {row['processor_hours_per_million']:.2f} | "
        f"{row['memory_mb']:,} |"
        for row in rows
    )
    gains = "; ".join(
        f"{what} {two['rate'] / one['rate']:.2f}"
        for what in ("digits", "pages")
        for one, two in [[row for row in rows if row["what"] == what]]
    )
    return f"""By the clock, `inkwise score` as a process of its own, into CSV:

| what | workers | images a second (low to high) | hours for a million | processor hours for a million | memory, MB |
|---|---|---|---|---|---|
{table}

Two workers over one: {gains}. Medians of {result["repeats"]} runs of each in turn; a rate is over the shards alone.
Memory is that of all its processes, what they share counted once. {FIVE} times as many digits
({FIVE * rows[0]["images"]:,}) with one worker: {result["five"]["memory_mb"]:,} MB.
"""


def main() -> None:
    """Measure and write the page."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--images", type=int, default=4000)
    parser.add_argument("--pages", type=int, default=60)
    parser.add_argument("--repeats", type=int, default=3)
    parser.add_argument("--model", default="inkwise-small")
    parser.add_argument("--processor-only", action="store_true", help="processor time alone, on a busy machine")
    parser.add_argument("--out", type=Path, default=RESULTS)
    arguments = parser.parse_args()
    load = os.getloadavg()[0]
    with tempfile.TemporaryDirectory() as folder:
        spent = processor(arguments, Path(folder))
        found = {"rows": []} if arguments.processor_only else measure(arguments, Path(folder))
    about = machine()
    result = {
        "command": "python -m " + " ".join(["benchmarks.scoring", *sys.argv[1:]]),
        **about,
        "processor_name": about["processor"],
        "processor": spent,
        "load": load,
        "model": arguments.model,
        "repeats": arguments.repeats,
        **found,
    }
    files.make_folder(arguments.out)
    files.write(arguments.out / "scoring.json", json.dumps(result, indent=2) + "\n")
    files.write(arguments.out / "scoring.md", page(result))
    print(page(result))


if __name__ == "__main__":
    main()
