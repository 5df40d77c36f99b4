"""Mode "same" beside SciPy's and NumPy's: equal for odd kernels, one place earlier for even ones."""

from itertools import product

import numpy as np
import pytest
import scipy.signal
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from inkwise.convolution import convolve, correlate

Array = np.ndarray[tuple[int, ...], np.dtype[np.float64]]


@st.composite
def pairs(draw: st.DrawFn) -> tuple[Array, Array]:
    """Draw an image and a kernel of whole numbers over one or two axes; along each the kernel is no longer."""
    sizes = draw(st.lists(st.tuples(st.integers(1, 9), st.integers(1, 9)), min_size=1, max_size=2))
    ordered = [sorted(pair) for pair in sizes]
    generator = np.random.default_rng(draw(st.integers(0, 9)))
    kernel, image = (generator.integers(-9, 10, size=each).astype(float) for each in zip(*ordered, strict=True))
    return image, kernel


def ours(image: Array, kernel: Array) -> Array:
    image_tensor, kernel_tensor = (torch.from_numpy(each)[None, None] for each in (image, kernel))
    result: Array = convolve(image_tensor, kernel_tensor, mode="same")[0, 0].numpy()
    return result


@settings(max_examples=150, deadline=None)
@given(pairs())
def test_an_even_kernel_gives_scipys_values_one_place_earlier(pair: tuple[Array, Array]) -> None:
    image, kernel = pair
    theirs = scipy.signal.convolve(image, kernel, mode="same", method="direct")
    mine = ours(image, kernel)
    assert mine.shape == theirs.shape == image.shape
    even = [1 - m % 2 for m in kernel.shape]
    later = tuple(slice(shift, None) for shift in even)
    earlier = tuple(slice(0, n - shift) for n, shift in zip(image.shape, even, strict=True))
    assert np.array_equal(mine[earlier], theirs[later])


@settings(max_examples=60, deadline=None)
@given(pairs())
def test_it_is_the_middle_of_the_full_convolution_a_half_rounded_up(pair: tuple[Array, Array]) -> None:
    image, kernel = pair
    full = scipy.signal.convolve(image, kernel, mode="full", method="direct")
    middle = tuple(slice(m // 2, m // 2 + n) for n, m in zip(image.shape, kernel.shape, strict=True))
    assert np.array_equal(ours(image, kernel), full[middle])


def test_numpys_example() -> None:
    image, kernel = np.arange(1.0, 7), np.array([1.0, 10.0])
    assert np.convolve(image, kernel, "same").tolist() == [1, 12, 23, 34, 45, 56]
    assert ours(image, kernel).tolist() == [12, 23, 34, 45, 56, 60]


@settings(max_examples=60, deadline=None)
@given(pairs())
def test_the_spare_value_before_gives_scipys(pair: tuple[Array, Array]) -> None:
    image, kernel = pair
    theirs = scipy.signal.convolve(image, kernel, mode="same", method="direct")
    image_tensor, kernel_tensor = (torch.from_numpy(each)[None, None] for each in pair)
    mine = convolve(image_tensor, kernel_tensor, padding=[(m // 2, (m - 1) // 2) for m in kernel.shape])
    assert np.array_equal(mine[0, 0].numpy(), theirs)


@pytest.mark.filterwarnings("ignore:Using padding=.same. with even kernel")
@pytest.mark.parametrize(("rows", "columns"), [*product((2, 3), (3, 4))])
def test_it_is_torchs(rows: int, columns: int) -> None:
    generator = torch.Generator().manual_seed(0)
    image, kernel = (torch.randint(-9, 10, (1, 1, *size), generator=generator) for size in ((5, 6), (rows, columns)))
    expected = torch.nn.functional.conv2d(image.double(), kernel.double(), padding="same")
    assert torch.equal(correlate(image, kernel, mode="same").double(), expected)
