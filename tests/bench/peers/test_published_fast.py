"""The fastest published route is its source's network and training."""

import math
from typing import Any

import pytest
import torch
from torch.utils._python_dispatch import TorchDispatchMode

from inkwise.bench.peers.published_fast import Net, learn, normalised
from inkwise.bench.trial import make_task
from inkwise.data.uci import read_uci_digits


class Operations(TorchDispatchMode):  # type: ignore[no-untyped-call]
    """The names of torch's operations, in order."""

    def __init__(self) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self.names: list[str] = []

    def __torch_dispatch__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        self.names.append(func.name().partition(".")[0])
        return func(*args, **(kwargs or {}))


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


def test_its_steps_are_those_of_its_source(seen: Any) -> None:
    task = make_task(read_uci_digits(), 0)  # 1,297 images: five batches of 256 and one of 17
    learn(task)
    assert seen.optimisers == ["Adam"] * 6
    wanted = {"betas": (0.7, 0.9), "eps": 1e-8, "weight_decay": 0, "amsgrad": False}
    assert all({name: each[name] for name in wanted} == wanted for each in seen.settings)
    # torch's one cycle, by its formula: from a 25th of 0.01 up over 0.3 of the way, then down to a 10,000th of that.
    peak = 0.3 * 6 - 1
    down = [
        0.01 / 250_000 + (0.01 - 0.01 / 250_000) / 2 * (1 + math.cos(math.pi * (k - peak) / (5 - peak)))
        for k in range(6)
    ]
    assert [each["lr"] for each in seen.settings] == pytest.approx([0.01 / 25, *down[1:]])
    assert torch.cat(seen.batches).equal(normalised(task.train.images))  # in the order of the file, each image once
    assert [len(batch) for batch in seen.batches] == [256] * 5 + [17]


def test_normalising_takes_one_copy_and_leaves_the_digits_as_they_are() -> None:
    images = torch.randint(0, 256, (2, 1, 28, 28), dtype=torch.uint8, generator=torch.Generator().manual_seed(0))
    before = images.clone()
    with Operations() as operations:
        normalised(images)
    assert operations.names == ["aten::_to_copy", "aten::div_", "aten::sub_", "aten::div_"]
    assert images.equal(before)
