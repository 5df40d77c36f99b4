"""A view of the Studio: what the page needs to list it, and its routes."""

from dataclasses import dataclass

from fastapi import APIRouter


@dataclass(frozen=True)
class View:
    """One view.

    Attributes:
        name: Its word in the address, `#/draw`, and the name of its files, `static/views/draw.js` and `draw.css`.
        title: What the list calls it.
        text: What can be done there, in a few words.
        icon: The path of its picture, as SVG in a square of 24; drawn as a line.
        router: Its routes, below /api/NAME.
    """

    name: str
    title: str
    text: str
    icon: str
    router: APIRouter

    def to_dict(self) -> dict[str, str]:
        """Return what the page needs."""
        return {"name": self.name, "title": self.title, "text": self.text, "icon": self.icon}
