"""Pictures of every kind, good and bad, as files on the command line."""

import csv
import io
import json
import os
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image
from tests.pictures import bomb, cut_short, turned_by_exif
from tests.reading_cases import write_lines

Call = Callable[..., Any]
PAGE = Image.fromarray(write_lines("27  35", "4"))
LOSSY = ("print.jpg", "fax.tiff", "bits.png")


@pytest.fixture
def page(tmp_path: Path) -> Path:
    PAGE.save(tmp_path / "page.png")
    return tmp_path / "page.png"


def rows(done: Any) -> list[dict[str, Any]]:
    return [json.loads(line) for line in done.lines]


def texts(row: dict[str, Any]) -> list[str]:
    return [line["text"] for line in row["lines"]]


# What can be read


def kinds() -> dict[str, tuple[Image.Image, dict[str, Any]]]:
    """Return the page in many formats and modes, with the settings to save it with."""
    ink = Image.new("L", PAGE.size, 0)
    alpha = PAGE.point(lambda level: 255 - level)
    white = Image.merge("LA", (Image.new("L", PAGE.size, 255), alpha))
    bits = PAGE.convert("1", dither=Image.Dither.NONE)
    blank = Image.new("L", PAGE.size, 255)
    return {
        "16bit.png": (Image.fromarray(np.asarray(PAGE).astype(np.uint16) * 257), {}),
        "16bit.tiff": (Image.fromarray(np.asarray(PAGE).astype(np.uint16) * 16), {}),  # 12 bits in 16
        "palette.png": (PAGE.convert("P"), {}),
        "colours.gif": (PAGE.convert("RGB").quantize(16), {}),
        "print.jpg": (PAGE.convert("RGB").convert("CMYK"), {"quality": 100}),
        "print.tiff": (PAGE.convert("RGB").convert("CMYK"), {"compression": "tiff_lzw"}),
        "fax.tiff": (bits, {"compression": "group4"}),
        "bits.png": (bits, {}),
        "moving.gif": (PAGE, {"save_all": True, "append_images": [blank, blank], "duration": 50}),
        "moving.webp": (PAGE, {"save_all": True, "append_images": [blank], "lossless": True}),
        "still.webp": (PAGE.convert("RGB"), {"lossless": True}),
        "black-on-nothing.png": (Image.merge("LA", (ink, alpha)), {}),
        "white-on-nothing.png": (white, {}),
        "white-on-nothing.webp": (white.convert("RGBA"), {"lossless": True}),
        "light-on-dark.bmp": (PAGE.point(lambda level: 255 - level), {}),
        "plain.ppm": (PAGE.convert("RGB"), {}),
    }


def test_every_kind_of_picture_is_read_alike(inkwise: Call, model: Path, page: Path, tmp_path: Path) -> None:
    pictures = kinds()
    for name, (picture, settings) in pictures.items():
        picture.save(tmp_path / name, **settings)
    done = inkwise("read", page, *(tmp_path / name for name in pictures), "--model", model, "--json")
    assert (done.code, done.err) == (0, "")
    known, *others = rows(done)
    assert len(known["lines"]) == 2
    found = {Path(row["image"]).name: texts(row) for row in others}
    for name in LOSSY:  # their strokes are not quite the same
        assert list(map(len, found.pop(name))) == list(map(len, texts(known)))
    assert found == dict.fromkeys(found, texts(known))


@pytest.mark.parametrize("suffix", ["jpg", "png", "webp", "tiff"])
@pytest.mark.parametrize("orientation", [3, 6, 8])
def test_a_camera_held_aside_is_told_by_exif(
    inkwise: Call, model: Path, page: Path, tmp_path: Path, suffix: str, orientation: int
) -> None:
    turned_by_exif(PAGE, tmp_path / f"held.{suffix}", orientation)
    upright, held = rows(inkwise("read", page, tmp_path / f"held.{suffix}", "--model", model, "--json"))
    assert held["size"] == upright["size"]
    assert held["rotation"] == upright["rotation"]
    for a, b in zip(upright["lines"], held["lines"], strict=True):
        assert np.abs(np.array(a["box"]) - b["box"]).max() <= 2


