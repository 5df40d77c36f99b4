"""What the recogniser's tests are made of: two recipes, and a network that learns in one step."""

import io
from collections.abc import Callable
from pathlib import Path

import numpy as np
import numpy.typing as npt
import torch
from PIL import Image
from torch import Tensor

from inkwise.recipes.recipe import Recipe

DIGITS = tuple("0123456789")
LINEAR = Recipe(name="linear", dataset="uci-digits", network=("flatten", "linear classes"))
THREE = Recipe(
    name="three",
    positive=3,
    loss="binary-cross-entropy",
    decision="threshold",
    network=("conv 1 28x28 nobias", "flatten"),
)

Pixels = npt.NDArray[np.uint8]
Weights = dict[str, Tensor]
Forms = tuple[Tensor, Tensor]
Write = Callable[..., Path]


def least_squares(images: Tensor, targets: Tensor) -> Tensor:
    """Return (C, 784) weights that bring images close to targets (N, C): a training in one step."""
    pixels = images.flatten(1).double() / 255
    gram = pixels.T @ pixels + 3 * torch.eye(pixels.shape[1])
    weights: Tensor = torch.linalg.solve(gram, pixels.T @ targets.double())
    return weights.T.float()


def png(pixels: Pixels) -> bytes:
    file = io.BytesIO()
    Image.fromarray(pixels).save(file, "png")
    return file.getvalue()
