"""A model appraised on one split: its evaluation, how it stands corruption where asked for, and a report of both."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import torch
from jaxtyping import Float, UInt8
from torch import Tensor

from inkwise.data.dataset import Split
from inkwise.evaluation.answers import Decision
from inkwise.evaluation.evaluation import Evaluation, worst
from inkwise.evaluation.report import write_report
from inkwise.evaluation.robustness import Robustness, measure
from inkwise.experiment.assessment import evaluate_split, open_split
from inkwise.recognizer import Recognizer

ENDURED = 2_000  # images that are corrupted: 45 times as many are answered


@dataclass(frozen=True)
class Appraisal:
    """What is said of one model on one split; `robustness` is None where it was not asked for."""

    evaluation: Evaluation
    robustness: Robustness | None
    split: Split
    probabilities: Float[Tensor, "n c"]

    def write_report(self, folder: Path, recognizer: Recognizer) -> Path:
        """Write report.html and its tables and pictures into `folder`, and return the page's path.

        Raises:
            RunError: The folder cannot be written.
        """
        return write_report(
            folder,
            title=recognizer.recipe.name,
            recipe=recognizer.recipe.model_dump(mode="json"),
            environment={"trained with": recognizer.card.versions},
            history=(),
            layers=(),
            evaluations={self.split.name: self.evaluation},
            errors=worst(self.probabilities, self.split.labels, threshold=recognizer.threshold),
            images=self.split.images,
            probabilities=self.probabilities,
            labels=self.split.labels,
            kernels=None,
            notes=(),
            robustness=self.robustness,
        )


def appraise(
    recognizer: Recognizer,
    dataset: str,
    split: str = "test",
    *,
    robustness: bool = False,
    data: Path | None = None,
    offline: bool = False,
    skip_unreadable: bool = False,
    say: Callable[[str], None] = lambda _: None,
) -> Appraisal:
    """Evaluate a model on `split` of `dataset`; arguments and errors as for `assess`.

    Args:
        recognizer: The model.
        dataset: A dataset's name, folder:PATH or npz:PATH.
        split: Name of the split.
        robustness: Whether to corrupt up to 2,000 of its images, evenly spread, in 45 ways and answer them too.
        data: Where to look for the dataset first.
        offline: Never download.
        skip_unreadable: Leave out images of a folder dataset that cannot be read.
        say: Told where the data come from and which corruption is measured.
    """
    chosen, loaded = open_split(recognizer, dataset, split, data, offline, skip_unreadable, say)
    decision: Decision = "threshold" if recognizer.recipe.binary else "argmax"
    evaluation, probabilities = evaluate_split(recognizer, chosen, loaded, decision)
    endured = endure(recognizer, chosen, loaded.name, say=say) if robustness else None
    return Appraisal(evaluation, endured, chosen, probabilities)


def endure(
    recognizer: Recognizer, split: Split, dataset: str, *, say: Callable[[str], None] = lambda _: None
) -> Robustness:
    """Measure a model on up to 2,000 images of `split`, evenly spread, clean and corrupted."""
    chosen = torch.linspace(0, len(split.images) - 1, min(ENDURED, len(split.images))).round().long()

    def judge(images: UInt8[Tensor, "n 1 h w"]) -> tuple[Tensor, int]:
        judgement = recognizer.judge(images)
        if recognizer.rejection is None:
            return judgement.probabilities, 0
        return judgement.probabilities, sum(reason is not None for reason in recognizer.reasons(judgement))

    return measure(
        judge,
        split.images[chosen],
        split.labels[chosen],
        dataset=dataset,
        split=split.name,
        threshold=recognizer.threshold,
        say=say,
    )
