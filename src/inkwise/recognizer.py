"""The model file as one object: load it, give it images, read the answers.

    recognizer = Recognizer.load()  # the model that comes with Inkwise; or a model file, or a run folder
    for answer in recognizer.predict(["mine.png", array, pil_image]):
        print(answer.label, answer.confidence)

An image goes the same way whatever it is: decoded to grey, brought to MNIST's form, through the network, to
calibrated probabilities, and to an answer or the reason why there is none. `judge`, `probabilities` and `answer` skip
the first two steps for images that are in that form already.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from os import PathLike
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import torch
from jaxtyping import Float, Int64, Shaped
from PIL import Image
from pydantic import ValidationError
from torch import Tensor

from inkwise.data.image import load_grey
from inkwise.data.normaliser import normalise
from inkwise.errors import InkwiseError, ModelError, UsageError
from inkwise.evaluation.rejection import Rejection
from inkwise.models.ensemble import Ensemble, split_weights
from inkwise.models.file import Card, read_model
from inkwise.models.inference import outputs_in_batches
from inkwise.models.network import Network, build, logits_of, probabilities_of
from inkwise.models.prepared import Prepared
from inkwise.models.sequence import trace
from inkwise.models.shipped import DEFAULT, NAMES
from inkwise.models.shipped import find as find_shipped
from inkwise.recipes.recipe import Recipe
from inkwise.runs.run import Run
from inkwise.training.device import find

Picture = str | PathLike[str] | bytes | bytearray | memoryview | Image.Image | npt.NDArray[Any] | Tensor


@dataclass(frozen=True)
class Judgement:
    """What a model makes of N images, as float32 tensors on the CPU.

    `probabilities` (N, C) are the calibrated ones of the classes, given that the image is of one; for a yes-or-no model
    (N, 1), that of yes. `kinds` (N, 1 + R) are the chances that it is of a class at all, and of each of the model's R
    rejects: "not a digit", "two digits"; without rejects they are 1.
    """

    probabilities: Float[Tensor, "n c"]
    kinds: Float[Tensor, "n k"]


@dataclass(frozen=True)
class Prediction:
    """One answer. `label` is the most likely class as the model names it, or yes or no.

    `confidence` is the calibrated chance in [0, 1] that it is right: that the image is of one of the classes, and then
    of this one. `accepted` is false where the answer should not be relied on, and `reason` says why: "no ink found",
    "not a digit", "two digits", "unsure between 4 and 9". `probabilities` has one value for each of the model's
    classes, given that the image is of one.
    """

    label: str
    confidence: float
    accepted: bool
    reason: str | None
    probabilities: tuple[float, ...]


class Recognizer:
    """A trained network, or an ensemble of them, with everything it takes to use it.

    `recipe` is the network's; of an ensemble it is the first member's, whose question, data and held-out images are
    those of all.
    """

    def __init__(self, network: Network | Ensemble, card: Card, recipe: Recipe, path: Path | None = None) -> None:
        self.network, self.card, self.recipe, self.path = network.eval(), card, recipe, path
        self.classes, self.rejects = card.classes, card.rejects
        self._prepared = Prepared(self.network)

    @classmethod
    def load(cls, model: str | PathLike[str] = DEFAULT, *, device: str = "cpu") -> "Recognizer":
        """Load a model file, the model of a run folder, or one that comes with Inkwise.

        Args:
            model: Path of a .safetensors file that Inkwise wrote, or of a run folder; or the name of a shipped model,
                "inkwise" or "inkwise-small". As text such a name is never a path: that is "./inkwise", or a `Path`.
            device: Where to compute: "cpu", "cuda", "cuda:N", "mps", or "auto" for the fastest here.

        Raises:
            ModelError: It is missing, truncated, not a model, from a future version, or its network is unknown.
            RunError: It is a folder but not a run.
            UsageError: The device is unknown, or this machine does not have it.
        """
        # Weights made in inference mode could not be trained on, and are answered with slowly.
        with torch.inference_mode(mode=False):
            return cls._loaded(find_shipped(model) or Path(model), device)

    @classmethod
    def _loaded(cls, model: Path, device: str) -> "Recognizer":
        where, _ = find(device)
        path = _model_file(model)
        weights, card = read_model(path)
        recipe = _recipe(path, card)
        if not card.members:
            return cls(_network(path, weights, card, recipe).to(where), card, recipe, path)
        recipes = [_recipe(path, member) for member in card.members]
        parts = split_weights(weights, len(card.members))
        if parts is None or any(each.binary for each in recipes):  # one column has no mean over classes
            raise _damaged(path)
        made = (_network(path, *each) for each in zip(parts, card.members, recipes, strict=True))
        return cls(Ensemble(made).to(where), card, recipe, path)

    @property
    def members(self) -> "tuple[Recognizer, ...]":
        """Each network of an ensemble as a model of its own; none where this is a single network."""
        if not isinstance(self.network, Ensemble):
            return ()
        pairs = zip(self.network.networks, self.card.members, strict=True)
        return tuple(Recognizer(net, card, Recipe.model_validate(card.recipe), self.path) for net, card in pairs)

    def probabilities(
        self, images: Shaped[Tensor, "n 1 h w"], *, batch_size: int | None = None
    ) -> Float[Tensor, "n c"]:
        """Return the calibrated probabilities of the classes for images in MNIST's form, in bounded memory.

        Args and errors as for `judge`.

        Returns:
            float32 (N, C) on the CPU; for a yes-or-no model (N, 1), the probability of yes.
        """
        return self.judge(images, batch_size=batch_size).probabilities

    def judge(self, images: Shaped[Tensor, "n 1 h w"], *, batch_size: int | None = None) -> Judgement:
        """Return which class images in MNIST's form are likely of, and whether of any, in bounded memory.

        Args:
            images: uint8 (N, 1, 28, 28), ink 255 on background 0.
            batch_size: Images at a time; None for as many as this network answers fastest.

        Raises:
            ModelError: The weights are such that some probability is nan.
            ShapeError: The images are of another size than the network's.
            UsageError: `batch_size` is below 1, or the images are not uint8.
        """
        return self.interpret(self.outputs(images, batch_size=batch_size))

    def outputs(
        self, images: Shaped[Tensor, "n 1 h w"], *, batch_size: int | None = None
    ) -> Float[Tensor, "n outputs"]:
        """Return what the network gives, float32 on the CPU: a value for each class, and for each reject behind them.

        Args and errors as for `judge`.
        """
        _check_batch_size(batch_size)
        return outputs_in_batches(self._prepared, images, batch_size=batch_size)

    def interpret(self, outputs: Float[Tensor, "n outputs"]) -> Judgement:
        """Return what the network's outputs mean; ModelError where some are nan."""
        temperature, kinds = (self.card.calibration or {}).get("temperature"), torch.ones(len(outputs), 1)
        if temperature is None and not self.rejects:
            judgement = Judgement(probabilities_of(self.network, outputs), kinds)
        else:
            logits = logits_of(self.network, outputs) / (temperature or 1.0)
            count = len(self.classes)
            if self.rejects:
                chances = logits.softmax(1)  # (N, C + R)
                one = chances[:, :count].sum(1, keepdim=True).clamp(max=1)  # float32 may come out a bit above
                kinds = torch.cat([one, chances[:, count:]], dim=1)
            judgement = Judgement(logits.sigmoid() if self.recipe.binary else logits[:, :count].softmax(1), kinds)
        # None is below 0, so nothing cancels out.
        if not bool((judgement.probabilities.sum() + judgement.kinds.sum()).isfinite()):
            raise ModelError(
                f"{self.path or 'The model'} gives probabilities that are nan: its weights are damaged or were trained "
                "at too high a learning rate; copy it again or train anew."
            )
        return judgement

    def predict(self, images: Picture | Sequence[Picture], *, batch_size: int = 500) -> list[Prediction]:
        """Read single digits of any size, colour and polarity.

        Args:
            images: One image or a sequence of them: a path, bytes of an image file, a PIL image, or an array or
                tensor. An array of (H, W), (H, W, 1), (H, W, 3) or (H, W, 4) is one image; (N, H, W), (N, 1, H, W),
                (N, H, W, 1) or (N, H, W, 3) are N of them. uint8, uint16, bool, or float in [0, 1].
            batch_size: Images at a time.

        Returns:
            One prediction per image, in order.

        Raises:
            ImageError: An image cannot be read; the message names it.
            ModelError: The weights are such that some probability is nan.
            UsageError: `batch_size` is below 1.
        """
        _check_batch_size(batch_size)
        answers: list[Prediction] = []
        pictures = _one_by_one(images)
        for start in range(0, len(pictures), batch_size):
            forms = [normalise(load_grey(picture)) for picture in pictures[start : start + batch_size]]
            batch = torch.from_numpy(np.stack([form.image for form in forms])[:, None])  # (B, 1, 28, 28)
            answers += self._answers(self.judge(batch), [form.reason for form in forms])
        return answers

    def answer(self, images: Shaped[Tensor, "n 1 h w"], *, batch_size: int | None = None) -> list[Prediction]:
        """Read digits that are in MNIST's form already, as `probabilities` takes them; one prediction for each.

        Raises:
            ModelError: The weights are such that some probability is nan.
            ShapeError: The images are of another size than the network's.
            UsageError: `batch_size` is below 1, or the images are not uint8.
        """
        return self._answers(self.judge(images, batch_size=batch_size), [None] * len(images))

    def reasons(self, judgement: Judgement) -> list[str | None]:
        """Return why each answer is not accepted, None where it is."""
        if self.rejection is None:
            return [None] * len(judgement.kinds)
        return self.rejection.reasons(judgement.probabilities, judgement.kinds, self.classes, self.rejects)

    @property
    def rejection(self) -> Rejection | None:
        """The thresholds by which answers are accepted; None where all are.

        A model that could be shown nothing held out, and has outputs for what is no digit, accepts what is more likely
        a digit than not.
        """
        if self.card.rejection is not None:
            return Rejection.from_dict(self.card.rejection)
        return Rejection() if self.rejects else None

    def decide(self, probabilities: Float[Tensor, "n c"]) -> Int64[Tensor, " n"]:
        """Return the index of the class answered for each row: the most probable, or yes from the threshold on."""
        if self.recipe.binary:
            return (probabilities[:, 0] >= self.threshold).long()
        return probabilities.argmax(1)

    @property
    def threshold(self) -> float:
        """The probability from which a yes-or-no model answers yes."""
        return 0.5 if self.card.threshold is None else self.card.threshold

    def _answers(self, judgement: Judgement, faults: Sequence[str | None]) -> list[Prediction]:
        """Return predictions; what is at fault with a picture before the network sees it is told first."""
        probabilities = judgement.probabilities
        chosen = self.decide(probabilities).tolist()
        reasons = [fault or reason for fault, reason in zip(faults, self.reasons(judgement), strict=True)]
        if self.recipe.binary:
            probabilities = torch.cat([1 - probabilities, probabilities], dim=1)  # (N, 1) -> (N, 2)
        return [
            Prediction(self.classes[index], one * row[index], reason is None, reason, tuple(row))
            for index, one, row, reason in zip(
                chosen, judgement.kinds[:, 0].tolist(), probabilities.tolist(), reasons, strict=True
            )
        ]


