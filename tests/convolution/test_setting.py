"""The setting of a convolution: what it works out, and what each mistake is told."""

from typing import Any

import pytest
import torch

from inkwise.convolution.setting import Setting
from inkwise.errors import InkwiseError, ShapeError, UnknownName, UsageError


def make(image: tuple[int, ...] = (2, 3, 9), kernel: tuple[int, ...] = (4, 3, 3), **settings: Any) -> Setting:
    return Setting.make(image, kernel, **settings)


@pytest.mark.parametrize(
    ("mode", "pads", "size"), [("valid", (0, 0), 7), ("same", (1, 1), 9), ("full", (2, 2), 11), ("causal", (2, 0), 9)]
)
def test_a_mode_decides_what_is_added(mode: str, pads: tuple[int, int], size: int) -> None:
    setting = make(mode=mode)
    assert setting.pads == (pads,)
    assert setting.output_shape == (2, 4, size)


@pytest.mark.parametrize("stride", [1, 2, 3, 4])
@pytest.mark.parametrize("kernel", [1, 2, 3, 4, 12])
def test_same_gives_one_place_for_each_stride_begun(stride: int, kernel: int) -> None:
    assert make(kernel=(1, 3, kernel), mode="same", stride=stride).output_size == (-(-9 // stride),)


@pytest.mark.filterwarnings("ignore:Using padding=.same. with even kernel")
@pytest.mark.parametrize("kernel", [2, 3, 4, 5])
def test_same_stands_where_torch_puts_it(kernel: int) -> None:
    image, weight = torch.arange(9.0)[None, None], torch.arange(1.0, kernel + 1)[None, None]
    before, after = Setting.make(image.shape, weight.shape, mode="same").pads[0]
    by_hand = torch.nn.functional.conv1d(torch.nn.functional.pad(image, (before, after)), weight)
    assert torch.equal(by_hand, torch.nn.functional.conv1d(image, weight, padding="same"))


def test_padding_may_be_one_number_one_for_each_axis_or_a_pair_for_each() -> None:
    for padding, pads in ((1, ((1, 1), (1, 1))), ((1, 2), ((1, 1), (2, 2))), (((0, 3), (1, 2)), ((0, 3), (1, 2)))):
        assert Setting.make((1, 1, 5, 6), (1, 1, 3, 3), padding=padding).pads == pads


def test_it_counts_the_multiplications_of_the_definition() -> None:
    assert make().multiply_adds == 2 * 4 * 7 * 3 * 3
    assert Setting.make((1, 4, 5), (6, 2, 3), groups=2).multiply_adds == 6 * 3 * 2 * 3


@pytest.mark.parametrize(
    ("change", "error", "message"),
    [
        ({"image": (9,)}, ShapeError, r"shape \(9,\).*x\[None, None\]"),
        ({"image": (1, 1, 2, 2, 2, 2)}, ShapeError, "one to three axes"),
        ({"kernel": (3,)}, ShapeError, r"shape \(3,\).*k\[None, None\]"),
        ({"image": (0, 3, 9)}, ShapeError, "The image is empty: its shape is 0 x 3 x 9"),
        ({"kernel": (4, 3, 0)}, ShapeError, "The kernel is empty: its shape is 4 x 3 x 0"),
        ({"kernel": (4, 2, 3)}, ShapeError, "Each kernel has 2 channels and the image has 3; give kernels of 3"),
        ({"groups": 2}, ShapeError, "The image has 3 channels and there are 4 kernels; 2 groups must divide both"),
        ({"kernel": (6, 3, 3), "groups": 3}, ShapeError, r"has 3 in 3 groups of 1; give kernels of 1 channel\."),
        ({"image": (2, 1, 9), "kernel": (1, 1, 3), "groups": 2}, ShapeError, "has 1 channel and there is 1 kernel; 2"),
        (
            {"kernel": (4, 1, 3)},
            ShapeError,
            "Each kernel has 1 channel and the image has 3; give kernels of 3 channels",
        ),
        (
            {"kernel": (4, 3, 3, 3)},
            ShapeError,
            r"\(kernels, channels, \*space\) over the image's 1 axis, and was given",
        ),
        ({"groups": (2,)}, UsageError, r"The number of groups is \(2,\); it must be a whole number of at least 1"),
        ({"groups": 1.0}, UsageError, r"The number of groups is 1\.0; it must be"),
        ({"groups": 0}, UsageError, "The number of groups is 0; it must be a whole number of at least 1"),
        ({"kernel": (4, 3, 10)}, ShapeError, r"length 10 does not fit into an input of length 9: floor\(\(9 \+ 2\*0"),
        (
            {"kernel": (4, 3, 5), "dilation": 3, "padding": 1},
            ShapeError,
            r"length 5 dilated by 3, which reaches over 13, does not fit into an input of length 9 padded by 1",
        ),
        ({"stride": 0}, UsageError, "The stride is 0; each must be a whole number of at least 1"),
        ({"stride": -1}, UsageError, "The stride is -1"),
        ({"stride": (1, 1)}, UsageError, r"The stride is \(1, 1\); give one number, or one for each axis \(length\)"),
        ({"stride": True}, UsageError, "The stride is True"),
        ({"dilation": 0}, UsageError, "The dilation is 0"),
        ({"padding": -1}, UsageError, "The padding is -1; each must be a whole number of at least 0"),
        ({"padding": ((1, 2, 3),)}, UsageError, r"a pair \(before, after\) for each"),
        ({"padding": 1, "mode": "same"}, UsageError, "Both mode 'same' and padding 1 were given; give one of them"),
        ({"padding": "same"}, UsageError, "The padding is 'same', which is a mode here: give mode='same' instead"),
        ({"padding": "sane"}, UsageError, "The padding is 'sane'; each must be a whole number of at least 0"),
        ({"padding_mode": "circular"}, UsageError, "no padding mode 'circular'; what torch calls so is 'wrap' here"),
        ({"mode": "sane"}, UnknownName, "no mode 'sane'. Did you mean 'same'"),
        ({"padding_mode": "zeroes"}, UnknownName, "no padding mode 'zeroes'. Did you mean 'zeros'"),
    ],
    ids=lambda value: str(value) if isinstance(value, dict) else "",
)
def test_a_mistake_gets_one_sentence(change: dict[str, Any], error: type[InkwiseError], message: str) -> None:
    with pytest.raises(error, match=message):
        make(**change)


def test_causal_is_for_one_axis() -> None:
    with pytest.raises(UsageError, match="Mode 'causal' is for one axis, time, and the image has 2"):
        Setting.make((1, 1, 5, 5), (1, 1, 3, 3), mode="causal")
