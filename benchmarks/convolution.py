"""The three algorithms of a convolution against each other and against torch; and the costs behind the choice.

    python -m benchmarks.convolution --fit     measures the grid and writes src/inkwise/convolution/costs.py
    python -m benchmarks.convolution           measures, prints, writes docs/results/convolution.md and .json

Three figures: im2col against torch.nn.functional.conv2d on 256 x 32 x 28 x 28 with 64 kernels of 3 x 3, in float32 and
bfloat16; the Fourier transform against the definition on 4096 points with a kernel of 1024; and over a grid of sizes
what the automatic choice takes against the best of the three. Everything in one process, the sides in turn, so that a
drift of the machine meets all. Each takes about three minutes, on a machine that should do nothing else meanwhile.
"""

import argparse
import json
import sys
from collections.abc import Callable, Iterable
from pathlib import Path
from statistics import median
from time import perf_counter
from typing import Any

import numpy as np
import torch
from scipy.optimize import nnls
from torch.nn import functional

from benchmarks.sizes import Case, grid, held_out, tensors
from inkwise import files
from inkwise.convolution.choice import ALGORITHMS, choose, work
from inkwise.convolution.correlation import correlate
from inkwise.convolution.promotion import name_of
from inkwise.experiment.environment import machine

ROOT = Path(__file__).parent.parent
RESULTS = ROOT / "docs" / "results"
COSTS = ROOT / "src" / "inkwise" / "convolution" / "costs.py"

HOPELESS = 4.0  # a side that many times slower than the best is not measured on, where the best alone matters


def seconds(
    sides: dict[str, Callable[[], object]], least: int, budget: float, hopeless: float = float("inf")
) -> dict[str, list[float]]:
    """Time the sides in turn and return each one's seconds a call, after each has run without being timed.

    A short call is timed as the mean of as many as fill some milliseconds, since the first calls after another side's
    turn pay for cold caches and sleeping threads: 0.4 instead of 0.17 ms for the transform of 4096 points.

    Args:
        sides: What is measured, by name.
        least: How often each is measured at least.
        budget: Seconds that may be spent on measuring more often than that.
        hopeless: How many times slower than the best a side may be to be measured more than twice.
    """
    taken: dict[str, list[float]] = {name: [] for name in sides}
    for run in sides.values():
        run()
    calls = {name: calls_for(run, budget) for name, run in sides.items()}
    begun, rounds = perf_counter(), 0
    while rounds < least or (rounds < 300 and perf_counter() - begun < budget):
        quickest = min((min(each) for each in taken.values() if each), default=0.0)
        for name, run in sides.items():
            if rounds < 2 or min(taken[name]) < hopeless * quickest:
                taken[name].append(mean_seconds(run, calls[name]))
        rounds += 1
    return taken


def mean_seconds(run: Callable[[], object], calls: int) -> float:
    """Return the mean seconds of so many calls, one after the other."""
    start = perf_counter()
    for _ in range(calls):
        run()
    return (perf_counter() - start) / calls


def calls_for(run: Callable[[], object], budget: float) -> int:
    """Return how many calls make a turn: as many as fill a fiftieth of the budget, at most 200."""
    return max(1, min(200, round(budget / 50 / mean_seconds(run, 1))))


def sides_of(case: Case, names: Iterable[str]) -> dict[str, Callable[[], object]]:
    """Return the correlation of a case by each of the algorithms named."""
    image, kernel = tensors(case)

    def by(name: str) -> Callable[[], object]:
        return lambda: correlate(image, kernel, algorithm=name, **case.settings)

    return {name: by(name) for name in names}


def progress(done: int, total: int, what: object) -> None:
    """Say on stderr how far it is, on one line that is written over."""
    print(f"\r  {done} / {total}  {what!s:60.60}", end="" if done < total else "\n", file=sys.stderr)


def pair(what: str, taken: dict[str, list[float]], over: str, under: str, goal: str) -> dict[str, Any]:
    """Return one side over the other: milliseconds, and the ratio of the medians with the extremes round by round."""
    ratios = sorted(a / b for a, b in zip(taken[over], taken[under], strict=True))
    return {
        "what": what,
        "over": over,
        "under": under,
        "milliseconds": {name: round(1e3 * median(each), 4) for name, each in taken.items()},
        "ratio": round(median(taken[over]) / median(taken[under]), 3),
        "ratio_low": round(ratios[0], 3),
        "ratio_high": round(ratios[-1], 3),
        "rounds": len(ratios),
        "goal": goal,
    }


