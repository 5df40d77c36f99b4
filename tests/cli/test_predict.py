import io
import json
import struct
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from PIL import Image

from inkwise.models.file import Card, write_model
from inkwise.recipes.load import resolve

Call = Callable[..., Any]

KEYS = ["image", "label", "confidence", "accepted", "reason", "probabilities"]


def chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def one_bit_png(height: int, width: int) -> bytes:
    """A whole white PNG of one bit a pixel, whatever its size."""
    packer = zlib.compressobj(1)
    row = b"\0" + b"\xff" * ((width + 7) // 8)
    pixels = b"".join(packer.compress(row) for _ in range(height)) + packer.flush()
    head = struct.pack(">IIBBBBB", width, height, 1, 0, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", pixels) + chunk(b"IEND", b"")


def test_a_digit_is_read(inkwise: Call, model: Path, seven: Path) -> None:
    done = inkwise("predict", seven, "--model", model)
    assert done.code == 0
    name, label, share, unit = done.out.split()
    assert (name, label, unit) == (str(seven), "7", "%")
    assert 50 < float(share.removeprefix(">")) <= 100
    assert done.err == ""


def test_what_is_no_digit_is_a_question_mark_with_the_reason(
    inkwise: Call, wary: Path, seven: Path, tmp_path: Path
) -> None:
    paper = Image.new("L", (60, 60), 255)
    paper.paste(0, (15, 15, 45, 45))
    paper.save(tmp_path / "blot.png")
    done = inkwise("predict", tmp_path / "blot.png", seven, "--model", wary)
    assert done.code == 0
    assert done.lines[0] == f"{tmp_path / 'blot.png'}  ?  (not a digit)"
    assert done.lines[1].startswith(f"{seven}  7  ")
    row = json.loads(inkwise("predict", tmp_path / "blot.png", "--model", wary, "--json").out)
    assert list(row) == KEYS
    assert (row["accepted"], row["reason"], len(row["probabilities"])) == (False, "not a digit", 10)
    assert row["confidence"] < 0.01


def test_json_has_one_object_a_line_with_exactly_the_agreed_keys(inkwise: Call, model: Path, seven: Path) -> None:
    done = inkwise("predict", seven, seven, "--model", model, "--json")
    assert done.code == 0
    assert done.err == ""
    rows = [json.loads(line) for line in done.lines]
    assert [list(row) for row in rows] == [KEYS] * 2
    assert rows[0] == rows[1]
    assert rows[0]["image"] == str(seven)
    assert rows[0]["label"] == "7"
    assert rows[0]["accepted"] is True
    assert rows[0]["reason"] is None
    assert rows[0]["confidence"] == max(rows[0]["probabilities"])
    assert len(rows[0]["probabilities"]) == 10


@pytest.mark.parametrize("where", ["before", "after"])
def test_flags_may_stand_before_and_after_the_images(inkwise: Call, run: Path, seven: Path, where: str) -> None:
    flags = ["--model", run, "--json"]
    done = inkwise("predict", *([*flags, seven] if where == "before" else [seven, *flags]))
    assert json.loads(done.out)["label"] == "7"


def kinds(path: Path) -> dict[str, Image.Image]:
    """Return the picture in many file formats and modes, by name."""
    picture = Image.open(path).convert("L")
    alpha = Image.merge("LA", (Image.new("L", picture.size, 0), picture.point(lambda level: 255 - level)))
    return {
        "16bit.png": Image.fromarray(np.asarray(picture).astype(np.uint16) * 257),
        "cmyk.jpg": picture.convert("RGB").convert("CMYK"),
        "palette.png": picture.convert("P"),
        "palette.gif": picture.convert("P"),
        "alpha.png": alpha,
        "colour-alpha.png": alpha.convert("RGBA"),
        "bits.png": picture.convert("1", dither=Image.Dither.NONE),
        "scan.tiff": picture,
        "photo.webp": picture.convert("RGB"),
        "small.bmp": picture.resize((40, 40)),
        "large.jpg": picture.resize((1200, 1200)),
        "light-on-dark.png": picture.point(lambda level: 255 - level),
    }


def test_every_kind_of_picture_is_read_alike(inkwise: Call, model: Path, seven: Path, tmp_path: Path) -> None:
    pictures = kinds(seven)
    for name, picture in pictures.items():
        picture.save(tmp_path / name)
    done = inkwise("predict", *(tmp_path / name for name in pictures), "--model", model, "--json")
    assert done.code == 0, done.err
    rows = [json.loads(line) for line in done.lines]
    assert {row["image"]: row["label"] for row in rows} == {str(tmp_path / name): "7" for name in pictures}
    assert all(row["accepted"] for row in rows)


def test_of_an_animated_picture_the_first_frame_counts(inkwise: Call, model: Path, seven: Path, tmp_path: Path) -> None:
    first = Image.open(seven).convert("L")
    others = [Image.new("L", first.size, level) for level in (0, 255)]
    first.save(tmp_path / "a.gif", save_all=True, append_images=others, duration=100)
    done = inkwise("predict", tmp_path / "a.gif", "--model", model)
    assert done.out.split()[1] == "7"


def test_without_ink_the_reason_stands_in_place_of_the_answer(inkwise: Call, model: Path, tmp_path: Path) -> None:
    for name, size in (("one.png", (1, 1)), ("blank.png", (60, 40))):
        Image.new("L", size, 255).save(tmp_path / name)
    paths = [tmp_path / "one.png", tmp_path / "blank.png"]
    done = inkwise("predict", *paths, "--model", model)
    assert done.code == 0
    assert done.lines == [f"{path}  ?  (no ink found)" for path in paths]
    row = json.loads(inkwise("predict", paths[0], "--model", model, "--json").out)
    assert row["accepted"] is False
    assert row["reason"] == "no ink found"


def bad_pictures(seven: Path) -> dict[str, tuple[bytes, str]]:
    whole = seven.read_bytes()
    empty = b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", struct.pack(">IIBBBBB", 0, 0, 8, 0, 0, 0, 0)) + chunk(b"IEND", b"")
    return {
        "truncated.png": (whole[: len(whole) // 2], "truncated.png is truncated, corrupt or of an unusual kind"),
        "empty.png": (b"", "empty.png is empty"),
        "nothing.png": (empty, "nothing.png"),
        "text.png": (b"no image at all", "text.png is not an image of a known format; PNG, JPEG"),
        "huge.png": (one_bit_png(20_000, 20_000), "huge.png has 20,000 x 20,000 pixels; at most 100,000,000 in all"),
    }


def test_a_bad_picture_is_one_sentence_that_names_it(inkwise: Call, model: Path, seven: Path, tmp_path: Path) -> None:
    for name, (content, sentence) in bad_pictures(seven).items():
        path = tmp_path / name
        path.write_bytes(content)
        done = inkwise("predict", path, "--model", model)
        assert (done.code, done.out) == (1, "")
        assert done.err.startswith(f"inkwise: {tmp_path}/")
        assert sentence in done.err
        assert done.err.count("\n") == 1


@pytest.mark.parametrize(
    ("name", "sentence"),
    [(".", ". is a folder, not an image; name the files in it."), ("no.png", "There is no file no.png")],
)
def test_a_folder_or_a_missing_file_is_told(inkwise: Call, model: Path, name: str, sentence: str) -> None:
    done = inkwise("predict", name, "--model", model)
    assert done.code == 1
    assert done.err.startswith(f"inkwise: {sentence}")


def test_one_bad_picture_among_good_ones_does_not_stop_the_others(inkwise: Call, model: Path, seven: Path) -> None:
    done = inkwise("predict", seven, "no.png", seven, "--model", model)
    assert done.code == 1
    assert [line.split()[1] for line in done.lines] == ["7", "7"]
    assert done.err == "inkwise: There is no file no.png; check the path.\n"


def test_json_reports_a_bad_picture_in_its_place_with_the_same_keys(inkwise: Call, model: Path, seven: Path) -> None:
    done = inkwise("predict", seven, "no.png", seven, "--model", model, "--json")
    assert done.code == 1
    rows = [json.loads(line) for line in done.lines]
    assert [list(row) for row in rows] == [KEYS] * 3
    assert [row["label"] for row in rows] == ["7", None, "7"]
    assert rows[1] == {
        "image": "no.png",
        "label": None,
        "confidence": None,
        "accepted": False,
        "reason": "There is no file no.png; check the path.",
        "probabilities": None,
    }
    assert done.err == "inkwise: There is no file no.png; check the path.\n"


def test_a_hyphen_reads_standard_input(inkwise: Call, model: Path, seven: Path) -> None:
    done = inkwise("predict", "-", "--model", model, "--json", stdin=seven.read_bytes())
    row = json.loads(done.out)
    assert (row["image"], row["label"]) == ("-", "7")


@pytest.mark.parametrize(
    ("stdin", "sentence"),
    [(b"", "Standard input is empty; pipe an image file into it."), (b"text", "is not an image of a known format")],
)
def test_standard_input_without_an_image_is_told(inkwise: Call, model: Path, stdin: bytes, sentence: str) -> None:
    done = inkwise("predict", "-", "--model", model, stdin=stdin)
    assert done.code == 1
    assert sentence in done.err


def test_without_images_it_is_wrong_use(inkwise: Call) -> None:
    done = inkwise("predict")
    assert done.code == 2
    assert done.err == "inkwise: No image was given; name one or more image files, or - for standard input.\n"


def test_a_misspelt_option_is_no_image(inkwise: Call, model: Path, seven: Path) -> None:
    done = inkwise("predict", seven, "--jsno", "--model", model)
    assert done.code == 2
    assert done.err == "inkwise: There is no option '--jsno'. Did you mean '--json'?\n"


def test_names_with_brackets_are_printed_as_they_are(inkwise: Call, model: Path, seven: Path, tmp_path: Path) -> None:
    path = tmp_path / "[bold] :smile: [red]x y[/red].png"  # two parts, and rich markup if read as such
    path.parent.mkdir()
    path.write_bytes(seven.read_bytes())
    missing = tmp_path / "[/nothing].png"
    done = inkwise("predict", path, missing, "--model", model)
    assert done.out.startswith(f"{path}  7  ")
    assert done.err == f"inkwise: There is no file {missing}; check the path.\n"


# Which model


def test_without_a_model_the_shipped_one_answers(inkwise: Call, run: Path, seven: Path, tmp_path: Path) -> None:
    (tmp_path / "work" / "runs").symlink_to(run.parent)
    done = inkwise("predict", seven, "--json")
    assert json.loads(done.out)["label"] == "7"
    assert done.err == ""
    assert done.out == inkwise("predict", seven, "--model", "inkwise", "--json").out
    assert done.out != inkwise("predict", seven, "--model", run, "--json").out


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"", "is empty; copy or train the model again."),
        (b"\x89PNG\r\n\x1a\n1234567", "is not a model file (15 bytes)"),
        (None, "There is no model file or run folder"),
    ],
)
def test_a_bad_model_is_told(inkwise: Call, seven: Path, tmp_path: Path, content: bytes | None, sentence: str) -> None:
    path = tmp_path / "m.safetensors"
    if content is not None:
        path.write_bytes(content)
    done = inkwise("predict", seven, "--model", path)
    assert done.code == 1
    assert sentence in done.err
    assert done.err.count("\n") == 1


def test_a_pickle_is_not_opened(inkwise: Call, seven: Path, tmp_path: Path) -> None:
    torch.save({"weights": torch.zeros(2)}, tmp_path / "m.pt")
    done = inkwise("predict", seven, "--model", tmp_path / "m.pt")
    assert done.code == 1
    assert "Pickled weights (.pt, .pth) are never opened." in done.err


def test_a_yes_or_no_model_answers_in_its_own_words(inkwise: Call, seven: Path, tmp_path: Path) -> None:
    path = tmp_path / "never.safetensors"
    card = Card(recipe=resolve("matched-filter").model_dump(mode="json"), classes=("not 3", "3"), threshold=0.75)
    write_model(path, {"conv1.weight": torch.zeros(1, 1, 28, 28)}, card)
    row = json.loads(inkwise("predict", seven, "--model", path, "--json").out)
    assert (row["label"], row["confidence"], row["probabilities"]) == ("not 3", 0.5, [0.5, 0.5])
    assert inkwise("predict", seven, "--model", path).out == f"{seven}  not 3  50 %\n"


def test_an_image_cut_short_anywhere_never_leaks_another_error(inkwise: Call, model: Path, seven: Path) -> None:
    whole = seven.read_bytes()
    for length in (1, 7, 8, 20, 33, 60, len(whole) - 13, len(whole) - 1):
        done = inkwise("predict", "-", "--model", model, stdin=io.BytesIO(whole[:length]).read())
        assert "Unexpected" not in done.err
