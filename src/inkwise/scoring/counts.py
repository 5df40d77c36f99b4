"""What is counted over rows: whole numbers that add, so that the sum over shards is that of the whole, exactly.

Where labels are known the tally is kept too, and from it the evaluation. A Brier score is kept in units of 2**-32, as
the tally keeps its sums.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from typing import Any

import numpy as np

from inkwise.errors import DataError
from inkwise.evaluation.evaluation import Evaluation, evaluation_of
from inkwise.evaluation.tally import UNIT, Tally
from inkwise.recognizer import Prediction, Recognizer

_Tally = Tally | None


@dataclass(frozen=True)
class Counts:
    """Counts over some rows.

    `images` were given, `rows` written (a file of several pages has several), `errors` of the images could not be
    read. `strange` labels are none of the model's classes. Of the rows that have a label that is one, `tally` counts
    the answers, `abstained` those that are not accepted, and `wrong` the errors among the others.
    """

    images: int = 0
    rows: int = 0
    errors: int = 0
    strange: int = 0
    abstained: int = 0
    wrong: int = 0
    brier_units: int = 0
    tally: _Tally = None

    def __add__(self, other: "Counts") -> "Counts":
        numbers = {name: getattr(self, name) + getattr(other, name) for name in _NUMBERS}
        if self.tally is not None and other.tally is not None:
            return Counts(**numbers, tally=self.tally + other.tally)
        return Counts(**numbers, tally=self.tally or other.tally)

    def to_dict(self) -> dict[str, Any]:
        """Return it for JSON; `from_dict` takes it back without loss."""
        return {name: getattr(self, name) for name in _NUMBERS} | (
            {} if self.tally is None else {"tally": self.tally.to_dict()}
        )

    @classmethod
    def from_dict(cls, values: Mapping[str, Any]) -> "Counts":
        """Take back what `to_dict` gave; DataError where it is no such thing."""
        try:
            tally = Tally.from_dict(values["tally"]) if "tally" in values else None
            return cls(**{name: int(values[name]) for name in _NUMBERS}, tally=tally)
        except (KeyError, TypeError, ValueError) as error:
            raise DataError(f"These are no counts ({error}); what Counts.to_dict gave is accepted.") from error

    def evaluation(self, recognizer: Recognizer, dataset: str) -> Evaluation | None:
        """Return the evaluation, None where no label is known."""
        if self.tally is None:
            return None
        binary = recognizer.recipe.binary
        accepts_all = recognizer.rejection is None and not self.abstained
        return evaluation_of(
            self.tally,
            recognizer.classes,
            dataset=dataset,
            split="all",
            brier=self.brier_units / UNIT / self.tally.n,
            threshold=recognizer.threshold if binary else None,
            decision="threshold" if binary else "argmax",
            abstained=self.abstained,
            answered_errors=None if accepts_all else self.wrong,
        )


_NUMBERS = tuple(field.name for field in fields(Counts) if field.name != "tally")


def count_answers(answers: Sequence[Prediction], truths: Sequence[str | None], recognizer: Recognizer) -> Counts:
    """Count answers whose images have labels.

    Args:
        answers: the model's.
        truths: each image's label, None where it has none.
        recognizer: the model.
    """
    indices = {name: index for index, name in enumerate(recognizer.classes)}
    known = [(answer, indices[truth]) for answer, truth in zip(answers, truths, strict=True) if truth in indices]
    strange = sum(truth is not None and truth not in indices for truth in truths)
    if not known:
        return Counts(strange=strange)
    probabilities = np.array([answer.probabilities for answer, _ in known])  # (N, C)
    labels = np.array([label for _, label in known])
    chosen = np.array([indices[answer.label] for answer, _ in known])
    refused = np.array([not answer.accepted for answer, _ in known])
    squares = (probabilities**2).sum(axis=1) - 2 * probabilities[np.arange(len(labels)), labels] + 1
    if recognizer.recipe.binary:
        squares /= 2  # a yes-or-no model is judged by its one probability
    return Counts(
        strange=strange,
        abstained=int(refused.sum()),
        wrong=int((chosen != labels)[~refused].sum()),
        brier_units=int(np.rint(squares * UNIT).astype(np.int64).sum()),
        tally=Tally.of(probabilities, labels, chosen),
    )
