"""A trained model on a dataset it may never have seen: one model evaluated, or two compared on the same images."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import torch
from jaxtyping import Float
from torch import Tensor

from inkwise.data.dataset import Dataset, Split
from inkwise.data.disputed import disputed_indices
from inkwise.data.load import load
from inkwise.errors import UsageError
from inkwise.evaluation.answers import Decision
from inkwise.evaluation.comparison import Comparison, compare
from inkwise.evaluation.evaluation import Evaluation, evaluate
from inkwise.experiment.cut import class_names, cut
from inkwise.recognizer import Recognizer

SPLITS = ("train", "validation", "test", "all")


def assess(
    recognizer: Recognizer,
    dataset: str,
    split: str = "test",
    *,
    data: Path | None = None,
    offline: bool = False,
    skip_unreadable: bool = False,
    say: Callable[[str], None] = lambda _: None,
) -> Evaluation:
    """Evaluate a model on `split` of `dataset`.

    Args:
        recognizer: The model.
        dataset: A dataset's name, folder:PATH or npz:PATH.
        split: "train" and "validation" as the model's recipe carves them, "test", or "all" of them together.
        data: Where to look for the dataset first.
        offline: Never download.
        skip_unreadable: Leave out images of a folder dataset that cannot be read.
        say: Told where the data come from.

    Raises:
        UsageError: The split is unknown, or the dataset's classes are not the model's.
        DataError: The dataset is missing or corrupt.
    """
    chosen, loaded = open_split(recognizer, dataset, split, data, offline, skip_unreadable, say)
    return evaluate_split(recognizer, chosen, loaded, "threshold" if recognizer.recipe.binary else "argmax")[0]


def evaluate_split(
    recognizer: Recognizer, split: Split, dataset: Dataset, decision: Decision
) -> tuple[Evaluation, Float[Tensor, "n c"]]:
    """Return how well a model does on a split of `dataset`, and the probabilities it gave."""
    judgement = recognizer.judge(split.images)
    abstain = None
    if recognizer.rejection is not None:
        abstain = np.array([reason is not None for reason in recognizer.reasons(judgement)], dtype=np.bool_)
    evaluation = evaluate(
        judgement.probabilities,
        split.labels,
        recognizer.classes,
        dataset=dataset.name,
        split=split.name,
        decision=decision,
        threshold=recognizer.threshold,
        abstain=abstain,
        disputed=disputed_indices(dataset, split.name),
        temperature=(recognizer.card.calibration or {}).get("temperature"),
    )
    return evaluation, judgement.probabilities


def contrast(
    first: Recognizer,
    second: Recognizer,
    dataset: str,
    split: str = "test",
    *,
    data: Path | None = None,
    offline: bool = False,
    skip_unreadable: bool = False,
    names: tuple[str, str] = ("A", "B"),
    say: Callable[[str], None] = lambda _: None,
) -> Comparison:
    """Compare two models, called `names`, on the same images of `split`; the rest as in `assess`."""
    if first.classes != second.classes:
        raise UsageError(
            f"The models answer different questions ({', '.join(first.classes)} and {', '.join(second.classes)}); "
            "compare two of the same classes."
        )
    if split in {"train", "validation"} and first.recipe.validation != second.recipe.validation:
        raise UsageError(
            f"The models hold {first.recipe.validation:,} and {second.recipe.validation:,} images out of train, so one "
            "has learned from what the other has not; compare them on --split test."
        )
    chosen, _ = open_split(first, dataset, split, data, offline, skip_unreadable, say)
    answers = [model.decide(model.probabilities(chosen.images)) for model in (first, second)]
    return compare(chosen.labels, answers[0], answers[1], names=names)


def open_split(
    recognizer: Recognizer,
    dataset: str,
    split: str,
    data: Path | None,
    offline: bool,
    skip_unreadable: bool,
    say: Callable[[str], None],
) -> tuple[Split, Dataset]:
    """Return `split` of `dataset` as the model's recipe cuts it, and the dataset; arguments and errors as `assess`."""
    if split not in SPLITS:
        raise UsageError(f"There is no split {split!r}; accepted are {', '.join(SPLITS)}.")
    loaded = load(dataset, root=data, fetch=True, offline=offline, skip_unreadable=skip_unreadable, say=say)
    recipe = recognizer.recipe
    if class_names(recipe, loaded) != recognizer.classes:
        raise UsageError(
            f"{loaded.name} has the classes {', '.join(loaded.classes)}, the model answers "
            f"{', '.join(recognizer.classes)}; evaluate it on a dataset of the same classes."
        )
    if split == "validation" and not recipe.validation:
        raise UsageError(f"{recipe.name} held no validation split out of train; use --split train or --split test.")
    splits = cut(recipe, loaded)
    if split == "all":
        parts = list(splits.values())
        both = Split("all", torch.cat([p.images for p in parts]), torch.cat([p.labels for p in parts]))
        return both, loaded
    return splits[split], loaded
