"""The packaged digits: 1,797 real ones of 8x8 pixels, brought to MNIST's form.

They come with the project, so that everything works with no network and no files. The order is the published one,
in which the digits of one writer follow each other; so the split is by position, and the test digits are mostly by
other people than the train digits. Where the file is from and its licence: packaged/README.md.
"""

import hashlib
from pathlib import Path

import numpy as np
import torch
from jaxtyping import UInt8
from numpy.typing import NDArray
from torch import Tensor

from inkwise.data.dataset import Dataset, Split
from inkwise.data.npz import read_arrays
from inkwise.data.registry import SOURCES
from inkwise.errors import DataError

NAME = "uci-digits"
PATH = Path(__file__).with_name("packaged") / f"{NAME}.npz"
CONTENT = "87ff0c9e40dc7e2c0e34e7257799c2e3f3aec1a016363bb11cad869ec428a826"  # SHA-256 of image and label bytes
TRAIN = SOURCES[NAME].counts["train"]  # 1,297 images; the last 500 are the test split

_BOX, _SIDE = 20, 28  # MNIST's form: the digit's box in pixels, and the image's side
# A cell of 8x8 counts the ink of 4x4 pixels, so enlarged strokes are blurred and too wide. Dropping the faintest
# fifth brings the mean ink from 0.160 to 0.128 of full; MNIST's is 0.131.
_FAINT = 0.2


def read_uci_digits(path: Path = PATH) -> Dataset:
    """Read the packaged digits: train is the first 1,297, test the last 500.

    Raises:
        DataError: The packaged file is missing or not the one that was packaged.
    """
    arrays = read_arrays(path)
    small, labels = (arrays.get(name, np.empty(0, np.uint8)) for name in ("images", "labels"))
    found = hashlib.sha256(small.tobytes() + labels.tobytes()).hexdigest()
    if found != CONTENT:
        raise DataError(
            f"{path} is not the packaged file: its content has SHA-256 {found}, expected {CONTENT}; install Inkwise "
            "again."
        )
    images, classes = enlarge(torch.from_numpy(small)), torch.from_numpy(labels.astype(np.int64))
    source = SOURCES[NAME]
    return Dataset(
        name=NAME,
        classes=source.classes,
        splits={
            "train": Split("train", images[:TRAIN].clone(), classes[:TRAIN].clone()),
            "test": Split("test", images[TRAIN:].clone(), classes[TRAIN:].clone()),
        },
        licence=source.licence,
        origin=(
            "Packaged with Inkwise, verified; 8x8 digits enlarged to 28x28; split by position in the published order, "
            f"which goes by writers: the first {TRAIN:,} train, the last {len(classes) - TRAIN} test."
        ),
        hashes={path.name: found},
    )


def enlarge(small: UInt8[Tensor, "n 8 8"]) -> UInt8[Tensor, "n 1 28 28"]:
    """Bring 8x8 digits to MNIST's form: longer side 20 pixels, centre of mass at the centre of 28x28.

    Cubic interpolation, one pair of small matrices per image, all images at once.

    Args:
        small: Ink from 0 to 16.

    Returns:
        Ink from 0 to 255; an image without ink stays without.
    """
    ink = small.numpy().astype(np.float64) / 16
    mass = np.maximum(ink.sum(axis=(1, 2)), 1e-9)
    rows, columns = ink.sum(axis=2), ink.sum(axis=1)  # (N, 8) each
    centres = np.arange(8) + 0.5
    scale = _BOX / np.maximum(np.maximum(_extent(rows), _extent(columns)), 1)
    down = _weights(rows @ centres / mass, scale)  # (N, 28, 8)
    across = _weights(columns @ centres / mass, scale)
    large = down @ ink @ across.transpose(0, 2, 1)  # (N, 28, 28)
    stretched = np.clip((large - _FAINT) / (1 - _FAINT), 0, 1)
    return torch.from_numpy(np.rint(stretched * 255).astype(np.uint8)[:, None])


def _extent(profile: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return how many cells lie between the first and the last with ink, (N, 8) to (N,)."""
    inked = profile > 0
    return np.asarray(8 - inked.argmax(axis=1) - inked[:, ::-1].argmax(axis=1), dtype=np.float64)


def _weights(centre: NDArray[np.float64], scale: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the share of each of the 8 cells in each of the 28 pixels, (N, 28, 8)."""
    pixel = np.arange(_SIDE) + 0.5
    # MNIST's centre of mass lies on pixel 14, whose own centre is half a pixel beyond the middle of 28.
    position = (pixel - (_SIDE / 2 + 0.5)) / scale[:, None] + centre[
        :, None
    ]  # where the pixel's centre lies among the cells
    distance = np.abs(position[:, :, None] - (np.arange(8) + 0.5))
    # Keys' cubic with a = -1/2, https://doi.org/10.1109/TASSP.1981.1163711.
    near = 1.5 * distance**3 - 2.5 * distance**2 + 1
    far = -0.5 * distance**3 + 2.5 * distance**2 - 4 * distance + 2
    return np.where(distance < 1, near, np.where(distance < 2, far, 0.0))
