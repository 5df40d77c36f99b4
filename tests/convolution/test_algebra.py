"""The algebra of convolution, as properties that hold for whatever numbers; and where stride and padding break one."""

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import Tensor

from inkwise.convolution.correlation import convolve, correlate

few = settings(max_examples=15, deadline=None)
seeds = st.integers(0, 10_000)
sizes = st.integers(1, 7)


def noise(seed: int, *space: int, channels: int = 1, kernels: int = 1) -> Tensor:
    generator = torch.Generator().manual_seed(seed)
    return torch.randn(kernels, channels, *space, dtype=torch.float64, generator=generator)


def full(a: Tensor, b: Tensor, algorithm: str) -> Tensor:
    return convolve(a, b, mode="full", algorithm=algorithm)


@few
@given(seed=seeds, a=st.tuples(sizes, sizes), b=st.tuples(sizes, sizes))
def test_full_convolution_commutes(algorithm: str, seed: int, a: tuple[int, int], b: tuple[int, int]) -> None:
    x, k = noise(seed, *a), noise(seed + 1, *b)
    torch.testing.assert_close(full(x, k, algorithm), full(k, x, algorithm))


def test_correlation_does_not_commute_it_comes_out_rotated(algorithm: str) -> None:
    x, k = noise(0, 5, 4), noise(1, 2, 3)
    one = correlate(x, k, mode="full", algorithm=algorithm)
    other = correlate(k, x, mode="full", algorithm=algorithm)
    assert not torch.allclose(one, other)
    torch.testing.assert_close(one, other.flip(2, 3))


@few
@given(seed=seeds, a=sizes, b=sizes, c=sizes)
def test_full_convolution_is_associative(algorithm: str, seed: int, a: int, b: int, c: int) -> None:
    x, k, h = noise(seed, a), noise(seed + 1, b), noise(seed + 2, c)
    first = full(full(x, k, algorithm), h, algorithm)
    torch.testing.assert_close(first, full(x, full(k, h, algorithm), algorithm))


@few
@given(seed=seeds, n=st.integers(5, 9), m=st.integers(1, 5))
def test_it_distributes_over_sums_of_images_and_of_kernels(algorithm: str, seed: int, n: int, m: int) -> None:
    x, y = noise(seed, n, n, channels=2), noise(seed + 1, n, n, channels=2)
    k, h = noise(seed + 2, m, m, channels=2, kernels=3), noise(seed + 3, m, m, channels=2, kernels=3)

    def run(image: Tensor, kernel: Tensor) -> Tensor:
        return convolve(image, kernel, mode="same", stride=2, padding_mode="wrap", algorithm=algorithm)

    torch.testing.assert_close(run(x + y, k), run(x, k) + run(y, k))
    torch.testing.assert_close(run(x, k + h), run(x, k) + run(x, h))
    torch.testing.assert_close(run(3 * x, k), 3 * run(x, k))


@few
@given(seed=seeds, a=st.tuples(sizes, sizes), b=st.tuples(sizes, sizes))
def test_the_transform_of_a_convolution_is_the_product_of_transforms(
    algorithm: str, seed: int, a: tuple[int, int], b: tuple[int, int]
) -> None:
    x, k = noise(seed, *a), noise(seed + 1, *b)
    length = tuple(n + m - 1 for n, m in zip(a, b, strict=True))
    product = torch.fft.fft2(x, s=length) * torch.fft.fft2(k, s=length)
    torch.testing.assert_close(torch.fft.fft2(full(x, k, algorithm)), product)


@few
@given(seed=seeds, n=st.integers(4, 9))
def test_correlating_a_signal_with_itself_is_its_power_spectrum(algorithm: str, seed: int, n: int) -> None:
    x = noise(seed, n)
    wrapped = correlate(x, x, padding=((0, n - 1),), padding_mode="wrap", algorithm=algorithm)
    spectrum = torch.fft.fft(wrapped[0, 0])
    torch.testing.assert_close(spectrum.real, torch.fft.fft(x[0, 0]).abs() ** 2)
    assert wrapped[0, 0, 0] == wrapped.max()  # no shift is more like it than none


