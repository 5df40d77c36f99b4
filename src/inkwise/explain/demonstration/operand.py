"""What is convolved, from the word that names it: typed numbers, a file, a dataset's image, a trained model's kernel.

An operand is an array over one or two axes with what to call it. Files are told apart by their content: a .npy array
(never a pickle), numbers as text, or a picture in grey. Nothing is downloaded.
"""

import io
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np
import torch
from jaxtyping import Shaped
from torch import Tensor, nn

from inkwise.convolution.kernels import NAMED, find_kernel, named_kernel, spell_kernel
from inkwise.convolution.window import spelled
from inkwise.data.image import load_grey
from inkwise.data.load import load
from inkwise.data.registry import SOURCES
from inkwise.errors import DataError, ImageError, ModelError, UnknownName, UsageError
from inkwise.explain.demonstration.numbers import is_numbers, parse
from inkwise.recognizer import Recognizer

MOST: Final = 4_000_000  # values: a picture of 2000 x 2000

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
    correlated: bool = False  # a kernel that is meant to be correlated, and says something else when it is rotated


def read_input(text: str, stdin: bytes | None = None) -> Operand:
    """Return the input that `text` names.

    Args:
        text: Typed numbers, a path, DATASET:INDEX for an image of its test split, or "-".
        stdin: What standard input held, where `text` is "-".

    Raises:
        UsageError: It is none of these, or numbers that are wrong.
        DataError: A file or a dataset that is missing, unreadable or holds something else.
        ImageError: A picture that cannot be read.
    """
    if text == "-":
        return _checked(_from_bytes(stdin or b"", "Standard input", ""))
    if is_numbers(text) or not text.strip():
        return _checked(Operand(parse(text, "The input"), ""))
    dataset, colon, index = text.rpartition(":")
    if colon and dataset in SOURCES:
        return _checked(_from_dataset(dataset, index))
    if _exists(text) or _PATHLIKE.search(text):
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
        ModelError: The model cannot be loaded.
        RunError: A folder that is not a run.
    """
    if is_numbers(text) or not text.strip():
        return _checked(Operand(parse(text, "The kernel"), ""))
    path = Path(text)
    if ":" in text or path.is_dir() or path.suffix == ".safetensors":
        return _checked(_from_model(text))
    if _exists(text) or _PATHLIKE.search(text):
        return _checked(_from_file(path))
    if len(text.split()) > 1 or "," in text:
        parse(text, "The kernel")  # words that are no numbers: raises
    named = find_kernel(text)
    return Operand(named_kernel(text, dtype=torch.float64)[0, 0], spell_kernel(named), correlated=not named.symmetric)


def kernel_names(rank: int) -> str:
    """Return the names of the kernels over `rank` axes, for a message."""
    return ", ".join(name for name, kernel in NAMED.items() if kernel.rank == rank)


def _exists(path: str) -> bool:
    try:
        return Path(path).exists()
    except (OSError, ValueError):  # too long for a name, or a null byte in it
        return False


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
    return Operand(torch.from_numpy(grey).double() / 255, f"{name}, grey from 0 (black) to 1 (white)", light=True)


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
    loaded = load(dataset, offline=True)
    test = loaded.split("test")
    if not index.isdecimal() or int(index) >= len(test):
        raise UsageError(
            f"{dataset}:{index} is no image; {dataset}'s test split has {len(test):,}, from {dataset}:0 to "
            f"{dataset}:{len(test) - 1}."
        )
    label = loaded.classes[int(test.labels[int(index)])]
    values = test.images[int(index), 0].double() / 255
    return Operand(values, f"test image {index} of {dataset}, labelled {label}; ink from 0 to 1")


def _from_model(text: str) -> Operand:
    model, layer, which = _split(text)
    if not _exists(model) and not _PATHLIKE.search(model):
        raise UnknownName("kernel or model", model, NAMED)
    layers = {
        name: module for name, module in Recognizer.load(model).network.named_modules() if isinstance(module, nn.Conv2d)
    }
    if not layers:
        raise ModelError(f"{model} has no convolution, so it has no kernels; name another model.")
    listed = ", ".join(f"{name} ({_shape(module)})" for name, module in layers.items())
    if not layer:
        raise UsageError(f"{model} has the convolutions {listed}; name a kernel as {model}:{next(iter(layers))}:0,0.")
    if layer not in layers:
        raise UsageError(f"{model} has no convolution {layer!r}; it has {listed}.")
    weight = layers[layer].weight.detach()  # (C_out, C_in / groups, height, width)
    out, _, into = which.partition(",")
    if not into and weight.shape[1] == 1:
        into = "0"
    places = [int(word) if word.strip().isdecimal() else -1 for word in (out, into)]
    if not all(0 <= place < count for place, count in zip(places, weight.shape[:2], strict=True)):
        wrong = f"{layer} of {model} has no kernel {which!r}" if which else f"No kernel of {layer} of {model} was named"
        raise UsageError(
            f"{wrong}; name one as {model}:{layer}:OUT,IN with OUT from 0 to "
            f"{weight.shape[0] - 1} and IN from 0 to {weight.shape[1] - 1}."
        )
    name = f"kernel {places[0]} of {layer} in {model}, for its input channel {places[1]}"
    return Operand(weight[places[0], places[1]].double(), name, correlated=True)


def _split(text: str) -> tuple[str, str, str]:
    """Return model, layer and kernel of MODEL:LAYER:OUT,IN; a path may hold colons itself, and the rest may lack."""
    if _exists(text):
        return text, "", ""
    parts = text.rsplit(":", 2)
    if len(parts) == 3 and not _exists(text.rsplit(":", 1)[0]):
        return parts[0], parts[1], parts[2]
    model, _, layer = text.rpartition(":")
    return model, layer, ""


def _shape(module: nn.Conv2d) -> str:
    out, into, *space = module.weight.shape
    return f"{out} x {into} kernels of {spelled(space)}"
