import io

import pytest
from PIL import Image

from inkwise.evaluation.canvas import DARK, DPI, LIGHT, Theme, inches, new_figure, plain_figure, png, theme


def luminance(colour: str) -> float:
    """Relative luminance as in WCAG 2."""
    channels = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    red, green, blue = (c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    low, high = sorted((luminance(one), luminance(other)))
    return (high + 0.05) / (low + 0.05)


@pytest.mark.parametrize("look", [LIGHT, DARK])
def test_text_and_lines_stand_out_from_the_paper(look: Theme) -> None:
    assert contrast(look.ink, look.paper) > 7
    assert contrast(look.muted, look.paper) > 4.5
    assert all(contrast(colour, look.paper) > 3 for colour in look.series[:3])


def test_the_theme_follows_the_wish() -> None:
    assert theme(True) is DARK
    assert theme(False) is LIGHT


def test_figures_have_the_size_asked_for_and_the_papers_colour() -> None:
    for make in (new_figure, plain_figure):
        picture = Image.open(io.BytesIO(png(make(2.0, 1.0, DARK))))
        assert picture.size == (2 * DPI, DPI)
        assert picture.convert("RGB").getpixel((0, 0)) == (0x19, 0x1C, 0x20)


def test_axes_are_placed_in_inches() -> None:
    figure = plain_figure(4.0, 2.0, LIGHT)
    assert inches(figure, 1.0, 0.5, 2.0, 1.0).get_position().bounds == pytest.approx((0.25, 0.25, 0.5, 0.5))
