"""The fastest published route to 99 %: one epoch of a small network, the digits normalised and held in memory.

Source: https://github.com/tuomaso/train_mnist_fast, 8_Final_00s76: 0.76 s on a laptop's GPU, 99.04 % over 30 seeds.
Two convolutions, pooled before the ReLU; Adam with betas (0.7, 0.9), a one-cycle rate up to 0.01 without cycling the
momentum, batches of 256 in the order of the file; float32, plain torch.

    python -m inkwise.bench.peers.published_fast --seed 0
"""

import time

import torch
from torch import Tensor, nn
from torch.nn import functional
from torch.optim.lr_scheduler import OneCycleLR

from inkwise.bench.trial import Task, Trained, main

MEAN, DEVIATION = 0.1307, 0.3081
BATCH, TEST_BATCH, RATE = 256, 2000, 0.01


class Net(nn.Module):
    """The source's network: (N, 1, 28, 28) to log-probabilities (N, classes)."""

    def __init__(self, classes: int = 10) -> None:
        super().__init__()
        self.conv1 = nn.Conv2d(1, 24, 5)
        self.conv2 = nn.Conv2d(24, 32, 3)
        self.fc1 = nn.Linear(800, 256)
        self.fc2 = nn.Linear(256, classes)

    def forward(self, x: Tensor) -> Tensor:
        """Return log-probabilities."""
        x = functional.relu(functional.max_pool2d(self.conv1(x), 2))  # (N, 24, 12, 12)
        x = functional.relu(functional.max_pool2d(self.conv2(x), 2))  # (N, 32, 5, 5)
        x = functional.relu(self.fc1(x.flatten(1)))
        return functional.log_softmax(self.fc2(x), dim=1)


def normalised(images: Tensor) -> Tensor:
    """Return uint8 images as the network takes them; in place, since fresh memory for each step is slow."""
    return images.float().div_(255).sub_(MEAN).div_(DEVIATION)


def learn(task: Task) -> Trained:
    """Train as published."""
    torch.manual_seed(task.seed)
    images, labels = task.train.images, task.train.labels
    epochs, batches = task.epochs(1), -(-len(labels) // BATCH)
    began = time.perf_counter()
    inputs = normalised(images)
    model = Net(task.classes)
    optimiser = torch.optim.Adam(model.parameters(), lr=RATE, betas=(0.7, 0.9))
    scheduler = OneCycleLR(optimiser, max_lr=RATE, total_steps=epochs * batches, cycle_momentum=False)
    model.train()
    for step in range(epochs * batches):
        start = BATCH * (step % batches)
        optimiser.zero_grad()
        loss = functional.nll_loss(model(inputs[start : start + BATCH]), labels[start : start + BATCH])
        loss.backward()  # type: ignore[no-untyped-call]
        optimiser.step()
        scheduler.step()
    seconds = time.perf_counter() - began
    model.eval()

    @torch.no_grad()
    def predict(digits: Tensor) -> Tensor:
        outputs = [model(normalised(part)) for part in torch.split(digits, TEST_BATCH)]
        return torch.cat(outputs).argmax(1)

    parameters = sum(weight.numel() for weight in model.parameters())
    return Trained(seconds, epochs, parameters, len(labels), "float32", predict)


if __name__ == "__main__":
    main(learn, __doc__)
