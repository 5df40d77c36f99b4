"""Figures that others published and nobody here measured; they are shown as such, and never mixed with ours."""

from typing import Final, NamedTuple


class Published(NamedTuple):
    """An accuracy on MNIST's test split, in percent, and the parameters it took."""

    name: str
    parameters: int
    accuracy: float
    deviation: float | None  # over runs
    how: str


_SINGLE = 326_000

PUBLISHED: Final = (
    Published("single network", _SINGLE, 99.641, 0.047, "mean of 1,500 runs, nothing chosen on test"),
    Published("ensemble of 15", 15 * _SINGLE, 99.745, 0.020, "mean over ensembles of 15 such networks"),
    Published("best epoch on test", 7_918, 99.52, None, "chosen on test, and no mean is published"),
)
