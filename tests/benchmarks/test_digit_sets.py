"""Sets of digits come whole and in MNIST's form; one that is not here is left out, which is said."""

import gzip
from pathlib import Path

import numpy as np
import pytest
import torch
from benchmarks.digit_sets import digit_sets, semeion, uci_dataset, uci_pictures

from inkwise.data.uci import read_uci_digits


@pytest.fixture
def digits(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder of data with two digits as Semeion has them, and nothing else."""
    rows = np.zeros((2, 266), int)
    seven = np.zeros((16, 16), int)
    seven[0], seven[:, -1] = 1, 1
    bar = np.zeros((16, 16), int)
    bar[:, 6:9] = 1
    rows[0, :256], rows[0, 256 + 7] = seven.ravel(), 1
    rows[1, :256], rows[1, 256 + 1] = bar.ravel(), 1
    (tmp_path / "semeion").mkdir()
    with gzip.open(tmp_path / "semeion" / "semeion.data.gz", "wt") as file:
        file.writelines(
            " ".join(f"{value:.4f}" for value in row[:256]) + " " + " ".join(map(str, row[256:])) + " \n"
            for row in rows
        )
    monkeypatch.setenv("INKWISE_DATA", str(tmp_path))
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    return tmp_path


@pytest.mark.usefixtures("digits")
def test_semeion_is_read_with_its_labels() -> None:
    split = semeion().split("all")
    assert split.labels.tolist() == [7, 1]
    assert split.images.shape == (2, 1, 28, 28)
    assert split.images.dtype == torch.uint8
    assert (split.images.flatten(1).max(1).values > 200).all()


@pytest.mark.usefixtures("digits")
def test_a_set_that_is_not_here_is_left_out_and_said() -> None:
    said: list[str] = []
    assert list(digit_sets(said.append)) == ["semeion/all", "uci-digits, 8 x 8/all", "uci-digits/all"]
    assert len(said) == 1
    assert said[0].startswith("Left out: mnist is not on this machine")


def test_without_a_folder_for_data_semeion_is_left_out(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.delenv("INKWISE_DATA", raising=False)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    said: list[str] = []
    assert "semeion/all" not in digit_sets(said.append)
    assert any("INKWISE_DATA is not set" in sentence for sentence in said)


def test_the_packaged_digits_come_whole_and_in_their_order() -> None:
    whole, pictures = uci_dataset().split("all"), uci_pictures().split("all")
    assert len(whole) == len(pictures) == 1797
    assert torch.equal(whole.labels, pictures.labels)
    assert torch.equal(whole.images[:1297], read_uci_digits().split("train").images)
