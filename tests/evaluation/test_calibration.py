"""The temperature: found where it is known, no answer changed, near 1 where little is known, undone by its inverse."""

import numpy as np
import pytest
import torch

from inkwise.errors import DataError
from inkwise.evaluation.calibration import fit_temperature, tempered
from inkwise.evaluation.evaluation import evaluate


def drawn(seed: int, n: int, classes: int = 10, scale: float = 1.0) -> tuple[np.ndarray, np.ndarray]:
    """Return logits `scale` times those from whose softmax the labels were drawn."""
    generator = np.random.default_rng(seed)
    logits = 3 * generator.normal(size=(n, classes))
    labels = (logits + generator.gumbel(size=logits.shape)).argmax(1)  # a draw from the softmax
    return scale * logits, labels


def softmax(logits: np.ndarray) -> np.ndarray:
    return torch.from_numpy(logits).softmax(1).numpy()


@pytest.mark.parametrize("scale", [0.25, 1.0, 3.0])
def test_the_temperature_is_what_true_logits_were_multiplied_by(scale: float) -> None:
    assert fit_temperature(*drawn(0, 4000, scale=scale)) == pytest.approx(scale, rel=0.08)


@pytest.mark.parametrize("scale", [0.4, 3.0])
def test_one_column_is_a_yes_or_no(scale: float) -> None:
    generator = np.random.default_rng(0)
    logits = 2 * generator.normal(size=(3000, 1))
    labels = (generator.random(3000) < 1 / (1 + np.exp(-logits[:, 0]))).astype(np.int64)
    assert fit_temperature(torch.from_numpy(scale * logits), torch.from_numpy(labels)) == pytest.approx(scale, rel=0.15)


def test_it_brings_the_calibration_error_down_and_changes_no_answer() -> None:
    held, test = drawn(1, 2000, scale=4), drawn(2, 2000, scale=4)
    temperature = fit_temperature(*held)
    sure, calm = softmax(test[0]), softmax(test[0] / temperature)
    before, after = (evaluate(p, test[1], "0123456789", dataset="d", split="test") for p in (sure, calm))
    assert after.ece < 0.3 * before.ece
    assert after.nll < before.nll
    assert after.confusion == before.confusion


def test_the_error_of_the_networks_own_probabilities_is_told_beside_that_of_the_calibrated() -> None:
    logits, labels = drawn(3, 300, scale=4)
    own, calibrated = softmax(logits), softmax(logits / 2.5)
    alone = evaluate(own, labels, "0123456789", dataset="d", split="test")
    made = evaluate(calibrated, labels, "0123456789", dataset="d", split="test", temperature=2.5)
    assert made.uncalibrated_ece == pytest.approx(alone.ece, abs=1e-9)
    assert (alone.uncalibrated_ece, made.ece != alone.ece) == (None, True)
    yes = 1 / (1 + np.exp(-logits[:, :1]))
    one = evaluate(
        yes, labels % 2, ("no", "yes"), dataset="d", split="test", decision="threshold", threshold=0.3, temperature=2.0
    )
    twice = 1 / (1 + np.exp(-2 * logits[:, :1]))  # the same answers: the threshold is moved as its logit is
    moved = 1 / (1 + np.exp(-2 * np.log(0.3 / 0.7)))
    other = evaluate(
        twice, labels % 2, ("no", "yes"), dataset="d", split="test", decision="threshold", threshold=float(moved)
    )
    assert one.uncalibrated_ece == pytest.approx(other.ece, abs=1e-9)


@pytest.mark.parametrize("n", [0, 1, 5, 40])
def test_few_images_that_are_all_right_do_not_make_it_certain_of_everything(n: int) -> None:
    logits = 4 * np.eye(10)[np.arange(n) % 10]
    assert 0.3 < fit_temperature(logits, np.arange(n) % 10) <= 1


def test_one_bad_error_among_few_does_not_take_all_confidence() -> None:
    logits = np.concatenate([8 * np.eye(3), 30 * np.eye(3)[:1]])
    assert 1 < fit_temperature(logits, np.array([0, 1, 2, 1])) < 6


def test_a_temperature_is_undone_by_its_inverse() -> None:
    own = softmax(drawn(4, 50)[0])
    for temperature in (0.2, 1.0, 1.7):
        there = tempered(own, temperature)
        np.testing.assert_allclose(there.sum(1), 1)
        np.testing.assert_allclose(tempered(there, 1 / temperature), own, rtol=1e-9)


def test_what_cannot_be_calibrated_is_refused() -> None:
    with pytest.raises(DataError, match="Some logits are nan or infinite; look for a loss that diverged before calib"):
        fit_temperature(np.array([[0.0, np.nan]]), np.array([0]))
    with pytest.raises(DataError, match=r"The logits have shape \(1, 2\) for 2 labels; \(N, C\), a row for each label"):
        fit_temperature(np.zeros((1, 2)), np.array([0, 1]))
    with pytest.raises(DataError, match="The labels hold 2 at row 0, outside the 2 classes"):
        fit_temperature(np.zeros((1, 2)), np.array([2]))
