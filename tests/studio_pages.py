"""Opening the Studio's page in a browser, watching it, and drawing on it as a hand would."""

import math
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, Page

SCREENSHOTS = Path(__file__).parent.parent / "build" / "studio"  # kept, to be looked at; not part of the project

Point = tuple[float, float]
Strokes = Sequence[Sequence[Point]]


def _arc(x: float, y: float, wide: float, high: float, start: float, end: float) -> list[Point]:
    """Points of an ellipse about (x, y) from one angle to another, in degrees, clockwise from the right."""
    steps = 24
    angles = [math.radians(start + (end - start) * step / steps) for step in range(steps + 1)]
    return [(x + wide * math.cos(angle), y + high * math.sin(angle)) for angle in angles]


# Digits as a hand may write them, from 0 to 1 across the paper and down.
DIGITS: dict[str, Strokes] = {
    "0": [_arc(0.5, 0.5, 0.2, 0.32, -90, 275)],
    "1": [[(0.42, 0.3), (0.53, 0.17), (0.51, 0.84)]],
    "3": [[*_arc(0.48, 0.33, 0.2, 0.17, -150, 90), *_arc(0.48, 0.67, 0.23, 0.18, -90, 150)]],
    "7": [[(0.28, 0.2), (0.5, 0.205), (0.72, 0.2), (0.6, 0.42), (0.5, 0.62), (0.44, 0.84)]],
    "9": [[*_arc(0.48, 0.36, 0.17, 0.17, 0, -360), (0.64, 0.5), (0.6, 0.84)]],
}


class Watched:
    """What a page asked for and what went wrong on it."""

    def __init__(self, page: Page, home: str) -> None:
        self.asked: list[str] = []
        self.faults: list[str] = []
        self.home = home
        page.on("request", lambda request: self.asked.append(request.url))
        page.on("console", lambda message: self.faults.append(message.text))
        page.on("pageerror", lambda error: self.faults.append(str(error)))

    @property
    def elsewhere(self) -> list[str]:
        """The requests that went to another host than the page's own."""
        return [url for url in self.asked if not url.startswith((f"{self.home}/", "data:", "blob:"))]

    def check(self) -> None:
        """Fail unless all is well."""
        assert self.elsewhere == []
        assert self.faults == []


@contextmanager
def opened(browser: Browser, home: str, address: str = "#/draw", **settings: Any) -> Iterator[Page]:
    """Open the page in a context of its own; afterwards nothing may have gone elsewhere or wrong."""
    settings = {"viewport": {"width": 1280, "height": 900}, **settings}
    context = browser.new_context(**settings)
    page = context.new_page()
    page.set_default_timeout(120_000)
    watched = Watched(page, home)
    try:
        page.goto(f"{home}/{address}")
        page.wait_for_selector("drawing-pad canvas, main > *")
        yield page
        watched.check()
    finally:
        context.close()


def draw(page: Page, digit: str, *, steps: int = 3) -> None:
    """Draw a digit with the mouse."""
    paper = page.locator("drawing-pad canvas")
    paper.scroll_into_view_if_needed()
    box = paper.bounding_box()
    assert box is not None
    for stroke in DIGITS[digit]:
        places = [(box["x"] + x * box["width"], box["y"] + y * box["height"]) for x, y in stroke]
        page.mouse.move(*places[0])
        page.mouse.down()
        for place in places[1:]:
            page.mouse.move(*place, steps=steps)
        page.mouse.up()


def read(page: Page, text: str) -> None:
    """Wait until the answer says this."""
    page.wait_for_function(
        "text => document.querySelector('answer-card .verdict strong')?.textContent.trim() === text", arg=text
    )


def keep(page: Page, name: str) -> None:
    """Keep a screenshot of the whole page."""
    SCREENSHOTS.mkdir(parents=True, exist_ok=True)
    page.mouse.move(0, 0)
    page.screenshot(path=SCREENSHOTS / f"{name}.png", full_page=True)
