"""The classical peer stands its digits upright and tells them apart."""

import numpy as np
import numpy.typing as npt
import pytest
import torch

from inkwise.bench.peers.classical import classifier, features, learn, upright
from inkwise.bench.trial import make_task
from inkwise.data.uci import read_uci_digits

pytest.importorskip("sklearn", reason="scikit-learn is not installed")


def slanted(shear: float) -> npt.NDArray[np.uint8]:
    rows, columns = np.mgrid[:28, :28]
    inside = (abs(columns - 14 - shear * (13.5 - rows)) < 2) & (rows > 4) & (rows < 23)
    return np.asarray(255 * inside, np.uint8)


@pytest.mark.parametrize("shear", [-0.5, 0.0, 0.4])
def test_a_slanted_stroke_is_made_upright(shear: float) -> None:
    ink = upright(slanted(shear)).astype(float)
    rows, columns = np.mgrid[:28, :28]
    dy, dx = (axis - (axis * ink).sum() / ink.sum() for axis in (rows, columns))
    assert abs((dx * dy * ink).sum() / (dy * dy * ink).sum()) < 0.03


def test_an_image_without_ink_stays() -> None:
    empty = np.zeros((28, 28), np.uint8)
    assert np.array_equal(upright(empty), empty)
    assert features(torch.zeros(2, 1, 28, 28, dtype=torch.uint8)).shape == (2, 784)


def test_it_learns() -> None:
    task = make_task(read_uci_digits(), 0, quick=True)
    test = task.dataset.split("test")
    trained = learn(task)
    assert (trained.predict(test.images) == test.labels).float().mean() > 0.95
    assert trained.parameters > 60 * 784
    assert "scikit-learn" in trained.versions


def test_it_is_the_machine_that_was_chosen() -> None:
    (_, reduced), (_, machine) = classifier().steps
    assert (type(reduced).__name__, reduced.n_components, reduced.whiten) == ("PCA", 60, False)
    assert (type(machine).__name__, machine.kernel, machine.C, machine.gamma) == ("SVC", "rbf", 10.0, 0.04)


def test_its_features_are_the_upright_digits_in_their_order() -> None:
    images = read_uci_digits().split("train").images[:3]
    expected = np.stack([upright(image[0].numpy()).ravel() for image in images]) / 255
    assert np.array_equal(features(images), expected)
