"""The views Errors, Compare and Stress in a real browser: cells, images, two models, sliders."""

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser
from tests.studio_pages import keep, opened
from tests.studio_server import Served, serving

from inkwise.experiment.experiment import train
from inkwise.recipes.load import resolve

pytestmark = pytest.mark.browser

ERRORS = "#/errors?model=run:digits&data=uci-digits"
COMPARE = "#/compare?model=run:digits&other=run:weak&data=uci-digits&digit=uci-digits:17"
STRESS = "#/stress?model=run:digits&digit=uci-digits:17"


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    runs = tmp_path_factory.mktemp("studio") / "runs"
    train(resolve("small-cnn", {"dataset": "uci-digits", "epochs": "12"}), out=runs / "digits")
    train(resolve("small-cnn", {"dataset": "uci-digits", "epochs": "2"}), out=runs / "weak")
    with serving(runs) as studio:
        studio.library.get("run:digits")
        yield studio


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("width", [390, 1600])
@pytest.mark.parametrize(
    ("name", "address", "last"),
    [("errors", ERRORS, ".near li"), ("compare", COMPARE, ".gallery li"), ("stress", STRESS, "line-chart canvas")],
)
def test_each_view_is_whole_at_both_widths_in_both_themes(
    browser: Browser, served: Served, name: str, address: str, last: str, width: int, theme: str
) -> None:
    viewport = {"width": width, "height": 900 if width > 800 else 844}
    with opened(browser, served.url, address, viewport=viewport, color_scheme=theme) as page:
        page.wait_for_selector(last)
        page.wait_for_timeout(500)
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
        keep(page, f"{name}-{width}-{theme}")


def test_a_cell_shows_its_images_and_one_opens_in_network(browser: Browser, served: Served) -> None:
    with opened(browser, served.url, ERRORS) as page:
        page.wait_for_selector(".gallery li")
        page.focus("confusion-table button[tabindex='0']")
        page.keyboard.press("ArrowRight")
        page.keyboard.press("ArrowLeft")
        count = page.inner_text("confusion-table button:focus")
        page.keyboard.press("Enter")
        page.wait_for_function(
            "count => document.querySelector('#gallery').textContent.startsWith(`${count} of class 0, answered 0`)",
            arg=count,
        )
        assert "cell=0%2C0" in page.url
        page.locator(".gallery button").nth(1).click()
        page.wait_for_function("location.hash.includes('image=')")
        found = re.search(r"image=(\d+)", page.url)
        assert found is not None
        page.wait_for_function(
            "index => document.querySelector('image-study .about')?.textContent.includes(`Image ${index} of`)",
            arg=found[1],
        )
        page.click("image-study >> text=Open in Network")
        page.wait_for_selector("network-view .said strong")
        assert f"digit=uci-digits:{found[1]}" in page.url


def test_the_order_of_the_gallery_is_chosen(browser: Browser, served: Served) -> None:
    with opened(browser, served.url, ERRORS) as page:
        page.wait_for_selector(".gallery li")
        before = page.locator(".gallery button").first.get_attribute("aria-label")
        page.select_option(".controls select", "margin")
        page.wait_for_function(
            "before => document.querySelector('.gallery button').getAttribute('aria-label') !== before", arg=before
        )
        assert "by=margin" in page.url


def test_the_verdict_is_told_and_an_image_opens_in_errors(browser: Browser, served: Served) -> None:
    with opened(browser, served.url, COMPARE) as page:
        page.wait_for_selector(".tallied p")
        assert re.search(r"Exact McNemar p [=<] ", page.inner_text(".tallied p"))
        page.wait_for_function("document.querySelectorAll('answer-card .glyph').length === 2")
        page.locator(".gallery a").first.click()
        page.wait_for_selector("image-study .said")


def test_a_slider_changes_the_image_the_answer_and_the_address(browser: Browser, served: Served) -> None:
    with opened(browser, served.url, STRESS) as page:
        page.wait_for_selector("line-chart canvas")
        before = page.evaluate("document.querySelector('.result canvas').toDataURL()")
        page.focus("#strain-thickness")
        for _ in range(8):
            page.keyboard.press("ArrowRight")
        page.wait_for_function("location.hash.includes('thickness=2') && location.hash.includes('along=thickness')")
        page.wait_for_function("before => document.querySelector('.result canvas').toDataURL() !== before", arg=before)
        page.wait_for_function("document.querySelector('#curve').textContent.endsWith('thickness')")
        page.click("text=As it was drawn")
        page.wait_for_function("before => document.querySelector('.result canvas').toDataURL() === before", arg=before)
