"""A trial is timed, tested and printed the same way for every contender."""

import json
import time
from dataclasses import replace

import pytest
import torch
from torch import Tensor

from inkwise.bench.trial import Task, Trained, latency, main, make_task, peak_megabytes, throughput, try_out
from inkwise.data.dataset import Dataset, Split
from inkwise.data.uci import read_uci_digits
from inkwise.errors import DataError


def always_three(task: Task) -> Trained:
    def predict(images: Tensor) -> Tensor:
        return torch.full((len(images),), 3)

    return Trained(1.25, task.epochs(7), 10, len(task.train), "float32", predict, {"mine": "1"})


def test_a_quick_task_has_few_images_and_one_epoch() -> None:
    digits = read_uci_digits()
    whole, quick = make_task(digits, 5), make_task(digits, 5, quick=True)
    assert (len(whole.train), whole.epochs(7), whole.seed) == (1297, 7, 5)
    assert (len(quick.train), quick.epochs(7)) == (1000, 1)
    assert torch.equal(quick.train.images, whole.train.images[:1000])
    assert torch.equal(quick.train.labels, whole.train.labels[:1000])


def test_what_is_measured_is_on_the_test_split() -> None:
    task = make_task(read_uci_digits(), 0)
    values = try_out(always_three, task)
    test = task.dataset.split("test")
    assert values["errors"] == int((test.labels != 3).sum())
    assert values["n"] == len(test)
    assert (values["seconds"], values["epochs"], values["train_images"]) == (1.25, 7, 1297)
    assert values["versions"] == {"torch": torch.__version__, "mine": "1"}
    assert values["peak_mb"] > 50
    assert values["images_per_second"] > 0
    assert values["latency_ms"] > 0


def test_a_contenders_last_line_is_json(capsys: pytest.CaptureFixture[str]) -> None:
    main(always_three, "About it.", ["--dataset", "uci-digits", "--seed", "2", "--quick"])
    values = json.loads(capsys.readouterr().out.splitlines()[-1])
    assert (values["n"], values["epochs"]) == (500, 1)


def test_slow_and_quick_ways_of_predicting_are_timed_rightly() -> None:
    images = torch.zeros(50, 1, 28, 28, dtype=torch.uint8)
    calls: list[int] = []

    def predict(batch: Tensor) -> Tensor:
        calls.append(len(batch))
        time.sleep(0.002)
        return torch.zeros(len(batch), dtype=torch.int64)

    _, rate = throughput(predict, images)
    assert len(calls) == 10  # the first and nine more
    assert 50 / 0.2 < rate <= 50 / 0.002
    assert 2 <= latency(predict, images) < 200
    assert set(calls[10:]) == {1}


def test_images_of_another_size_are_refused() -> None:
    split = Split("train", torch.zeros(3, 1, 8, 8, dtype=torch.uint8), torch.zeros(3, dtype=torch.int64))
    small = Dataset("small", ("0",), {"train": split, "test": replace(split, name="test")}, "", "")
    with pytest.raises(DataError, match="The images of small are 8 x 8; a benchmark takes 28 x 28"):
        make_task(small, 0)


def test_the_peak_grows_with_what_is_held() -> None:
    before = peak_megabytes()
    held = torch.ones(2 * 250_000_000 // 8)  # 250 MB
    after = peak_megabytes()
    assert before is not None
    assert after is not None
    assert held.sum() > 0
    assert after >= before
    assert after > 250
