import io
import struct
import threading
import zlib
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image

from inkwise.data.image import MAX_PIXELS, GreyImage, load_grey, read_grey
from inkwise.errors import ImageError

PIXELS = np.random.default_rng(0).integers(0, 256, (20, 30), np.uint8)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    Image.fromarray(PIXELS).save(tmp_path / "digit.png")
    return tmp_path / "digit.png"


def png_of_size(width: int, height: int) -> bytes:
    """A PNG whose header promises that size, with no pixels behind it."""

    def chunk(kind: bytes, body: bytes) -> bytes:
        return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))

    header = chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0))
    return b"\x89PNG\r\n\x1a\n" + header + chunk(b"IDAT", zlib.compress(b"")) + chunk(b"IEND", b"")


def test_every_kind_of_source_gives_the_same_pixels(path: Path) -> None:
    data = path.read_bytes()
    with path.open("rb") as file, Image.open(path) as picture:
        sources = [path, str(path), data, bytearray(data), memoryview(data), io.BytesIO(data), file, picture]
        for source in [*sources, PIXELS, torch.from_numpy(PIXELS)]:
            found = load_grey(source)
            assert found.dtype == np.uint8
            np.testing.assert_array_equal(found, PIXELS)


@pytest.mark.parametrize(
    ("array", "expected"),
    [
        pytest.param(PIXELS[..., None], PIXELS, id="one channel"),
        pytest.param(np.stack([PIXELS] * 3, 2), PIXELS, id="colour"),
        pytest.param(np.stack([*[PIXELS] * 3, np.full_like(PIXELS, 255)], 2), PIXELS, id="opaque"),
        pytest.param(PIXELS > 99, np.where(PIXELS > 99, 255, 0), id="bool"),
        pytest.param(PIXELS.astype(np.uint16) * 257, PIXELS, id="16 bits"),
        pytest.param(PIXELS / 255, PIXELS, id="float64"),
        pytest.param((PIXELS / 255).astype(np.float32), PIXELS, id="float32"),
        pytest.param(PIXELS[::-1, ::2], PIXELS[::-1, ::2], id="strided"),
    ],
)
def test_arrays_and_tensors_of_every_form_give_the_picture(array: np.ndarray, expected: np.ndarray) -> None:
    np.testing.assert_array_equal(load_grey(array), expected)
    np.testing.assert_array_equal(load_grey(torch.from_numpy(array.copy())), expected)


def test_half_precision_and_gradients_are_no_hindrance() -> None:
    tensor = torch.tensor([[0.0, 1.0]], dtype=torch.bfloat16, requires_grad=True)
    np.testing.assert_array_equal(load_grey(tensor), [[0, 255]])


def test_colour_is_weighed_as_the_eye_does() -> None:
    colours = np.array([[[255, 0, 0], [0, 255, 0], [0, 0, 255]]], np.uint8)
    np.testing.assert_allclose(load_grey(colours), [[76, 150, 29]], atol=1)
    np.testing.assert_allclose(load_grey(Image.fromarray(colours)), [[76, 150, 29]], atol=1)


def test_ink_drawn_on_transparency_survives_in_arrays() -> None:
    ink = np.zeros((8, 8, 4), np.uint8)
    ink[2:6, 3:5, 3] = 255
    assert load_grey(ink)[3, 3] == 0
    assert load_grey(ink)[0, 0] == 255
    ink[..., :3] = 255
    assert load_grey(ink)[3, 3] == 255
    assert load_grey(ink)[0, 0] == 0


def test_the_result_is_never_a_view_of_the_source() -> None:
    for array in (PIXELS.copy(), PIXELS[..., None].copy()):
        load_grey(array)[:] = 7
        np.testing.assert_array_equal(array.reshape(PIXELS.shape), PIXELS)


def test_one_pixel_is_an_image() -> None:
    assert load_grey(np.array([[7]], np.uint8)).shape == (1, 1)


def test_the_caller_learns_of_further_frames(tmp_path: Path) -> None:
    frames = [Image.new("L", (4, 3), level) for level in (0, 200)]
    path = tmp_path / "two.gif"
    frames[0].save(path, save_all=True, append_images=frames[1:])
    found = read_grey(path)
    assert (found.frames, found.name, int(found.pixels.max())) == (2, str(path), 0)
    assert read_grey(PIXELS).frames == 1
    assert isinstance(found, GreyImage)


