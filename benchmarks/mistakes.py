"""What single mistakes cost on MNIST, with nothing else changed.

    python -m benchmarks.mistakes [--seeds 3]

Softmax twice: `dropout-cnn@published` is trained without its last softmax, everything else as published, and compared
with the runs of `make reproduce`. Watching test: `deep-cnn@published` looks at the test set every 50 iterations; the
best of these looks is compared with the last one, in the same runs. Needs MNIST and the runs of `make reproduce`.
Writes docs/results/mistakes.json, which the guide reads.
"""

import argparse
import csv
import json
import tempfile
from pathlib import Path
from statistics import mean, stdev

from inkwise import files
from inkwise.experiment.environment import machine
from inkwise.experiment.experiment import train
from inkwise.recipes.load import resolve

ROOT = Path(__file__).parent.parent
RESULTS = ROOT / "docs" / "results"
RUNS = ROOT / "runs" / "reproduce"


def spread(values: list[float]) -> dict[str, object]:
    """Return the values with their mean and standard deviation."""
    return {"values": values, "mean": mean(values), "sd": stdev(values) if len(values) > 1 else 0.0}


def softmax_once(seed: int) -> float:
    """Return the test accuracy of dropout-cnn as published, but for its softmax."""
    published = resolve("dropout-cnn@published")
    recipe = published.model_copy(update={"name": "softmax-once", "network": published.network[:-1], "seed": seed})
    with tempfile.TemporaryDirectory() as folder:
        return train(recipe, out=Path(folder) / "run").evaluations["test"].accuracy


def looks(seed: int) -> list[float]:
    """Return the test accuracies that deep-cnn as published was shown while it trained."""
    with (RUNS / f"deep-cnn@published-seed{seed}" / "metrics.csv").open(encoding="utf-8", newline="") as file:
        return [float(row["accuracy"]) for row in csv.DictReader(file) if row["split"] == "test"]


def main() -> None:
    """Measure, print and write."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seeds", type=int, default=3)
    seeds = range(parser.parse_args().seeds)
    tutorials = json.loads((RESULTS / "tutorials.json").read_text(encoding="utf-8"))["tutorials"]
    twice = next(entry for entry in tutorials if entry["recipe"] == "dropout-cnn")["published_judged_honestly"]
    seen = [looks(seed) for seed in seeds]
    result = {
        "command": f"python -m benchmarks.mistakes --seeds {len(seeds)}",
        **machine(),
        "seeds": list(seeds),
        "softmax_twice": spread(twice["accuracies"]),
        "softmax_once": spread([softmax_once(seed) for seed in seeds]),
        "best_look_at_test": spread([max(each) for each in seen]),
        "last_look_at_test": spread([each[-1] for each in seen]),
        "looks_at_test": len(seen[0]),
    }
    files.write(RESULTS / "mistakes.json", json.dumps(result, indent=2) + "\n")
    print(json.dumps(result, indent=2))


if __name__ == "__main__":
    main()
