"""The published way of training the tutorials: the peer that Inkwise is measured against.

One PIL image at a time through a transform, a main-process DataLoader, float32, plain torch layers. Prints one JSON
line; run by benchmarks/training.py in a process of its own.

    python -m benchmarks.peer small-cnn --epochs 1
"""

import argparse
import json
import time
from collections.abc import Callable
from pathlib import Path

import torch
import torch._dynamo
from torch import Tensor, nn
from torch.utils.data import DataLoader, Dataset, Subset

from inkwise.bench.peers.pil_digits import PilDigits
from inkwise.data.load import load
from inkwise.recipes import registry


def small() -> nn.Module:
    """Return small-cnn as published."""
    return nn.Sequential(
        *(nn.Conv2d(1, 8, 3, padding=1), nn.ReLU(), nn.MaxPool2d(2)),
        *(nn.Conv2d(8, 16, 3, padding=1), nn.ReLU(), nn.MaxPool2d(2)),
        *(nn.Flatten(), nn.Linear(784, 10)),
    )


def dropout() -> nn.Module:
    """Return dropout-cnn as published, its softmax included."""
    return nn.Sequential(
        *(nn.Conv2d(1, 32, 3), nn.ReLU(), nn.Conv2d(32, 64, 3), nn.ReLU(), nn.MaxPool2d(2), nn.Dropout(0.25)),
        *(nn.Flatten(), nn.Linear(9216, 128), nn.ReLU(), nn.Dropout(0.5), nn.Linear(128, 10), nn.Softmax(1)),
    )


def deep() -> nn.Module:
    """Return deep-cnn as published."""
    return nn.Sequential(
        *(nn.Conv2d(1, 5, 3, padding=1), nn.ReLU()),
        *(nn.Conv2d(5, 10, 3, padding=1), nn.MaxPool2d(2), nn.ReLU(), nn.BatchNorm2d(10)),
        *(nn.Conv2d(10, 20, 3, padding=1), nn.ReLU(), nn.BatchNorm2d(20)),
        *(nn.Conv2d(20, 40, 3, padding=1), nn.MaxPool2d(2), nn.ReLU(), nn.BatchNorm2d(40)),
        *(nn.Flatten(), nn.Linear(1960, 200), nn.ReLU(), nn.Dropout(0.5)),
        *(nn.Linear(200, 500), nn.ReLU(), nn.Linear(500, 10)),
    )


def batchnorm() -> nn.Module:
    """Return batchnorm-cnn as published."""
    return nn.Sequential(
        *(nn.Conv2d(1, 16, 5, padding=2), nn.BatchNorm2d(16), nn.ReLU(), nn.MaxPool2d(2)),
        *(nn.Conv2d(16, 32, 5, padding=2), nn.BatchNorm2d(32), nn.ReLU(), nn.MaxPool2d(2)),
        *(nn.Flatten(), nn.Linear(1568, 10)),
    )


def matched() -> nn.Module:
    """Return matched-filter as published."""
    return nn.Sequential(nn.Conv2d(1, 1, 28, bias=False), nn.Flatten(), nn.Sigmoid())


NETWORKS: dict[str, Callable[[], nn.Module]] = {
    "matched-filter": matched,
    "small-cnn": small,
    "dropout-cnn": dropout,
    "deep-cnn": deep,
    "batchnorm-cnn": batchnorm,
}


def train(name: str, epochs: int, data: Path | None) -> float:
    """Train tutorial `name` for `epochs` and return the seconds from the dataset in memory to trained weights."""
    recipe = registry.get(f"{name}@published")
    mnist = load("mnist", root=data).split("train")
    torch.optim.SGD([torch.zeros(1, requires_grad=True)], lr=1.0).zero_grad()  # what torch imports at its first use
    began = time.perf_counter()
    standard = (0.5, 0.5) if recipe.pixels == "signed" else None
    digits: Dataset[tuple[Tensor, int]] = PilDigits(mnist.images, mnist.labels, standard)
    if recipe.validation:
        digits = Subset(digits, range(len(mnist) - recipe.validation))
    loader = DataLoader(digits, batch_size=recipe.batch_size, shuffle=recipe.shuffle)
    network = NETWORKS[name]()
    settings = recipe.optimizer
    if settings.name == "sgd":
        optimiser: torch.optim.Optimizer = torch.optim.SGD(
            network.parameters(), lr=settings.lr, momentum=settings.momentum
        )
    else:
        optimiser = torch.optim.Adam(network.parameters(), lr=settings.lr, weight_decay=settings.weight_decay)
    for _ in range(epochs):
        for images, labels in loader:
            outputs = network(images)
            if recipe.binary:
                loss = nn.functional.mse_loss(outputs[:, 0], (labels == recipe.positive).float())
            else:
                loss = nn.functional.cross_entropy(outputs, labels)
            optimiser.zero_grad()
            loss.backward()  # type: ignore[no-untyped-call]
            optimiser.step()
    return time.perf_counter() - began


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("recipe", choices=NETWORKS)
    parser.add_argument("--epochs", type=int, default=1)
    parser.add_argument("--data", type=Path)
    arguments = parser.parse_args()
    print(json.dumps({"seconds": train(arguments.recipe, arguments.epochs, arguments.data)}))
