"""The fastest published route is its source's network and training."""

import pytest
import torch

from inkwise.bench.peers.published_fast import Net, learn, normalised
from inkwise.bench.trial import make_task
from inkwise.data.uci import read_uci_digits


def test_it_has_as_many_parameters_as_its_source() -> None:
    assert sum(weight.numel() for weight in Net().parameters()) == 24 * 26 + 32 * (216 + 1) + 801 * 256 + 2570
    assert Net()(torch.zeros(2, 1, 28, 28)).exp().sum(1).tolist() == pytest.approx([1.0, 1.0])


def test_black_and_white_are_normalised_as_published() -> None:
    ends = normalised(torch.tensor([0, 255], dtype=torch.uint8))
    assert ends.tolist() == pytest.approx([-0.4242, 2.8215], abs=1e-4)


def test_it_learns_in_its_few_steps_and_the_same_from_the_same_seed() -> None:
    test = read_uci_digits().split("test")
    answers = []
    for seed in (0, 0, 1):
        trained = learn(make_task(read_uci_digits(), seed, quick=True))
        answers.append(trained.predict(test.images))
    assert torch.equal(answers[0], answers[1])
    assert not torch.equal(answers[0], answers[2])
    assert (answers[0] == test.labels).float().mean() > 0.4
    assert (trained.epochs, trained.images, trained.precision) == (1, 1000, "float32")
    assert trained.seconds is not None
    assert trained.seconds > 0
