"""Dtypes: what is computed in which numbers, what is returned, and when it is said."""

import re

import pytest
import torch

from inkwise.convolution.correlation import correlate
from inkwise.convolution.promotion import (
    FLOATS,
    WHOLE,
    IntegerPromotion,
    Promotion,
    check_tensors,
    common_dtype,
    range_of,
)
from inkwise.errors import UsageError


def whole(*values: int, dtype: torch.dtype = torch.int64) -> torch.Tensor:
    return torch.tensor([[values]]).to(dtype)


@pytest.mark.parametrize("dtype", FLOATS, ids=str)
def test_floats_keep_their_dtype(algorithm: str, dtype: torch.dtype) -> None:
    image, kernel = torch.ones(1, 2, 8).to(dtype), torch.ones(3, 2, 3).to(dtype)
    output = correlate(image, kernel, torch.ones(3).to(dtype), algorithm=algorithm)
    assert output.dtype == dtype
    assert output.flatten().tolist() == pytest.approx([7.0] * 18, rel=1e-6)


@pytest.mark.parametrize("dtype", [torch.float16, torch.bfloat16], ids=str)
@pytest.mark.parametrize("places", [1, 30])
@pytest.mark.parametrize("gradient", [False, True])
def test_short_floats_are_summed_in_long_ones(algorithm: str, dtype: torch.dtype, places: int, gradient: bool) -> None:
    generator = torch.Generator().manual_seed(0)
    image = torch.rand(4, 8, 60 + places - 1, generator=generator).to(dtype)
    kernel, bias = torch.rand(8, 8, 60, generator=generator).to(dtype), torch.rand(8, generator=generator).to(dtype)
    exact = correlate(image.double(), kernel.double(), bias.double())  # sums of 480 products, around 120
    output = correlate(image.requires_grad_(gradient), kernel, bias, algorithm=algorithm)
    one_rounding = torch.finfo(dtype).eps * 0.51
    assert ((output.double() - exact).abs() <= one_rounding * exact).all()


def test_mixed_dtypes_follow_torch() -> None:
    image = torch.ones(1, 1, 4, dtype=torch.float16)
    assert correlate(image, torch.ones(1, 1, 2, dtype=torch.bfloat16)).dtype == torch.float32
    assert correlate(image, whole(1, 1)).dtype == torch.float16
    assert correlate(whole(1, 2, 3), torch.ones(1, 1, 2, dtype=torch.float64)).dtype == torch.float64
    assert correlate(whole(1, 2, 3), whole(1, 1), torch.tensor([0.5])).tolist() == [[[3.5, 5.5]]]


@pytest.mark.parametrize("dtype", WHOLE, ids=str)
def test_whole_numbers_that_fit_are_returned_as_int64_without_a_word(algorithm: str, dtype: torch.dtype) -> None:
    output = correlate(whole(1, 0, 1, dtype=dtype), whole(1, 0, dtype=dtype), algorithm=algorithm)
    assert output.dtype == torch.int64
    assert output.tolist() == [[[1, 0]]]


@pytest.mark.parametrize(
    ("dtype", "image", "kernel", "message"),
    [
        (torch.bool, (1, 1), (1, 1), "from 2 to 2, and bool holds 0 to 1"),
        (torch.uint8, (250, 250), (1, 1), "from 500 to 500, and uint8 holds 0 to 255"),
        (torch.int8, (-100, 100), (2, 0), "from -200 to -200, and int8 holds -128 to 127"),
        (torch.int16, (20000, 20000), (1, 1), "from 40000 to 40000, and int16 holds -32768 to 32767"),
        (torch.int32, (2**31 - 1, 1), (1, 1), "from 2147483648 to 2147483648, and int32 holds"),
    ],
    ids=["bool", "uint8", "int8", "int16", "int32"],
)
def test_a_result_beyond_the_dtype_is_exact_and_told(
    algorithm: str, dtype: torch.dtype, image: tuple[int, ...], kernel: tuple[int, ...], message: str
) -> None:
    with pytest.warns(IntegerPromotion, match=message + ".*: it was computed and returned in int64"):
        output = correlate(whole(*image, dtype=dtype), whole(*kernel, dtype=dtype), algorithm=algorithm)
    assert output.tolist() == [[[sum(x * k for x, k in zip(image, kernel, strict=True))]]]


