"""Test digits to begin with: MNIST's where it is on this machine, else those that are packaged with the project."""

from functools import cache
from typing import TYPE_CHECKING

from inkwise.data.registry import find
from inkwise.errors import DataError

if TYPE_CHECKING:
    from inkwise.data.dataset import Dataset


@cache
def find_digits(dataset: str = "") -> "Dataset":
    """Return a dataset that is on this machine, read once; nothing is downloaded.

    Args:
        dataset: A registered name; "" for MNIST, or where it is missing the packaged digits.

    Raises:
        DataError: It is not on this machine, or damaged.
        UnknownName: There is no such dataset; no path is taken from the page.
    """
    from inkwise.data.load import load

    if dataset:
        return load(find(dataset).name, fetch=False, say=_to_nobody)
    try:
        return load("mnist", fetch=False, say=_to_nobody)
    except DataError:
        return load("uci-digits", fetch=False, say=_to_nobody)


def _to_nobody(_text: str) -> None:
    """What is said of a dataset's files is for a terminal that is looked at."""
