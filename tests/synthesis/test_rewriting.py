"""Digits written anew: each keeps its label, depends on seed and place alone, and comes back in MNIST's form."""

import numpy as np
import pytest
import torch

from inkwise.data.dataset import Split
from inkwise.data.load import load
from inkwise.errors import DataError
from inkwise.synthesis.rewriting import rewrite


@pytest.fixture(scope="module")
def digits() -> Split:
    return load("uci-digits").split("train")


def test_the_first_of_many_are_the_same_as_of_few_and_another_seed_gives_others(digits: Split) -> None:
    many, few, other = rewrite(digits, 40, 5), rewrite(digits, 30, 5), rewrite(digits, 30, 6)
    assert torch.equal(many.images[:30], few.images)
    assert torch.equal(many.labels[:30], few.labels)
    assert not torch.equal(few.images, other.images)
    assert (many.name, len(many), len(rewrite(digits, 0, 5))) == (digits.name, 40, 0)


def test_every_picture_shows_ink_in_the_middle_of_its_form(digits: Split) -> None:
    images = rewrite(digits, 50, 1).images[:, 0].numpy()
    assert images.any(axis=(1, 2)).all()
    rows, columns = (images.any(axis=axis).sum(axis=1) for axis in (2, 1))
    assert np.maximum(rows, columns).max() <= 22  # the box of 20, and what smoothing adds
    assert images[:, 4:24, 4:24].sum() > 0.9 * images.sum()


def test_pens_are_of_any_width(digits: Split) -> None:
    images = rewrite(digits, 100, 2).images[:, 0].numpy() > 100
    ink = images.sum(axis=(1, 2))
    assert np.percentile(ink, 90) > 2.5 * np.percentile(ink, 10)


def test_what_is_written_has_the_label_of_what_it_was_shaped_after() -> None:
    bar, ring = np.zeros((28, 28), np.uint8), np.zeros((28, 28), np.uint8)
    bar[4:24, 13:15] = 255
    ring[4:24, 6:22] = 255
    ring[7:21, 9:19] = 0
    images = torch.from_numpy(np.stack([bar, ring])[:, None])
    written = rewrite(Split("train", images, torch.tensor([1, 0])), 50, 0)
    wide = written.images[:, 0].amax(dim=1).ge(60).sum(dim=1)
    assert set(written.labels.tolist()) == {0, 1}
    assert wide[written.labels == 0].float().mean() > wide[written.labels == 1].float().mean() + 3


def test_digits_of_another_form_are_refused() -> None:
    few = Split("train", torch.zeros(2, 1, 8, 8, dtype=torch.uint8), torch.tensor([0, 1]))
    with pytest.raises(DataError, match=r"a page is written with at least one image of 28x28"):
        rewrite(few, 3, 0)
