"""The guide in a real browser: nothing from outside, formulas with their font, pictures, on a phone and a desk."""

import subprocess
import sys
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page

pytestmark = pytest.mark.browser

DOCS = Path(__file__).parent.parent.parent / "docs"
PAGES = ["index", *sorted(path.stem for path in (DOCS / "guide").glob("[0-9]*.md")), "answers"]


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """All pages, built as `make docs` does."""
    folder = tmp_path_factory.mktemp("site") / "html"
    command: list[str | Path] = [sys.executable, "-m", "sphinx", "-W", "-q", "-b", "html", DOCS, folder]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=240)
    assert done.returncode == 0, done.stderr
    return folder


def watch(page: Page) -> tuple[list[str], list[str]]:
    """Return what the page will ask for and what will go wrong, as it happens."""
    asked: list[str] = []
    faults: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.on("requestfailed", lambda request: faults.append(request.url))
    page.on("console", lambda message: faults.append(message.text))
    page.on("pageerror", lambda error: faults.append(str(error)))
    return asked, faults


@pytest.mark.parametrize("name", PAGES)
def test_a_chapter_is_whole_without_a_network(browser: Browser, site: Path, name: str) -> None:
    page = browser.new_page(viewport={"width": 1280, "height": 900}, color_scheme="dark")
    asked, faults = watch(page)
    page.goto((site / "guide" / f"{name}.html").as_uri())
    page.evaluate("document.fonts.ready")
    # Pictures load when they come into view.
    page.evaluate("[...document.images].forEach(image => { image.loading = 'eager' })")
    page.wait_for_load_state("networkidle")
    assert [url for url in asked if not url.startswith(("file:", "data:"))] == []
    assert faults == []
    for width in (1280, 390):  # a desk and a phone
        page.set_viewport_size({"width": width, "height": 900})
        assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth"), width
    assert page.evaluate("[...document.images].filter(i => !i.naturalWidth).length") == 0
    sizes = page.evaluate(
        "[...document.querySelectorAll('math')].map(m => m.getBoundingClientRect()).map(r => [r.width, r.height])"
    )
    assert all(wide > 4 and high > 6 for wide, high in sizes)
    if sizes:
        assert page.evaluate("[...document.fonts].some(f => f.family.includes('STIX') && f.status === 'loaded')")
    page.close()


@pytest.mark.parametrize("name", ["cli", "api/convolution", "api/explain"])
def test_a_reference_is_read_on_a_desk_without_scrolling_sideways(browser: Browser, site: Path, name: str) -> None:
    page = browser.new_page(viewport={"width": 1280, "height": 900})
    page.goto((site / f"{name}.html").as_uri())
    cut = "[...document.querySelectorAll('pre')].filter(block => block.scrollWidth > block.clientWidth + 1).length"
    assert page.evaluate("document.querySelectorAll('pre').length") > 2
    assert page.evaluate(cut) == 0
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
    page.close()


def test_words_are_found_without_a_network(browser: Browser, site: Path) -> None:
    page = browser.new_page()
    asked, faults = watch(page)
    page.goto(f"{(site / 'search.html').as_uri()}?q=dilation")
    page.wait_for_selector("#search-results li")
    assert "5. Stride, padding and size" in page.inner_text("#search-results")
    assert [url for url in asked if not url.startswith(("file:", "data:"))] == []
    assert faults == []
    page.close()
