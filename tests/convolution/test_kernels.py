"""Each named kernel does what its line says."""

import re

import pytest
import torch

from inkwise.convolution.correlation import convolve, correlate
from inkwise.convolution.kernels import ALIASES, NAMED, find_kernel, named_kernel, spell_kernel
from inkwise.errors import UnknownName, UsageError

AVERAGES = ["blur", "gaussian", "gaussian-5", "moving-average", "moving-average-5", "smooth", "smooth-5"]
KEEPING = [*AVERAGES, "identity", "identity-1d", "sharpen", "emboss"]
DERIVATIVES = sorted(set(NAMED) - set(KEEPING))


@pytest.mark.parametrize("name", NAMED)
def test_every_kernel_has_its_shape_its_line_and_its_source(name: str) -> None:
    entry, kernel = NAMED[name], named_kernel(name, dtype=torch.float64)
    assert entry.name == name
    assert kernel.shape == (1, 1, *entry.size)
    assert kernel.ndim == 2 + entry.rank
    assert kernel.dtype == torch.float64
    assert entry.does
    assert entry.source
    assert torch.equal(kernel[0, 0].reshape(-1) * entry.divisor, torch.tensor(entry.rows).reshape(-1).double())


@pytest.mark.parametrize("name", KEEPING)
def test_averages_and_their_kin_leave_a_constant_as_it_is(name: str) -> None:
    kernel = named_kernel(name, dtype=torch.float64)
    constant = torch.full((1, 1, *(9,) * (kernel.ndim - 2)), 3.0, dtype=torch.float64)
    values = correlate(constant, kernel)
    assert torch.allclose(values, torch.full_like(values, 3.0), atol=1e-14)


@pytest.mark.parametrize("name", DERIVATIVES)
def test_derivatives_answer_a_constant_with_zero(name: str) -> None:
    kernel = named_kernel(name, dtype=torch.float64)
    constant = torch.full((1, 1, *(9,) * (kernel.ndim - 2)), 3.0, dtype=torch.float64)
    assert not correlate(constant, kernel).any()


@pytest.mark.parametrize("name", ["sobel", "prewitt", "scharr"])
def test_x_answers_what_brightens_to_the_right_and_y_what_brightens_downward(name: str) -> None:
    right = torch.arange(5.0).expand(1, 1, 5, 5)
    down = right.transpose(2, 3).contiguous()
    x, y = named_kernel(f"{name}-x"), named_kernel(f"{name}-y")
    assert (correlate(right, x) > 0).all()
    assert not correlate(down, x).any()
    assert (correlate(down, y) > 0).all()
    assert not correlate(right, y).any()


@pytest.mark.parametrize("name", NAMED)
def test_symmetric_kernels_alone_convolve_as_they_correlate(name: str) -> None:
    kernel = named_kernel(name, dtype=torch.float64)
    image = torch.rand(
        (1, 1, *(9,) * (kernel.ndim - 2)), dtype=torch.float64, generator=torch.Generator().manual_seed(0)
    )
    assert torch.allclose(correlate(image, kernel), convolve(image, kernel), atol=1e-12) == NAMED[name].symmetric


def test_the_slope_of_a_line_is_found_in_one_dimension() -> None:
    line = 2 * torch.arange(6.0)[None, None]
    assert correlate(line, named_kernel("difference")).tolist() == [[[2.0] * 5]]
    assert correlate(line, named_kernel("central-difference")).tolist() == [[[2.0] * 4]]
    assert correlate(line**2, named_kernel("second-difference")).tolist() == [[[8.0] * 4]]


def test_aliases_and_capitals_are_the_same_kernel() -> None:
    assert torch.equal(named_kernel("Sobel"), named_kernel("sobel-x"))
    assert set(ALIASES.values()) <= set(NAMED)
    assert not set(ALIASES) & set(NAMED)


def test_an_unknown_name_gets_a_suggestion() -> None:
    with pytest.raises(UnknownName, match=re.escape("There is no kernel 'sobell'. Did you mean 'sobel'")):
        named_kernel("sobell")


def test_a_kernel_of_whole_numbers_is_refused_as_averages_have_none() -> None:
    with pytest.raises(UsageError, match="A kernel of dtype int64 was asked for; averages need a floating-point dtype"):
        named_kernel("blur", dtype=torch.int64)


def test_a_kernel_is_spelled_in_one_line() -> None:
    assert spell_kernel(find_kernel("blur")) == "blur (3 x 3): the mean of 3 x 3 values"
    assert spell_kernel(find_kernel("smooth")) == "smooth (3 values): a soft mean of 3 values"


@pytest.mark.parametrize("name", NAMED)
def test_what_holds_for_a_correlation_alone_is_said_to(name: str) -> None:
    assert ("when correlated" in spell_kernel(NAMED[name])) != NAMED[name].symmetric
    assert spell_kernel(NAMED[name]).count(":") == 1


def test_a_kernel_knows_its_other_names() -> None:
    assert NAMED["sobel-x"].aliases == ("sobel",)
    assert NAMED["gaussian"].aliases == ("gauss", "gaussian-3")
    assert NAMED["emboss"].aliases == ()
