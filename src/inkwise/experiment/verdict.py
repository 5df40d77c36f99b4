"""The verdict on a trained network: what is chosen on validation is chosen, then the test split opened, once.

The figures are honest ones: evaluation mode, labels as they are. Where the recipe has a published route's way of
measuring, its figure stands beside them under "published", so that both can be seen.
"""

import copy
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import torch
from jaxtyping import Float
from torch import Tensor

from inkwise.data.dataset import Split
from inkwise.evaluation.evaluation import Evaluation, worst
from inkwise.evaluation.report import write_report
from inkwise.experiment.assessment import evaluate_split
from inkwise.experiment.plan import Plan
from inkwise.experiment.settling import rejection_figures, settle
from inkwise.models.file import Card
from inkwise.models.inference import outputs_of
from inkwise.models.network import Network
from inkwise.models.summary import Summary
from inkwise.recognizer import Recognizer
from inkwise.runs.run import Run
from inkwise.training.row import Row
from inkwise.training.seeds import derive

NEGATIVES = "drawn negatives"  # the name under which a card has the figures of pictures that are of no class


@dataclass(frozen=True)
class Verdict:
    """How well a network does, by split; `published` is the source's own figure.

    `settled` is the model's card with what was chosen on validation. `negatives` tells how well held-out pictures of
    no class are turned away, None where there are none.
    """

    evaluations: Mapping[str, Evaluation]
    settled: Card
    negatives: Mapping[str, Any] | None
    published: Mapping[str, Any] | None
    shown: Split  # the split whose errors the report shows
    probabilities: Float[Tensor, "n c"]  # of the shown split

    @property
    def card(self) -> Card:
        """The model's card, with every figure by "dataset/split"."""
        metrics = {f"{e.dataset}/{split}": e.to_dict() for split, e in self.evaluations.items()}
        if self.negatives is not None:
            metrics[f"{NEGATIVES}/validation"] = dict(self.negatives)
        return self.settled.model_copy(update={"metrics": metrics})

    def write_report(self, run: Run, plan: Plan, network: Network, history: Sequence[Row]) -> None:
        """Write report.html, the tables and the pictures into the run folder."""
        kernels, given = first_kernels(network)
        write_report(
            run.folder,
            title=f"{plan.recipe.title}: {plan.recipe.name}" if plan.recipe.title else plan.recipe.name,
            recipe=plan.recipe.model_dump(mode="json"),
            environment=run.environment(),
            history=history,
            layers=_layers(plan.summary),
            evaluations=self.evaluations,
            errors=worst(
                self.probabilities,
                self.shown.labels,
                threshold=0.5 if self.settled.threshold is None else self.settled.threshold,
            ),
            images=self.shown.images,
            probabilities=self.probabilities,
            labels=self.shown.labels,
            kernels=kernels,
            notes=plan.recipe.defects,
            kernels_given=given,
            distorted=plan.recipe.augmentation.active,
        )


def judge(network: Network, plan: Plan) -> Verdict:
    """Evaluate `network`, trained by the plan's recipe, on validation and test."""
    model = settle(Recognizer(network, plan.card(), plan.recipe), plan.held_out_digits, plan.held_out_negatives)
    # As the model file will be asked, so that both give the same figures.
    splits = [split for split in (plan.validation, plan.test) if split is not None]
    found = {split.name: evaluate_split(model, split, plan.dataset, plan.recipe.decision) for split in splits}
    evaluations = {name: evaluation for name, (evaluation, _) in found.items()}
    negatives = None
    if plan.validation is not None and plan.held_out_negatives is not None:
        negatives = rejection_figures(model, plan.validation, plan.held_out_negatives)
    published = _published(network, plan, evaluations)
    return Verdict(evaluations, model.card, negatives, published, plan.test, found["test"][1])


def learned_nothing(evaluation: Evaluation) -> bool:
    """Return whether a model is no better than one that always gives the commonest class."""
    commonest = max(sum(row) for row in evaluation.confusion)
    return evaluation.correct <= commonest


def first_kernels(network: Network) -> tuple[Tensor | None, bool]:
    """Return the weights of the convolution that sees the image, and whether they are given instead of learned."""
    for part in network.modules():
        weight = getattr(part, "weight", None)
        if isinstance(weight, Tensor) and weight.dim() == 4:
            return weight.detach().cpu(), "weight" in dict(part.named_buffers(recurse=False))
    return None, False


def _published(network: Network, plan: Plan, evaluations: Mapping[str, Evaluation]) -> dict[str, Any] | None:
    """Return the figure as the source measures it, where that differs from ours or is on another split."""
    recipe = plan.recipe
    if not recipe.name.endswith("@published") or recipe.claim is None:
        return None
    name = recipe.claim.split
    if name not in evaluations:  # the caller set validation to 0: there is nothing to measure the claim on
        return None
    figure, way = evaluations[name].accuracy, "as measured here"
    if recipe.decision == "argmax-of-one-column":
        figure, way = evaluations[name].published_accuracy or 0.0, "argmax over a single column"
    elif recipe.test_mode == "train":
        split = {"test": plan.test, "validation": plan.validation}[name]
        assert split is not None
        torch.manual_seed(derive(recipe.seed, "published"))
        twin = copy.deepcopy(network)  # testing in train mode moves the batch statistics
        outputs = outputs_of(twin, split.images, batch_size=recipe.batch_size, train_mode=True)
        figure = (outputs.argmax(1) == split.labels).float().mean().item()
        way = "dropout and batch statistics left on"
    return {"split": name, "accuracy": figure, "way": way, "claimed": recipe.claim.text}


def _layers(summary: Summary) -> list[dict[str, str]]:
    return [
        {
            "name": row.name,
            "layer": row.line,
            "output": " x ".join(map(str, row.output_shape)),
            "parameters": f"{row.parameters:,}",
            "multiply-adds": f"{row.multiply_adds:,}",
        }
        for row in summary.rows
    ]