def _model_file(path: Path) -> Path:
    """Return the model file that `path` names, itself or by its run folder."""
    try:
        folder, there = path.is_dir(), path.exists()
    except OSError as error:  # a name too long, or a folder above it that may not be entered
        raise ModelError(f"Cannot read the model file {path}: {error.strerror or error}.") from error
    if not there:
        raise ModelError(
            f"There is no model file or run folder {path}; give a .safetensors file or a folder that `inkwise train` "
            f"wrote, or a model that comes with Inkwise: {' or '.join(NAMES)}."
        )
    if not folder:
        return path
    file = Run.open(path).model_file
    if not file.is_file():
        raise ModelError(f"The run {path} has no model yet; finish it with `inkwise resume {path}`.")
    return file


def _recipe(path: Path, card: Card) -> Recipe:
    """Return the recipe of the model at `path` that `card` describes."""
    try:
        recipe = Recipe.model_validate(card.recipe)
    except ValidationError as error:
        raise ModelError(
            f"The card of {path} holds a recipe that this Inkwise does not know; it was written by Inkwise "
            f"{card.versions.get('inkwise', 'of an unknown version')}."
        ) from error
    if recipe.binary and (len(card.classes) != 2 or card.rejects):
        raise ModelError(
            f"{path} is damaged: its card has a yes-or-no recipe and {len(card.classes) + len(card.rejects)} classes; "
            "copy it again."
        )
    return recipe


