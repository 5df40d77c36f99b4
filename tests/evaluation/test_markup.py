from hypothesis import given
from hypothesis import strategies as st

from inkwise.evaluation.markup import Html, data_uri, join, picture, table, tag


@given(st.text())
def test_no_text_becomes_markup(text: str) -> None:
    for written in (tag("p", text), tag("p", title=text), table(["a"], [[text]])):
        plain = written
        for known in ("p", "table", "thead", "tbody", "tr", "th", "td", "div"):
            plain = Html(plain.replace(f"</{known}>", "").replace(f"<{known}", ""))
        assert "<" not in plain


def test_text_is_escaped_and_markup_is_not() -> None:
    assert tag("p", "a < b & c", tag("b", "d")) == "<p>a &lt; b &amp; c<b>d</b></p>"
    assert join(["<", Html("<br>"), None]) == "&lt;<br>"


def test_attributes_are_escaped_and_renamed() -> None:
    assert tag("img", alt='"', class_="x", data_n=3, hidden=True, id=None) == (
        '<img alt="&quot;" class="x" data-n="3" hidden>'
    )


def test_a_percent_sign_stays_with_its_figure() -> None:
    assert tag("p", "97 % right") == "<p>97&nbsp;% right</p>"


def test_the_last_columns_hold_numbers() -> None:
    written = table(["name", "n"], [["a", 1]], numbers=1)
    assert '<th class="number">n</th>' in written
    assert '<th>a</th><td class="number">1</td>' in written


def test_a_picture_follows_the_readers_theme() -> None:
    written = picture(b"light", b"dark", "a curve")
    assert f'srcset="{data_uri(b"dark")}" media="screen and (prefers-color-scheme: dark)"' in written
    assert f'<img src="{data_uri(b"light")}" alt="a curve"' in written
