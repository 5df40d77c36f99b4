"""Figures that others published and nobody here measured; they are shown as such, and never mixed with ours.

They are of MNIST, and shown beside measurements on MNIST alone.
"""

from typing import Final, NamedTuple


class Published(NamedTuple):
    """An accuracy on MNIST's test split, in percent, and the parameters it took."""

    name: str
    parameters: int
    accuracy: float
    deviation: float | None  # over runs
    how: str
    author: str
    source: str


_SINGLE = 326_000
_DEOTTE = ("Chris Deotte", "https://github.com/cdeotte/MNIST-CNN-99.75")

PUBLISHED: Final = (
    Published("single network", _SINGLE, 99.641, 0.047, "mean of 1,500 runs, nothing chosen on test", *_DEOTTE),
    Published("ensemble of 15", 15 * _SINGLE, 99.745, 0.020, "mean over 100 ensembles of 15 such networks", *_DEOTTE),
    Published(
        "best epoch on test",
        7_918,
        99.52,
        None,
        "the best of 15 epochs of one run, chosen on test; no mean is published",
        "Snehanshu Raj",
        "https://github.com/snehanshu-raj/ERA, assignment_6",
    ),
)


def published_on(dataset: str) -> tuple[Published, ...]:
    """Return the figures that stand beside measurements on `dataset`; none where it is not MNIST."""
    return PUBLISHED if dataset == "mnist" else ()
