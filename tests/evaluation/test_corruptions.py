import cv2
import numpy as np
import pytest
import torch
from torch import Tensor

from inkwise.errors import DataError, UnknownName
from inkwise.evaluation.corruptions import CORRUPTIONS, corrupt

NAMES = sorted(CORRUPTIONS)


@pytest.fixture(scope="module")
def digits() -> Tensor:
    """Forty upright bars and hooks in MNIST's form."""
    images = np.zeros((40, 1, 28, 28), np.uint8)
    for index, image in enumerate(images):
        cv2.line(image[0], (13, 5), (13, 23), 255, 3)
        cv2.line(image[0], (13, 5), (8 - index % 4, 9), 255, 2)
    return torch.from_numpy(images)


def mass(images: Tensor) -> Tensor:
    return images.flatten(1).double().sum(1)


def centres(images: Tensor) -> Tensor:
    ink = images[:, 0].double()
    places = torch.arange(28.0, dtype=torch.float64)
    return torch.stack([ink.sum(1) @ places, ink.sum(2) @ places], dim=1) / mass(images)[:, None]  # (N, 2), x and y


@pytest.mark.parametrize("name", NAMES)
def test_none_of_it_changes_nothing_and_more_of_it_changes_more(name: str, digits: Tensor) -> None:
    assert torch.equal(corrupt(digits, name, 0.0), digits)
    kept = digits.clone()
    changes = [
        (corrupt(digits, name, strength).double() - digits.double()).abs().mean().item()
        for strength in CORRUPTIONS[name].strengths
    ]
    assert changes == sorted(changes)
    assert changes[0] > 0.3
    assert torch.equal(digits, kept)


@pytest.mark.parametrize("name", NAMES)
def test_an_image_is_corrupted_the_same_in_any_batch(name: str, digits: Tensor) -> None:
    strength = CORRUPTIONS[name].strengths[2]
    whole = corrupt(digits, name, strength)
    assert torch.equal(corrupt(digits[:7], name, strength), whole[:7])
    many = digits.repeat(26, 1, 1, 1)  # 1,040: more than one block
    assert torch.equal(corrupt(many, name, strength)[:40], whole)
    if name in {"noise", "occlusion", "rotation", "shift"}:
        assert not torch.equal(corrupt(digits, name, strength, seed=1), whole)


def test_noise_has_the_deviation_asked_for(digits: Tensor) -> None:
    grey = torch.full_like(digits, 128)
    assert corrupt(grey, "noise", 0.1).double().std().item() == pytest.approx(25.5, rel=0.02)


def test_blur_is_gaussian_and_keeps_the_ink() -> None:
    dot = torch.zeros(1, 1, 28, 28, dtype=torch.uint8)
    dot[0, 0, 14, 14] = 255
    blurred = corrupt(dot, "blur", 1.0)[0, 0].numpy().astype(int)
    expected = cv2.GaussianBlur(dot[0, 0].numpy().astype(np.float32), (7, 7), 1.0)
    assert np.abs(blurred - expected).max() <= 0.5


def test_contrast_pales_the_ink(digits: Tensor) -> None:
    assert corrupt(digits, "contrast", 0.8).max() == 51


def test_occlusion_erases_a_square_within_the_image() -> None:
    full = torch.full((50, 1, 28, 28), 255, dtype=torch.uint8)
    gone = corrupt(full, "occlusion", 5.0) == 0
    assert (gone.sum((1, 2, 3)) == 25).all()
    assert (gone.any(2).sum((1, 2)) == 5).all()
    assert len({tuple(place.tolist()) for place in gone.float().flatten(1).argmax(1)[:, None]}) > 20


def test_rotation_turns_both_ways_by_the_angle(digits: Tensor) -> None:
    bars = torch.zeros(60, 1, 28, 28, dtype=torch.uint8)
    bars[:, :, 4:24, 13:15] = 255
    turned = corrupt(bars, "rotation", 30.0)[:, 0].double()
    y, x = torch.meshgrid(torch.arange(28.0) - 13.5, torch.arange(28.0) - 13.5, indexing="ij")
    slopes = (turned * x * y).sum((1, 2)) / (turned * y * y).sum((1, 2))
    assert slopes.abs().mean().item() == pytest.approx(np.tan(np.pi / 6), rel=0.05)
    assert 15 < int((slopes > 0).sum()) < 45


def test_scale_makes_smaller_and_shift_moves(digits: Tensor) -> None:
    assert (mass(corrupt(digits, "scale", 0.5)) / mass(digits)).mean().item() == pytest.approx(0.25, rel=0.05)
    moved = centres(corrupt(digits, "shift", 3.0)) - centres(digits)
    assert torch.linalg.vector_norm(moved, dim=1) == pytest.approx(3.0, abs=0.1)
    assert (moved > 0).any(0).all()
    assert (moved < 0).any(0).all()


def test_strokes_grow_and_shrink_by_pixels() -> None:
    bar = torch.zeros(1, 1, 28, 28, dtype=torch.uint8)
    bar[0, 0, :, 12:17] = 255
    for name, width in (("thicker", 7), ("thinner", 3)):
        assert mass(corrupt(bar, name, 2.0)).item() == width * 28 * 255


def test_what_cannot_be_is_refused(digits: Tensor) -> None:
    with pytest.raises(UnknownName, match=r"There is no corruption 'rotate'\. Did you mean 'rotation'\?"):
        corrupt(digits, "rotate", 1.0)
    for strength, shown in ((-1.0, "-1"), (float("nan"), "nan"), (float("inf"), "inf")):
        with pytest.raises(DataError, match=f"The strength of blur is {shown}; a finite number of 0 or more"):
            corrupt(digits, "blur", strength)
