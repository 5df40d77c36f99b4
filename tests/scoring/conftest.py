"""A model of one linear layer that reads the packaged digits, and a folder of some of them."""

from pathlib import Path

import pytest
import torch
from tests.recognizer_cases import DIGITS, LINEAR, least_squares
from tests.scoring_cases import write_digits

from inkwise.data.uci import read_uci_digits
from inkwise.models.file import Card, write_model


@pytest.fixture(scope="session")
def model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    train = read_uci_digits().split("train")
    found = 12 * least_squares(train.images, torch.nn.functional.one_hot(train.labels, 10))
    path = tmp_path_factory.mktemp("model") / "linear.safetensors"
    weights = {"linear1.weight": found, "linear1.bias": torch.zeros(10)}
    write_model(path, weights, Card(recipe=LINEAR.model_dump(mode="json"), classes=DIGITS))
    return path


@pytest.fixture(scope="session")
def digits(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder of 24 digits, a folder for each class."""
    folder = tmp_path_factory.mktemp("digits")
    write_digits(folder, 24)
    return folder
