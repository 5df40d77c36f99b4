"""Training in a real browser: begun from the form, followed live, stopped, and replayed epoch by epoch."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page
from tests.studio_pages import draw, keep, opened
from tests.studio_server import Served, serving

from inkwise.experiment.experiment import train
from inkwise.recipes.load import resolve

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """A Studio over a folder with a run of eight epochs, all kept, and one that kept its best alone."""
    runs = tmp_path_factory.mktemp("studio") / "runs"
    train(resolve("small-cnn", {"dataset": "uci-digits", "epochs": "8"}), out=runs / "kept", keep_epochs=True)
    train(resolve("nano", {"dataset": "uci-digits", "epochs": "3"}), out=runs / "other")
    with serving(runs) as studio:
        yield studio


def set_field(page: Page, name: str, value: str) -> None:
    page.fill(f"#field-{name}", value)
    page.keyboard.press("Tab")


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("width", [390, 1600])
def test_the_view_is_whole_at_both_widths_in_both_themes(
    browser: Browser, served: Served, width: int, theme: str
) -> None:
    viewport = {"width": width, "height": 900 if width > 800 else 844}
    address = "#/train?runs=kept,other&run=kept&epoch=4"
    with opened(browser, served.url, address, viewport=viewport, color_scheme=theme) as page:
        page.wait_for_selector(".confusion td")
        page.wait_for_selector("run-curves canvas >> nth=1")
        draw(page, "3")
        page.wait_for_selector("layer-maps canvas")
        page.wait_for_timeout(600)
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
        page.evaluate("scrollTo(0, 0)")
        keep(page, f"train-{width}-{theme}")


def test_a_training_is_started_from_the_form_and_followed_to_its_end(browser: Browser, served: Served) -> None:
    with opened(browser, served.url, "#/train?runs=none") as page:
        page.wait_for_selector("#field-epochs")
        set_field(page, "dataset", "uci-digits")
        set_field(page, "epochs", "30")
        assert "set=dataset%3Duci-digits%3Bepochs%3D30" in page.url
        page.click("text=Start training")
        item = page.locator(".runs li", has_text="small-cnn").first
        item.wait_for()
        page.wait_for_function(
            "() => document.querySelector('.runs li .state')?.textContent === 'in training'", timeout=300_000
        )
        page.wait_for_function(
            "() => document.querySelector('.runs li .state').textContent === 'finished'", timeout=300_000
        )
        assert "% of uci-digits test" in page.inner_text(".runs li .numbers-line")
        page.wait_for_function("() => document.querySelector('epoch-replay input[type=range]')?.max === '30'")
        page.wait_for_selector("run-curves canvas >> nth=1")


def test_a_bad_field_gives_the_recipes_own_sentence(browser: Browser, served: Served) -> None:
    with opened(browser, served.url, "#/train") as page:
        page.wait_for_selector("#field-epochs")
        set_field(page, "epochs", "none")
        page.wait_for_selector("recipe-form .fault")
        assert "epochs is 'none'; it must be a whole number of at least 1" in page.inner_text("recipe-form .fault")
        set_field(page, "epochs", "2")
        page.wait_for_selector("recipe-form .fault", state="detached")


def test_the_slider_goes_through_the_epochs_by_the_keyboard(browser: Browser, served: Served) -> None:
    with opened(browser, served.url, "#/train?runs=kept&run=kept&epoch=0") as page:
        page.wait_for_function("() => document.querySelector('.confusion figcaption')?.textContent.includes('wrong')")
        first = page.inner_text(".confusion figcaption")
        page.focus("epoch-replay input[type=range]")
        for _ in range(8):
            page.keyboard.press("ArrowRight")
        page.wait_for_function("() => location.hash.includes('epoch=8')")
        page.wait_for_function(
            "text => document.querySelector('.confusion figcaption').textContent !== text", arg=first
        )
        wrong = [int(text.split(" /")[0]) for text in (first, page.inner_text(".confusion figcaption"))]
        assert wrong[1] < wrong[0]


def test_the_view_is_saved_with_its_curves(browser: Browser, served: Served) -> None:
    with opened(browser, served.url, "#/train?runs=kept&run=kept") as page:
        page.wait_for_selector("run-curves canvas >> nth=1")
        with page.expect_download() as waiting:
            page.click("button[title='Save this view as a picture']")
        assert Path(waiting.value.path()).stat().st_size > 30_000
