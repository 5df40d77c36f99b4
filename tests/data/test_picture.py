import io
import struct
import zlib
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from inkwise.data.picture import count_frames, grey_picture, open_picture
from inkwise.errors import ImageError

# A picture with no symmetry: dark mark at the top left, mid grey at the bottom right, on white.
PIXELS = np.full((24, 40), 255, np.uint8)
PIXELS[2:10, 3:9] = 0
PIXELS[18:22, 30:38] = 128
# How a camera stores it under each EXIF orientation: where row 0 and column 0 of the file are in the scene.
STORED = {
    1: PIXELS,
    2: PIXELS[:, ::-1],
    3: PIXELS[::-1, ::-1],
    4: PIXELS[::-1],
    5: PIXELS.T,  # left, top
    6: np.rot90(PIXELS, 1),  # right, top
    7: PIXELS[::-1, ::-1].T,  # right, bottom
    8: np.rot90(PIXELS, -1),  # left, bottom
}


def encode(picture: Image.Image, kind: str, **options: object) -> bytes:
    buffer = io.BytesIO()
    picture.save(buffer, kind, **options)
    return buffer.getvalue()


def decode(data: bytes) -> np.ndarray:
    return grey_picture(open_picture(data, "It"), "It")


@pytest.mark.parametrize("kind", ["PNG", "GIF", "BMP", "TIFF", "PPM", "WEBP", "JPEG"])
@pytest.mark.parametrize("mode", ["L", "RGB"])
def test_every_format_gives_the_picture(kind: str, mode: str) -> None:
    found = decode(encode(Image.fromarray(PIXELS).convert(mode), kind, quality=100, lossless=True))
    assert found.dtype == np.uint8
    np.testing.assert_allclose(found.astype(int), PIXELS, atol=3 if kind == "JPEG" else 1)


@pytest.mark.parametrize("mode", ["1", "P", "LA", "PA", "La", "RGBA", "RGBa", "RGBX", "CMYK", "YCbCr", "HSV", "LAB"])
def test_every_mode_gives_the_picture(mode: str) -> None:
    plain = np.where(PIXELS < 200, 0, 255).astype(np.uint8)
    source = Image.fromarray(plain)
    if mode == "LAB":
        flat = Image.new("L", source.size, 128)
        picture = Image.merge("LAB", (source, flat, flat))
    elif mode in ("La", "RGBa", "PA"):
        picture = source.convert({"La": "LA", "RGBa": "RGBA", "PA": "P"}[mode]).convert(mode)
    else:
        picture = source.convert("RGB").convert(mode) if mode in ("P", "CMYK", "HSV", "RGBX") else source.convert(mode)
    assert picture.mode == mode
    np.testing.assert_allclose(grey_picture(picture, "It").astype(int), plain, atol=1)


@pytest.mark.parametrize("mode", ["I;16", "I;16B", "I", "F"])
def test_deep_modes_are_scaled_and_not_clipped(mode: str) -> None:
    deep = PIXELS.astype(np.uint16) * 257
    samples = {"I;16": deep.astype("<u2"), "I;16B": deep.astype(">u2"), "I": deep.astype(np.int32)}.get(
        mode, (PIXELS / 255).astype(np.float32)
    )
    picture = Image.frombytes(mode, (40, 24), samples.tobytes())
    np.testing.assert_array_equal(grey_picture(picture, "It"), PIXELS)


@pytest.mark.parametrize("kind", ["PNG", "TIFF"])
def test_16_bit_files_are_scaled_and_not_clipped(kind: str) -> None:
    picture = Image.fromarray(PIXELS.astype(np.uint16) * 257)
    np.testing.assert_array_equal(decode(encode(picture, kind)), PIXELS)


def test_cmyk_jpegs_are_not_inverted() -> None:
    data = encode(Image.fromarray(PIXELS).convert("RGB").convert("CMYK"), "JPEG", quality=100)
    np.testing.assert_allclose(decode(data).astype(int), PIXELS, atol=4)


@pytest.mark.parametrize("mode", ["L", "RGB", "P"])
def test_a_colour_named_transparent_becomes_paper(mode: str) -> None:
    picture = Image.fromarray(np.where(PIXELS < 200, 10, 90).astype(np.uint8)).convert(mode)
    if mode == "P":
        key: object = picture.getpixel((0, 0))
    else:
        key = 90 if mode == "L" else (90, 90, 90)
    found = decode(encode(picture, "PNG", transparency=key))
    assert found[0, 0] == 255
    assert found[4, 4] == 10


@pytest.mark.parametrize("ink", ["black", "white", "red", "yellow"])
@pytest.mark.parametrize("kind", ["PNG", "WEBP", "TIFF", "GIF"])
def test_a_shape_drawn_on_transparency_survives(ink: str, kind: str) -> None:
    drawn = PIXELS < 200
    picture = Image.new("RGBA", (40, 24), ink)
    picture.putalpha(Image.fromarray(np.where(drawn, 255, 0).astype(np.uint8)))
    found = decode(encode(picture, kind, lossless=True)).astype(int)
    assert abs(found[drawn].mean() - found[~drawn].mean()) > 100
    assert found[drawn].std() == found[~drawn].std() == 0


