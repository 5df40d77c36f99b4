import io

import numpy as np
import pytest
import torch
from PIL import Image

from inkwise.errors import DataError
from inkwise.evaluation.mistakes import Mistake
from inkwise.evaluation.sheets import errors_sheet, kernels_sheet, samples_sheet

IMAGES = torch.zeros(3, 1, 8, 8, dtype=torch.uint8)
IMAGES[:, :, 2:6, 3:5] = 255


def size(png: bytes) -> tuple[int, int]:
    return Image.open(io.BytesIO(png)).size


def pixels(png: bytes) -> np.ndarray:
    return np.asarray(Image.open(io.BytesIO(png)).convert("RGB")).astype(int)


def mistake(index: int) -> Mistake:
    return Mistake(index, 0, 1, 0.9, 0.1, 2.3)


def test_errors_are_drawn_as_ink_on_paper() -> None:
    rgb = pixels(errors_sheet(IMAGES, [mistake(0)], ("4", "9")))
    assert 0.03 < (rgb == 0).all(axis=-1).mean() < 0.12  # the stroke, 8 of 64 pixels of the picture, unsmoothed


def test_more_errors_make_a_longer_sheet_up_to_the_most() -> None:
    one_row = size(errors_sheet(IMAGES, [mistake(0)] * 6, ("4", "9")))
    two_rows = size(errors_sheet(IMAGES, [mistake(0)] * 7, ("4", "9")))
    assert two_rows[0] == one_row[0]
    assert two_rows[1] > 1.8 * one_row[1]
    assert size(errors_sheet(IMAGES, [mistake(0)] * 50, ("4", "9"), most=7)) == two_rows


def test_a_disputed_label_is_marked_in_the_sheet() -> None:
    plain, marked = (errors_sheet(IMAGES, [mistake(1)], ("4", "9"), disputed=told) for told in ((0,), (1,)))
    assert size(plain) == size(marked)
    assert plain != marked
    other = errors_sheet(IMAGES, [mistake(0)], ("4", "9"))  # the same picture: the index below tells them apart
    assert other != plain


def test_what_cannot_be_drawn_is_told() -> None:
    with pytest.raises(DataError, match="There are no mistakes to draw"):
        errors_sheet(IMAGES, [], ("4", "9"))
    with pytest.raises(DataError, match="Image 3 was asked for, but there are 3; give the images of the split"):
        errors_sheet(IMAGES, [mistake(3)], ("4", "9"))
    with pytest.raises(DataError, match="There are no samples to draw"):
        samples_sheet(IMAGES, np.array([[0.5, 0.5]] * 3), np.zeros(3, dtype=int), "ab", indices=[])
    with pytest.raises(DataError, match="The kernels are empty or hold nan"):
        kernels_sheet(torch.full((1, 1, 3, 3), float("nan")))
    with pytest.raises(DataError, match="The kernels are empty or hold nan"):
        kernels_sheet(torch.zeros(0, 1, 3, 3))


def test_a_wrong_sample_stands_out() -> None:
    probabilities = np.array([[0.9, 0.1], [0.2, 0.8], [0.6, 0.4]])
    right = pixels(samples_sheet(IMAGES, probabilities, np.array([0, 1, 0]), "ab", indices=[0, 1]))
    wrong = pixels(samples_sheet(IMAGES, probabilities, np.array([1, 1, 0]), "ab", indices=[0, 1]))
    orange = (213, 94, 0)
    assert not (right == orange).all(axis=-1).any()
    assert (wrong == orange).all(axis=-1).any()


def test_zero_weights_are_white_and_signs_have_their_colour() -> None:
    kernel = torch.zeros(1, 1, 4, 4)
    kernel[0, 0, 0, :], kernel[0, 0, 3, :] = 1.0, -1.0
    rgb = pixels(kernels_sheet(kernel, dark=True))  # on a dark ground white is the kernel's alone
    white = (rgb >= 246).all(axis=-1).mean()
    is_red = (rgb[..., 0] > 90) & (rgb[..., 1] < 20) & (rgb[..., 2] < 50)
    is_blue = (rgb[..., 2] > 80) & (rgb[..., 0] < 20)
    red, blue = is_red.mean(), is_blue.mean()
    assert np.argwhere(is_red)[:, 0].mean() < np.argwhere(is_blue)[:, 0].mean()  # the positive row is the upper one
    assert white > 0.25
    assert red == pytest.approx(white / 2, rel=0.15)
    assert blue == pytest.approx(white / 2, rel=0.15)


def test_many_kernels_are_cut_to_the_most() -> None:
    weights = torch.linspace(-1, 1, 100 * 9).reshape(100, 1, 3, 3)
    assert size(kernels_sheet(weights, most=4)) == size(kernels_sheet(weights[:4]))
    assert size(kernels_sheet(torch.zeros(1, 1, 28, 28)))[0] > 900
