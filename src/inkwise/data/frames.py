"""The pages of a file, one after the other: what is read as a page keeps its colour, and a TIFF may hold several.

A frame is uint8, upright: (H, W, 3) in red, green and blue, or (H, W) where there is no colour. One page at a time is
decoded, so that a long file takes no more memory than its largest page. Of animated pictures the first frame counts.
"""

import sys
from collections.abc import Iterator

import numpy as np
from PIL import Image

from inkwise.data.grey import Grey
from inkwise.data.image import MAX_PIXELS, bytes_of, check_size, load_grey
from inkwise.data.picture import colour_picture, count_frames, open_picture
from inkwise.errors import ImageError


def read_frames(source: object, *, max_pixels: int = MAX_PIXELS) -> Iterator[Grey]:
    """Yield the pages of `source`.

    Args:
        source: what `inkwise.data.image.load_grey` takes: a path, bytes, an open binary file, a PIL image, an array
            or a tensor. uint8 arrays of (H, W, 3) keep their colour, other arrays become grey.
        max_pixels: the largest height times width of a page that is accepted.

    Raises:
        ImageError: the source or one of its pages is missing, unreadable, of another kind, empty or too large.
    """
    if isinstance(source, np.ndarray) and source.ndim == 3 and source.shape[2] == 3 and source.dtype == np.uint8:
        check_size(source.shape[0], source.shape[1], f"The array of shape {source.shape}", max_pixels)
        yield np.ascontiguousarray(source)
        return
    torch = sys.modules.get("torch")  # who has a tensor has imported it
    if isinstance(source, np.ndarray) or (torch is not None and isinstance(source, torch.Tensor)):
        yield load_grey(source, max_pixels=max_pixels)
        return
    if isinstance(source, Image.Image):
        yield _page(source, "The PIL image", max_pixels)
        return
    data, name = bytes_of(source)
    picture = open_picture(data, name)
    several = picture.format == "TIFF" and count_frames(picture) > 1
    for index in range(count_frames(picture) if several else 1):
        if several:
            _turn_to(picture, index, name)
        yield _page(picture, f"Page {index + 1} of {name}" if several else name, max_pixels)


def _page(picture: Image.Image, name: str, max_pixels: int) -> Grey:
    check_size(picture.height, picture.width, name, max_pixels)
    return colour_picture(picture, name)


def _turn_to(picture: Image.Image, index: int, name: str) -> None:
    try:
        picture.seek(index)
    except Exception as error:  # a reader may raise anything on a corrupt directory
        raise ImageError(f"Page {index + 1} of {name} is truncated or corrupt; save the file again.") from error
