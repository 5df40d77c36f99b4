"""How long one value takes to be explained, once a network is loaded.

`python -m benchmarks.explain` writes docs/results/explain.json and .md: for every tutorial recipe and every layer of
its network the median of 20 times, of recording the image, working the arithmetic out and writing it, and of these
with the receptive fields. The weights are random, from a seed; what is computed does not depend on them, only how
many figures are written does. One process, on a machine that should do nothing else meanwhile.
"""

import argparse
import json
import sys
from collections.abc import Callable
from pathlib import Path
from statistics import median
from time import perf_counter
from typing import Any

import torch
from torch import Tensor

from inkwise import files
from inkwise.data.uci import read_uci_digits
from inkwise.experiment.environment import machine
from inkwise.explain.activations import record
from inkwise.explain.arithmetic.arithmetic import explain_value, strongest
from inkwise.explain.arithmetic.table import render
from inkwise.explain.field import boxes
from inkwise.models.network import Network, build
from inkwise.recipes.registry import get, names

RESULTS = Path(__file__).parent.parent / "docs" / "results"
GOAL = 50.0  # milliseconds for one value


def network_of(name: str) -> Network:
    """Return the network of a recipe with random weights, always the same."""
    recipe = get(name)
    torch.manual_seed(0)
    return build(recipe.network, classes=1 if recipe.binary else 10, pixels=recipe.pixels).eval()


def milliseconds(run: Callable[[], object], repeats: int) -> list[float]:
    """Return the time of each of `repeats` runs, after one that is not timed."""
    run()
    taken = []
    for _ in range(repeats):
        start = perf_counter()
        run()
        taken.append(1e3 * (perf_counter() - start))
    return taken


def measured(name: str, image: Tensor, repeats: int) -> list[dict[str, Any]]:
    """Return a row for each layer of a recipe's network: medians and the largest, without boxes and with them."""
    network, rows = network_of(name), []
    for call in record(network, image).calls:
        layer, at = call.name, strongest(call)

        def told(layer: str = layer, at: tuple[int, ...] = at, *, seen: bool = False) -> object:
            activations = record(network, image)
            text = render(explain_value(activations, layer, at))
            return text, boxes(activations, layer, at) if seen else {}

        plain = milliseconds(told, repeats)
        seen = milliseconds(lambda: told(seen=True), repeats)  # called within the turn
        rows.append(
            {
                "recipe": name,
                "layer": layer,
                "kind": type(call.module).__name__,
                "median": round(median(plain), 3),
                "largest": round(max(plain), 3),
                "median_with_boxes": round(median(seen), 3),
                "largest_with_boxes": round(max(seen), 3),
            }
        )
    return rows


def page(result: dict[str, Any]) -> str:
    """Return the results as Markdown."""
    lines = []
    for name in dict.fromkeys(row["recipe"] for row in result["rows"]):
        rows = [row for row in result["rows"] if row["recipe"] == name]
        slow = max(rows, key=lambda row: row["median_with_boxes"])
        lines.append(
            f"| {name} | {len(rows)} | {median(row['median'] for row in rows):.1f} | "
            f"{median(row['median_with_boxes'] for row in rows):.1f} | {slow['median_with_boxes']:.1f}, "
            f"{slow['layer']} | {max(row['largest_with_boxes'] for row in rows):.1f} |"
        )
    table = "\n".join(lines)
    return f"""# One value explained

Milliseconds for the largest value of a layer, the network and the image in memory: recorded, worked out, written as
text, and its receptive field in every layer before it. The goal is below {result["goal"]:.0f} ms.

| recipe | layers | median without boxes | median with boxes | slowest layer, its median with boxes | largest of all |
|---|---|---|---|---|---|
{table}

{result["repeats"]} times for each layer after one that is not timed; the medians are over the layers' medians. The
weights are random, from seed 0. Of all medians {result["above"]} lie at or above the goal.

Command: `{result["command"]}`. Machine: {result["processor"]}, {result["cores"]} cores, {result["instructions"]}, AMX
{"yes" if result["amx"] else "no"}, {result["threads"]} threads; Python {result["python"]}, torch
{result["versions"]["torch"]}. Every layer: [explain.json](explain.json).
"""


def main() -> None:
    """Measure, print the table, and write both files."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--repeats", type=int, default=20, help="times of each layer (20)")
    parser.add_argument("--out", type=Path, default=RESULTS, help="the folder to write into (docs/results)")
    arguments = parser.parse_args()
    image = read_uci_digits().split("test").images[0]
    rows = []
    for name in names():
        print(f"  {name}", file=sys.stderr)
        rows += measured(name, image, arguments.repeats)
    result = {
        "command": "python -m " + " ".join(["benchmarks.explain", *sys.argv[1:]]),
        **machine(),
        "threads": torch.get_num_threads(),
        "repeats": arguments.repeats,
        "weights": "random, seed 0",
        "goal": GOAL,
        "above": sum(row["median_with_boxes"] >= GOAL for row in rows),
        "rows": rows,
    }
    files.make_folder(arguments.out)
    files.write(arguments.out / "explain.json", json.dumps(result, indent=2) + "\n")
    files.write(arguments.out / "explain.md", page(result))
    print(page(result))


if __name__ == "__main__":
    main()
