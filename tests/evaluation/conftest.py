"""What the tests of this room share: made-up answers of a model, drawn from a seed."""

from collections.abc import Callable

import numpy as np
import numpy.typing as npt
import pytest

Case = tuple[npt.NDArray[np.float32], npt.NDArray[np.int64]]


def _make(seed: int, n: int, classes: int, *, ties: bool = False) -> Case:
    generator = np.random.default_rng(seed)
    labels = generator.integers(max(2, classes), size=n)
    if classes == 1:
        labels[:2] = (0, 1)[:n]  # both classes, from two images on
        scores = np.clip(generator.normal(0.35 + 0.3 * labels, 0.25), 0, 1)
        return (np.round(scores, 1) if ties else scores).astype(np.float32)[:, None], labels
    exponents = np.exp(generator.normal(size=(n, classes)) + 2 * np.eye(classes)[labels])
    return (exponents / exponents.sum(axis=1, keepdims=True)).astype(np.float32), labels


@pytest.fixture(scope="session")
def make() -> Callable[..., Case]:
    """A function of a seed, a number of images and of columns that gives probabilities (N, C) and labels (N,).

    One column is a yes-or-no question; `ties` rounds its probabilities to tenths.
    """
    return _make
