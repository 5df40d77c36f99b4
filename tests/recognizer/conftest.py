"""A recogniser of one linear layer that reads nearly all packaged digits, for every test of this folder."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from tests.recognizer_cases import DIGITS, LINEAR, Forms, Pixels, Weights, Write, least_squares

from inkwise.data.normaliser import normalise
from inkwise.data.uci import read_uci_digits
from inkwise.models.file import Card, write_model
from inkwise.recognizer import Recognizer


@pytest.fixture(scope="session")
def forms() -> Forms:
    """The packaged digits in exactly the form that `predict` brings images to, (1797, 1, 28, 28), and labels."""
    dataset = read_uci_digits()
    splits = [dataset.split(name) for name in ("train", "test")]
    images = torch.cat([split.images for split in splits])[:, 0].numpy()
    labels = torch.cat([split.labels for split in splits])
    return torch.from_numpy(np.stack([normalise(image).image for image in images])[:, None]), labels


@pytest.fixture(scope="session")
def weights(forms: Forms) -> Weights:
    images, labels = forms
    found = 12 * least_squares(images, torch.nn.functional.one_hot(labels, 10))
    return {"linear1.weight": found, "linear1.bias": torch.zeros(10)}


@pytest.fixture(scope="session")
def model(weights: Weights, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A model file of one linear layer that reads nearly all packaged digits."""
    path = tmp_path_factory.mktemp("model") / "linear.safetensors"
    write_model(path, weights, Card(recipe=LINEAR.model_dump(mode="json"), classes=DIGITS))
    return path


@pytest.fixture(scope="session")
def recognizer(model: Path) -> Recognizer:
    return Recognizer.load(model)


@pytest.fixture
def write(tmp_path: Path) -> Write:
    """Write a model file of `recipe` with any card."""

    def make(recipe: dict[str, Any], weights: Weights, classes: tuple[str, ...] = DIGITS, **card: Any) -> Path:
        path = tmp_path / "made.safetensors"
        write_model(path, weights, Card(recipe=recipe, classes=classes, **card))
        return path

    return make


@pytest.fixture(scope="session")
def digit(forms: Forms, recognizer: Recognizer) -> Pixels:
    """A 28x28 seven in MNIST's form that the model is sure of."""
    images, labels = forms
    sure = recognizer.probabilities(images)[:, 7].where(labels == 7, torch.tensor(0.0))
    return images[sure.argmax(), 0].numpy()
