"""Scoring killed with SIGKILL again and again: what is lost, what is doubled, what is left behind.

    python -m benchmarks.scoring_kills [--kills 50] [--images 1500] [--shard 20] [--workers 2] [--seed 0] [--out FOLDER]

`inkwise score` scores an archive into CSV. Each attempt is killed: by turns at any moment from its start on, soon after
a shard of its own is written, or by the loss of one of its workers. An attempt that ends before it is killed is checked
and begun anew. The result must have the bytes of a run that nobody touched. Writes docs/results/scoring_kills.md and
scoring_kills.json.
"""

import argparse
import hashlib
import io
import json
import os
import random
import signal
import subprocess
import sys
import tarfile
import tempfile
import time
from collections import Counter
from pathlib import Path
from typing import Any

from PIL import Image

from inkwise import files
from inkwise.data.uci import read_uci_digits
from inkwise.experiment.environment import machine

RESULTS = Path(__file__).parent.parent / "docs" / "results"
GONE = 30.0  # seconds that workers have to end after the one that began them
WAYS = ("at any moment", "after a shard", "a worker")


def write_archive(path: Path, count: int) -> None:
    """Write a tar of packaged digits as PNG files, in a folder for each class; one in a hundred is damaged."""
    split = read_uci_digits().split("train")
    with tarfile.open(path, "w:gz") as archive:
        for index in range(count):
            place = index % len(split)
            file = io.BytesIO()
            Image.fromarray(255 - split.images[place, 0].numpy()).save(file, "png")
            data = file.getvalue()[: 60 if index % 100 == 99 else None]
            header = tarfile.TarInfo(f"{int(split.labels[place])}/{index:06d}.png")
            header.size = len(data)
            archive.addfile(header, io.BytesIO(data))


def command(archive: Path, out: Path, arguments: argparse.Namespace) -> list[str]:
    """Return the command line that is killed."""
    given = ["--shard", arguments.shard, "--workers", arguments.workers, "--model", arguments.model]
    words = ["score", archive, "--out", out, "--labels", "folders", "--quiet", *given]
    return [sys.executable, "-m", "inkwise", *map(str, words)]


def children(pid: int) -> list[int]:
    """Return the processes that a process began."""
    try:
        return [int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]
    except OSError:
        return []


def alive(pid: int) -> bool:
    """Whether a process runs; one that ended and was not asked about does not."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


def sha256(path: Path) -> str:
    """Return the SHA-256 of a file."""
    return hashlib.sha256(path.read_bytes()).hexdigest()


def results(out: Path) -> tuple[str, str]:
    """Return the hashes of an output and of its summary, the name of the output left out."""
    summary = json.loads(Path(f"{out}.summary.json").read_text())
    return sha256(out), hashlib.sha256(json.dumps({**summary, "out": None}).encode()).hexdigest()


def attempt(words: list[str], out: Path, way: str, draw: random.Random, start: float) -> tuple[str, int]:
    """Run the command and kill; return what became of it, and how many workers outlived it."""
    parts = Path(f"{out}.parts") / "shards"
    before = len(list(parts.rglob("*.jsonl")))
    process = subprocess.Popen(words, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    if way == "at any moment":
        deadline = time.monotonic() + draw.uniform(0, 1.5 * start)
        while time.monotonic() < deadline and process.poll() is None:
            time.sleep(0.005)
    else:
        while process.poll() is None and len(list(parts.rglob("*.jsonl"))) <= before:
            time.sleep(0.005)
        time.sleep(draw.uniform(0, 0.5))
    begun = children(process.pid)
    if process.poll() is not None:
        return "ended before", 0
    if way == "a worker" and len(begun) > 1:
        os.kill(draw.choice(begun[1:]), signal.SIGKILL)  # the first keeps count of semaphores
        process.wait()
        return "lost a worker and ended", 0
    process.kill()
    process.wait()
    deadline = time.monotonic() + GONE
    while any(map(alive, begun)) and time.monotonic() < deadline:
        time.sleep(0.02)
    return "killed", sum(map(alive, begun))


def measure(arguments: argparse.Namespace, folder: Path) -> dict[str, Any]:
    """Kill as often as asked; return what came of it."""
    draw = random.Random(arguments.seed)  # noqa: S311 (nothing to do with secrets)
    archive, whole, out = folder / "a.tar.gz", folder / "whole.csv", folder / "o.csv"
    write_archive(archive, arguments.images)
    began = time.monotonic()
    assert subprocess.run(command(archive, whole, arguments), check=False, capture_output=True).returncode == 1
    took = time.monotonic() - began
    expected, told, outlived, checked, different = results(whole), Counter[str](), 0, 0, 0

    def check() -> None:
        nonlocal checked, different
        checked += 1
        different += results(out) != expected
        out.unlink()
        Path(f"{out}.summary.json").unlink()

    kills = 0
    while kills < arguments.kills:
        way = WAYS[kills % len(WAYS)]
        became, left = attempt(command(archive, out, arguments), out, way, draw, took)
        told[f"{way}: {became}"] += 1
        outlived += left
        kills += became != "ended before"
        if Path(f"{out}.summary.json").exists():
            check()
        print(f"{kills:>3}  {way}: {became}", flush=True)
    if not out.exists():
        subprocess.run(command(archive, out, arguments), check=False, capture_output=True)
        check()
    left_behind = sorted(path.name for path in folder.iterdir() if path.name.startswith(("o.", ".")))
    return {
        "kills": kills,
        "told": dict(told),
        "outlived": outlived,
        "ended_and_compared": checked,
        "different": different,
        "left_behind": left_behind,
        "seconds_untouched": round(took, 1),
    }


def page(result: dict[str, Any]) -> str:
    """Return the results as Markdown."""
    rows = "\n".join(f"| {way} | {count} |" for way, count in sorted(result["told"].items()))
    left = ", ".join(result["left_behind"]) or "nothing"
    return f"""# Scoring, killed

`inkwise score` over a tar.gz of {result["images"]:,} packaged digits, one in a hundred of them damaged, in shards of
{result["shard"]}, with {result["workers"]} workers, killed by SIGKILL {result["kills"]} times:

| what was killed, and what became of it | times |
|---|---|
{rows}

It ended {result["ended_and_compared"]} times, and was then begun anew. Outputs or summaries that differ in a byte from
those of a run that nobody touched: {result["different"]}. Workers that outlived the process that began them:
{result["outlived"]}. Left behind beside the output: {left}.

Command: `{result["command"]}`. Machine: {result["processor"]}, {result["cores"]} cores; Python {result["python"]},
torch {result["versions"]["torch"]}. Every figure: [scoring_kills.json](scoring_kills.json).
"""


def main() -> None:
    """Measure and write the page."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--kills", type=int, default=50)
    parser.add_argument("--images", type=int, default=1500)
    parser.add_argument("--shard", type=int, default=20)
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--model", default="inkwise-small")
    parser.add_argument("--out", type=Path, default=RESULTS)
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        found = measure(arguments, Path(folder))
    result = {
        "command": "python -m " + " ".join(["benchmarks.scoring_kills", *sys.argv[1:]]),
        **machine(),
        "images": arguments.images,
        "shard": arguments.shard,
        "workers": arguments.workers,
        **found,
    }
    files.make_folder(arguments.out)
    files.write(arguments.out / "scoring_kills.json", json.dumps(result, indent=2) + "\n")
    files.write(arguments.out / "scoring_kills.md", page(result))
    print(page(result))


if __name__ == "__main__":
    main()
