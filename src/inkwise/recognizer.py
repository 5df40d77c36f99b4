"""The model file as one object: load it, give it images, read the answers.

    recognizer = Recognizer.load("best.safetensors")
    for answer in recognizer.predict(["mine.png", array, pil_image]):
        print(answer.label, answer.confidence)

An image goes the same way whatever it is: decoded to grey, brought to MNIST's form, through the network, to
probabilities. `probabilities` skips the first two steps for images that are in that form already.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from os import PathLike
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

import numpy as np
import numpy.typing as npt
import torch
from jaxtyping import Float, Int64, UInt8
from pydantic import ValidationError
from torch import Tensor

from inkwise.data.image import load_grey
from inkwise.data.normaliser import normalise
from inkwise.errors import InkwiseError, ModelError
from inkwise.models.file import Card, read_model
from inkwise.models.inference import outputs_of
from inkwise.models.network import Network, build
from inkwise.recipes.recipe import Recipe
from inkwise.runs.run import Run

if TYPE_CHECKING:
    from PIL.Image import Image

    Picture = str | PathLike[str] | bytes | Image | npt.NDArray[Any] | Tensor


@dataclass(frozen=True)
class Prediction:
    """One answer. `label` is the class as the model names it, `confidence` its probability in [0, 1].

    `accepted` is false where no answer should be relied on, and `reason` says why; `probabilities` has one value
    for each of the model's classes.
    """

    label: str
    confidence: float
    accepted: bool
    reason: str | None
    probabilities: tuple[float, ...]


class Recognizer:
    """A trained network with everything it takes to use it."""

    def __init__(self, network: Network, card: Card, recipe: Recipe, path: Path | None = None) -> None:
        self.network, self.card, self.recipe, self.path = network.eval(), card, recipe, path
        self.classes = card.classes

    @classmethod
    def load(cls, model: str | PathLike[str], *, device: str = "cpu") -> Self:
        """Load a model file, or the model of a run folder.

        Args:
            model: Path of a .safetensors file that Inkwise wrote, or of a run folder.
            device: Where to compute: "cpu", "cuda", "cuda:N" or "mps".

        Raises:
            ModelError: It is missing, truncated, not a model, from a future version, or its network is unknown.
            RunError: It is a folder but not a run.
        """
        path = Path(model)
        if path.is_dir():
            path = Run.open(path).model_file
        weights, card = read_model(path)
        try:
            recipe = Recipe.model_validate(card.recipe)
        except ValidationError as error:
            raise ModelError(
                f"The card of {path} holds a recipe that this Inkwise does not know; it was written by Inkwise "
                f"{card.versions.get('inkwise', 'of an unknown version')}."
            ) from error
        try:
            network = build(
                recipe.network,
                classes=1 if recipe.binary else len(card.classes),
                pixels=recipe.pixels,
                input_shape=card.input_shape,
            )
            network.load_state_dict(weights)
        except InkwiseError as error:
            raise ModelError(f"The network of {path} cannot be built: {error}") from error
        except RuntimeError as error:
            raise ModelError(f"{path} is damaged: its weights do not fit the network that its card names.") from error
        return cls(network.to(device), card, recipe, path)

    def probabilities(self, images: UInt8[Tensor, "n 1 h w"], *, batch_size: int = 500) -> Float[Tensor, "n c"]:
        """Return the network's probabilities for images in MNIST's form, in bounded memory.

        Args:
            images: uint8 (N, 1, 28, 28), ink 255 on background 0.
            batch_size: Images at a time.

        Returns:
            float32 (N, C) on the CPU; for a yes-or-no model (N, 1), the probability of yes.
        """
        outputs = outputs_of(self.network, images, batch_size=batch_size)
        return self.network.probabilities(outputs)

    def predict(self, images: "Picture | Sequence[Picture]", *, batch_size: int = 500) -> list[Prediction]:
        """Read single digits of any size, colour and polarity.

        Args:
            images: One image or a sequence of them: a path, bytes of an image file, a PIL image, or an array or
                tensor. An array of (H, W), (H, W, 3) or (H, W, 4) is one image; (N, H, W), (N, 1, H, W) or
                (N, H, W, 1) are N of them. uint8, uint16, bool, or float in [0, 1].
            batch_size: Images at a time.

        Returns:
            One prediction per image, in order.

        Raises:
            ImageError: An image cannot be read; the message names it.
        """
        answers: list[Prediction] = []
        pictures = _one_by_one(images)
        for start in range(0, len(pictures), batch_size):
            forms = [normalise(load_grey(picture)) for picture in pictures[start : start + batch_size]]
            batch = torch.from_numpy(np.stack([form.image for form in forms])[:, None])  # (B, 1, 28, 28)
            answers += self._answers(self.probabilities(batch), [form.reason for form in forms])
        return answers

    def decide(self, probabilities: Float[Tensor, "n c"]) -> Int64[Tensor, " n"]:
        """Return the index of the class answered for each row: the most probable, or yes from the threshold on."""
        if self.recipe.binary:
            return (probabilities[:, 0] >= self.threshold).long()
        return probabilities.argmax(1)

    @property
    def threshold(self) -> float:
        """The probability from which a yes-or-no model answers yes."""
        return 0.5 if self.card.threshold is None else self.card.threshold

    def _answers(self, probabilities: Float[Tensor, "n c"], reasons: Sequence[str | None]) -> list[Prediction]:
        chosen = self.decide(probabilities).tolist()
        if self.recipe.binary:
            probabilities = torch.cat([1 - probabilities, probabilities], dim=1)  # (N, 1) -> (N, 2)
        return [
            Prediction(self.classes[index], row[index], reason is None, reason, tuple(row))
            for index, row, reason in zip(chosen, probabilities.tolist(), reasons, strict=True)
        ]


def _one_by_one(images: "Picture | Sequence[Picture]") -> "Sequence[Picture]":
    if isinstance(images, Tensor):
        images = images.detach().cpu().numpy()
    if isinstance(images, np.ndarray):
        colour = images.ndim == 3 and images.shape[-1] in {3, 4} and images.shape[0] > 4
        if images.ndim == 4 and images.shape[1] == 1:
            return list(images[:, 0])
        return list(images) if images.ndim == 4 or (images.ndim == 3 and not colour) else [images]
    if isinstance(images, Sequence) and not isinstance(images, str | bytes):
        return images
    return [images]  # a path, bytes or a PIL image
