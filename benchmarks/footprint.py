"""Memory and waiting: peak memory of training each tutorial, time to import and to show help.

    python -m benchmarks.footprint [--repeats 9]

Peak memory is what the operating system counted for the whole process of `inkwise train RECIPE`, evaluation and
report included, with one epoch (more epochs hold no more). Times are whole processes; the import is what
`import inkwise` adds to an empty Python. Writes docs/results/footprint.json.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from statistics import median

from benchmarks.peer import NETWORKS
from inkwise import files
from inkwise.experiment.environment import machine

RESULTS = Path(__file__).parent.parent / "docs" / "results" / "footprint.json"


def peak_memory(command: list[str]) -> float:
    """Run a command and return its peak memory in MB."""
    with Path(os.devnull).open("w", encoding="utf-8") as nothing:
        child = subprocess.Popen(command, stdout=nothing, stderr=nothing)
        _, status, usage = os.wait4(child.pid, 0)
        child.returncode = os.waitstatus_to_exitcode(status)
    if child.returncode:
        raise SystemExit(f"{' '.join(command)} failed with {child.returncode}")
    return usage.ru_maxrss / (1024**2 if sys.platform == "darwin" else 1024)


def wall(command: list[str], repeats: int) -> float:
    """Return the median wall-clock seconds of a command."""
    times = []
    for _ in range(repeats):
        began = time.perf_counter()
        subprocess.run(command, capture_output=True, check=True)
        times.append(time.perf_counter() - began)
    return median(times)


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--repeats", type=int, default=9)
    repeats = parser.parse_args().repeats
    inkwise = str(Path(sys.executable).parent / "inkwise")
    empty = wall([sys.executable, "-c", "pass"], repeats)
    times = {
        "import inkwise": wall([sys.executable, "-c", "import inkwise"], repeats) - empty,
        "inkwise --help": wall([inkwise, "--help"], repeats),
    }
    memory = {}
    with tempfile.TemporaryDirectory() as folder:
        for name in NETWORKS:
            command = [inkwise, "train", name, "--epochs", "1", "--out", f"{folder}/{name}", "--quiet"]
            memory[name] = peak_memory(command)
    result = {
        "command": "python -m " + " ".join(["benchmarks.footprint", *sys.argv[1:]]),
        **machine(),
        "seconds": {name: round(value, 3) for name, value in times.items()},
        "peak_megabytes": {name: round(value) for name, value in memory.items()},
    }
    files.write(RESULTS, json.dumps(result, indent=2) + "\n")
    for name, value in times.items():
        print(f"{name:25} {value:6.3f} s")
    for name, value in memory.items():
        print(f"training {name:25} {value:6.0f} MB peak")


if __name__ == "__main__":
    main()
