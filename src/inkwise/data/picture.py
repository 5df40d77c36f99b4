"""Picture files: bytes to a PIL image with its header alone read, and a PIL image of any mode to grey, upright.

The reader of the format that the first bytes promise is called directly, not `Image.open`, so that a huge picture
is refused by its header in our words, and PIL's global limit and its warning are neither changed nor met. Formats
that run other programs (EPS) or guess without a signature are left out.
"""

import io
from collections.abc import Callable

import numpy as np
from PIL import (
    BmpImagePlugin,
    GifImagePlugin,
    Image,
    JpegImagePlugin,
    PngImagePlugin,
    PpmImagePlugin,
    TiffImagePlugin,
    WebPImagePlugin,
)

from inkwise.data.exif import check_directories, orientation
from inkwise.data.grey import Grey, flatten, from_depth, from_range
from inkwise.errors import ImageError

ACCEPTED = "PNG, JPEG, GIF, BMP, TIFF, WebP and PNM files"


class _JpegFile(JpegImagePlugin.JpegImageFile):
    """A JPEG whose resolution is not looked up in its EXIF block: unused here, and a corrupt block would warn."""

    def getexif(self) -> Image.Exif:
        return Image.Exif()


def _tiff(file: io.BytesIO) -> Image.Image:
    """A TIFF file whose directories are whole; PIL would warn of others before it fails on them."""
    check_directories(file.getvalue())
    return TiffImagePlugin.TiffImageFile(file)


_READERS: tuple[tuple[bytes, Callable[[io.BytesIO], Image.Image]], ...] = (
    (b"\x89PNG\r\n\x1a\n", PngImagePlugin.PngImageFile),
    (b"\xff\xd8\xff", _JpegFile),
    (b"GIF8", GifImagePlugin.GifImageFile),
    (b"BM", BmpImagePlugin.BmpImageFile),
    (b"II*\0", _tiff),
    (b"MM\0*", _tiff),
    (b"RIFF", WebPImagePlugin.WebPImageFile),
    *((b"P%d" % kind, PpmImagePlugin.PpmImageFile) for kind in range(1, 7)),
)
_TURNS = {  # EXIF orientation: what brings the picture upright
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}


def open_picture(data: bytes, name: str) -> Image.Image:
    """Return the picture in `data` with its header read and no pixel decoded.

    Args:
        data: the whole file.
        name: what a message calls the picture.

    Raises:
        ImageError: there are no bytes, their format is not accepted, or the header is corrupt.
    """
    if not data:
        raise ImageError(f"{name} is empty; {ACCEPTED} are accepted.")
    for magic, reader in _READERS:
        if not data.startswith(magic) or (magic == b"RIFF" and data[8:12] != b"WEBP"):
            continue
        try:
            return reader(io.BytesIO(data))
        except Exception as error:  # a reader may raise anything on a corrupt header
            raise _corrupt(name, error) from error
    if data[4:8] == b"ftyp":
        raise ImageError(f"{name} is a HEIC, AVIF or video file; {ACCEPTED} are accepted: save it as JPEG or PNG.")
    if data.startswith(b"%PDF"):
        raise ImageError(f"{name} is a PDF file; {ACCEPTED} are accepted: save its pages as pictures.")
    raise ImageError(f"{name} is not an image of a known format; {ACCEPTED} are accepted.")


def grey_picture(picture: Image.Image, name: str) -> Grey:
    """Return the current frame as uint8 grey (H, W), turned upright by its EXIF orientation.

    Args:
        picture: any mode; its size must have been checked, for its pixels are decoded here.
        name: what a message calls the picture.

    Raises:
        ImageError: the pixels are truncated or corrupt, or some are nan.
    """
    return _decoded(picture, name, _grey)


def colour_picture(picture: Image.Image, name: str) -> Grey:
    """Return the current frame turned upright: uint8 (H, W, 3) in red, green, blue, or (H, W) where it has no colour.

    Arguments and errors as for `grey_picture`.
    """
    return _decoded(picture, name, _colour)


def _decoded(picture: Image.Image, name: str, pixels: Callable[[Image.Image, str], Grey]) -> Grey:
    """The frame's pixels, upright."""
    try:
        picture.load()
        exif = picture.info.get("exif")
        turn = _TURNS.get(orientation(exif)) if isinstance(exif, bytes) else None
        if turn is not None:
            picture = picture.transpose(turn)
        return pixels(picture, name)
    except ImageError:
        raise
    except Exception as error:  # a decoder may raise anything on corrupt data
        raise _corrupt(name, error) from error


def count_frames(picture: Image.Image) -> int:
    """Return the frames or pages of an opened file; 1 where the later ones are corrupt."""
    try:
        return int(getattr(picture, "n_frames", 1))
    except Exception:  # the frame that is used has been read
        return 1


def _grey(picture: Image.Image, name: str) -> Grey:
    """Grey by the mode's own meaning."""
    mode = picture.mode
    if mode.startswith("I;16"):
        return from_depth(np.asarray(picture).astype(np.uint16))
    if mode in ("I", "F"):
        return from_range(np.asarray(picture), name)
    if mode == "LAB":
        return np.array(picture.getchannel(0))  # lightness
    if picture.has_transparency_data:
        picture = picture.convert("LA").convert("RGBA") if mode == "La" else picture.convert("RGBA")
        return flatten(np.array(picture.convert("RGB").convert("L")), np.array(picture.getchannel("A")))
    if mode in ("P", "CMYK", "HSV", "RGBX"):
        picture = picture.convert("RGB")
    return np.array(picture.convert("L"))


def _colour(picture: Image.Image, name: str) -> Grey:
    """Red, green and blue where the mode has colour and nothing shines through, else grey."""
    if picture.mode in ("RGB", "YCbCr", "P", "CMYK", "HSV", "RGBX") and not picture.has_transparency_data:
        return np.array(picture.convert("RGB"))
    if picture.mode == "RGBA" and picture.getchannel("A").getextrema() == (255, 255):
        return np.array(picture.convert("RGB"))
    return _grey(picture, name)


def _corrupt(name: str, error: Exception) -> ImageError:
    """What to say of a file whose content is not what its first bytes promise."""
    detail = str(error).strip().rstrip(".") or type(error).__name__
    return ImageError(
        f"{name} is truncated, corrupt or of an unusual kind ({detail}); {ACCEPTED} are accepted: save it again."
    )
