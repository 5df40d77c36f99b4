"""Padding, against torch's own and NumPy's, and its adjoint."""

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from inkwise.convolution.padding import pad, unpad
from inkwise.convolution.setting import PADDING_MODES, PaddingMode

NUMPY = {"zeros": "constant", "reflect": "reflect", "replicate": "edge", "wrap": "wrap"}
amounts = st.tuples(st.integers(0, 9), st.integers(0, 9))
sizes = st.tuples(st.integers(1, 4), st.integers(1, 4))


@settings(max_examples=100, deadline=None)
@given(
    mode=st.sampled_from(PADDING_MODES),
    size=st.tuples(st.integers(1, 4), st.integers(1, 4)),
    rows=amounts,
    columns=amounts,
)
def test_padding_is_numpys_however_far_it_goes(
    mode: PaddingMode, size: tuple[int, int], rows: tuple[int, int], columns: tuple[int, int]
) -> None:
    image = torch.arange(1, 2 * size[0] * size[1] + 1).reshape(1, 2, *size)
    expected = np.pad(image.numpy(), ((0, 0), (0, 0), rows, columns), mode=NUMPY[mode])  # type: ignore[call-overload]
    assert torch.equal(pad(image, (rows, columns), mode), torch.from_numpy(expected))


@settings(max_examples=50, deadline=None)
@given(
    mode=st.sampled_from(PADDING_MODES),
    size=st.tuples(st.integers(1, 4), st.integers(1, 4)),
    rows=amounts,
    columns=amounts,
)
def test_unpad_is_the_adjoint_of_pad(
    mode: PaddingMode, size: tuple[int, int], rows: tuple[int, int], columns: tuple[int, int]
) -> None:
    generator = torch.Generator().manual_seed(0)
    x = torch.randn(2, 3, *size, generator=generator, dtype=torch.float64)
    padded = pad(x, (rows, columns), mode)
    y = torch.randn(padded.shape, generator=generator, dtype=torch.float64)
    back = unpad(y, size, (rows, columns), mode)
    assert torch.allclose((padded * y).sum(), (x * back).sum())


def test_without_padding_the_image_itself_is_returned() -> None:
    image = torch.zeros(1, 1, 3)
    assert pad(image, ((0, 0),), "reflect") is image


@pytest.mark.parametrize("mode", PADDING_MODES)
def test_gradients_flow_through_padding(mode: PaddingMode) -> None:
    image = torch.randn(1, 1, 4, dtype=torch.float64, requires_grad=True, generator=torch.Generator().manual_seed(0))
    assert torch.autograd.gradcheck(lambda x: pad(x, ((2, 5),), mode), (image,))