@pytest.mark.parametrize("space", [(5,), (4, 3), (2, 3, 4)], ids=len)
def test_a_single_one_leaves_an_image_as_it_is(algorithm: str, space: tuple[int, ...]) -> None:
    x = noise(0, *space)
    one = torch.zeros(1, 1, *(3,) * len(space), dtype=torch.float64)
    one[(0, 0, *(1,) * len(space))] = 1
    torch.testing.assert_close(convolve(x, one, mode="same", algorithm=algorithm), x)
    torch.testing.assert_close(correlate(x, one, mode="same", algorithm=algorithm), x)


def test_a_one_elsewhere_shifts_to_it_in_a_convolution_and_away_in_a_correlation(algorithm: str) -> None:
    x, last = torch.tensor([[[1, 2, 3, 4]]]), torch.tensor([[[0, 0, 1]]])
    assert convolve(x, last, mode="same", algorithm=algorithm).tolist() == [[[0, 1, 2, 3]]]
    assert correlate(x, last, mode="same", algorithm=algorithm).tolist() == [[[2, 3, 4, 0]]]


@few
@given(seed=seeds, down=st.integers(-6, 6), right=st.integers(-6, 6))
def test_a_shifted_image_gives_the_shifted_output(algorithm: str, seed: int, down: int, right: int) -> None:
    x, k = noise(seed, 6, 7, channels=2), noise(seed + 1, 3, 3, channels=2, kernels=2)

    def run(image: Tensor) -> Tensor:
        return correlate(image, k, mode="same", padding_mode="wrap", algorithm=algorithm)

    torch.testing.assert_close(run(x.roll((down, right), (2, 3))), run(x).roll((down, right), (2, 3)))


def test_zeros_at_the_edge_break_the_equivariance_and_the_inside_keeps_it() -> None:
    x, k = torch.tensor([[[5, 1, 2, 3, 4, 6]]]), torch.tensor([[[1, 1, 1]]])
    shifted = correlate(x.roll(1, 2), k, mode="same")
    assert shifted.tolist() == [[[11, 12, 8, 6, 9, 7]]]
    assert correlate(x, k, mode="same").roll(1, 2).tolist() == [[[10, 6, 8, 6, 9, 13]]]  # the same but at the edges


def test_a_stride_keeps_shifts_by_its_multiples_alone() -> None:
    x, k = torch.tensor([[[1, 0, 0, 0, 0, 0, 0, 0]]]), torch.tensor([[[1, 2, 3]]])

    def run(image: Tensor) -> list[int]:
        values: list[int] = correlate(image, k, mode="same", padding_mode="wrap", stride=2)[0, 0].tolist()
        return values

    assert run(x) == [2, 0, 0, 0]
    assert run(x.roll(2, 2)) == [0, 2, 0, 0]
    assert run(x.roll(1, 2)) == [3, 1, 0, 0]  # other numbers, not the same ones elsewhere


def test_no_output_of_a_causal_correlation_depends_on_what_comes_later(algorithm: str) -> None:
    x, k = noise(0, 8).requires_grad_(), noise(1, 3)
    causal = correlate(x, k, mode="causal", dilation=2, algorithm=algorithm)
    (gradient,) = torch.autograd.grad(causal[0, 0, 4], x)
    assert (gradient[0, 0].abs() > 1e-9).tolist() == [True, False, True, False, True, False, False, False]


def test_two_kernels_in_a_row_are_one_larger_kernel(algorithm: str) -> None:
    x, k, h = noise(0, 9, 9), noise(1, 3, 3), noise(2, 2, 4)
    one_by_one = correlate(correlate(x, k, algorithm=algorithm), h, algorithm=algorithm)
    torch.testing.assert_close(one_by_one, correlate(x, full(k, h, algorithm), algorithm=algorithm))
