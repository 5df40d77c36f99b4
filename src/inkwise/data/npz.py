"""`npz:PATH`, a dataset as one numpy archive; nothing in it is ever unpickled.

Accepted names: x_train, y_train, x_test, y_test (Keras); train_images, train_labels, test_images, test_labels
(MedMNIST); images, labels (one split, of which a sixth is held out as test). Images are (N, H, W), (N, 1, H, W) or
(N, H, W, 1), uint8 or floats in [0, 1], ink high; labels are whole numbers, (N,) or (N, 1). The classes are the ten
digits unless an array `classes` names them. Images of 28x28 are taken as they are; others are normalised to that.
"""

import zipfile
from pathlib import Path
from typing import Any

import numpy as np
import torch
from jaxtyping import Int64, UInt8
from numpy.lib import format as npy
from numpy.typing import NDArray
from torch import Tensor

from inkwise.data.dataset import Dataset, Split, check_labels
from inkwise.data.inflate import file_sha256
from inkwise.data.registry import DIGITS
from inkwise.data.split import hold_out
from inkwise.errors import DataError

Array = NDArray[Any]

MAX_BYTES = 1 << 32  # of all arrays together, unpacked
HELD_OUT, HELD_OUT_SEED = 1 / 6, 0  # the share of MNIST's test split in all, rounded; a fixed draw
_LAYOUTS = (
    ("x_train", "y_train", "x_test", "y_test"),
    ("train_images", "train_labels", "test_images", "test_labels"),
    ("images", "labels"),
)
_ACCEPTED = "; or ".join(", ".join(layout) for layout in _LAYOUTS)


def read_npz(path: Path) -> Dataset:
    """Read a dataset from a numpy archive.

    Args:
        path: The .npz file.

    Returns:
        The dataset, with the splits train and test; its name is npz: and the file's name.

    Raises:
        DataError: The file is no numpy archive or is damaged; arrays are missing, of objects, or of a wrong type or
            shape; images and labels differ in number; a label is outside the classes.
    """
    arrays = read_arrays(path)
    layout = next((names for names in _LAYOUTS if all(name in arrays for name in names)), None)
    if layout is None:
        raise DataError(f"{path} has the arrays {', '.join(sorted(arrays)) or 'none'}; accepted are {_ACCEPTED}.")
    classes = _classes(path, arrays.get("classes"))
    parts = []
    notes = [f"Read from {path}"]
    for images_name, labels_name in zip(layout[::2], layout[1::2], strict=True):
        images, note = _images(f"{path}, {images_name}", arrays[images_name])
        labels = _labels(f"{path}, {labels_name}", arrays[labels_name])
        check_labels(labels, len(classes), f"{path}, {labels_name}")
        if len(images) != len(labels):
            raise DataError(
                f"{path} has {len(images):,} images in {images_name} but {len(labels):,} labels in {labels_name}; "
                "each image needs one label."
            )
        parts.append((images, labels))
        notes += [note] if note and note not in notes else []
    if len(parts) == 2:
        train, test = (Split(name, *part) for name, part in zip(("train", "test"), parts, strict=True))
    else:
        train, test = hold_out(Split("images", *parts[0]), HELD_OUT, HELD_OUT_SEED)
        notes.append("a sixth held out as test by a fixed draw, stratified by class")
    unused = sorted(set(arrays) - {*layout, "classes"})
    notes += [f"{', '.join(unused)} left unused"] if unused else []
    return Dataset(
        name=f"npz:{path.name}",
        classes=classes,
        splits={"train": train, "test": test},
        licence="unknown",
        origin="; ".join(notes) + ".",
        hashes={path.name: file_sha256(path)},
    )


