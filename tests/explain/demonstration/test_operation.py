"""An operation keeps what was convolved, how, and what came out."""

import json
import re
from typing import Any

import pytest
import torch

from inkwise.convolution.correlation import convolve, correlate
from inkwise.errors import InkwiseError, ShapeError, UnknownName
from inkwise.explain.demonstration.operation import operate

IMAGE = torch.tensor([[1, 0, 2, 3], [4, 1, 0, 2], [0, 2, 5, 1]])
KERNEL = torch.tensor([[1, 2], [0, -1]])


@pytest.mark.parametrize("rotate", [True, False], ids=["convolve", "correlate"])
def test_the_result_is_that_of_the_function_and_the_steps_add_up_to_it(rotate: bool) -> None:
    operation = operate(IMAGE, KERNEL, rotate=rotate, mode="full", stride=(1, 2))
    expected = (convolve if rotate else correlate)(IMAGE[None, None], KERNEL[None, None], mode="full", stride=(1, 2))
    assert torch.equal(operation.result, expected)
    totals = [int(operation.step(place).total) for place in range(len(operation.walk))]
    assert totals == expected.flatten().tolist()
    assert [operation.place(operation.step(place).at[1:]) for place in range(len(totals))] == list(range(len(totals)))


def test_the_formula_is_filled_in_for_each_axis() -> None:
    assert operate(IMAGE, KERNEL, stride=(1, 2)).formulas == (
        "floor((3 + 2*0 - 2) / 1) + 1 = 2",
        "floor((4 + 2*0 - 2) / 2) + 1 = 2",
    )


def test_the_algorithm_is_chosen_with_a_reason_or_taken_as_asked() -> None:
    chosen = operate(IMAGE, KERNEL)
    assert chosen.algorithm in {"direct", "im2col", "fft"}
    assert chosen.reason
    asked = operate(IMAGE.double(), KERNEL.double(), algorithm="fft")
    assert (asked.algorithm, asked.reason) == ("fft", "as asked")
    assert torch.allclose(asked.result, chosen.result.double())


def test_whole_numbers_that_outgrow_their_dtype_are_told_and_not_warned_of() -> None:
    narrow = torch.full((3,), 100, dtype=torch.int8)
    operation = operate(narrow, narrow)
    assert operation.result.tolist() == [[[30_000]]]
    (notice,) = operation.notices
    assert "int8 holds -128 to 127" in notice


def test_a_kernel_is_symmetric_where_rotating_it_changes_nothing() -> None:
    assert operate(IMAGE, torch.ones(2, 2)).symmetric
    assert not operate(IMAGE, KERNEL).symmetric


def test_the_strongest_places_are_those_of_the_largest_results_signs_aside() -> None:
    operation = operate(torch.tensor([1.0, -7.0, 0.0, 7.0, 9.0]), torch.tensor([1.0]))
    assert operation.strongest(2) == [1, 4]
    assert operation.strongest(3) == [1, 3, 4]
    assert operation.strongest(9) == [0, 1, 2, 3, 4]
    assert operate(torch.zeros(5), torch.ones(1)).strongest(2) == [0, 1]


def test_everything_becomes_json() -> None:
    operation = operate(torch.tensor([1, 2, 3]), torch.tensor([1, 0]), mode="same", padding_mode="wrap")
    said = json.loads(json.dumps(operation.to_dict([0, 2])))
    assert (said["operation"], said["input"], said["kernel"]) == ("convolution", [1, 2, 3], [1, 0])
    assert said["setting"] | {"algorithm": "", "reason": ""} == {
        "mode": "same",
        "padding": [[0, 1]],
        "padding_mode": "wrap",
        "stride": [1],
        "dilation": [1],
        "algorithm": "",
        "reason": "",
    }
    assert said["formula"] == ["floor((3 + 0 + 1 - 2) / 1) + 1 = 3"]
    assert (said["output_size"], said["result"], said["notices"]) == ([3], [2, 3, 1], [])
    assert said["steps"][1] == {
        "at": [2],
        "origin": [2],
        "patch": [3, 1],
        "kernel": [0, 1],
        "products": [0, 1],
        "total": 1,
    }


def test_what_json_cannot_say_is_null() -> None:
    operation = operate(torch.tensor([1e308, 1e308]), torch.tensor([10.0, 1.0]))
    said = operation.to_dict([0])
    assert said["result"] == [None]
    assert said["steps"][0]["total"] is None


@pytest.mark.parametrize(
    ("arguments", "error", "message"),
    [
        (
            (torch.ones(3), torch.ones(3, 3)),
            ShapeError,
            "The input is over one axis (3), and the kernel is over two axes (3 x 3); take a kernel of one row",
        ),
        (
            (torch.ones(3, 3), torch.ones(3)),
            ShapeError,
            "The input is over two axes (3 x 3), and the kernel is over one axis (3); take a kernel of rows, such as",
        ),
        (
            (torch.ones(2, 3, 4), torch.ones(1)),
            ShapeError,
            "The input is over 3 axes; one (a signal) or two (an image)",
        ),
        ((torch.ones(3), torch.ones(5)), ShapeError, "A kernel of length 5 does not fit into an input of length 3"),
        ((torch.ones(0), torch.ones(1)), ShapeError, "The image is empty"),
    ],
    ids=["2-d kernel", "1-d kernel", "3-d", "larger", "empty"],
)
def test_what_does_not_fit_is_told(arguments: Any, error: type[InkwiseError], message: str) -> None:
    with pytest.raises(error, match=re.escape(message)):
        operate(*arguments)


@pytest.mark.parametrize("at", [(2,), (-1, 0), (2, 0), (0, 3)], ids=str)
def test_a_place_that_does_not_exist_is_told_with_those_that_do(at: tuple[int, ...]) -> None:
    text = re.escape(",".join(map(str, at)))
    with pytest.raises(ShapeError, match=f"There is no output value {text}; they go from 0,0 to 1,2."):
        operate(IMAGE, KERNEL).place(at)


def test_an_algorithm_that_does_not_exist_is_told() -> None:
    with pytest.raises(UnknownName, match="There is no algorithm 'ft'"):
        operate(IMAGE, KERNEL, algorithm="ft")
