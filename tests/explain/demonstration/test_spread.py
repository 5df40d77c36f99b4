"""A transposed convolution that is shown has torch's numbers, step by step."""

import re

import pytest
import torch
from torch.nn import functional

from inkwise.errors import ShapeError, UnknownName
from inkwise.explain.demonstration.spread import Spread, spread

IMAGE = torch.tensor([[1.0, 0.5, 2.0], [4.0, 1.0, -3.0]])
KERNEL = torch.tensor([[1.0, 2.0, 0.25], [0.0, -1.0, 3.0]])


def made(stride: int, dilation: int, padding: int) -> Spread:
    return spread(IMAGE, KERNEL, stride=stride, dilation=dilation, padding=padding)


@pytest.mark.parametrize(("stride", "dilation", "padding"), [(1, 1, 0), (2, 1, 0), (2, 2, 1), (3, 1, 1)])
def test_the_result_is_torchs_and_its_size_the_formulas(stride: int, dilation: int, padding: int) -> None:
    found = made(stride, dilation, padding)
    expected = functional.conv_transpose2d(
        IMAGE.double()[None, None], KERNEL.double()[None, None], stride=stride, dilation=dilation, padding=padding
    )
    assert torch.allclose(found.result, expected)
    assert [int(formula.rpartition("= ")[2]) for formula in found.formulas] == list(expected.shape[2:])
    for formula in found.formulas:
        left, _, right = formula.partition(" = ")
        assert eval(left) == int(right)  # noqa: S307  # a sum of our own


def test_the_steps_add_up_to_the_result() -> None:
    found = made(2, 1, 1)
    total = torch.zeros(found.setting.padded, dtype=torch.float64)
    for row in range(2):
        for column in range(3):
            top, left = (start + 1 for start in found.origin((row, column)))
            total[top : top + 2, left : left + 3] += found.products((row, column))
            assert torch.allclose(found.so_far((row, column)), total[1:-1, 1:-1])
    assert torch.allclose(found.result[0, 0], total[1:-1, 1:-1])


def test_whole_numbers_stay_whole() -> None:
    found = spread(torch.tensor([1, 10]), torch.tensor([1, 2, 3]), stride=2)
    assert found.to_dict()["result"] == [1, 2, 13, 20, 30]
    assert found.to_dict()["formula"] == ["2*(2 - 1) + 1*(3 - 1) + 1 - 2*0 = 5"]


def test_what_cannot_be_is_told() -> None:
    with pytest.raises(ShapeError, match=r"The input is 3 and the kernel 2 x 3; give both one axis, or both two\."):
        spread(IMAGE[0], KERNEL)
    with pytest.raises(ShapeError, match=re.escape("There is no input value 2,0; they go from 0,0 to 1,2.")):
        made(1, 1, 0).products((2, 0))
    with pytest.raises(UnknownName, match="There is no padding mode 'zero'"):
        spread(IMAGE, KERNEL, padding=1, padding_mode="zero")
