"""Answering: Inkwise and onnxruntime with the same network, in alternating blocks of one run.

    python -m benchmarks.inference [RECIPE ...] [--repeats 9] [--images 10000] [--calls 1000]

Each recipe is a process of its own. Its network, trained for one epoch, is exported by torch's own exporter, the batch
left open, and run by onnxruntime at its default settings; ours is the network as `Recognizer` prepares it. Both take
float32 batches that lie in memory. Prints the table; that of all recipes is also written to docs/results/inference.md
and inference.json. Needs the extra "export".
"""

import argparse
import json
import math
import os
import platform
import resource
import subprocess
import sys
import tempfile
import time
import warnings
from collections.abc import Callable
from functools import partial
from importlib.metadata import version
from pathlib import Path
from statistics import median
from typing import Any

import torch
from torch import Tensor

from inkwise import files
from inkwise.data.load import load
from inkwise.experiment.environment import machine
from inkwise.experiment.plan import Plan
from inkwise.models.file import Card
from inkwise.models.network import Network, build
from inkwise.models.prepared import Prepared
from inkwise.models.summary import summarise_module
from inkwise.recipes import registry
from inkwise.recipes.recipe import Recipe
from inkwise.recognizer import Recognizer
from inkwise.training.loop import Trainer
from inkwise.training.nowhere import Nowhere

RECIPES = ("fast", "accurate", "nano")
BATCHES = (16, 32, 64, 128, 256, 512)  # each side is given the one it is fastest with
RESULTS = Path(__file__).parent.parent / "docs" / "results"
ROUNDS = 5
REST = 0.05  # seconds between blocks, in which the other side's threads go to sleep
FEW, MANY = 10_000, 1_000_000  # images whose peak memory is compared


def exported(network: Network, folder: Path) -> Any:
    """Return onnxruntime's session of the network at its default settings."""
    import onnxruntime

    path = folder / "network.onnx"
    network.guarded = False  # the check is no part of the network
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        torch.onnx.export(
            network,
            (torch.zeros(2, 1, 28, 28),),
            str(path),
            dynamo=True,
            verbose=False,
            input_names=["images"],
            output_names=["outputs"],
            dynamic_shapes=({0: torch.export.Dim("n")},),
        )
    network.guarded = True
    return onnxruntime.InferenceSession(str(path), providers=["CPUExecutionProvider"])


def seconds(call: Callable[[], Any]) -> float:
    """Return the seconds of one call."""
    began = time.perf_counter()
    call()
    return time.perf_counter() - began


def spread(values: list[float], digits: int = 3) -> dict[str, float]:
    """Return median, low and high."""
    return {
        "median": round(median(values), digits),
        "low": round(min(values), digits),
        "high": round(max(values), digits),
    }


def product_rate(dtype: torch.dtype, size: int = 2048) -> float:
    """Return the machine's best rate of a matrix product in GFLOP/s."""
    left, right = torch.rand(size, size).to(dtype), torch.rand(size, size).to(dtype)
    return 2 * size**3 / min(seconds(lambda: left @ right) for _ in range(10)) / 1e9


def throughput(session: Any, prepared: Prepared, images: Tensor, repeats: int) -> dict[str, Any]:
    """Time all images on each side in turn; each side in batches of the size it is fastest with."""

    def through(side: str, size: int) -> None:
        for batch in torch.split(images, size):
            if side == "onnxruntime":
                session.run(None, {"images": batch.numpy()})
            else:
                prepared.answer(batch)

    # A shared machine's speed changes by the second: the best of several rounds over all sizes.
    tried = {(side, size): math.inf for side in ("onnxruntime", "inkwise") for size in BATCHES}
    for _ in range(ROUNDS):
        for (side, size), best in list(tried.items()):
            tried[side, size] = min(best, seconds(partial(through, side, size)))
    sizes = {side: min(BATCHES, key=lambda size: tried[side, size]) for side in ("onnxruntime", "inkwise")}
    sides: dict[str, list[float]] = {side: [] for side in sizes}
    for _ in range(repeats):
        for side, size in sizes.items():
            time.sleep(REST)
            sides[side].append(seconds(partial(through, side, size)))
    return {
        **{side: spread([len(images) / value for value in sides[side]], 0) for side in sides},
        "batch": sizes,
        "ratio": spread([theirs / ours for theirs, ours in zip(sides["onnxruntime"], sides["inkwise"], strict=True)]),
    }


