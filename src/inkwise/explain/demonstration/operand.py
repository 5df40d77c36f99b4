"""What is convolved, from the word that names it: typed numbers, a file, a dataset's image, a trained model's kernel.

An operand is an array over one or two axes with what to call it. Files are told apart by their content: a .npy array
(never a pickle), numbers as text, or a picture in grey. Nothing is downloaded.
"""

import io
import re
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

import numpy as np
import torch
from jaxtyping import Shaped
from torch import Tensor

from inkwise.convolution.kernels import NAMED, find_kernel, named_kernel, spell_kernel
from inkwise.data.dataset import Dataset
from inkwise.data.image import load_grey
from inkwise.data.load import load
from inkwise.data.locate import VARIABLE, places
from inkwise.data.registry import SOURCES
from inkwise.errors import DataError, ImageError, UnknownName, UsageError
from inkwise.explain.demonstration.numbers import is_numbers, parse
from inkwise.explain.demonstration.trained import exists, find_trained, split
from inkwise.models.shipped import NAMES as SHIPPED

MOST: Final = 4_000_000  # values: a picture of 2000 x 2000

_GREY: Final = "grey from 0 (black) to 1 (white)"
_NPY: Final = b"\x93NUMPY"
_PATHLIKE: Final = re.compile(r"[/\\]|\.\w{1,5}$")
_INPUTS: Final = (
    "numbers ('1 2 3', or rows '1 2; 3 4'), a file (picture, .txt, .csv, .npy), - for standard input, or a dataset's "
    "image such as uci-digits:3"
)


@dataclass(frozen=True)
class Operand:
    """An array over one or two axes: whole numbers or float64."""

    values: Shaped[Tensor, "..."]
    name: str  # one line: what it is and where it is from
    light: bool = False  # high is white, as in a photograph, and not ink
    seen: bool = False  # an image: a picture or a digit
    correlated: bool = False  # a kernel that is meant to be correlated, and says something else when it is rotated
    trained: bool = False  # a kernel that was learnt from ink
    deep: str = ""  # the layer whose kernel it is, where that is given feature maps and not the image


def read_input(text: str, stdin: bytes | None = None, *, ink: bool = False) -> Operand:
    """Return the input that `text` names.

    Args:
        text: Typed numbers, a path, DATASET:INDEX for an image of its test split, or "-".
        stdin: What standard input held, where `text` is "-".
        ink: Whether a picture's dark is 1, as ink is for networks, and not its light.

    Raises:
        UsageError: It is none of these, or numbers that are wrong, or `ink` is asked of what is no picture.
        DataError: A file or a dataset that is missing, unreadable or holds something else.
        ImageError: A picture that cannot be read.
    """
    operand = _read_input(text, stdin)
    if not ink:
        return operand
    if not operand.light:
        what = "a digit is ink already" if operand.seen else "these are numbers"
        raise UsageError(f"--ink is for pictures, whose dark becomes 1, and {what}; leave it out.")
    name = operand.name.replace(_GREY, "ink from 0 (white) to 1 (black)")
    return replace(operand, values=1 - operand.values, name=name, light=False)


def _read_input(text: str, stdin: bytes | None) -> Operand:
    if text == "-":
        return _checked(_from_bytes(stdin or b"", "Standard input", ""))
    if is_numbers(text) or not text.strip():
        return _checked(Operand(parse(text, "The input"), ""))
    dataset, colon, index = text.rpartition(":")
    if colon and dataset in SOURCES:
        return _checked(_from_dataset(dataset, index))
    if exists(text) or _PATHLIKE.search(text):
        return _checked(_from_file(Path(text)))
    if len(text.split()) > 1 or "," in text:
        parse(text, "The input")  # words that are no numbers: raises
    raise UsageError(f"The input {text!r} is neither numbers nor a file; give {_INPUTS}.")


def read_kernel(text: str) -> Operand:
    """Return the kernel that `text` names.

    Args:
        text: The name of a kernel, typed numbers, a path, or MODEL:LAYER:OUT,IN for one of a trained model's.

    Raises:
        UnknownName: It is none of these.
        UsageError: Numbers that are wrong, or a layer or kernel that the model has not.
        DataError: A file that is missing, unreadable or holds something else.
        ImageError: A picture that cannot be read.
        ModelError: The model cannot be loaded; --register is named where its network is not registered.
        RunError: A folder that is not a run.
    """
    if is_numbers(text) or not text.strip():
        return _checked(Operand(parse(text, "The kernel"), ""))
    path = Path(text)
    if ":" in text or path.is_dir() or path.suffix == ".safetensors":
        return _checked(_from_model(text))
    if exists(text) or _PATHLIKE.search(text):
        return _checked(_from_file(path))
    if len(text.split()) > 1 or "," in text:
        parse(text, "The kernel")  # words that are no numbers: raises
    named = find_kernel(text)
    return Operand(named_kernel(text, dtype=torch.float64)[0, 0], spell_kernel(named), correlated=not named.symmetric)


