"""Who takes part: recipes of ours and the peers, by name, and how one is started.

A contender is a module that can be run with `python -m`; it is asked first, in a fresh process, to import what it
needs. Where that fails it is left out, and the reason stands in the table.
"""

import os
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from statistics import median
from time import perf_counter

from inkwise.bench.settings import described
from inkwise.errors import UsageError
from inkwise.recipes import registry
from inkwise.recipes.recipe import Recipe

OURS = ("fast", "accurate", "nano")
FASTEST = "published-fast"  # what ratios are against
OWN_IMPORT = "inkwise.recognizer"  # what must be imported before a model of ours can predict
_TRIAL = "bench/trial.py"
OWN_SOURCES = (  # what decides how a recipe of ours comes out, of this package
    *("data", "models", "training", "convolution", "recipes/recipe.py", "experiment/cut.py", "experiment/plan.py"),
    *("recognizer.py", "bench/ours.py", "bench/trained.py", _TRIAL),
)


@dataclass(frozen=True)
class Contender:
    """One that takes part."""

    name: str
    what: str  # one sentence
    source: str
    module: str  # run as python -m
    arguments: tuple[str, ...] = ()
    imports: str = "torch"  # what must be imported before it can predict
    environment: Mapping[str, str] = field(default_factory=dict)
    recipe: Recipe | None = None  # of ours
    chance: bool = True  # whether a seed changes anything
    trained_with: int | None = None  # the seed of a model that is trained already
    sources: tuple[str, ...] = ()  # files and folders of this package that decide what it comes to
    libraries: tuple[str, ...] = ()  # distributions that do, besides torch
    trained: Mapping[str, str] = field(default_factory=dict)  # what the file of a trained model says it is
    learned_from: tuple[str, Mapping[str, str]] | None = None  # a trained model's dataset and its files' hashes

    @property
    def ours(self) -> bool:
        """Whether it is a recipe of ours."""
        return self.recipe is not None

    def seeds(self, count: int) -> tuple[int, ...]:
        """Return the seeds it is run with where `count` are asked for: one alone where that changes nothing."""
        if self.trained_with is not None:
            return (self.trained_with,)
        return tuple(range(count if self.chance else 1))

    def command(self, seed: int, dataset: str, data: str | None, *, quick: bool) -> list[str]:
        """Return the command of one trial."""
        command = [sys.executable, "-m", self.module, *self.arguments, "--seed", str(seed), "--dataset", dataset]
        return command + ([] if data is None else ["--data", data]) + (["--quick"] if quick else [])

    def surroundings(self) -> dict[str, str]:
        """Return the environment of its process: ours, and what it needs besides."""
        return {**os.environ, **self.environment}


_PEERS, _FOLDER = "inkwise.bench.peers.", "bench/peers/"
PEERS = (
    Contender(
        FASTEST,
        "the fastest published route to 99 %: one epoch in float32, in memory",
        "https://github.com/tuomaso/train_mnist_fast",
        _PEERS + "published_fast",
        sources=(_TRIAL, _FOLDER + "published_fast.py"),
    ),
    Contender(
        "pytorch-example",
        "PyTorch's own MNIST example, 14 epochs",
        "https://github.com/pytorch/examples/tree/main/mnist",
        _PEERS + "pytorch_example",
        sources=(_TRIAL, _FOLDER + "pytorch_example.py", _FOLDER + "pil_digits.py"),
        libraries=("pillow",),
    ),
    *(
        Contender(
            f"keras-{backend}",
            f"Keras's simple convnet on {called}, 15 epochs",
            "https://keras.io/examples/vision/mnist_convnet/",
            _PEERS + "keras_convnet",
            ("--backend", backend),
            imports="keras",
            environment={"KERAS_BACKEND": backend},
            sources=(_TRIAL, _FOLDER + "keras_convnet.py"),
            libraries=libraries,
        )
        for backend, called, libraries in (
            ("jax", "JAX", ("keras", "jax", "jaxlib")),
            ("torch", "torch", ("keras",)),
        )
    ),
    Contender(
        "classical",
        "scikit-learn's best classical classifier: a support vector machine on deskewed digits",
        "https://scikit-learn.org/stable/modules/generated/sklearn.svm.SVC.html",
        _PEERS + "classical",
        imports="sklearn.svm",
        chance=False,
        sources=(_TRIAL, _FOLDER + "classical.py"),
        libraries=("scikit-learn", "opencv-python-headless"),
    ),
)


def of_recipe(name: str) -> Contender:
    """Return a recipe as a contender.

    Raises:
        UsageError: It asks a yes-or-no question, which the others do not answer.
    """
    recipe = registry.get(name)
    if recipe.binary:
        raise UsageError(
            f"{name} asks a yes-or-no question and the others tell all classes apart; benchmark a recipe of all "
            "classes, as `inkwise recipes` lists them."
        )
    module = "inkwise.bench.ours"
    return Contender(
        name, described(recipe), recipe.source, module, (name,), OWN_IMPORT, recipe=recipe, sources=OWN_SOURCES
    )


def import_seconds(contender: Contender, repeats: int = 3) -> float | str:
    """Return the seconds to import what it needs in a fresh process, or the reason why that fails."""
    return seconds_of_import(contender.imports, contender.surroundings(), repeats)


def seconds_of_import(module: str, surroundings: Mapping[str, str], repeats: int = 3) -> float | str:
    """Return what importing `module` adds to an empty Python, the median of `repeats`, or why it fails."""
    taken: dict[str, list[float]] = {"pass": [], f"import {module}": []}
    for _ in range(repeats):
        for statement, seconds in taken.items():
            began = perf_counter()
            done = subprocess.run(  # noqa: S603  # this Python, and a statement from this file
                [sys.executable, "-c", statement], env=dict(surroundings), capture_output=True, text=True, check=False
            )
            seconds.append(perf_counter() - began)
            if done.returncode:
                return last_line(done.stderr)
    empty, full = (median(seconds) for seconds in taken.values())
    return max(0.0, full - empty)


def last_line(text: str) -> str:
    """Return the last line of what a process complained, which says what it was."""
    lines = text.strip().splitlines()
    return lines[-1].strip() if lines else "it ended without a word"
