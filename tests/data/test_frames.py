import io

import numpy as np
import pytest
import torch
from PIL import Image

from inkwise.data.frames import read_frames
from inkwise.errors import ImageError

COLOUR = np.random.default_rng(0).integers(0, 256, (20, 30, 3), np.uint8)
GREY = COLOUR[..., 0]


def tiff(*pages: Image.Image) -> bytes:
    file = io.BytesIO()
    pages[0].save(file, "tiff", save_all=True, append_images=pages[1:])
    return file.getvalue()


def test_each_page_of_a_tiff_is_a_frame_of_its_own_size_and_depth() -> None:
    deep = Image.fromarray(GREY.astype(np.uint16) * 257)
    frames = list(read_frames(tiff(Image.fromarray(COLOUR), deep.crop((0, 0, 10, 15)))))
    np.testing.assert_array_equal(frames[0], COLOUR)
    np.testing.assert_array_equal(frames[1], GREY[:15, :10])


def test_of_an_animated_picture_the_first_frame_counts() -> None:
    file = io.BytesIO()
    Image.fromarray(GREY).save(file, "gif", save_all=True, append_images=[Image.new("L", (30, 20))])
    assert len(list(read_frames(file.getvalue()))) == 1


def test_arrays_and_pictures_keep_their_colour() -> None:
    for source in (COLOUR, Image.fromarray(COLOUR), Image.fromarray(COLOUR).convert("RGBA")):
        (frame,) = read_frames(source)
        np.testing.assert_array_equal(frame, COLOUR)
    for grey in (GREY, torch.from_numpy(GREY.copy()), Image.fromarray(GREY)):
        (frame,) = read_frames(grey)
        np.testing.assert_array_equal(frame, GREY)


def test_what_shines_through_is_laid_on_paper() -> None:
    clear = Image.merge("RGBA", [*Image.fromarray(COLOUR).split(), Image.new("L", (30, 20), 0)])
    (frame,) = read_frames(clear)
    np.testing.assert_array_equal(frame, np.full((20, 30), 255))


def test_exif_turns_a_colour_picture_upright() -> None:
    exif = Image.Exif()
    exif[0x0112] = 6
    file = io.BytesIO()
    Image.fromarray(COLOUR).save(file, "png", exif=exif)
    (frame,) = read_frames(file.getvalue())
    np.testing.assert_array_equal(frame, np.rot90(COLOUR, -1))


def test_too_large_a_page_is_refused_by_its_number() -> None:
    pages = read_frames(tiff(Image.new("L", (5, 5)), Image.new("L", (50, 50))), max_pixels=100)
    assert next(pages).shape == (5, 5)
    with pytest.raises(ImageError, match=r"Page 2 of The picture given as bytes has 50 x 50 pixels; at most 100"):
        next(pages)
    with pytest.raises(ImageError, match=r"The array of shape \(20, 30, 3\) has 20 x 30 pixels; at most 100"):
        next(read_frames(COLOUR, max_pixels=100))


def test_a_page_cut_short_is_an_image_error() -> None:
    whole = tiff(Image.fromarray(COLOUR), Image.fromarray(COLOUR[::-1]))
    for length in range(10, len(whole), 97):
        with pytest.raises(ImageError):
            list(read_frames(whole[:length]))
