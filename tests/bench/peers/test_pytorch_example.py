"""PyTorch's example is its source's network and training."""

from dataclasses import replace
from typing import Any

import pytest
import torch

from inkwise.bench.peers.pytorch_example import Net, learn
from inkwise.bench.trial import make_task
from inkwise.data.dataset import Split
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


def test_its_steps_are_those_of_its_source(seen: Any) -> None:
    images = read_uci_digits().split("train").images[:100]
    few = Split("train", images, read_uci_digits().split("train").labels[:100])
    digits = replace(read_uci_digits(), splits={"train": few, "test": few})
    learn(make_task(digits, 0))
    assert seen.optimisers == ["Adadelta"] * 28  # 14 epochs of a batch of 64 and one of 36
    wanted = {"rho": 0.9, "eps": 1e-6, "weight_decay": 0}
    assert all({name: each[name] for name in wanted} == wanted for each in seen.settings)
    assert [each["lr"] for each in seen.settings] == pytest.approx([0.7 ** (step // 2) for step in range(28)])
    assert [len(batch) for batch in seen.batches] == [64, 36] * 14
    inputs = (images.float() / 255 - 0.1307) / 0.3081
    for epoch in (0, 13):  # not shuffled on a CPU
        assert torch.allclose(torch.cat(seen.batches[2 * epoch : 2 * epoch + 2]), inputs, atol=1e-6)
