"""Pictures that are not one digit: the same for a seed whatever else is drawn, in MNIST's form, of every family."""

import numpy as np
import pytest

from inkwise.data.load import load
from inkwise.errors import DataError
from inkwise.synthesis import glyphs, letters, mixtures
from inkwise.synthesis.negatives import (
    FAMILIES,
    HELD_OUT,
    NOT_A_DIGIT,
    TWO_DIGITS,
    draw_held_out,
    draw_negative,
    draw_negatives,
)
from inkwise.synthesis.noise import generator

IN_FORM = ("printed letters", "written letters", "printed signs", "written signs", "scribbles", "three digits")


@pytest.fixture(scope="module")
def digits() -> np.ndarray:
    return load("uci-digits").split("train").images[:60].numpy()


@pytest.fixture(scope="module")
def drawn(digits: np.ndarray) -> tuple[np.ndarray, np.ndarray, tuple[str, ...]]:
    return draw_negatives(digits, 400, 3)


def box(image: np.ndarray) -> tuple[int, int]:
    rows, columns = np.flatnonzero(image.any(1)), np.flatnonzero(image.any(0))
    return int(rows[-1] - rows[0]) + 1, int(columns[-1] - columns[0]) + 1


def test_the_same_seed_draws_the_same_and_another_others(
    digits: np.ndarray, drawn: tuple[np.ndarray, np.ndarray, tuple[str, ...]]
) -> None:
    images, kinds, names = draw_negatives(digits, 40, 3)
    assert np.array_equal(images, drawn[0][:40])
    assert np.array_equal(kinds, drawn[1][:40])
    assert names == drawn[2][:40]
    assert not np.array_equal(images, draw_negatives(digits, 40, 4)[0])


def test_each_picture_can_be_drawn_alone_in_any_order(
    digits: np.ndarray, drawn: tuple[np.ndarray, np.ndarray, tuple[str, ...]]
) -> None:
    for index in (37, 5, 211):
        image, name = draw_negative(digits, 3, index)
        assert np.array_equal(image, drawn[0][index, 0])
        assert name == drawn[2][index]


def test_every_family_occurs_and_kinds_follow_from_names(drawn: tuple[np.ndarray, np.ndarray, tuple[str, ...]]) -> None:
    images, kinds, names = drawn
    assert images.shape == (400, 1, 28, 28)
    assert images.dtype == np.uint8
    assert kinds.dtype == np.int64
    assert set(names) == set(FAMILIES)
    assert [FAMILIES[name] for name in names] == kinds.tolist()
    assert {name for name, kind in FAMILIES.items() if kind == TWO_DIGITS} == {"two digits", "three digits"}
    assert 0.1 < (kinds == TWO_DIGITS).mean() < 0.3


def test_what_is_written_has_mnists_form(drawn: tuple[np.ndarray, np.ndarray, tuple[str, ...]]) -> None:
    chosen = [image[0] for image, name in zip(drawn[0], drawn[2], strict=True) if name in IN_FORM]
    assert len(chosen) > 150
    assert all(19 <= max(box(image)) <= 21 for image in chosen)
    assert all(image.max() > 200 for image in chosen)


def test_held_out_families_are_others_and_depend_on_the_seed_alone() -> None:
    images, kinds, names = draw_held_out(60, 1)
    assert set(names) == set(HELD_OUT)
    assert not set(HELD_OUT) & set(FAMILIES)
    assert set(kinds.tolist()) == {NOT_A_DIGIT}
    assert np.array_equal(images[:9], draw_held_out(9, 1)[0])
    assert images.reshape(60, -1).any(axis=1).all()


def test_no_letter_or_sign_is_like_a_digit() -> None:
    assert not glyphs.LIKE_DIGITS & set(glyphs.LETTERS + glyphs.SIGNS)
    assert not glyphs.LIKE_DIGITS & set(letters.LETTERS)
    held_out = set(glyphs.GREEK + glyphs.CYRILLIC + glyphs.PICTOGRAMS)
    assert not held_out & set(glyphs.LETTERS + glyphs.SIGNS)
    assert not held_out & set("βγδθΘοΟΦφσζιЗзЭэЧчБбОоФфУуЪъЫыЬь0123456789")  # noqa: RUF001 - these letters are meant


def test_every_character_is_in_the_fonts_it_is_drawn_with() -> None:
    from matplotlib.ft2font import FT2Font

    from inkwise.synthesis.print import font_path

    sets = (
        (glyphs.LETTERS, glyphs.TEXT),
        (glyphs.SIGNS + glyphs.PICTOGRAMS, (glyphs.MATHS,)),
        (glyphs.GREEK + glyphs.CYRILLIC, glyphs.ABROAD),
    )
    for characters, faces in sets:
        for face in filter(None, faces):
            known = FT2Font(str(font_path(face))).get_charmap()
            assert [c for c in characters if ord(c) not in known] == []


def test_three_digits_are_wider_than_high_and_pieces_little_of_one_at_the_edge(digits: np.ndarray) -> None:
    bars = np.zeros((1, 28, 28), np.uint8)
    bars[0, 4:24, 9:19] = 255  # a block 10 wide and 20 high
    wide = [mixtures.three_digits(bars, generator("test", index)) for index in range(20)]
    assert np.mean([box(image)[1] > box(image)[0] for image in wide]) > 0.7  # but for the narrowest writing
    chance = generator("pieces", 0)
    least = min(int(digit.sum()) for digit in digits[:, 0])
    pieces = [mixtures.piece(digits[:, 0], chance) for _ in range(40)]
    assert all(image[0].any() or image[-1].any() or image[:, 0].any() or image[:, -1].any() for image in pieces)
    assert np.median([int(image.sum()) for image in pieces]) < 0.5 * least


def test_digits_of_ones_alone_give_pieces_and_pairs() -> None:
    one = np.zeros((1, 1, 28, 28), np.uint8)
    one[0, 0, 4:24, 13:15] = 255
    images, kinds, _ = draw_negatives(one, 60, 0)
    assert images[kinds == TWO_DIGITS].reshape(int((kinds == TWO_DIGITS).sum()), -1).any(axis=1).all()


def test_digits_of_another_form_are_refused() -> None:
    with pytest.raises(DataError, match=r"digits that are uint8 of shape \(2, 28, 28\); give uint8 of shape"):
        draw_negatives(np.zeros((2, 28, 28), np.uint8), 3, 0)
    with pytest.raises(DataError, match=r"None of the 2 digits .* has ink; give at least one"):
        draw_negatives(np.zeros((2, 1, 28, 28), np.uint8), 3, 0)
