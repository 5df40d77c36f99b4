"""Test labels that people do not uphold: facts about a published split, as a small table.

For MNIST's test split, five people each were shown the images that a classifier had found doubtful, and asked whether
the label, the classifier's guess or neither is in the image; listed are the labels that fewer than three of the five
upheld. The labels themselves stay as they are: results are comparable, and it is said which errors are these.
Northcutt, Athalye and Mueller 2021, arXiv:2103.14749; github.com/cleanlab/label-errors, mturk/mnist_mturk.json at
commit 5457895e. Indices, labels and votes are facts and are quoted as such; no code or image is taken over.
"""

from dataclasses import dataclass
from typing import Final

from inkwise.data.dataset import Dataset
from inkwise.data.registry import find


@dataclass(frozen=True)
class Disputed:
    """Image `index` of the test split, labelled `label`: of five people, how many saw what.

    `upheld` saw the label, `saw_guess` the digit `guess` that was offered instead, `neither` none of the two.
    """

    index: int
    label: int
    guess: int
    upheld: int
    saw_guess: int
    neither: int


_MNIST_TEST: Final = (
    Disputed(947, 8, 9, 0, 5, 0),
    Disputed(1621, 0, 6, 2, 3, 0),
    Disputed(1901, 9, 4, 2, 3, 0),
    Disputed(2130, 4, 9, 2, 2, 1),
    Disputed(2462, 2, 0, 0, 4, 1),
    Disputed(2597, 5, 3, 0, 4, 1),
    Disputed(2654, 6, 1, 0, 2, 3),
    Disputed(3520, 6, 4, 2, 0, 3),
    Disputed(3558, 5, 0, 1, 4, 0),
    Disputed(5937, 5, 3, 1, 3, 1),
    Disputed(6651, 0, 6, 0, 5, 0),
    Disputed(6783, 1, 6, 2, 3, 0),
    Disputed(8527, 4, 9, 2, 2, 1),
    Disputed(9679, 6, 3, 2, 0, 3),
    Disputed(9729, 5, 6, 2, 3, 0),
)
_TABLES: Final = {("mnist", "test"): _MNIST_TEST}


def disputed(dataset: Dataset, split: str) -> tuple[Disputed, ...] | None:
    """Return the labels of `split` that people do not uphold; None where nobody is known to have asked them.

    The split must be the published one: the SHA-256 of its images and labels are compared, since an index means
    nothing in another order.
    """
    table = _TABLES.get((dataset.name, split))
    if table is None:
        return None
    listed = next(each for each in find(dataset.name).splits if each.name == split)
    published = {listed.images.content, listed.labels.content} <= set(dataset.hashes.values())
    return table if published else None


def disputed_indices(dataset: Dataset, split: str) -> tuple[int, ...] | None:
    """Return which images of `split` these are, in order; None where it is not known."""
    table = disputed(dataset, split)
    return None if table is None else tuple(each.index for each in table)