def test_a_bias_counts() -> None:
    image, kernel = whole(100, dtype=torch.int8), whole(1, dtype=torch.int8)
    with pytest.warns(IntegerPromotion, match="from 200 to 200, and int8"):
        assert correlate(image, kernel, torch.tensor([100], dtype=torch.int8)).item() == 200


def test_a_wider_partner_gives_the_room() -> None:
    assert correlate(whole(250, 250, dtype=torch.uint8), whole(1, 1, dtype=torch.int16)).item() == 500


@pytest.mark.parametrize("algorithm", ["direct", "im2col", "fft", "auto"])
def test_sums_that_may_leave_int64_are_floats_and_told(algorithm: str) -> None:
    largest = 2**62
    with pytest.warns(IntegerPromotion, match=r"Sums may reach 3.69e\+19, beyond int64's 9.22e\+18: .* in float64"):
        output = correlate(whole(largest, largest), whole(4, 4), algorithm=algorithm)
    assert output.dtype == torch.float64
    assert output.item() == 2.0**65


def test_the_most_negative_number_has_an_absolute_value() -> None:
    with pytest.warns(IntegerPromotion, match=r"Sums may reach 9.22e\+18"):
        assert correlate(whole(-(2**63)), whole(-1)).item() == 2.0**63


@pytest.mark.parametrize(
    ("largest", "computed"),
    [(2**52, torch.float64), (2**53, torch.int64), (2**62, torch.int64), (2**63 - 1, torch.float64)],
)
def test_the_bound_decides_where_it_is_computed(largest: int, computed: torch.dtype) -> None:
    assert Promotion.of(whole(largest), whole(1)).computed == computed


def test_the_bound_takes_the_heaviest_kernel_alone() -> None:
    kernels = torch.tensor([[[1, -2]], [[3, 4]]])
    assert Promotion.of(whole(-5, 2), kernels).bound == 5 * 7
    assert Promotion.of(whole(-5, 2), kernels, torch.tensor([-6, 1])).bound == 5 * 7 + 6
    assert Promotion.of(whole(-5, 2), kernels, kept=2).bound == 5 * 6


@pytest.mark.parametrize("dtype", [torch.complex64, torch.uint16, torch.float8_e4m3fn], ids=str)
def test_other_dtypes_are_named_and_refused(dtype: torch.dtype) -> None:
    odd, plain = torch.ones(1, 1, 3).to(dtype), torch.ones(1, 1, 3)
    kind = str(dtype).removeprefix("torch.")
    accepted = "accepted are bool, uint8, int8, int16, int32, int64, float16, bfloat16, float32, float64"
    for image, kernel, what in ((odd, plain, "values"), (plain, odd, "weights")):
        cure = "imaginary part apart" if dtype.is_complex else re.escape(f"with {what}.to(torch.float32)")
        with pytest.raises(UsageError, match=f"The {what} is of dtype {kind}; {accepted}: .*{cure}"):
            Promotion.of(image, kernel)


def test_the_common_dtype_leaves_out_what_is_not_there() -> None:
    assert common_dtype(image=torch.ones(1), bias=None) == torch.float32


def test_tensors_pass_and_a_missing_bias_too() -> None:
    check_tensors(image=torch.ones(1), kernel=torch.ones(1), bias=None)


def test_bool_has_a_range() -> None:
    assert range_of(torch.bool) == (0, 1)
    assert range_of(torch.int8) == (-128, 127)
