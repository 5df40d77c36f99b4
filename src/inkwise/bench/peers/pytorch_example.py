"""PyTorch's own MNIST example: what most people run first.

Source: https://github.com/pytorch/examples/blob/main/mnist/main.py, on a CPU: one PIL image at a time, a main-process
DataLoader, not shuffled there; batch 64, Adadelta with rate 1, times 0.7 after each epoch, 14 epochs; float32. Its
log lines and its tests between the epochs are left out.

    python -m inkwise.bench.peers.pytorch_example --seed 0
"""

import time

import torch
from torch import Tensor, nn
from torch.nn import functional
from torch.optim.lr_scheduler import StepLR
from torch.utils.data import DataLoader

from inkwise.bench.peers.pil_digits import PilDigits
from inkwise.bench.trial import Task, Trained, main

STANDARD = (0.1307, 0.3081)
EPOCHS, BATCH, TEST_BATCH, RATE, GAMMA = 14, 64, 1000, 1.0, 0.7


class Net(nn.Module):
    """The source's network: (N, 1, 28, 28) to log-probabilities (N, classes)."""

    def __init__(self, classes: int = 10) -> None:
        super().__init__()
        self.conv1 = nn.Conv2d(1, 32, 3, 1)
        self.conv2 = nn.Conv2d(32, 64, 3, 1)
        self.dropout1 = nn.Dropout(0.25)
        self.dropout2 = nn.Dropout(0.5)
        self.fc1 = nn.Linear(9216, 128)
        self.fc2 = nn.Linear(128, classes)

    def forward(self, x: Tensor) -> Tensor:
        """Return log-probabilities."""
        x = functional.relu(self.conv1(x))
        x = functional.relu(self.conv2(x))  # (N, 64, 24, 24)
        x = self.dropout1(functional.max_pool2d(x, 2))
        x = self.dropout2(functional.relu(self.fc1(x.flatten(1))))
        return functional.log_softmax(self.fc2(x), dim=1)


def learn(task: Task) -> Trained:
    """Train as published."""
    torch.manual_seed(task.seed)
    images, labels, epochs = task.train.images, task.train.labels, task.epochs(EPOCHS)
    began = time.perf_counter()
    loader = DataLoader(PilDigits(images, labels, STANDARD), batch_size=BATCH)
    model = Net(task.classes)
    optimiser = torch.optim.Adadelta(model.parameters(), lr=RATE)
    scheduler = StepLR(optimiser, step_size=1, gamma=GAMMA)
    for _ in range(epochs):
        model.train()
        for inputs, target in loader:
            optimiser.zero_grad()
            loss = functional.nll_loss(model(inputs), target)
            loss.backward()  # type: ignore[no-untyped-call]
            optimiser.step()
        scheduler.step()
    seconds = time.perf_counter() - began
    model.eval()

    @torch.no_grad()
    def predict(digits: Tensor) -> Tensor:
        pairs = PilDigits(digits, torch.zeros(len(digits), dtype=torch.int64), STANDARD)
        outputs = [model(inputs) for inputs, _ in DataLoader(pairs, batch_size=TEST_BATCH)]
        return torch.cat(outputs).argmax(1)

    parameters = sum(weight.numel() for weight in model.parameters())
    return Trained(seconds, epochs, parameters, len(labels), "float32", predict)


if __name__ == "__main__":
    main(learn, __doc__)