def test_each_page_of_a_tiff_with_16_bits_is_read(inkwise: Call, model: Path, tmp_path: Path) -> None:
    pages = [write_lines(text, shape=(150, 200)) for text in ("2", "35", "470")]
    first, *others = [Image.fromarray(each.astype(np.uint16) * 257) for each in pages]
    first.save(tmp_path / "scan.tiff", save_all=True, append_images=others)
    done = inkwise("read", tmp_path / "scan.tiff", "--model", model, "--json")
    assert done.code == 0
    assert [(row["page"], [len(line["digits"]) for line in row["lines"]]) for row in rows(done)] == [
        (1, [1]),
        (2, [2]),
        (3, [3]),
    ]


def test_a_picture_of_30_megapixels_is_read_in_its_own_pixels(inkwise: Call, model: Path, tmp_path: Path) -> None:
    small = write_lines("27", shape=(200, 240))
    Image.fromarray(small).resize((6000, 5000)).save(tmp_path / "large.png", compress_level=1)
    (row,) = rows(inkwise("read", tmp_path / "large.png", "--model", model, "--json"))
    assert row["size"] == [6000, 5000]
    left, top, width, height = row["lines"][0]["box"]
    assert 25 * 20 < left < left + width < 25 * 130
    assert 25 * 30 < top < top + height < 25 * 110


@pytest.mark.parametrize("size", [(1, 1), (10, 1), (1, 10), (5, 2), (10, 10)])
def test_a_picture_of_ten_pixels_is_an_empty_page(
    inkwise: Call, model: Path, tmp_path: Path, size: tuple[int, int]
) -> None:
    noise = np.random.default_rng(0).integers(0, 256, size[::-1], np.uint8)
    Image.fromarray(noise).save(tmp_path / "tiny.png")
    done = inkwise("read", tmp_path / "tiny.png", "--model", model, "--json", "--overlay", tmp_path / "seen")
    assert done.code == 0
    assert rows(done)[0]["lines"] == []
    assert rows(done)[0]["reason"]
    assert (tmp_path / "seen" / "tiny-read.png").is_file()


def test_names_may_have_blanks_and_signs_of_any_language(
    inkwise: Call, model: Path, page: Path, tmp_path: Path
) -> None:
    names = ["zwei Seiten.png", "größe 数字 ✎.png", "[bold]x[red].png", "=1+1.png"]
    if os.name == "posix":
        names.append(os.fsdecode(b"\xff.png"))  # no text at all
    for name in names:
        (tmp_path / name).write_bytes(page.read_bytes())
    paths = [tmp_path / name for name in names]
    done = inkwise("read", *paths, "--model", model, "--json", "--overlay", tmp_path / "seen")
    assert done.code == 0
    assert [row["image"] for row in rows(done)] == list(map(str, paths))
    assert sorted(path.name for path in (tmp_path / "seen").iterdir()) == sorted(
        name.replace(".png", "-read.png") for name in names
    )


def test_a_file_given_twice_is_read_twice(inkwise: Call, model: Path, page: Path, tmp_path: Path) -> None:
    done = inkwise("read", page, page, "--model", model, "--json", "--overlay", tmp_path)
    assert rows(done)[0] == rows(done)[1]
    assert page.read_bytes() == (tmp_path / "page.png").read_bytes()
    assert {path.name for path in tmp_path.glob("*.png")} == {"page.png", "page-read.png", "page-read-2.png"}


# What cannot