@pytest.mark.parametrize(
    ("source", "message"),
    [
        (
            np.zeros((0, 0), np.uint8),
            r"^The array of shape \(0, 0\) has no pixels \(0 x 0\); at least 1 x 1 is accepted",
        ),
        (np.zeros((0, 5, 3)), r"has no pixels \(0 x 5\)"),
        (
            np.zeros(784, np.uint8),
            r"^The array of shape \(784,\) is not an image; \(H, W\), .* index or transpose it\.$",
        ),
        (np.zeros((1, 28, 28), np.uint8), r"shape \(1, 28, 28\) is not an image"),
        (torch.zeros(2, 1, 28, 28), r"^The tensor of shape \(2, 1, 28, 28\) is not an image"),
        (np.zeros((8, 8, 2), np.uint8), r"shape \(8, 8, 2\) is not an image"),
        (np.zeros((8, 8), np.int64), r"has dtype int64; uint8, uint16, bool or .* convert it, for example"),
        (np.array([["a"]]), r"has dtype <U1; uint8"),
        (np.full((2, 2), np.nan), r"^The array of shape \(2, 2\) has 4 values that are nan or infinite"),
        (np.full((2, 2), 16.0), r"go from 16 to 16; floating point from 0 to 1 is accepted"),
        (b"", r"^The picture given as bytes is empty"),
        (None, r"^An image cannot be made from NoneType; give a path, bytes, an open file, a PIL image, a numpy array"),
        ([1, 2], r"^An image cannot be made from list; give a path"),
        (io.StringIO("text"), r"^The open file is open as text; open it in binary mode"),
        (Path("missing.png"), r"^There is no file missing\.png; check the path\.$"),
        ("bad\0path.png", r"cannot be read \(.*null.*\); check the path"),
    ],
)
def test_what_cannot_be_an_image_is_refused_in_one_sentence(source: object, message: str) -> None:
    with pytest.raises(ImageError, match=message):
        load_grey(source)


def test_a_folder_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ImageError, match="is a folder, not an image; name the files in it"):
        load_grey(tmp_path)


def test_a_closed_file_is_refused(path: Path) -> None:
    file = path.open("rb")
    file.close()
    with pytest.raises(ImageError, match=r"digit\.png cannot be read \(.*closed.*\); open it for reading"):
        load_grey(file)


def test_a_file_that_is_no_picture_is_named(tmp_path: Path) -> None:
    path = tmp_path / "notes.png"
    path.write_text("hello")
    with pytest.raises(ImageError, match=r"notes\.png is not an image of a known format; PNG, JPEG"):
        load_grey(path)


def test_a_huge_picture_is_refused_before_it_is_decoded() -> None:
    expected = r"has 20,000 x 20,000 pixels; at most 100,000,000 in all are accepted: make it smaller"
    with pytest.raises(ImageError, match=expected):
        load_grey(png_of_size(20_000, 20_000))
    with pytest.raises(ImageError, match=expected):
        load_grey(np.broadcast_to(np.uint8(0), (20_000, 20_000)))
    with pytest.raises(ImageError, match=expected):
        load_grey(torch.zeros(1, 1, dtype=torch.uint8).expand(20_000, 20_000))


def test_the_limit_is_the_callers() -> None:
    load_grey(PIXELS, max_pixels=600)
    with pytest.raises(ImageError, match="has 20 x 30 pixels; at most 599 in all are accepted"):
        load_grey(PIXELS, max_pixels=599)


def test_pils_own_limit_is_neither_met_nor_changed() -> None:
    limit = Image.MAX_IMAGE_PIXELS
    assert limit is not None
    assert limit < 9_900 * 9_900 < MAX_PIXELS  # between the two PIL would warn, and warnings are errors here
    with pytest.raises(ImageError, match="truncated"):
        load_grey(png_of_size(9_900, 9_900))
    assert limit == Image.MAX_IMAGE_PIXELS


def test_threads_do_not_disturb_each_other(path: Path) -> None:
    data, bomb, found = path.read_bytes(), png_of_size(20_000, 20_000), []

    def work() -> None:
        for _ in range(20):
            found.append(np.array_equal(load_grey(data), PIXELS))
            with pytest.raises(ImageError, match="20,000"):
                load_grey(bomb)

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert found == [True] * 80