def read_arrays(path: Path) -> dict[str, Array]:
    """Read every array of a numpy archive; sizes are checked before memory is taken, and objects refused.

    Raises:
        DataError: The file is missing, no numpy archive, damaged or too large, or has an array of objects.
    """
    try:
        with zipfile.ZipFile(path) as archive:
            members = [member for member in archive.infolist() if member.filename.endswith(".npy")]
            total = sum(member.file_size for member in members)
            if total > MAX_BYTES:
                raise DataError(f"{path} unpacks to {total:,} bytes; at most {MAX_BYTES:,} are accepted.")
            return {member.filename.removesuffix(".npy"): _member(path, archive, member) for member in members}
    except FileNotFoundError as error:
        raise DataError(f"{path} does not exist; npz: takes the path of a numpy .npz file.") from error
    except DataError:
        raise
    except Exception as error:  # what zip and npy parsers raise on foreign bytes is not a closed list
        raise DataError(f"{path} is not a numpy .npz file, or is damaged ({error or type(error).__name__}).") from error


def _member(path: Path, archive: zipfile.ZipFile, member: zipfile.ZipInfo) -> Array:
    with archive.open(member) as stream:
        read_header = npy.read_array_header_1_0 if npy.read_magic(stream) == (1, 0) else npy.read_array_header_2_0
        shape, columnwise, dtype = read_header(stream)
        if dtype.hasobject:
            raise DataError(
                f"{path}: the array {member.filename.removesuffix('.npy')} holds Python objects, which are never "
                "loaded; save plain numbers."
            )
        content = stream.read()
    count = int(np.prod(shape, dtype=object))
    if count * dtype.itemsize != len(content):
        raise ValueError(f"{member.filename} has {len(content):,} bytes for a shape of {shape}")
    flat = np.frombuffer(bytearray(content), dtype=dtype, count=count)
    return flat.reshape(shape, order="F" if columnwise else "C")


def _classes(path: Path, names: Array | None) -> tuple[str, ...]:
    if names is None:
        return DIGITS
    if names.ndim != 1 or names.dtype.kind not in "US" or len(names) < 2:
        raise DataError(
            f"{path}, classes is {names.dtype} of shape {names.shape}; accepted is a list of two or more strings."
        )
    return tuple(name.decode("utf-8", "replace") if isinstance(name, bytes) else str(name) for name in names.tolist())


def _images(where: str, array: Array) -> tuple[UInt8[Tensor, "n 1 28 28"], str]:
    """Return the images in the project's form, and a note where they had to be normalised."""
    if array.ndim == 4 and array.shape[1] == 1:
        array = array[:, 0]
    elif array.ndim == 4 and array.shape[3] == 1:
        array = array[..., 0]
    if array.ndim != 3 or 0 in array.shape:
        raise DataError(
            f"{where} has the shape {array.shape}; accepted are (N, H, W), (N, 1, H, W) and (N, H, W, 1), with "
            "no axis empty."
        )
    if array.dtype.kind == "f":
        # Compared this way round, so that nan is refused too.
        if not (array.min() >= 0 and array.max() <= 1):
            raise DataError(
                f"{where} has values from {array.min():g} to {array.max():g}; floats must lie in [0, 1]; "
                "divide by their maximum, or save uint8."
            )
        array = np.rint(array.astype(np.float32) * 255).astype(np.uint8)
    if array.dtype != np.uint8:
        raise DataError(f"{where} has the type {array.dtype}; accepted are uint8, and floats in [0, 1].")
    if array.shape[1:] == (28, 28):
        return torch.from_numpy(np.ascontiguousarray(array)[:, None]), ""
    note = f"images of {array.shape[1]}x{array.shape[2]} normalised to 28x28"
    return torch.from_numpy(_normalised(array)[:, None]), note


def _normalised(array: Array) -> NDArray[np.uint8]:
    from inkwise.data.normaliser import normalise

    return np.stack([normalise(np.ascontiguousarray(image, dtype=np.uint8)).image for image in array])


def _labels(where: str, array: Array) -> Int64[Tensor, " n"]:
    if array.ndim == 2 and array.shape[1] == 1:
        array = array[:, 0]
    if array.ndim != 1 or array.dtype.kind not in "iu":
        raise DataError(
            f"{where} is {array.dtype} of shape {array.shape}; accepted are whole numbers of shape (N,) or (N, 1)."
        )
    if array.dtype == np.uint64:
        array = np.minimum(array, np.uint64(2**62))  # kept outside the classes, where a cast would wrap around
    return torch.from_numpy(array.astype(np.int64))
