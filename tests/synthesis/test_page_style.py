"""A style is drawn from a seed at a difficulty, and refuses what cannot be drawn."""

import pytest

from inkwise.errors import UsageError
from inkwise.synthesis.page_style import PageStyle, draw_style


def test_a_seed_and_a_difficulty_make_a_style() -> None:
    assert draw_style(3, 0.5) == draw_style(3, 0.5)
    assert draw_style(3, 0.5) != draw_style(4, 0.5)
    assert draw_style(3, 0.5) != draw_style(3, 1.0)


def test_the_easiest_pages_are_clean_and_upright() -> None:
    for seed in range(30):
        style = draw_style(seed, 0.0)
        assert (style.rotation, style.skew, style.paper, style.ruling, style.desk) == (0, 0.0, "white", "none", "none")
        assert style.gap > 0
        assert style.digit_height * min(style.width, style.height) >= 25.9


def test_the_hardest_pages_have_everything() -> None:
    styles = [draw_style(seed, 1.0) for seed in range(90)]
    assert {style.rotation for style in styles} == {0, 90, 180, 270}
    assert len({style.pen for style in styles}) == 7
    assert len({style.layout for style in styles}) == 7
    assert {style.shadow for style in styles} == {"none", "soft", "hard"}
    assert any(style.gap < 0 for style in styles)
    assert all(abs(style.skew) <= 5 for style in styles)


def test_what_cannot_be_drawn_is_refused() -> None:
    with pytest.raises(UsageError, match=r"There is no difficulty 1.5; it goes from 0 to 1."):
        draw_style(1, 1.5)
    with pytest.raises(UsageError, match=r"A page of 10 x 9000 pixels cannot be drawn; each side may have 64 to 8000."):
        PageStyle(width=10, height=9000)
    with pytest.raises(UsageError, match=r"A digit height of 0.9 cannot be drawn; it may be 0.01 to 0.6"):
        PageStyle(digit_height=0.9)
