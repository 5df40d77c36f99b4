"""The choice among the algorithms: what it weighs, what it says, and that it costs next to nothing."""

import re
from typing import Any

import pytest
import torch

from inkwise.convolution.choice import ALGORITHMS, choice_for, choose, milliseconds, work
from inkwise.convolution.costs import COSTS
from inkwise.convolution.setting import Setting
from inkwise.errors import ShapeError, UnknownName, UsageError

SHAPES: list[tuple[tuple[int, ...], tuple[int, ...], int]] = [
    ((1, 1, 64), (1, 1, 3), 1),
    ((16, 4, 512), (8, 4, 31), 1),
    ((256, 32, 28, 28), (64, 32, 3, 3), 1),
    ((16, 32, 28, 28), (32, 1, 5, 5), 32),
    ((256, 1, 28, 28), (10, 1, 28, 28), 1),
    ((4, 4, 16, 16, 16), (8, 4, 3, 3, 3), 1),
    ((256, 16, 256, 256), (16, 16, 3, 3), 1),
]
DTYPES = [torch.float32, torch.float64, torch.bfloat16, torch.int64]


def test_a_long_kernel_is_transformed() -> None:
    assert choose((1, 1, 4096), (1, 1, 1024)).algorithm == "fft"


def test_a_layer_of_a_network_is_a_matrix_product() -> None:
    for dtype in DTYPES:
        assert choose((256, 32, 28, 28), (64, 32, 3, 3), padding=1, dtype=dtype).algorithm == "im2col"


def test_a_multiplication_is_just_done() -> None:
    assert choose((1, 1, 64), (1, 1, 1)).algorithm == "direct"


@pytest.mark.parametrize("dtype", DTYPES, ids=str)
@pytest.mark.parametrize(("image", "kernel", "groups"), SHAPES, ids=str)
def test_the_least_time_is_taken_and_the_sentence_has_the_numbers(
    image: tuple[int, ...], kernel: tuple[int, ...], groups: int, dtype: torch.dtype
) -> None:
    choice = choose(image, kernel, groups=groups, dtype=dtype)
    assert set(choice.milliseconds) == set(ALGORITHMS)
    assert all(expected > 0 for expected in choice.milliseconds.values())
    assert choice.milliseconds[choice.algorithm] == min(choice.milliseconds.values())
    number = r"[\d,.]+"
    pattern = rf"{choice.algorithm}: about {number} ms against {number} \(\w+\) and {number} \(\w+\)"
    assert re.fullmatch(pattern, choice.reason)
    assert {name for name in ALGORITHMS if name in choice.reason} == set(ALGORITHMS)


@pytest.mark.parametrize("dtype", DTYPES, ids=str)
@pytest.mark.parametrize(("image", "kernel", "groups"), SHAPES, ids=str)
def test_more_work_is_never_expected_to_take_less(
    image: tuple[int, ...], kernel: tuple[int, ...], groups: int, dtype: torch.dtype
) -> None:
    once = choose((2 * image[0], *image[1:]), kernel, groups=groups, dtype=dtype).milliseconds
    twice = choose((4 * image[0], *image[1:]), kernel, groups=groups, dtype=dtype).milliseconds
    assert all(twice[name] >= once[name] for name in ALGORITHMS)


@pytest.mark.parametrize(("image", "kernel", "groups"), SHAPES, ids=str)
def test_longer_numbers_are_expected_to_take_longer(
    image: tuple[int, ...], kernel: tuple[int, ...], groups: int
) -> None:
    by_dtype = [choose(image, kernel, groups=groups, dtype=dtype).milliseconds for dtype in DTYPES]
    single, double, half, whole = by_dtype
    assert all(single[name] < double[name] == whole[name] for name in ALGORITHMS)
    assert all(single[name] <= half[name] for name in ("direct", "fft"))  # computed in float32, and converted


def test_every_amount_of_work_has_a_cost_and_every_cost_an_amount() -> None:
    met: dict[str, set[str]] = {name: set() for name in ALGORITHMS}
    for image, kernel, groups in SHAPES:
        for dtype in DTYPES:
            for name, amounts in work(Setting.make(image, kernel, groups=groups), dtype).items():
                met[name] |= set(amounts)
    assert met == {name: set(costs) for name, costs in COSTS.items()}
    assert all(cost >= 0 for costs in COSTS.values() for cost in costs.values())


def test_the_settings_count() -> None:
    setting: dict[str, Any] = {"mode": "full", "stride": 3, "dilation": 2, "padding_mode": "wrap"}
    by_hand = milliseconds(Setting.make((2, 3, 40), (4, 3, 5), **setting), torch.float64)
    assert choose((2, 3, 40), (4, 3, 5), dtype=torch.float64, **setting).milliseconds == by_hand
    assert by_hand["direct"] < choose((2, 3, 40), (4, 3, 5), dtype=torch.float64, mode="full").milliseconds["direct"]


def test_a_choice_shared_by_all_who_ask_cannot_be_changed() -> None:
    with pytest.raises(TypeError, match="does not support item assignment"):
        choose((1, 2, 30), (2, 2, 3)).milliseconds["fft"] = 0  # type: ignore[index]


def test_kernels_whose_spectra_fill_the_memory_have_the_images_transformed_once_again() -> None:
    def amount(kernels: int) -> float:
        return work(Setting.make((4, 16, 512, 512), (kernels, 16, 21, 21)), torch.float32)["fft"]["n log n"]

    one, few, many = (amount(kernels) for kernels in (1, 15, 160))
    assert few < 15 * one
    assert many > 10 * few  # blocks of kernels


def test_it_is_asked_once_for_the_same() -> None:
    setting = Setting.make((1, 2, 30), (2, 2, 3))
    assert choice_for(setting, torch.float32) is choice_for(Setting.make((1, 2, 30), (2, 2, 3)), torch.float32)


@pytest.mark.parametrize(
    ("change", "error", "message"),
    [
        ({"stride": 0}, UsageError, "The stride is 0"),
        ({"mode": "ful"}, UnknownName, "There is no mode 'ful'"),
        ({"groups": 2}, ShapeError, "2 groups must divide both"),
        ({"dtype": torch.complex64}, UsageError, "no correlation of complex64; give one of bool, uint8"),
    ],
)
def test_a_mistake_gets_its_sentence(change: dict[str, Any], error: type[Exception], message: str) -> None:
    with pytest.raises(error, match=message):
        choose((1, 1, 9), (1, 1, 3), **change)