def remarks(image: Operand, kernel: Operand) -> tuple[str, ...]:
    """Return what is to be said, in sentences, where a trained model's kernel meets what it was not trained on."""
    said = []
    if kernel.trained and image.light:
        said.append("the model was trained on ink, which is 1, and in this picture white is 1; --ink turns it round.")
    if kernel.deep and image.seen:
        said.append(
            f"in the model {kernel.deep} is given the feature maps of the layers before it; here its kernel meets the "
            "image itself."
        )
    return tuple(said)


def load_here(name: str) -> Dataset:
    """Return a dataset that lies on this machine; DataError with what can be done where it does not."""
    source = SOURCES.get(name)
    if source is not None and not source.packaged:
        looked = places(source)
        if not any(place.complete for place in looked):
            raise DataError(
                f"{name} is not on this machine (looked in {', '.join(str(place.folder) for place in looked)}); run "
                f"`inkwise data fetch {name}`, put its files into ${VARIABLE}/{name}, or take uci-digits:3, which "
                "comes with Inkwise."
            )
    return load(name, offline=True)


def kernel_names(rank: int) -> str:
    """Return the names of the kernels over `rank` axes, for a message."""
    return ", ".join(name for name, kernel in NAMED.items() if kernel.rank == rank)


def _checked(operand: Operand) -> Operand:
    count = operand.values.numel()
    if count > MOST:
        raise UsageError(
            f"{operand.name or 'The input'} has {count:,} values; at most {MOST:,} are accepted: make it smaller or "
            "cut out the part to look at."
        )
    return operand


def _from_file(path: Path) -> Operand:
    try:
        data = path.read_bytes()
    except FileNotFoundError as error:
        raise DataError(f"There is no file {path}; check the path.") from error
    except IsADirectoryError as error:
        raise DataError(f"{path} is a folder; name a file in it.") from error
    except (OSError, ValueError) as error:  # ValueError: a null byte in the path
        reason = getattr(error, "strerror", None) or str(error)
        raise DataError(f"{path} cannot be read ({reason}); check the path and its permissions.") from error
    return _from_bytes(data, str(path), path.suffix.lower())


def _from_bytes(data: bytes, name: str, suffix: str) -> Operand:
    if not data.strip():
        raise DataError(f"{name} is empty; numbers, a .npy array or a picture is accepted.")
    if data.startswith(_NPY):
        return Operand(_array(data, name), name)
    text = _text(data)
    if text is not None and (suffix in {".txt", ".csv", ".tsv", ".dat"} or _begins_with_number(text)):
        return Operand(parse(text, name, lines=True), name)
    try:
        grey = load_grey(data)
    except ImageError as error:
        message = str(error).replace("The picture given as bytes", name)
        raise ImageError(
            message.replace("are accepted", "are accepted, and .npy arrays and numbers as text", 1)
        ) from error
    return Operand(torch.from_numpy(grey).double() / 255, f"{name}, {_GREY}", light=True, seen=True)


def _text(data: bytes) -> str | None:
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError:
        return None
    return None if "\0" in text else text


def _begins_with_number(text: str) -> bool:
    return is_numbers(next((line for line in text.splitlines() if line.strip() and line.strip()[0] != "#"), ""))


def _array(data: bytes, name: str) -> Tensor:
    try:
        array = np.load(io.BytesIO(data), allow_pickle=False)
    except (ValueError, EOFError, OSError, MemoryError) as error:
        raise DataError(f"{name} is damaged or holds no numbers ({error}); save it again with numpy.save.") from error
    if array.dtype.kind not in "biuf" or array.ndim not in {1, 2} or not array.size:
        raise DataError(
            f"{name} holds {array.dtype} values of shape {array.shape}; one or two axes of at least one real number "
            "are accepted."
        )
    if not np.isfinite(array).all():
        raise DataError(f"{name} has values that are nan or infinite; replace them with numbers.")
    if array.dtype.kind == "f" or array.dtype == np.uint64:
        return torch.from_numpy(array.astype(np.float64))
    if array.dtype.kind == "u" and array.itemsize > 1:
        return torch.from_numpy(array.astype(np.int64))  # torch computes no uint16
    return torch.from_numpy(np.ascontiguousarray(array).astype(array.dtype.newbyteorder("=")))


def _from_dataset(dataset: str, index: str) -> Operand:
    loaded = load_here(dataset)
    test = loaded.split("test")
    if not index.isdecimal() or int(index) >= len(test):
        raise UsageError(
            f"{dataset}:{index} is no image; {dataset}'s test split has {len(test):,}, from {dataset}:0 to "
            f"{dataset}:{len(test) - 1}."
        )
    label = loaded.classes[int(test.labels[int(index)])]
    values = test.images[int(index), 0].double() / 255
    return Operand(values, f"test image {index} of {dataset}, labelled {label}; ink from 0 to 1", seen=True)


def _from_model(text: str) -> Operand:
    model, layer, which = split(text)
    if model not in SHIPPED and not exists(model) and not _PATHLIKE.search(model):
        raise UnknownName("kernel or model", model, (*NAMED, *SHIPPED))
    kernel = find_trained(model, layer, which)
    deep = kernel.layer if kernel.deep else ""
    return Operand(kernel.values, kernel.name, correlated=True, trained=True, deep=deep)