def bad() -> dict[str, tuple[bytes, str]]:
    """Return files that cannot be read, with what is said of them."""
    kept = {kind: io.BytesIO() for kind in ("png", "jpeg", "gif", "tiff", "webp")}
    for kind, file in kept.items():
        PAGE.convert("RGB").save(file, kind)
    corrupt = bytearray(kept["png"].getvalue())
    corrupt[len(corrupt) // 2] ^= 255
    truncated = "is truncated, corrupt or of an unusual kind"
    return {
        "corrupt.png": (bytes(corrupt), truncated),
        **{f"truncated.{kind}": (cut_short(file.getvalue()), truncated) for kind, file in kept.items()},
        "empty.png": (b"", "is empty; PNG, JPEG"),
        **{f"bomb.{kind}": (bomb(kind), "pixels; at most 100,000,000 in all are accepted") for kind in ("png", "tiff")},
        "document.pdf": (b"%PDF-1.7\n", "is a PDF file; PNG, JPEG, .* accepted: save its pages as pictures"),
        "photo.heic": (b"\0\0\0\x18ftypheic", "is a HEIC, AVIF or video file; PNG, JPEG"),
        "notes.txt": (b"27 35", "is not an image of a known format; PNG, JPEG"),
    }


def test_of_a_batch_the_good_are_read_and_each_other_is_told(
    inkwise: Call, model: Path, page: Path, tmp_path: Path
) -> None:
    files = bad()
    for name, (content, _) in files.items():
        (tmp_path / name).write_bytes(content)
    names = [*files, ".", "no.png"]
    images = [page, *(tmp_path / name if name in files else name for name in names), page]
    done = inkwise("read", *images, "--model", model, "--json", "--overlay", tmp_path / "seen")
    assert done.code == 1
    found = rows(done)
    assert [row["image"] for row in found] == list(map(str, images))
    assert texts(found[0]) == texts(found[-1]) != []
    sentences = [sentence for _, sentence in files.values()]
    sentences += ["is a folder, not an image; name the files in it", "There is no file no.png; check the path"]
    told = done.err.splitlines()
    assert len(told) == len(sentences)
    for row, line, sentence in zip(found[1:-1], told, sentences, strict=True):
        assert (row["lines"], row["size"], row["page"]) == ([], None, 1)
        assert line == f"inkwise: {row['reason']}"
        assert re.search(sentence, line)
    assert len(list((tmp_path / "seen").iterdir())) == 2


def test_a_table_has_a_row_for_what_could_not_be_read(inkwise: Call, model: Path, page: Path, tmp_path: Path) -> None:
    Image.new("L", (80, 60), 250).save(tmp_path / "blank.png")
    done = inkwise("read", "=no.png", tmp_path / "blank.png", page, "--model", model, "--csv")
    assert done.code == 1
    table = list(csv.DictReader(io.StringIO(done.out)))
    assert table[0]["image"] == "'=no.png"
    assert [row["reason"] for row in table[:2]] == ["There is no file =no.png; check the path.", "no ink found"]
    assert [row["text"] for row in table[:2]] == ["", ""]
    assert all(row["text"] and not row["reason"] for row in table[2:])


def test_pages_before_a_broken_one_are_read_and_it_is_told_which(inkwise: Call, model: Path, tmp_path: Path) -> None:
    path = tmp_path / "scan.tiff"
    PAGE.save(path, save_all=True, append_images=[PAGE.rotate(180)])
    whole = path.read_bytes()
    with Image.open(path) as scan:
        scan.seek(1)
        (start,) = scan.tag_v2[273]  # type: ignore[attr-defined]  # where the second page's pixels begin
    path.write_bytes(whole[: start + 100])
    done = inkwise("read", path, "--model", model, "--json")
    assert done.code == 1
    assert [(row["page"], row["size"] is not None) for row in rows(done)] == [(1, True), (2, False)]
    assert re.search(r"Page 2 of .*scan\.tiff is truncated", done.err)


def test_standard_input_may_be_empty_or_no_picture(inkwise: Call, model: Path) -> None:
    for content, sentence in ((b"", "Standard input is empty; pipe an image file"), (b"27", "is not an image of a")):
        done = inkwise("read", "-", "--model", model, stdin=content)
        assert (done.code, done.out) == (1, "")
        assert sentence in done.err


def test_a_drawing_of_an_empty_page_says_why_it_is_empty(inkwise: Call, model: Path, tmp_path: Path) -> None:
    Image.new("L", (400, 300), 250).save(tmp_path / "blank.png")
    inkwise("read", tmp_path / "blank.png", "--model", model, "--overlay", tmp_path / "seen")
    drawn = np.asarray(Image.open(tmp_path / "seen" / "blank-read.png"))
    assert drawn.shape == (300, 400, 3)
    assert (drawn != 250).any()
