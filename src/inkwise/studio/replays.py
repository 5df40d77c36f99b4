"""A network as it was after each epoch of its training: what it made of a drawing, its first kernels, its mistakes.

Epoch 0 is the recipe's network with its first weights. The others are there where the training kept them; of any other
run only what it keeps, the best epoch or the last.
"""

from collections import OrderedDict
from collections.abc import Callable, Hashable
from dataclasses import dataclass
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING, Any, Final, TypeVar

from inkwise.errors import UsageError
from inkwise.runs.run import Run

if TYPE_CHECKING:
    from inkwise.evaluation.evaluation import Evaluation
    from inkwise.recognizer import Recognizer

_KEPT: Final = 60  # models or confusions in memory
MOST: Final = 2_000  # images that a confusion is counted on, so that a slider can be moved
Kept = TypeVar("Kept")


@dataclass(frozen=True)
class Moment:
    """An epoch whose model can be looked at; `file` is None for the first weights."""

    epoch: int
    file: Path | None


class Replays:
    """Models of epochs and their confusions, the last few of them kept."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._kept: OrderedDict[Hashable, Any] = OrderedDict()

    def model(self, run: Run, epoch: int) -> "Recognizer":
        """Return a run's network as it was after an epoch.

        Raises:
            UsageError: The run has not kept that epoch.
            ModelError: Its file is damaged.
        """
        from inkwise.recognizer import Recognizer
        from inkwise.studio.untrained import untrained

        moment = _moment(run, epoch)
        if moment.file is None:
            return self._keep(("first", run.folder), lambda: untrained(run.recipe()))
        file = moment.file
        return self._keep((file, file.stat().st_mtime), lambda: Recognizer.load(file))

    def confusion(self, run: Run, epoch: int) -> "tuple[Evaluation, int]":
        """Return how a run's network answered after an epoch, on images that were held out, and how many there are.

        The split is validation, or where the recipe holds none out the test split; of more than 2,000 images the first.

        Raises:
            DataError: The dataset is not on this machine.
            UsageError: The run has not kept that epoch.
        """
        moment = _moment(run, epoch)
        changed = 0.0 if moment.file is None else moment.file.stat().st_mtime
        return self._keep(("confusion", run.folder, epoch, changed), lambda: _confusion(run, self.model(run, epoch)))

    def _keep(self, key: Hashable, make: Callable[[], Kept]) -> Kept:
        with self._lock:
            if key in self._kept:
                self._kept.move_to_end(key)
                known: Kept = self._kept[key]
                return known
        made = make()
        with self._lock:
            self._kept[key] = made
            while len(self._kept) > _KEPT:
                self._kept.popitem(last=False)
        return made


def moments(run: Run) -> list[Moment]:
    """Return the epochs of a run whose models there are, the first weights among them, in order."""
    found = {epoch: run.epoch_file(epoch) for epoch in run.epochs()}
    rows = [row for row in run.metrics() if row["split"] != "train" and row["epoch"] == int(row["epoch"])]
    if run.best_file.is_file() and rows:
        found.setdefault(int(min(rows, key=lambda row: row["loss"])["epoch"]), run.best_file)
    last = max((int(row["epoch"]) for row in run.metrics() if row["split"] == "train"), default=0)
    if run.last_file.is_file() and last:
        found.setdefault(last, run.last_file)
    return [Moment(0, None), *(Moment(epoch, found[epoch]) for epoch in sorted(found))]


def _moment(run: Run, epoch: int) -> Moment:
    there = moments(run)
    for moment in there:
        if moment.epoch == epoch:
            return moment
    kept = ", ".join(str(moment.epoch) for moment in there)
    raise UsageError(f"{run.folder.name} has not kept epoch {epoch}; it has {kept}.")


def _confusion(run: Run, recognizer: "Recognizer") -> "tuple[Evaluation, int]":
    import torch

    from inkwise.data.load import load
    from inkwise.evaluation.evaluation import evaluate
    from inkwise.experiment.cut import cut

    recipe = run.recipe()
    dataset = load(recipe.dataset, fetch=False, say=lambda _text: None)
    splits = cut(recipe, dataset)
    split = splits.get("validation", splits["test"])
    images, labels = split.images[:MOST], split.labels[:MOST]
    answers = recognizer.answer(images)
    shares = torch.tensor([each.probabilities for each in answers], dtype=torch.float64)
    shares = shares[:, 1:] if recipe.binary else shares  # the probability of "yes" alone
    found = evaluate(
        shares,
        labels,
        recognizer.classes,
        dataset=dataset.name,
        split=split.name,
        decision="threshold" if recipe.binary else "argmax",
    )
    return found, len(split)