def against_torch(dtype: torch.dtype, least: int) -> dict[str, Any]:
    """Time im2col over torch's convolution on 256 x 32 x 28 x 28 with 64 kernels of 3 x 3, padding 1."""
    image, kernel = tensors(Case((256, 32, 28, 28), (64, 32, 3, 3), dtype))
    sides: dict[str, Callable[[], object]] = {
        "conv2d": lambda: functional.conv2d(image, kernel, padding=1),
        "im2col": lambda: correlate(image, kernel, padding=1, algorithm="im2col"),
    }
    return pair(f"256x32x28x28, 64 of 3x3, {name_of(dtype)}", seconds(sides, least, 4.0), "im2col", "conv2d", "under 3")


def against_definition(least: int) -> dict[str, Any]:
    """Time the definition over the Fourier transform on 4096 points with a kernel of 1024."""
    sides = sides_of(Case((1, 1, 4096), (1, 1, 1024)), ("direct", "fft"))
    return pair("4096 points, a kernel of 1024, float32", seconds(sides, least, 4.0), "direct", "fft", "over 20")


def over_the_grid(cases: list[Case], least: int, budget: float) -> list[dict[str, Any]]:
    """Time all three algorithms and the automatic choice for every case; the quickest of all rounds counts."""
    rows = []
    for number, case in enumerate(cases, start=1):
        progress(number, len(cases), case)
        taken = seconds(sides_of(case, (*ALGORITHMS, "auto")), least, budget, HOPELESS)
        ms = {name: 1e3 * min(each) for name, each in taken.items()}
        rows.append(
            {
                "case": str(case),
                "milliseconds": {name: round(value, 4) for name, value in ms.items()},
                "chosen": choose(case.image, case.kernel, dtype=case.dtype, **case.settings).algorithm,
                "best": min(ALGORITHMS, key=ms.__getitem__),
                "ratio": round(ms["auto"] / min(ms[name] for name in ALGORITHMS), 3),
            }
        )
    return rows


def summary(rows: list[dict[str, Any]]) -> dict[str, Any]:
    """Return how the automatic choice did: the largest ratios, how many lie above 1.3, what was chosen."""
    ratios = sorted((each["ratio"] for each in rows), reverse=True)
    return {
        "cases": len(rows),
        "largest": ratios[0],
        "above": sum(ratio > 1.3 for ratio in ratios),
        "median": median(ratios),
        "right": sum(each["chosen"] == each["best"] for each in rows),
        "chosen": {name: sum(each["chosen"] == name for each in rows) for name in ALGORITHMS},
    }


def fitted(cases: list[Case], milliseconds: list[dict[str, float]]) -> dict[str, dict[str, float]]:
    """Return nanoseconds per amount of work, none negative, that explain the measurements.

    Relative errors are what counts, and a measurement that lies far off counts less (Cauchy weights), so that a
    disturbance of the machine spoils no cost.
    """
    costs: dict[str, dict[str, float]] = {}
    for name in ALGORITHMS:
        amounts = [work(case.setting, case.dtype)[name] for case in cases]
        names = sorted({what for each in amounts for what in each})
        taken = np.array([1e6 * each[name] for each in milliseconds])
        shares = np.array([[each.get(what, 0.0) for what in names] for each in amounts]) / taken[:, None]
        scale = np.maximum(shares.max(axis=0), 1e-300)
        weights = np.ones(len(taken))
        for _ in range(30):
            found, _residual = nnls(shares / scale * weights[:, None], weights)
            off = np.log(np.maximum(shares @ (found / scale), 1e-9))
            weights = 1 / (1 + (off / 0.25) ** 2)
        costs[name] = {what: float(f"{cost:.3g}") for what, cost in zip(names, found / scale, strict=True)}
    return costs


def module(costs: dict[str, dict[str, float]], cases: int) -> str:
    """Return costs.py."""
    where = machine()
    processor = f"{where['processor']}, {where['cores']} cores, {torch.get_num_threads()} threads"
    lines = "".join(
        f'    "{name}": {{\n' + "".join(f'        "{what}": {cost!r},\n' for what, cost in each.items()) + "    },\n"
        for name, each in costs.items()
    )
    return f'''"""What each amount of work costs, in nanoseconds; written by `python -m benchmarks.convolution --fit`.

Fitted to {cases} sizes on {processor}, {where["instructions"]},
torch {where["versions"]["torch"]}. The amounts are counted in `choice`.
"""

from typing import Final

COSTS: Final[dict[str, dict[str, float]]] = {{
{lines}}}
'''


