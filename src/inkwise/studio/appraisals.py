"""What models answered to whole splits: worked out once, asked about by several views.

Datasets are those with a name that are on this machine; nothing is downloaded, and no path is taken from the page.
"""

from collections import OrderedDict
from dataclasses import dataclass
from threading import Lock
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from torch import Tensor

    from inkwise.data.dataset import Dataset, Split
    from inkwise.evaluation.answers import Decision
    from inkwise.evaluation.evaluation import Evaluation
    from inkwise.recognizer import Recognizer

_KEPT: Final = 6


@dataclass(frozen=True)
class Answered:
    """One model on one split: `probabilities` (N, C), `predicted` (N,) the classes it answers."""

    recognizer: "Recognizer"
    dataset: "Dataset"
    split: "Split"
    evaluation: "Evaluation"
    probabilities: "Tensor"
    predicted: "Tensor"


class Appraisals:
    """Answers splits, and keeps the last few; any number of threads may ask."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._working = Lock()
        self._kept: OrderedDict[tuple[int, str, str], Answered] = OrderedDict()

    def get(self, recognizer: "Recognizer", dataset: str, split: str) -> Answered:
        """Return what a model answers to a split.

        Args:
            recognizer: The model.
            dataset: A registered name.
            split: train, validation or test, as the model's recipe cuts them.

        Raises:
            DataError: The dataset is not on this machine, or damaged.
            UnknownName: There is no dataset of that name.
            UsageError: The split is unknown, or the dataset's classes are not the model's.
        """
        key = (id(recognizer), dataset, split)  # while it is kept its model is, and no other can have its id
        known = self._known(key)
        if known is not None:
            return known
        with self._working:  # two who ask for the same wait for one
            known = self._known(key)
            if known is not None:
                return known
            made = _answered(recognizer, dataset, split)
            with self._lock:
                self._kept[key] = made
                while len(self._kept) > _KEPT:
                    self._kept.popitem(last=False)
            return made

    def _known(self, key: tuple[int, str, str]) -> Answered | None:
        with self._lock:
            if key in self._kept:
                self._kept.move_to_end(key)
            return self._kept.get(key)


def split_of(recognizer: "Recognizer", dataset: str, split: str) -> "tuple[Split, Dataset]":
    """Return a split of a dataset with a name, as the model's recipe cuts it; errors as for `Appraisals.get`."""
    from inkwise.data.registry import find
    from inkwise.experiment.assessment import open_split

    name = find(dataset).name
    return open_split(recognizer, name, split, None, offline=True, skip_unreadable=False, say=_to_nobody)


def datasets() -> list[dict[str, Any]]:
    """Return the datasets with a name: what they are, and whether they are on this machine."""
    from inkwise.data.locate import places
    from inkwise.data.registry import SOURCES

    return [
        {
            "name": source.name,
            "title": source.title,
            "here": source.packaged or any(place.complete for place in places(source)),
        }
        for source in SOURCES.values()
    ]


def _answered(recognizer: "Recognizer", dataset: str, split: str) -> Answered:
    from inkwise.experiment.assessment import evaluate_split

    chosen, loaded = split_of(recognizer, dataset, split)
    decision: Decision = "threshold" if recognizer.recipe.binary else "argmax"
    evaluation, probabilities = evaluate_split(recognizer, chosen, loaded, decision)
    return Answered(recognizer, loaded, chosen, evaluation, probabilities, recognizer.decide(probabilities))


def _to_nobody(_text: str) -> None:
    """What is said of a dataset's files is for a terminal that is looked at."""
