"""What is chosen once a network is trained, on images that it did not learn from: temperature and thresholds.

The temperature makes it as sure as it is right and changes no answer. A yes-or-no model gets the threshold of its
answer; any other the thresholds below which an answer is not accepted. A recipe that holds nothing out has none of
these, and its card says so by None.
"""

from collections.abc import Mapping
from typing import Any

from inkwise.data.dataset import Split
from inkwise.evaluation.calibration import fit_temperature
from inkwise.evaluation.metrics import choose_threshold
from inkwise.evaluation.rejection import acceptance, auroc, choose
from inkwise.experiment.negatives import Negatives
from inkwise.models.network import logits_of
from inkwise.recognizer import Recognizer


def settle(model: Recognizer, held_out: Split | None, negatives: Negatives | None = None) -> Recognizer:
    """Return `model` with what its card lacks, chosen on held-out images.

    Args:
        model: As it was trained.
        held_out: Images of its classes that it did not learn from; None where there are none.
        negatives: Held-out pictures of no class, for a model that has outputs for them.
    """
    asks = model.recipe.decision == "threshold"
    if held_out is None:
        return _with(model, threshold=0.5) if asks else model
    outputs = model.outputs(held_out.images)
    own = logits_of(model.network, outputs)[:, : 1 if model.recipe.binary else len(model.classes)]
    model = _with(model, calibration={"temperature": fit_temperature(own, held_out.labels)})
    judgement = model.interpret(outputs)
    if model.recipe.binary:
        threshold = choose_threshold(judgement.probabilities, held_out.labels) if asks else None
        return _with(model, threshold=threshold)
    others = None if negatives is None else model.judge(negatives.images).kinds
    chosen = choose(judgement.probabilities, judgement.kinds, held_out.labels, others)
    return _with(model, rejection=chosen.to_dict())


def rejection_figures(model: Recognizer, digits: Split, negatives: Negatives) -> dict[str, Any]:
    """Return how well `model` turns negatives away: how many of how many, and by family also the AUROC against digits.

    Scores are the chances that an answer is right; see `evaluation.rejection.acceptance`.
    """
    among, shown = model.judge(digits.images), model.judge(negatives.images)
    scores = [acceptance(each.probabilities, each.kinds) for each in (among, shown)]
    turned = [reason is not None for reason in model.reasons(shown)]
    return {
        "n": len(negatives),
        "rejected": sum(turned),
        "auroc": auroc(scores[0], scores[1], negatives.families),
        "rejected_share": _shares(turned, negatives.families),
    }


def _shares(turned: list[bool], families: tuple[str, ...]) -> Mapping[str, float]:
    counts: dict[str, list[bool]] = {}
    for family, each in zip(families, turned, strict=True):
        counts.setdefault(family, []).append(each)
    return {family: sum(each) / len(each) for family, each in counts.items()}


def _with(model: Recognizer, **card: object) -> Recognizer:
    return Recognizer(model.network, model.card.model_copy(update=card), model.recipe, model.path)
