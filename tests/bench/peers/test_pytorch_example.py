"""PyTorch's example is its source's network and training."""

import torch

from inkwise.bench.peers.pytorch_example import Net, learn
from inkwise.bench.trial import make_task
from inkwise.data.uci import read_uci_digits


def test_it_has_as_many_parameters_as_its_source() -> None:
    assert sum(weight.numel() for weight in Net().parameters()) == 1_199_882


def test_it_learns_in_its_few_steps() -> None:
    task = make_task(read_uci_digits(), 0, quick=True)
    test = task.dataset.split("test")
    trained = learn(task)
    answers = trained.predict(test.images)
    assert (answers == test.labels).float().mean() > 0.4
    assert torch.equal(trained.predict(test.images), answers)  # no dropout when it predicts
    assert (trained.epochs, trained.parameters, trained.images) == (1, 1_199_882, 1000)