def latency(session: Any, prepared: Prepared, recognizer: Recognizer, calls: int, repeats: int) -> dict[str, Any]:
    """Time one image at a time on each side, in blocks of `calls`; microseconds, and the ratio block by block."""
    image, stored = torch.rand(1, 1, 28, 28), torch.randint(0, 256, (1, 1, 28, 28)).to(torch.uint8)
    array = image.numpy()
    sides: dict[str, Callable[[], Any]] = {
        "onnxruntime": lambda: session.run(None, {"images": array}),
        "inkwise": lambda: prepared.answer(image),
        "recognizer": lambda: recognizer.probabilities(stored),
    }
    found: dict[str, dict[str, list[float]]] = {side: {"median": [], "p95": []} for side in sides}
    for _ in range(repeats):
        for side, call in sides.items():
            time.sleep(REST)
            for _ in range(max(calls // 10, 1)):
                call()
            times = sorted(seconds(call) * 1e6 for _ in range(calls))
            found[side]["median"].append(median(times))
            found[side]["p95"].append(times[int(0.95 * (len(times) - 1))])
    pairs = zip(found["inkwise"]["median"], found["onnxruntime"]["median"], strict=True)
    return {
        **{side: {key: spread(values, 1) for key, values in found[side].items()} for side in sides},
        "ratio": spread([ours / theirs for ours, theirs in pairs]),
    }


def trained(recipe: Recipe) -> tuple[Network, dict[str, Any]]:
    """Return the network after one epoch, the images a second of that training, its precision and its dataset."""
    changes = {"epochs": 1, "least_steps": 0, "watch_every": 0, "patience": 0}
    data = _digits()
    plan = Plan.make(recipe.model_copy(update=changes), data, "cpu")
    trainer = Trainer(plan.recipe, plan.network(), plan.material, None, None, plan.compute)
    assert trainer.epochs == 1
    took = seconds(lambda: trainer.run(Nowhere()))
    assert trainer.step == trainer.steps, "it stopped early"
    trainer.network.load_state_dict(trainer.weights())
    return trainer.network.eval(), {
        "dataset": data.name,
        "precision": str(plan.compute.dtype).removeprefix("torch."),
        "images_per_second": round(len(plan.material) / took),
    }


def training_work(network: Network) -> int:
    """Return the multiply-adds of a step of training for one image: forward, towards the input, towards the weights.

    Nothing is computed towards weights that are fixed, nor towards the input before and in the first layer that is
    trained.
    """
    work, learned = 0, False
    for row in summarise_module(network).rows:
        trains = any(weight.requires_grad for weight in network.get_submodule(row.name).parameters(recurse=False))
        work += row.multiply_adds * (1 + trains + learned)
        learned = learned or trains
    return work


def _digits() -> Any:
    root = os.environ.get("INKWISE_DATA")
    there = root is not None and (Path(root) / "mnist").is_dir()
    return load("mnist" if there else "uci-digits")


def measure(name: str, arguments: argparse.Namespace) -> dict[str, Any]:
    """Measure one recipe in this process."""
    recipe = registry.get(name)
    network, training = trained(recipe)
    classes = tuple(map(str, range(10)))
    recognizer = Recognizer(network, Card(recipe=recipe.model_dump(mode="json"), classes=classes), recipe)
    work = summarise_module(network).multiply_adds
    images = torch.randint(0, 256, (arguments.images, 1, 28, 28)).to(torch.uint8)
    floats = images.float() / 255
    prepared = Prepared(network)
    rates = {"float32": product_rate(torch.float32), "bfloat16": product_rate(torch.bfloat16)}
    with tempfile.TemporaryDirectory() as folder:
        session = exported(network, Path(folder))
        apart = float(
            (prepared(floats[:64]) - torch.from_numpy(session.run(None, {"images": floats[:64].numpy()})[0]))
            .abs()
            .max()
        )
        assert apart < 1e-4, f"the two sides do not compute the same: {apart}"
        one = latency(session, prepared, recognizer, arguments.calls, arguments.repeats)
        many = throughput(session, prepared, floats, arguments.repeats)
    whole = [len(images) / seconds(lambda: recognizer.probabilities(images)) for _ in range(arguments.repeats)]
    rates = {kind: max(rate, product_rate(getattr(torch, kind))) for kind, rate in rates.items()}
    answering = 2 * work * many["inkwise"]["median"] / 1e9
    learning = 2 * training_work(network) * training["images_per_second"] / 1e9
    return {
        "recipe": name,
        "multiply_adds": work,
        "many": many,
        "recognizer": spread(whole, 0),
        "one": one,
        "matrix_product": {kind: round(rate, 1) for kind, rate in rates.items()},
        "inference": {"gflops": round(answering, 1), "share": round(answering / rates["float32"], 3)},
        "training": {
            **training,
            "multiply_adds": training_work(network),
            "gflops": round(learning, 1),
            "share": round(learning / rates[training["precision"]], 3),
        },
    }


def peak(name: str, count: int) -> float:
    """Return this process's peak memory in MB after `count` images, besides the images themselves."""
    recipe = registry.get(name)
    card = Card(recipe=recipe.model_dump(mode="json"), classes=tuple(map(str, range(10))))
    images = torch.zeros(1, 1, 28, 28, dtype=torch.uint8).expand(count, -1, -1, -1)  # count views of one image
    network = build(recipe.network, classes=10, pixels=recipe.pixels)
    Recognizer(network, card, recipe).probabilities(images)
    used = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return used / (1024**2 if sys.platform == "darwin" else 1024)


def alone(*words: str) -> Any:
    """Run this program in a process of its own and return what it found."""
    command = [sys.executable, "-m", "benchmarks.inference", *words]
    done = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True)
    return json.loads(done.stdout.splitlines()[-1])


def page(result: dict[str, Any]) -> str:
    """Return the results as Markdown."""
    rows = result["rows"]

    def both(value: dict[str, float], digits: int) -> str:
        low, high = (f"{value[key]:,.{digits}f}" for key in ("low", "high"))
        return f"{value['median']:,.{digits}f} ({low} to {high})"

    many = "\n".join(
        f"| {row['recipe']} | {row['multiply_adds']:,} | {row['many']['onnxruntime']['median']:,.0f} | "
        f"{row['many']['inkwise']['median']:,.0f} | {both(row['many']['ratio'], 2)} | "
        f"{row['recognizer']['median']:,.0f} |"
        for row in rows
    )
    one = "\n".join(
        f"| {row['recipe']} | {row['one']['onnxruntime']['median']['median']:.0f} / "
        f"{row['one']['onnxruntime']['p95']['median']:.0f} | {row['one']['inkwise']['median']['median']:.0f} / "
        f"{row['one']['inkwise']['p95']['median']:.0f} | {both(row['one']['ratio'], 2)} | "
        f"{row['one']['recognizer']['median']['median']:.0f} |"
        for row in rows
    )
    share = "\n".join(
        f"| {row['recipe']} | {row['matrix_product']['float32']:.0f} / {row['matrix_product']['bfloat16']:.0f} | "
        f"{row['inference']['gflops']:.0f} | {row['inference']['share']:.0%} | {row['training']['gflops']:.0f} "
        f"({row['training']['precision']}) | {row['training']['share']:.0%} |"
        for row in rows
    )
    memory = result["memory"]
    datasets = " and ".join(sorted({row["training"]["dataset"] for row in rows}))
    return f"""# Answering, against onnxruntime

Images a second, {result["images"]:,} images, float32, each side in batches of the size it is fastest with:

| recipe | multiply-adds | onnxruntime | Inkwise | Inkwise / onnxruntime | from uint8 to probabilities |
|---|---|---|---|---|---|
{many}

One image, microseconds, median / 95th percentile of {result["calls"]:,} calls after warm-up:

| recipe | onnxruntime | Inkwise | Inkwise / onnxruntime | from uint8 to probabilities |
|---|---|---|---|---|
{one}

Share of the machine's rate of a matrix product (2048 cubed, measured in the same run), GFLOP/s. A step of training
counts the multiply-adds forward, towards the input and towards the weights of each layer: three times an answer's, but
twice in the first trained layer and once in fixed layers before it. One whole epoch on {datasets} is timed,
augmentation and the optimiser's step with it. The share is of the rate in the training's own precision:

| recipe | product, float32 / bfloat16 | inference | share | training | share |
|---|---|---|---|---|---|
{share}

Peak memory of a process over {FEW:,} / {MANY:,} images ({memory["recipe"]}), the images left out and a
float32 for each image and class, the answer, counted in:
{memory["few"]:.0f} / {memory["many"]:.0f} MB.

Medians of {result["repeats"]} blocks of each side in turn, ratios block by block with low and high. The networks are
those of one epoch of training. onnxruntime at its default settings; `Prepared` on {result["threads"]} threads. Neither
side checks that images are in [0, 1].
Command: `{result["command"]}`. Machine: {result["processor"]}, {result["cores"]} cores, {result["instructions"]}, AMX
{"yes" if result["amx"] else "no"}; Python {result["python"]}, torch {result["versions"]["torch"]}, onnxruntime \
{result["versions"]["onnxruntime"]}. Every figure: [inference.json](inference.json).
"""


def main() -> None:
    """Measure the recipes that are named, or all."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("recipes", nargs="*", choices=[*registry.names(), []])
    parser.add_argument("--repeats", type=int, default=9)
    parser.add_argument("--images", type=int, default=10_000)
    parser.add_argument("--calls", type=int, default=1000)
    parser.add_argument("--only", metavar="RECIPE", help="measure this one here and print it as JSON")
    parser.add_argument("--memory", type=int, metavar="IMAGES", help="print the peak memory over so many images")
    arguments = parser.parse_args()
    settings = [f"--{name}={getattr(arguments, name)}" for name in ("repeats", "images", "calls")]
    if arguments.only:
        found = peak(arguments.only, arguments.memory) if arguments.memory else measure(arguments.only, arguments)
        print(json.dumps(found))
        return
    names = arguments.recipes or RECIPES
    rows = [alone("--only", name, *settings) for name in names]
    few, many = (alone("--only", names[0], "--memory", str(count)) for count in (FEW, MANY))
    described = machine()
    described["versions"] |= {name: version(name) for name in ("onnx", "onnxruntime")}
    result = {
        "command": "python -m " + " ".join(["benchmarks.inference", *sys.argv[1:]]),
        **described,
        "system_release": platform.release(),
        "threads": torch.get_num_threads(),
        **{name: getattr(arguments, name) for name in ("repeats", "images", "calls")},
        "rows": rows,
        "memory": {"recipe": names[0], "few": round(few, 1), "many": round(many, 1)},
    }
    if not arguments.recipes:  # a part of the table does not replace the whole
        files.write(RESULTS / "inference.json", json.dumps(result, indent=2) + "\n")
        files.write(RESULTS / "inference.md", page(result))
    print(page(result))


if __name__ == "__main__":
    main()
