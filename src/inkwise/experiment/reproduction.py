"""The tutorials run again: what each claims, what its code gives, and what it gives corrected, over seeds.

Every training is an ordinary run in a folder of its own, so that a reproduction can be stopped and started again: a
finished run is read, an unfinished one resumed, and only then is one begun.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import mean, median, stdev
from typing import Any

from inkwise.errors import RunError
from inkwise.experiment.experiment import resume, train
from inkwise.experiment.keeper import Observer
from inkwise.recipes import registry
from inkwise.runs.run import Run

PUBLISHED = "@published"


@dataclass(frozen=True)
class Series:
    """One recipe over seeds: a figure for each in [0, 1], and seconds of training."""

    recipe: str
    accuracies: tuple[float, ...]
    recalls: tuple[float, ...]  # of a yes-or-no recipe, empty otherwise
    errors: tuple[int, ...]
    n: int
    seconds: tuple[float, ...]
    precisions: tuple[str, ...]  # of the products in training, by run

    @property
    def mean(self) -> float:
        """Mean accuracy."""
        return mean(self.accuracies)

    @property
    def deviation(self) -> float | None:
        """Standard deviation over seeds; None for a single one."""
        return stdev(self.accuracies) if len(self.accuracies) > 1 else None

    @property
    def median_seconds(self) -> float:
        """Median training time."""
        return median(self.seconds)


@dataclass(frozen=True)
class Reproduction:
    """A tutorial: its claim, its own figure as published, the same weights judged honestly, and corrected."""

    recipe: str
    claimed: str
    known: float | None  # what the published code gave when it was run before
    split: str  # what the published figure is measured on
    published: Series  # measured as the source measures
    honest: Series  # the same weights, measured rightly on test
    corrected: Series

    def to_dict(self) -> dict[str, Any]:
        """Return everything as plain values."""
        return {
            "recipe": self.recipe,
            "claimed": self.claimed,
            "reproduced_before": self.known,
            "published_split": self.split,
            **{
                name: {
                    "accuracies": list(series.accuracies),
                    "mean": series.mean,
                    "sd": series.deviation,
                    "recalls": list(series.recalls),
                    "errors": list(series.errors),
                    "n": series.n,
                    "train_seconds": list(series.seconds),
                    "precisions": list(series.precisions),
                }
                for name, series in (
                    ("as_published", self.published),
                    ("published_judged_honestly", self.honest),
                    ("corrected", self.corrected),
                )
            },
        }


def tutorials() -> tuple[str, ...]:
    """Return the names of the recipes that have a published variant."""
    return tuple(name.removesuffix(PUBLISHED) for name in registry.names() if name.endswith(PUBLISHED))


def reproduce(
    name: str,
    seeds: Sequence[int],
    root: Path,
    *,
    observer: Observer,
    stop: Callable[[], bool] = lambda: False,
    **settings: Any,
) -> Reproduction | None:
    """Run tutorial `name` as published and corrected for each seed; None where it was stopped.

    Args:
        name: A tutorial's name, without "@published".
        seeds: The seeds, each used for both variants.
        root: Folder for the runs.
        observer: Who is told how each run goes.
        stop: Asked after each step.
        settings: Passed on to `train`: data, device, offline.

    Raises:
        UnknownName: There is no such tutorial.
    """
    recipe = registry.get(name + PUBLISHED)
    found: dict[str, list[dict[str, Any]]] = {}
    for variant in (name + PUBLISHED, name):
        for seed in seeds:
            evaluation = _one(variant, seed, root, observer, stop, settings)
            if evaluation is None:
                return None
            found.setdefault(variant, []).append(evaluation)
    old, new = found[name + PUBLISHED], found[name]
    claim = recipe.claim
    if claim is None:
        raise RunError(f"{recipe.name} has no claim to compare with.")
    return Reproduction(
        name,
        claim.text,
        claim.reproduced,
        claim.split,
        _series(name + PUBLISHED, old, [e["published"]["accuracy"] for e in old]),
        _series(name + PUBLISHED, old, [e["test"]["accuracy"] for e in old]),
        _series(name, new, [e["test"]["accuracy"] for e in new]),
    )


def _one(
    variant: str, seed: int, root: Path, observer: Observer, stop: Callable[[], bool], settings: dict[str, Any]
) -> dict[str, Any] | None:
    folder = root / f"{variant}-seed{seed}"
    recipe = registry.get(variant).model_copy(update={"seed": seed})
    if folder.is_dir():
        run = Run.open(folder)
        if run.recipe() != recipe:
            raise RunError(
                f"{folder} was trained with another {variant} than today's; remove it, or name another --runs."
            )
        if run.finished:
            return {**run.evaluation(), "environment": run.environment()}
        outcome = resume(folder, observer=observer, stop=stop, **settings)
    else:
        outcome = train(recipe, out=folder, observer=observer, stop=stop, **settings)
    if outcome.ending == "stopped":
        return None
    return {**outcome.run.evaluation(), "environment": outcome.run.environment()}


def _series(name: str, evaluations: Sequence[dict[str, Any]], accuracies: Sequence[float]) -> Series:
    tests = [evaluation["test"] for evaluation in evaluations]
    return Series(
        name,
        tuple(accuracies),
        tuple(test["recall"] for test in tests if test["recall"] is not None),
        tuple(test["errors"] for test in tests),
        tests[0]["n"],
        tuple(evaluation["train_seconds"] for evaluation in evaluations),
        tuple(evaluation["environment"]["precision"] for evaluation in evaluations),
    )
