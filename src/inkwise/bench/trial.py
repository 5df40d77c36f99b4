"""One training of one contender in a process of its own, measured the same way for all.

A contender's file hands its `learn` to `main`, which loads the digits, lets it train, and prints one JSON line.
Seconds go from uint8 tensors in memory to trained weights: building the network, normalising and compiling count;
reading files, importing libraries and evaluating do not. The test split is seen here alone, after training.
"""

import argparse
import importlib
import json
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from statistics import median
from typing import Any

import torch
from jaxtyping import Int64, UInt8
from torch import Tensor

from inkwise.data.dataset import Dataset, Split
from inkwise.data.load import load
from inkwise.errors import DataError

QUICK_TRAIN, QUICK_TEST = 1000, 500  # images of a quick trial, which measures nothing
_SIDE = 28  # the networks of the peers take no other size
_PASSES_WITHIN = 4.0  # seconds that passes over the test images may take together, after the first
_SINGLES_WITHIN = 1.0  # seconds for single images


@dataclass(frozen=True)
class Task:
    """What a contender is given: the dataset, a seed, and whether it is a trial of the machinery alone."""

    dataset: Dataset
    seed: int
    quick: bool = False

    @property
    def train(self) -> Split:
        """The whole train split."""
        return self.dataset.split("train")

    @property
    def classes(self) -> int:
        """How many classes there are."""
        return len(self.dataset.classes)

    def epochs(self, published: int) -> int:
        """Return how many epochs to train: as published, or one."""
        return 1 if self.quick else published


@dataclass(frozen=True)
class Trained:
    """What a contender gives back."""

    seconds: float | None  # of training; None where that is not known
    epochs: int | float | None  # passes over the images it trained on
    parameters: int  # numbers that were learned
    images: int  # that it trained on: fewer than there are where it held some out
    precision: str  # of the products in training
    predict: Callable[[Tensor], Tensor]  # uint8 (N, 1, H, W) to int64 (N,), its own way
    versions: Mapping[str, str] = field(default_factory=dict)  # of the libraries that it used
    here: bool = True  # whether it was trained in this process
    members: tuple[Mapping[str, str | int], ...] = ()  # of an ensemble: recipe, seed, settings and versions of each


Learn = Callable[[Task], Trained]


def make_task(dataset: Dataset, seed: int, *, quick: bool = False) -> Task:
    """Return a task; a quick one has the first images alone.

    Raises:
        DataError: The images are not 28 x 28, which the published networks need.
    """
    height, width = dataset.split("train").images.shape[-2:]
    if (height, width) != (_SIDE, _SIDE):
        raise DataError(
            f"The images of {dataset.name} are {height} x {width}; a benchmark takes {_SIDE} x {_SIDE}, since the "
            "published networks do. Use a dataset that `inkwise data list` shows."
        )
    if quick:
        most = {"train": QUICK_TRAIN, "test": QUICK_TEST}
        splits = {
            name: Split(name, split.images[: most[name]], split.labels[: most[name]])
            for name, split in dataset.splits.items()
            if name in most
        }
        dataset = replace(dataset, splits=splits)
    return Task(dataset, seed, quick)


def try_out(learn: Learn, task: Task) -> dict[str, Any]:
    """Let a contender train, test it, and return what was measured as plain values.

    Returns:
        `seconds` of training; `errors` of `n` test images; `parameters`, `epochs`, `train_images`, `precision`;
        `peak_mb` of the whole process up to the end of training; `images_per_second` over the test images and
        `latency_ms` of one; `threads`, `versions`, `members`.
    """
    importlib.import_module("torch._dynamo")  # torch would at an optimiser's first step, and imports are not counted
    trained = learn(task)
    peak = peak_megabytes() if trained.here else None
    test = task.dataset.split("test")
    answers, rate = throughput(trained.predict, test.images)
    return {
        "seconds": None if trained.seconds is None else round(trained.seconds, 4),
        "errors": int((answers != test.labels).sum()),
        "n": len(test),
        "parameters": trained.parameters,
        "epochs": None if trained.epochs is None else round(trained.epochs, 4),
        "train_images": trained.images,
        "precision": trained.precision,
        "peak_mb": None if peak is None else round(peak, 1),
        "images_per_second": round(rate, 1),
        "latency_ms": round(latency(trained.predict, test.images), 4),
        "threads": torch.get_num_threads(),
        "members": [dict(member) for member in trained.members],
        "versions": {"torch": str(torch.__version__), **trained.versions},
    }


def throughput(
    predict: Callable[[Tensor], Tensor], images: UInt8[Tensor, "n 1 h w"]
) -> tuple[Int64[Tensor, " n"], float]:
    """Return the answers, and images a second: the median of several passes, or the first where that is long."""
    answers, first = _timed(predict, images)
    if first > _PASSES_WITHIN / 2:
        return answers, len(images) / first
    seconds = [_timed(predict, images)[1] for _ in range(max(3, min(9, int(_PASSES_WITHIN / max(first, 1e-9)))))]
    return answers, len(images) / median(seconds)


def latency(predict: Callable[[Tensor], Tensor], images: UInt8[Tensor, "n 1 h w"]) -> float:
    """Return the median milliseconds for an image alone, after two that are not counted."""
    singles = [images[index : index + 1] for index in range(min(200, len(images)))]
    for image in singles[:2]:
        predict(image)
    seconds: list[float] = []
    for image in singles:
        seconds.append(_timed(predict, image)[1])
        if sum(seconds) > _SINGLES_WITHIN:
            break
    return 1e3 * median(seconds)


def _timed(predict: Callable[[Tensor], Tensor], images: Tensor) -> tuple[Tensor, float]:
    began = time.perf_counter()
    answers = predict(images)
    return answers, time.perf_counter() - began


def peak_megabytes() -> float | None:
    """Return the most memory that this process has held so far, in MB; None where the system does not tell.

    On Linux from /proc: what getrusage says includes the process that started this one.
    """
    status = Path("/proc/self/status")
    if status.is_file():
        for line in status.read_text(encoding="utf-8").splitlines():
            if line.startswith("VmHWM:"):
                return int(line.split()[1]) / 1024
    try:
        import resource
    except ImportError:  # Windows
        return None
    most: int = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return most / (1024**2 if sys.platform == "darwin" else 1024)


def parser_for(about: str | None) -> argparse.ArgumentParser:
    """Return the arguments that every contender takes."""
    parser = argparse.ArgumentParser(description=about, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seed", type=int, default=0, help="of first weights, order and dropout (0)")
    parser.add_argument("--dataset", default="mnist", help="a dataset's name (mnist)")
    parser.add_argument("--data", type=Path, help="where to look for it first")
    parser.add_argument("--quick", action="store_true", help="few images and one epoch: no measurement")
    return parser


def carry_out(learn: Learn, given: argparse.Namespace) -> None:
    """Load the digits, try `learn` out and print what was measured as one JSON line."""
    task = make_task(load(given.dataset, root=given.data), given.seed, quick=given.quick)
    print(json.dumps(try_out(learn, task)))


def main(learn: Learn, about: str | None, arguments: Sequence[str] | None = None) -> None:
    """Run a contender that takes no arguments of its own."""
    carry_out(learn, parser_for(about).parse_args(arguments))