@pytest.mark.parametrize("orientation", range(1, 9))
@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "TIFF"])
def test_pictures_are_turned_upright(orientation: int, kind: str) -> None:
    picture = Image.fromarray(np.ascontiguousarray(STORED[orientation]))
    exif = Image.Exif()
    exif[0x0112] = orientation
    found = decode(encode(picture, kind, exif=exif, quality=100, lossless=True))
    assert found.shape == PIXELS.shape
    np.testing.assert_allclose(found.astype(int), PIXELS, atol=3)


@pytest.mark.parametrize(
    "damage", [b"", b"Exif\0\0", b"Exif\0\0II*\0\xff\xff\xff\x7f", b"Exif\0\0II*\0\x08\0\0\0\xff\xff\x12"]
)
def test_a_corrupt_exif_block_is_passed_over_in_silence(damage: bytes) -> None:
    found = decode(encode(Image.fromarray(PIXELS), "JPEG", quality=100, exif=damage))
    np.testing.assert_allclose(found.astype(int), PIXELS, atol=3)


@pytest.mark.parametrize("kind", ["GIF", "PNG", "WEBP", "TIFF"])
def test_of_moving_pictures_the_first_frame_is_used_and_all_are_counted(kind: str) -> None:
    frames = [Image.fromarray(np.full_like(PIXELS, level)) for level in (0, 80, 160)]
    picture = open_picture(encode(frames[0], kind, save_all=True, append_images=frames[1:]), "It")
    assert grey_picture(picture, "It").max() == 0
    assert count_frames(picture) == 3


def test_a_still_picture_has_one_frame() -> None:
    assert count_frames(open_picture(encode(Image.fromarray(PIXELS), "BMP"), "It")) == 1


@pytest.mark.parametrize("kind", ["PNG", "GIF", "BMP", "PPM", "WEBP", "JPEG", "TIFF"])
@pytest.mark.parametrize("keep", [0.05, 0.3, 0.7])
def test_truncated_files_are_refused_in_one_sentence(kind: str, keep: float) -> None:
    rng = np.random.default_rng(0)
    data = encode(Image.fromarray(rng.integers(0, 256, (64, 64), np.uint8).astype(np.uint8)), kind)
    with pytest.raises(ImageError, match=r"^It is (truncated, corrupt or of an unusual kind|not an image)") as caught:
        decode(data[: max(12, int(len(data) * keep))])
    assert "\n" not in str(caught.value)
    assert "save it again" in str(caught.value)


def test_damaged_bytes_are_a_picture_or_an_image_error() -> None:
    rng = np.random.default_rng(1)
    for kind in ("PNG", "GIF", "BMP", "PPM", "WEBP", "JPEG", "TIFF"):
        data = encode(Image.fromarray(PIXELS), kind)
        for _ in range(30):
            damaged = bytearray(data)
            for at in rng.integers(2, len(data), 4):
                damaged[at] = rng.integers(0, 256)
            try:
                picture = open_picture(bytes(damaged), "It")
                if picture.width * picture.height < 10**6:
                    grey_picture(picture, "It")
            except ImageError as error:
                assert "\n" not in str(error)  # noqa: PT017


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"", r"^It is empty; PNG, JPEG, GIF, BMP, TIFF, WebP and PNM files are accepted\.$"),
        (b"hello", r"^It is not an image of a known format; PNG, JPEG"),
        (b"RIFF\0\0\0\0WAVEfmt ", r"^It is not an image of a known format"),
        (b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 10 10\n", r"^It is not an image of a known format"),
        (b"\0\0\0\x18ftypheic\0\0\0\0", r"^It is a HEIC, AVIF or video file; .* save it as JPEG or PNG\.$"),
    ],
)
def test_what_is_no_picture_is_refused(data: bytes, message: str) -> None:
    with pytest.raises(ImageError, match=message):
        open_picture(data, "It")


def test_opening_a_huge_picture_decodes_nothing_and_warns_of_nothing() -> None:
    def chunk(kind: bytes, body: bytes) -> bytes:
        return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))

    header = chunk(b"IHDR", struct.pack(">IIBBBBB", 20_000, 20_000, 8, 0, 0, 0, 0))
    data = b"\x89PNG\r\n\x1a\n" + header + chunk(b"IDAT", zlib.compress(b"")) + chunk(b"IEND", b"")
    assert open_picture(data, "It").size == (20_000, 20_000)  # PIL's Image.open would raise


def test_a_real_page_is_read(request: pytest.FixtureRequest) -> None:
    root: Path = request.getfixturevalue("mnist_root").parent / "pages"
    if not (root / "page_0.png").is_file():
        pytest.skip(f"{root} does not hold the photographed pages")
    found = decode((root / "page_0.png").read_bytes())
    assert found.ndim == 2
    assert found.std() > 5
