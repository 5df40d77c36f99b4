"""The one entry of images that people give: any file, PIL image, array or tensor becomes uint8 grey (H, W).

`load_grey` returns the pixels alone; `read_grey` also how messages call the source and how many frames it had, of
which the first is used. The picture is upright and its grey levels are kept; which of dark and light is ink is not
decided here. A size is checked before a pixel is decoded. Calls share no state and may run in threads.
"""

import os
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image

from inkwise.data.grey import Grey, flatten, from_depth, from_unit
from inkwise.data.picture import count_frames, grey_picture, open_picture
from inkwise.errors import ImageError

MAX_PIXELS = 100_000_000  # 10,000 x 10,000: above what cameras in common use make, decoded in about 400 MB


@dataclass(frozen=True)
class GreyImage:
    """A picture in grey, upright.

    `pixels` is uint8 (H, W), 0 black and 255 white. `name` is how messages call the source. `frames` counts the
    frames or pages of a file, of which the first was used; 1 for everything else.
    """

    pixels: Grey
    name: str
    frames: int = 1


def load_grey(source: object, *, max_pixels: int = MAX_PIXELS) -> Grey:
    """Return the pixels of `source` as uint8 (H, W), 0 black and 255 white.

    Args:
        source: a path; bytes or an open binary file with a picture in them; a PIL image; or a numpy array or torch
            tensor of shape (H, W), (H, W, 1), (H, W, 3) or (H, W, 4) that is uint8, uint16, bool, or floating
            point from 0 to 1. Pixels with alpha are laid on white, or on black where white would hide them.
        max_pixels: the largest height times width that is accepted.

    Raises:
        ImageError: the source is missing, unreadable, of another kind, empty or too large.
    """
    return read_grey(source, max_pixels=max_pixels).pixels


def read_grey(source: object, *, max_pixels: int = MAX_PIXELS) -> GreyImage:
    """Return the picture in grey with its name and number of frames; arguments and errors as for `load_grey`."""
    torch = sys.modules.get("torch")  # who has a tensor has imported it
    if torch is not None and isinstance(source, torch.Tensor):
        tensor = source.detach().cpu()
        array = (tensor.float() if tensor.is_floating_point() else tensor).numpy()
        name = f"The tensor of shape {array.shape}"
        return GreyImage(_grey_array(array, name, max_pixels), name)
    if isinstance(source, np.ndarray):
        name = f"The array of shape {source.shape}"
        return GreyImage(_grey_array(source, name, max_pixels), name)
    if isinstance(source, Image.Image):
        picture, name, frames = source, "The PIL image", 1
    else:
        data, name = bytes_of(source)
        picture, frames = open_picture(data, name), 0
    check_size(picture.height, picture.width, name, max_pixels)
    pixels = grey_picture(picture, name)
    return GreyImage(pixels, name, frames or count_frames(picture))  # counting moves on, so it comes last


def bytes_of(source: object) -> tuple[bytes, str]:
    """Return the bytes behind a path, an open file or a buffer, and what messages call them.

    Raises:
        ImageError: there is nothing to read, or what is given is none of these.
    """
    if isinstance(source, bytes | bytearray | memoryview):
        return bytes(source), "The picture given as bytes"
    if isinstance(source, str | os.PathLike):
        return _read(Path(source)), str(source)
    if hasattr(source, "read"):
        name = str(getattr(source, "name", "The open file"))
        try:
            data = source.read()
        except (OSError, ValueError) as error:
            raise ImageError(f"{name} cannot be read ({error}); open it for reading in binary mode.") from error
        if isinstance(data, bytes):
            return data, name
        raise ImageError(f"{name} is open as text; open it in binary mode, 'rb'.")
    raise ImageError(
        f"An image cannot be made from {type(source).__name__}; give a path, bytes, an open file, a PIL image, "
        "a numpy array or a torch tensor."
    )


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except FileNotFoundError as error:
        raise ImageError(f"There is no file {path}; check the path.") from error
    except IsADirectoryError as error:
        raise ImageError(f"{path} is a folder, not an image; name the files in it.") from error
    except (OSError, ValueError) as error:  # ValueError: a null byte in the path
        reason = getattr(error, "strerror", None) or str(error)
        raise ImageError(f"{path} cannot be read ({reason}); check the path and its permissions.") from error


def _grey_array(array: NDArray[Any], name: str, max_pixels: int) -> Grey:
    """Grey pixels of an array, after checking that it is a picture; never a view of it."""
    if array.ndim not in (2, 3) or (array.ndim == 3 and array.shape[2] not in (1, 3, 4)):
        raise ImageError(
            f"{name} is not an image; (H, W), (H, W, 1), (H, W, 3) or (H, W, 4) is accepted: index or transpose it."
        )
    check_size(array.shape[0], array.shape[1], name, max_pixels)
    levels = np.ascontiguousarray(_levels(array, name))
    if array.ndim == 2:
        return levels.copy()
    if array.shape[2] == 1:
        return levels[..., 0].copy()
    grey = np.asarray(cv2.cvtColor(levels[..., :3], cv2.COLOR_RGB2GRAY), np.uint8)
    return flatten(grey, levels[..., 3]) if array.shape[2] == 4 else grey


def _levels(array: NDArray[Any], name: str) -> Grey:
    """The samples as uint8, by their dtype."""
    if array.dtype == np.uint8:
        return array
    if array.dtype == np.bool_:
        return array.astype(np.uint8) * np.uint8(255)
    if array.dtype == np.uint16:
        return from_depth(array)
    if np.issubdtype(array.dtype, np.floating):
        return from_unit(array, name)
    raise ImageError(
        f"{name} has dtype {array.dtype}; uint8, uint16, bool or floating point from 0 to 1 is accepted: "
        "convert it, for example with astype('uint8')."
    )


def check_size(height: int, width: int, name: str, max_pixels: int) -> None:
    """Raise ImageError for a picture without pixels, or with more than `max_pixels`."""
    if height == 0 or width == 0:
        raise ImageError(f"{name} has no pixels ({height} x {width}); at least 1 x 1 is accepted.")
    if height * width > max_pixels:
        raise ImageError(
            f"{name} has {height:,} x {width:,} pixels; at most {max_pixels:,} in all are accepted: "
            "make it smaller or cut out the part to read."
        )
