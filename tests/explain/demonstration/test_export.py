"""A result's numbers leave as files that give the same numbers when they are read."""

import io

import numpy as np
import torch

from inkwise.explain.demonstration.export import as_csv, as_npy
from inkwise.explain.demonstration.numbers import parse
from inkwise.explain.demonstration.operation import operate

THIRDS = operate(torch.tensor([[1.0, 2.0], [3.0, 4.0]]), torch.tensor([[1 / 3]]))


def test_whole_numbers_stay_whole_and_a_signal_is_a_column() -> None:
    assert as_csv(operate(torch.tensor([1, -2]), torch.tensor([3]))) == "3\n-6\n"
    assert as_csv(operate(torch.tensor([[1, 2], [3, 4]]), torch.tensor([[1]]))) == "1,2\n3,4\n"


def test_floats_have_all_their_figures() -> None:
    assert torch.equal(parse(as_csv(THIRDS), "a.csv", lines=True), THIRDS.result[0, 0])
    assert np.array_equal(np.load(io.BytesIO(as_npy(THIRDS))), THIRDS.result[0, 0].numpy())
