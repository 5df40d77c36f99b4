import io

import numpy as np
import pytest
from PIL import Image

from inkwise.evaluation.canvas import DARK, LIGHT
from inkwise.explain.figure.page import FIELD, Page, coloured, fitted, number, text_width, wrapped


def pixels(png: bytes) -> np.ndarray:
    return np.asarray(Image.open(io.BytesIO(png)).convert("RGB")).astype(int)


def luminance(colour: str) -> float:
    channels = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    red, green, blue = (c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def test_a_picture_keeps_whole_dots_for_each_value() -> None:
    page = Page(LIGHT)
    picture = np.array([[[0, 0, 0], [255, 0, 0]], [[0, 255, 0], [0, 0, 255]]], dtype=np.uint8)
    page.picture(10, 20, picture, 7)
    drawn = pixels(page.png(60, 50))
    assert drawn.shape == (50, 60, 3)
    for row, column in np.ndindex(2, 2):
        square = drawn[20 + 7 * row : 27 + 7 * row, 10 + 7 * column : 17 + 7 * column]
        assert (square == picture[row, column]).all()
    assert (drawn[:20] == 255).all()
    assert (drawn[34:] == 255).all()


def test_a_frame_lies_just_outside() -> None:
    page = Page(DARK)
    page.frame(20, 15, 12, 8, "#ffffff", line=6)
    white = (pixels(page.png(60, 40)) == 255).all(axis=-1)
    assert white[9:29, 14:38].sum() == 20 * 24 - 8 * 12  # a band of six dots all round
    assert not white[15:23, 20:32].any()
    assert white.sum() == white[9:29, 14:38].sum()


def test_a_block_is_filled() -> None:
    page = Page(LIGHT)
    page.block(5, 6, 10, 4, "#000000")
    black = (pixels(page.png(30, 20)) == 0).all(axis=-1)
    assert black[6:10, 5:15].all()
    assert black.sum() == 40


def test_the_same_page_gives_the_same_bytes() -> None:
    def made() -> bytes:
        page = Page(LIGHT)
        page.text(10, 30, "$x$ and _y_")
        page.line((0, 50), (40, 10), FIELD)
        return page.png(120, 50)

    assert made() == made()


def test_text_is_as_wide_as_it_is_said_to_be() -> None:
    page, string = Page(LIGHT), "batchnorm1, 16 x 28 x 28"
    page.text(20, 40, string, size=10, bold=True)
    inked = np.nonzero((pixels(page.png(700, 60)) < 200).any(axis=(0, 2)))[0]
    assert inked.max() - 20 == pytest.approx(text_width(string, 10, bold=True), abs=8)


def test_dollars_are_no_mathematics() -> None:
    plain, dollars = text_width("a b", 10), text_width("$a$ b", 10)
    assert dollars > plain


def test_what_is_too_wide_is_cut() -> None:
    room = text_width("features.10.conv", 10)
    assert fitted("features.10.conv", 10, room + 1) == "features.10.conv"
    end, start = fitted("features.10.conv", 10, room / 2), fitted("features.10.conv", 10, room / 2, end=False)
    assert (end[0], end[-4:]) == ("\N{HORIZONTAL ELLIPSIS}", "conv")
    assert (start[-1], start[:4]) == ("\N{HORIZONTAL ELLIPSIS}", "feat")
    assert max(text_width(end, 10), text_width(start, 10)) <= room / 2


def test_long_text_is_broken_at_blanks_and_a_long_word_cut() -> None:
    room = text_width("one two three", 8.5) + 1
    lines = wrapped("one two three four five", 8.5, room)
    assert lines == ["one two three", "four five"]
    assert wrapped("", 8.5, room) == []
    (cut,) = wrapped("supercalifragilistic", 8.5, room)
    assert cut.endswith("listic")
    assert text_width(cut, 8.5) <= room


def test_zero_is_white_and_signs_have_their_colours() -> None:
    signed = coloured(np.array([[-2.0, 0.0, 2.0, 99.0]]), 2.0, signed=True).astype(int)[0]
    assert (signed[1] >= 246).all()
    assert signed[0, 2] > signed[0, 0] + 50  # blue
    assert signed[2, 0] > signed[2, 2] + 50  # red
    assert (signed[3] == signed[2]).all()
    ink = coloured(np.array([[0.0, 1.0, 2.0]]), 2.0, signed=False).astype(int)[0]
    assert ink[0].tolist() == [255, 255, 255]
    assert ink[2].tolist() == [0, 0, 0]
    assert ink[1, 0] == pytest.approx(128, abs=2)
    assert (coloured(np.zeros((1, 1)), 0.0, signed=False) == 255).all()


@pytest.mark.parametrize(
    ("value", "words"),
    [
        (0.0, "0"),
        (-0.0, "0"),
        (1.234, "1.23"),
        (-20.25, "\N{MINUS SIGN}20.25"),
        (1203.9, "1,204"),
        (0.00432, "0.0043"),
        (-0.0000012, "\N{MINUS SIGN}1e\N{MINUS SIGN}6"),
        (2.34e7, "2.3e7"),
    ],
)
def test_numbers_are_short(value: float, words: str) -> None:
    assert number(value) == words


@pytest.mark.parametrize("ground", [DARK.paper, "#ffffff", "#000000"])
def test_fields_stand_out_from_paper_and_ink(ground: str) -> None:
    low, high = sorted((luminance(FIELD), luminance(ground)))
    assert (high + 0.05) / (low + 0.05) > 3
