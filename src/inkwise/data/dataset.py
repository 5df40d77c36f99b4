"""A dataset: whole splits of digit images as uint8 tensors in memory.

Ink is 255 on background 0, whatever the file said. Splits keep their names: "train" and "test" come from the
source, "validation" is carved from "train" by `carve` with a fixed seed. Nothing here knows of networks.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

from jaxtyping import Int64, UInt8
from torch import Tensor

from inkwise.errors import DataError


@dataclass(frozen=True)
class Split:
    """Images and labels of one split, row i of one belonging to row i of the other.

    `images` is uint8 (N, 1, H, W), ink high; `labels` is int64 (N,), each an index into the dataset's classes.
    """

    name: str
    images: UInt8[Tensor, "n 1 h w"]
    labels: Int64[Tensor, " m"]  # m is n, which is checked below so that the error says how they differ

    def __post_init__(self) -> None:
        if len(self.images) != len(self.labels):
            raise DataError(
                f"The {self.name} split has {len(self.images):,} images but {len(self.labels):,} labels; "
                "each image needs one label."
            )

    def __len__(self) -> int:
        return len(self.labels)


@dataclass(frozen=True)
class Dataset:
    """Named splits over one list of classes, and where they came from.

    `classes` names what a label index means. `hashes` maps each source file to the SHA-256 of its decompressed
    bytes. `licence` and `origin` (one sentence: where the files were found) go into the model card.
    """

    name: str
    classes: tuple[str, ...]
    splits: Mapping[str, Split]
    licence: str
    origin: str
    hashes: Mapping[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for split in self.splits.values():
            check_labels(split.labels, len(self.classes), f"{self.name}, {split.name} split")

    def split(self, name: str) -> Split:
        """Return the split called `name`; DataError names those that exist."""
        if name not in self.splits:
            raise DataError(f"{self.name} has no split {name!r}; it has {', '.join(self.splits)}.")
        return self.splits[name]


def check_labels(labels: Int64[Tensor, " n"], classes: int, where: str) -> None:
    """Check that each label is the index of a class.

    Args:
        labels: The labels.
        classes: How many classes there are; accepted are 0 to `classes` - 1.
        where: The file or split, for the message.

    Raises:
        DataError: One is not; the message names the first, by value and position.
    """
    wrong = ((labels < 0) | (labels >= classes)).nonzero()
    if len(wrong):
        first = int(wrong[0, 0])
        raise DataError(
            f"{where}: label {int(labels[first])} at position {first:,} is outside the classes; "
            f"accepted are 0 to {classes - 1}."
        )
