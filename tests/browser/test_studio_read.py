"""The view Read in a real browser: a page is given and read, its numbers are put right and taken away as files."""

import csv
import io
import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page
from tests.studio_pages import keep, opened
from tests.studio_server import Served, serving
from tests.studio_sheets import bare, sheet

from inkwise.experiment.experiment import train
from inkwise.reading.reader import read_pages
from inkwise.recipes.load import resolve

pytestmark = pytest.mark.browser

MODEL = "#/read?model=run:digits"
ROWS = ("30 71", "902 45")


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    runs = tmp_path_factory.mktemp("studio") / "runs"
    train(resolve("small-cnn", {"dataset": "uci-digits", "epochs": "12"}), out=runs / "digits")
    with serving(runs) as studio:
        studio.library.get("run:digits")
        yield studio


def choose(page: Page, data: bytes, name: str = "page.png") -> None:
    """Choose a file as a person does."""
    page.set_input_files("input[type=file] >> nth=0", {"name": name, "mimeType": "image/png", "buffer": data})


def text(page: Page) -> list[str]:
    return [each.replace("\xa0", " ") for each in page.locator(".lines .text").all_inner_texts()]


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("width", [390, 1600])
def test_a_page_is_read_at_both_widths_in_both_themes(browser: Browser, served: Served, width: int, theme: str) -> None:
    viewport = {"width": width, "height": 900 if width > 800 else 844}
    with opened(browser, served.url, MODEL, viewport=viewport, color_scheme=theme) as page:
        page.wait_for_selector(".invitation")
        keep(page, f"read-empty-{width}-{theme}")
        choose(page, sheet(*ROWS))
        page.wait_for_selector(".switch button:nth-child(5)")
        expected = next(read_pages(sheet(*ROWS), served.library.get("run:digits")))
        assert text(page) == [line.text for line in expected.lines]
        page.locator("[data-place='2']").click()
        page.wait_for_selector("digit-card canvas")
        page.wait_for_timeout(300)
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
        keep(page, f"read-{width}-{theme}")


def test_a_digit_is_put_right_by_keyboard_and_the_files_have_it(browser: Browser, served: Served) -> None:
    with opened(browser, served.url, MODEL) as page:
        choose(page, sheet(*ROWS))
        page.wait_for_selector(".files button:enabled")
        before = text(page)
        page.focus("[data-place='0']")
        page.keyboard.press("ArrowRight")
        page.keyboard.press("7")
        changed = f"{before[0][0]}7{before[0][2:]}"
        page.wait_for_function("text => document.querySelector('.lines .text').textContent === text", arg=changed)
        assert page.locator("g.fixed").count() == 1
        with page.expect_download() as download:
            page.click(".files >> text=CSV")
        rows = list(csv.DictReader(io.StringIO(Path(download.value.path()).read_text())))
        assert " ".join(row["text"] for row in rows if row["line"] == "1") == changed
        with page.expect_download() as download:
            page.click(".files >> text=JSON")
        assert download.value.suggested_filename == "page.json"
        assert json.loads(Path(download.value.path()).read_text())["lines"][0]["text"] == changed
        page.keyboard.press("Tab")
        page.focus("[data-place='1']")
        page.keyboard.press("Backspace")
        page.wait_for_function("text => document.querySelector('.lines .text').textContent === text", arg=before[0])


def test_a_page_is_dropped_and_every_stage_is_shown(browser: Browser, served: Served) -> None:
    with opened(browser, served.url, MODEL) as page:
        page.wait_for_selector(".invitation")
        page.evaluate(
            """bytes => {
                const data = new DataTransfer();
                data.items.add(new File([new Uint8Array(bytes)], "dropped.png", { type: "image/png" }));
                const event = { dataTransfer: data, bubbles: true, cancelable: true };
                document.querySelector(".invitation").dispatchEvent(new DragEvent("drop", event));
            }""",
            list(sheet(*ROWS)),
        )
        page.wait_for_selector(".switch button:nth-child(5)")
        sources = set()
        for name in ("Page", "Light", "Ink", "Pieces", "Lines"):
            page.click(f".switch >> text={name}")
            page.wait_for_selector(f".switch [aria-pressed=true] >> text={name}")
            page.wait_for_timeout(50)
            sources.add(page.get_attribute("page-sheet img", "src"))
            if name in {"Light", "Lines"}:
                keep(page, f"read-stage-{name.lower()}")
        assert len(sources) == 5
        assert "stage=lines" in page.url
        page.uncheck("text=Frames")
        assert not page.locator("g[data-place]").first.is_visible()


def test_a_page_without_digits_and_a_file_that_is_no_picture_say_so(browser: Browser, served: Served) -> None:
    with opened(browser, served.url, MODEL) as page:
        choose(page, bare())
        page.wait_for_selector("text=No ink found.")
        keep(page, "read-nothing")
        choose(page, b"no picture at all")
        page.wait_for_selector(".fault")
        assert "is not an image of a known format" in page.inner_text(".fault")
        choose(page, sheet(*ROWS))
        page.wait_for_selector(".lines")
        assert page.locator(".fault").count() == 0
