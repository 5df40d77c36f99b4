"""A recipe made ready for one dataset: splits cut, shapes checked, device chosen.

Whatever can be known to fail is found here, before a run folder is made.
"""

from dataclasses import dataclass
from functools import cached_property
from importlib.metadata import version

import torch

from inkwise.data.dataset import Dataset, Split
from inkwise.errors import DataError, ShapeError, UsageError
from inkwise.experiment.cut import class_names, cut
from inkwise.experiment.negatives import Negatives, held_out, with_negatives
from inkwise.experiment.rewritten import held_out_digits, with_rewritten
from inkwise.models.file import Card
from inkwise.models.network import Network, build
from inkwise.models.sequence import require_blank, require_classes, trace
from inkwise.models.summary import Summary, summarise, summarise_module
from inkwise.recipes.recipe import Recipe
from inkwise.training.device import Compute, choose
from inkwise.training.seeds import derive


@dataclass(frozen=True)
class Plan:
    """A recipe made ready: splits cut, shapes checked, device chosen.

    The splits are the dataset's images alone; `material` is what is learned from.
    """

    recipe: Recipe
    dataset: Dataset
    classes: tuple[str, ...]
    outputs: int
    train: Split
    validation: Split | None
    test: Split
    summary: Summary
    compute: Compute

    @classmethod
    def make(cls, recipe: Recipe, dataset: Dataset, device: str) -> "Plan":
        """Make `recipe` ready for `dataset` on `device`.

        Raises:
            UsageError: A layer does not fit, the positive class or the device does not exist, or negatives are asked
                for beside images that are not 28x28.
            DataError: The validation split would leave nothing to train on, or has no image of the positive class.
        """
        splits = cut(recipe, dataset)
        train, test, validation = splits["train"], splits["test"], splits.get("validation")
        classes = class_names(recipe, dataset)
        outputs = recipe.outputs(len(classes))
        if recipe.decision == "threshold" and validation is not None and not validation.labels.any():
            raise DataError(
                f"None of the {len(validation):,} validation images is of class {recipe.positive}, so no threshold can "
                "be chosen on them; raise validation, or give more images of that class."
            )
        if recipe.negatives and tuple(train.images.shape[1:]) != (1, 28, 28):
            given = " x ".join(map(str, train.images.shape[1:]))
            raise UsageError(
                f"negatives are drawn in MNIST's form, 1 x 28 x 28, and the images of {dataset.name} are {given}; set "
                "negatives to 0."
            )
        if recipe.rewritten and (tuple(train.images.shape[1:]) != (1, 28, 28) or not set(classes) <= set("0123456789")):
            raise UsageError(
                f"Digits alone can be rewritten, in MNIST's form, and {dataset.name} has {len(classes)} classes from "
                f"{classes[0]} to {classes[-1]} of {tuple(train.images.shape[1:])}; set rewritten to 0."
            )
        summary = _summary(recipe, outputs, tuple(train.images.shape[1:]))
        compute = choose(recipe, summary.multiply_adds, device)
        return cls(recipe, dataset, classes, outputs, train, validation, test, summary, compute)

    def card(self) -> Card:
        """Return the model card as far as it is known before training."""
        return Card(
            recipe=self.recipe.model_dump(mode="json"),
            classes=self.classes,
            input_shape=self.shape,
            rejects=self.recipe.rejects,
            data={"name": self.dataset.name, "hashes": dict(self.dataset.hashes)},
            versions={"inkwise": version("inkwise"), "torch": str(torch.__version__)},
            licence=self.dataset.licence,
        )

    @cached_property
    def material(self) -> Split:
        """What the network learns from: train images, then digits written anew, then negatives, drawn when asked."""
        return with_negatives(self.recipe, with_rewritten(self.recipe, self.train), len(self.classes))

    @cached_property
    def held_out_digits(self) -> Split | None:
        """The digits on which temperature and thresholds are chosen; None where the recipe holds nothing out."""
        return held_out_digits(self.recipe, self.validation)

    @cached_property
    def held_out_negatives(self) -> Negatives | None:
        """Pictures of no digit that nothing is learned from; None where the recipe has none or holds nothing out."""
        return held_out(self.recipe, self.validation)

    def network(self) -> Network:
        """Return a new network with the first weights that the recipe's seed gives."""
        torch.manual_seed(derive(self.recipe.seed, "weights"))
        return build(self.recipe.network, classes=self.outputs, pixels=self.recipe.pixels, input_shape=self.shape)

    @property
    def shape(self) -> tuple[int, int, int]:
        """Channels, height and width of an image."""
        channels, height, width = self.train.images.shape[1:]
        return channels, height, width


def _summary(recipe: Recipe, outputs: int, shape: tuple[int, ...]) -> Summary:
    """Return the summary of lines, by formula, or of a registered network, by running it; ShapeError where it fails."""
    network = recipe.network
    if not isinstance(network, str):
        steps = trace(network, outputs, shape)
        require_classes(steps, outputs)
        require_blank(steps, recipe.pixels)
        return summarise(network, classes=outputs, input_shape=shape)
    module = build(network, classes=outputs, input_shape=shape)
    try:
        summary = summarise_module(module, shape)
    except (RuntimeError, ShapeError) as error:
        raise ShapeError(f"The network {network!r} cannot take images of {shape}: {error}") from error
    given = summary.rows[-1].output_shape if summary.rows else shape
    if tuple(given) != (outputs,):
        raise ShapeError(f"The network {network!r} gives {tuple(given)} for an image; {outputs} outputs are needed.")
    return summary
