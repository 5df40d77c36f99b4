"""Training time of each tutorial: the published way over ours, in alternating runs.

    python -m benchmarks.training [RECIPE ...] [--epochs 1] [--repeats 5]

Every run is a process of its own, peer and ours in turn, so that a drift of the machine meets both. Prints the table;
that of all recipes is also written to docs/results/training.md and training.json.
"""

import argparse
import json
import subprocess
import sys
from pathlib import Path
from statistics import median
from typing import Any

from benchmarks.peer import NETWORKS
from inkwise import files
from inkwise.experiment.environment import machine

GOALS = {"matched-filter": 12, "small-cnn": 4, "dropout-cnn": 4, "deep-cnn": 4, "batchnorm-cnn": 3}
RESULTS = Path(__file__).parent.parent / "docs" / "results"


def run(module: str, recipe: str, epochs: int) -> dict[str, Any]:
    """Run one side in a process of its own and return what it measured: seconds and precision."""
    command = [sys.executable, "-m", f"benchmarks.{module}", recipe, "--epochs", str(epochs)]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    measured: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return measured


def measure(recipe: str, epochs: int, repeats: int) -> dict[str, Any]:
    """Time peer and ours in turn and return all seconds, the medians and the ratio pair by pair."""
    pairs, precision = [], ""
    for _ in range(repeats):
        peer, ours = run("peer", recipe, epochs), run("ours", recipe, epochs)
        precision = ours["precision"]
        pairs.append((float(peer["seconds"]), float(ours["seconds"])))
        print(f"  {recipe}: peer {pairs[-1][0]:.2f} s, ours {pairs[-1][1]:.2f} s", file=sys.stderr)
    ratios = sorted(peer / ours for peer, ours in pairs)
    return {
        "recipe": recipe,
        "epochs": epochs,
        "peer_precision": "float32",
        "our_precision": precision,
        "peer_seconds": [round(peer, 3) for peer, _ in pairs],
        "our_seconds": [round(ours, 3) for _, ours in pairs],
        "peer_median": round(median(peer for peer, _ in pairs), 3),
        "our_median": round(median(ours for _, ours in pairs), 3),
        "ratio_median": round(median(ratios), 2),
        "ratio_low": round(ratios[0], 2),
        "ratio_high": round(ratios[-1], 2),
        "goal": GOALS[recipe],
    }


def reached(row: dict[str, Any]) -> bool:
    """Return whether the median of the ratios is at least the goal."""
    return bool(row["ratio_median"] >= row["goal"])


def verdict(rows: list[dict[str, Any]]) -> str:
    """Return in a sentence which goals are reached and which are missed."""
    done = [row["recipe"] for row in rows if reached(row)]
    missed = [row["recipe"] for row in rows if not reached(row)]
    said = f"{len(done)} of {len(rows)} goals are reached"
    return said + (f" ({', '.join(done)})" if done else "") + (f"; missed: {', '.join(missed)}." if missed else ".")


def page(result: dict[str, Any]) -> str:
    """Return the results as Markdown."""
    lines = [
        f"| {row['recipe']} | {row['peer_median']:.2f} | {row['our_median']:.2f} | {row['our_precision']} | "
        f"{row['ratio_median']:.1f} ({row['ratio_low']:.1f} to {row['ratio_high']:.1f}) | {row['goal']}, "
        f"{'reached' if reached(row) else 'missed'} |"
        for row in result["rows"]
    ]
    first = result["rows"][0]
    table = "\n".join(lines)
    return f"""# Training time against the published way

| recipe, as published | published way, s | Inkwise, s | products in | published / Inkwise | goal |
|---|---|---|---|---|---|
{table}

The goal is how many times faster Inkwise was meant to be, set before it was measured.
{verdict(result["rows"])}

Seconds of {first["epochs"]} epoch, medians of {len(first["our_seconds"])} runs of each side in turn, each a process of
its own; from digits in memory to trained weights, building the network included, imports and evaluation excluded.
The published way: one PIL image at a time, a main-process DataLoader, float32 (`benchmarks/peer.py`). The same network,
batches and number of steps on both sides.

Command: `{result["command"]}`. Machine: {result["processor"]}, {result["cores"]} cores, {result["instructions"]}, AMX
{"yes" if result["amx"] else "no"}; Python {result["python"]}, torch {result["versions"]["torch"]}. Every run:
[training.json](training.json).
"""


def main() -> None:
    """Measure the recipes that are named, or all."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("recipes", nargs="*", choices=[*NETWORKS, []])
    parser.add_argument("--epochs", type=int, default=1)
    parser.add_argument("--repeats", type=int, default=5)
    arguments = parser.parse_args()
    rows = [measure(name, arguments.epochs, arguments.repeats) for name in arguments.recipes or NETWORKS]
    result = {"command": "python -m " + " ".join(["benchmarks.training", *sys.argv[1:]]), **machine(), "rows": rows}
    if not arguments.recipes:  # a part of the table does not replace the whole
        files.write(RESULTS / "training.json", json.dumps(result, indent=2) + "\n")
        files.write(RESULTS / "training.md", page(result))
    print(f"{'recipe':15} {'peer s':>8} {'ours s':>8} {'ratio':>7}  {'low':>6} {'high':>6}  goal")
    for row in rows:
        print(
            f"{row['recipe']:15} {row['peer_median']:8.2f} {row['our_median']:8.2f} {row['ratio_median']:7.2f}  "
            f"{row['ratio_low']:6.2f} {row['ratio_high']:6.2f}  {row['goal']}"
        )


if __name__ == "__main__":
    main()