def _network(path: Path, weights: Mapping[str, Tensor], card: Card, recipe: Recipe) -> Network:
    """Return the network that the card describes, with the file's weights."""
    outputs = 1 if recipe.binary else len(card.classes) + len(card.rejects)
    try:
        lines = () if isinstance(recipe.network, str) else trace(recipe.network, outputs, card.input_shape)
        # Asked before memory is taken: a damaged card may describe a giant.
        if sum(step.layer.parameters(step.input_shape) for step in lines) <= sum(w.numel() for w in weights.values()):
            network = build(recipe.network, classes=outputs, pixels=recipe.pixels, input_shape=card.input_shape)
            network.load_state_dict(weights)
            if all(weights[name].dtype == value.dtype for name, value in network.state_dict().items()):
                return network
    except InkwiseError as error:
        raise ModelError(f"The network of {path} cannot be built: {error}") from error
    except RuntimeError as error:
        raise _damaged(path) from error
    raise _damaged(path)


def _damaged(path: Path) -> ModelError:
    return ModelError(
        f"{path} is damaged: its weights do not fit the network that its card names; copy it again or train anew."
    )


def _check_batch_size(batch_size: int | None) -> None:
    if batch_size is not None and batch_size < 1:
        raise UsageError(f"batch_size is {batch_size}; it must be at least 1.")


def _one_by_one(images: Picture | Sequence[Picture]) -> Sequence[Picture]:
    """Return the images one by one: what is a single one alone in a list."""
    if isinstance(images, np.ndarray | Tensor):
        if images.ndim == 4 and images.shape[1] == 1:
            return list(images[:, 0])
        several = images.ndim == 4 or (images.ndim == 3 and images.shape[-1] not in {1, 3, 4})
        return list(images) if several else [images]
    if isinstance(images, Sequence) and not isinstance(images, str | bytes | bytearray | memoryview):
        return images
    return [images]  # a path, bytes or a PIL image