def page(result: dict[str, Any]) -> str:
    """Return the results as Markdown."""
    pairs = "\n".join(
        f"| {row['what']} | {row['over']} {row['milliseconds'][row['over']]:.2f}, "
        f"{row['under']} {row['milliseconds'][row['under']]:.2f} | "
        f"{row['ratio']:.2f} ({row['ratio_low']:.2f} to {row['ratio_high']:.2f}) | {row['goal']} |"
        for row in result["pairs"]
    )
    kinds = "\n".join(
        f"| {what} | {each['cases']} | {each['largest']:.2f} | {each['above']} | {each['median']:.2f} | "
        f"{each['right']} | " + " | ".join(str(each["chosen"][name]) for name in ALGORITHMS) + " |"
        for what, each in (("the grid", result["grid_summary"]), ("held out", result["held_out_summary"]))
    )
    worst = "\n".join(
        f"| {row['case']} | "
        + " | ".join(f"{row['milliseconds'][name]:.3f}" for name in ALGORITHMS)
        + f" | {row['chosen']} | {row['ratio']:.2f} |"
        for row in sorted([*result["grid"], *result["held_out"]], key=lambda row: -row["ratio"])[:8]
    )
    return f"""# The convolution's algorithms

| what | ms | ratio (extremes) | goal |
|---|---|---|---|
{pairs}

Medians of {result["pairs"][0]["rounds"]} rounds or more, the sides in turn, inputs in memory, no gradients.

## The automatic choice against the best of the three

How many times as long the automatic choice takes as the best of the three; the goal is at most 1.3. The sizes have one
to three axes, kernels of 1 to 1023, 1 to 64 channels, batches of 1 to 256, one kernel for each channel, strides,
dilation, float32, float64, int64, bfloat16. The costs behind the choice were fitted to the grid; the sizes held out are
others.

| sizes | number | largest | above 1.3 | median | best chosen | direct | im2col | fft |
|---|---|---|---|---|---|---|---|---|
{kinds}

The quickest round counts, of {result["least_rounds"]} or more. The eight largest of all, in ms:

| size | direct | im2col | fft | chosen | ratio |
|---|---|---|---|---|---|
{worst}

Command: `{result["command"]}`. Machine: {result["processor"]}, {result["cores"]} cores, {result["instructions"]}, AMX
{"yes" if result["amx"] else "no"}, {result["threads"]} threads; Python {result["python"]}, torch
{result["versions"]["torch"]}. Every size: [convolution.json](convolution.json).
"""


def fit(least: int, budget: float) -> None:
    """Measure the grid and write the costs that explain it."""
    cases = grid()
    measured = []
    for number, case in enumerate(cases, start=1):
        progress(number, len(cases), case)
        taken = seconds(sides_of(case, ALGORITHMS), least, budget, 3 * HOPELESS)
        measured.append({name: 1e3 * min(each) for name, each in taken.items()})
    files.write(COSTS, module(fitted(cases, measured), len(cases)))
    print(f"Wrote {COSTS.relative_to(ROOT)}, fitted to {len(cases)} sizes; now run python -m benchmarks.convolution.")


def measure(least: int, budget: float) -> None:
    """Measure the three figures, print them, and write both files."""
    pairs = [against_torch(dtype, least) for dtype in (torch.float32, torch.bfloat16)]
    pairs.append(against_definition(least))
    rows, others = (over_the_grid(cases, least, budget) for cases in (grid(), held_out()))
    result = {
        "command": "python -m " + " ".join(["benchmarks.convolution", *sys.argv[1:]]),
        **machine(),
        "threads": torch.get_num_threads(),
        "least_rounds": least,
        "pairs": pairs,
        "grid_summary": summary(rows),
        "held_out_summary": summary(others),
        "grid": rows,
        "held_out": others,
    }
    files.write(RESULTS / "convolution.json", json.dumps(result, indent=2) + "\n")
    files.write(RESULTS / "convolution.md", page(result))
    print(page(result))


def main() -> None:
    """Fit the costs, or measure the figures."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--fit", action="store_true", help="write costs.py instead")
    parser.add_argument("--least", type=int, default=3, help="rounds of each case at least (3)")
    parser.add_argument("--budget", type=float, default=0.25, help="seconds for more rounds of a case (0.25)")
    arguments = parser.parse_args()
    with torch.no_grad():
        (fit if arguments.fit else measure)(arguments.least, arguments.budget)


if __name__ == "__main__":
    main()
