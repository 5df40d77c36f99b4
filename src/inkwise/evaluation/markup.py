"""HTML from parts, escaped by construction: text becomes markup only through here.

`tag("td", text)` escapes its text; only what is already `Html` goes in as it is. There is no way to pass a string
from a recipe, a class name or a file name into a page unescaped, other than by wrapping it in `Html` by hand.
"""

from base64 import b64encode
from collections.abc import Iterable, Sequence
from html import escape

VOID = frozenset({"br", "hr", "img", "source", "meta", "link"})


class Html(str):
    """A string that is markup already."""

    __slots__ = ()


def tag(name: str, *children: object, **attributes: object) -> Html:
    """Return an element.

    Args:
        name: Its tag.
        children: Text, which is escaped, or Html, which is not; None is left out.
        attributes: Escaped; a trailing underscore is dropped (class_), other underscores become hyphens. True gives
            an attribute without value; None and False give none.
    """
    written = "".join(_attribute(key, value) for key, value in attributes.items())
    if name in VOID:
        return Html(f"<{name}{written}>")
    return Html(f"<{name}{written}>{join(children)}</{name}>")


def join(children: Iterable[object]) -> Html:
    """Return children one after the other, escaped where they are not Html."""
    shown = (child for child in children if child is not None)
    return Html("".join(child if isinstance(child, Html) else _text(str(child)) for child in shown))


def table(head: Sequence[object], rows: Iterable[Sequence[object]], *, class_: str = "", numbers: int = 0) -> Html:
    """Return a table that scrolls sideways on its own where it is too wide.

    Args:
        head: Column titles.
        rows: Cells, escaped as in `tag`; the first of each row is its title.
        class_: Class of the table element.
        numbers: How many columns at the right hold numbers and are set flush right.
    """
    left = len(head) - numbers

    def cells(row: Sequence[object], names: tuple[str, str]) -> Html:
        return join(
            tag(names[0] if place == 0 else names[1], cell, class_="number" if place >= left else None)
            for place, cell in enumerate(row)
        )

    body = join(tag("tr", cells(row, ("th", "td"))) for row in rows)
    written = tag(
        "table", tag("thead", tag("tr", cells(head, ("th", "th")))), tag("tbody", body), class_=class_ or None
    )
    return tag("div", written, class_="scroll")


def data_uri(png: bytes) -> str:
    """Return a PNG as a data URI."""
    return f"data:image/png;base64,{b64encode(png).decode()}"


def picture(light: bytes, dark: bytes, alt: str) -> Html:
    """Return a PNG that follows the reader's light or dark preference; print is always light."""
    night = tag("source", srcset=data_uri(dark), media="screen and (prefers-color-scheme: dark)")
    return tag("picture", night, tag("img", src=data_uri(light), alt=alt))


def _text(words: str) -> str:
    return escape(words).replace(" %", "&nbsp;%")  # a percent sign never starts a line


def _attribute(key: str, value: object) -> str:
    if value is None or value is False:
        return ""
    name = key.rstrip("_").replace("_", "-")
    return f" {name}" if value is True else f' {name}="{escape(str(value))}"'
