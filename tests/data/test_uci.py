from pathlib import Path

import numpy as np
import pytest
import torch

from inkwise.data.uci import CONTENT, PATH, enlarge, read_uci_digits
from inkwise.errors import DataError


def test_the_packaged_digits_are_all_there_split_by_position() -> None:
    dataset = read_uci_digits()
    assert dataset.name == "uci-digits"
    assert dataset.classes == tuple("0123456789")
    assert {name: len(split) for name, split in dataset.splits.items()} == {"train": 1297, "test": 500}
    assert dataset.split("train").labels[:10].tolist() == list(range(10))
    assert dataset.split("train").images.shape == (1297, 1, 28, 28)
    assert dataset.licence == "CC BY 4.0"
    assert dataset.hashes == {"uci-digits.npz": CONTENT}


def test_they_are_scikit_learns_copy() -> None:
    digits = pytest.importorskip("sklearn.datasets").load_digits()
    with np.load(PATH, allow_pickle=False) as packaged:
        assert np.array_equal(packaged["images"], digits.images)
        assert np.array_equal(packaged["labels"], digits.target)


def test_the_package_is_small_and_says_whose_the_data_is() -> None:
    assert PATH.stat().st_size < 100_000
    text = (PATH.parent / "README.md").read_text()
    for needed in ("Alpaydin", "CC BY 4.0", "https://creativecommons.org/licenses/by/4.0/", "Changes made"):
        assert needed in text


def test_they_have_mnists_form() -> None:
    images = read_uci_digits().split("train").images[:, 0].double()
    mass = images.sum(dim=(1, 2))
    pixel = torch.arange(28)  # MNIST lies with its centre of mass on pixel 14
    rows, columns = (images.sum(2) @ pixel.double()) / mass, (images.sum(1) @ pixel.double()) / mass
    assert float((rows - 14).abs().max()) < 1
    assert float((columns - 14).abs().max()) < 1
    visible = images > 25
    heights = visible.any(2).sum(1)
    assert 18 <= int(heights.median()) <= 21
    # MNIST's mean is 33.3 of 255.
    assert 25 < float(images.mean()) < 40


def test_enlarging_keeps_a_digit_upright_and_scales_its_longer_side_to_20() -> None:
    small = torch.zeros((1, 8, 8), dtype=torch.uint8)
    small[0, 2:6, 3] = 16
    small[0, 5, 3:5] = 16  # an L: its foot goes right, at the bottom
    large = enlarge(small)[0, 0] > 127
    rows = large.any(1).nonzero()
    assert int(rows.max() - rows.min()) + 1 == 20
    first, last = large[int(rows.min()) + 2], large[int(rows.max()) - 2]
    assert int(first.nonzero().min()) == int(last.nonzero().min())
    assert int(last.sum()) > int(first.sum())


def test_an_image_does_not_depend_on_those_beside_it() -> None:
    small = torch.randint(0, 17, (5, 8, 8), generator=torch.Generator().manual_seed(0)).to(torch.uint8)
    together = enlarge(small)
    assert all(torch.equal(enlarge(small[index : index + 1])[0], together[index]) for index in range(5))


def test_an_image_without_ink_stays_without() -> None:
    assert int(enlarge(torch.zeros((1, 8, 8), dtype=torch.uint8)).sum()) == 0


@pytest.mark.parametrize("change", ["pixel", "names"])
def test_a_changed_package_is_refused(tmp_path: Path, change: str) -> None:
    with np.load(PATH, allow_pickle=False) as packaged:
        images, labels = packaged["images"].copy(), packaged["labels"]
    images[0, 0, 0] ^= 1
    if change == "pixel":
        np.savez(tmp_path / "x.npz", images=images, labels=labels)
    else:
        np.savez(tmp_path / "x.npz", pictures=images)
    with pytest.raises(DataError, match=r"x\.npz is not the packaged file: .* install Inkwise again"):
        read_uci_digits(tmp_path / "x.npz")
