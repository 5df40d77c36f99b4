"""The convolution lab in a real browser: signals drawn, a kernel edited, places played, every number the library's."""

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from playwright.sync_api import Browser, Page
from tests.studio_pages import draw, keep, opened
from tests.studio_server import Served, serving

pytestmark = pytest.mark.browser

LINE = "#/convolution?x=0%200%201%202%203%200%200&h=1%200.5%20-1"
NUMBERS = "#/convolution?lab=images&source=numbers"


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    with serving(tmp_path_factory.mktemp("runs")) as studio:
        yield studio


def results(page: Page) -> list[str]:
    """The values of the result of two signals as they are written."""
    return page.locator("signal-stage .result text").all_inner_texts()


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("width", [390, 1600])
def test_both_labs_are_whole_at_both_widths_in_both_themes(
    browser: Browser, served: Served, width: int, theme: str
) -> None:
    viewport = {"width": width, "height": 900 if width > 800 else 844}
    with opened(browser, served.url, f"{LINE}&matrix=open", viewport=viewport, color_scheme=theme) as page:
        page.wait_for_selector("matrix-table td")
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
        keep(page, f"convolution-signals-{width}-{theme}")
        page.click("text=Images")
        draw(page, "3")
        page.wait_for_selector("image-lab .numbers td")
        page.wait_for_timeout(500)
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
        keep(page, f"convolution-images-{width}-{theme}")


def test_a_signal_that_is_drawn_is_convolved(browser: Browser, served: Served) -> None:
    with opened(browser, served.url, LINE) as page:
        page.wait_for_selector("signal-stage .result")
        box = page.locator("signal-field svg").first.bounding_box()
        assert box is not None
        page.mouse.move(box["x"] + box["width"] * 0.5 / 7, box["y"] + box["height"] / 2)
        page.mouse.down()
        page.mouse.move(box["x"] + box["width"] * 0.5 / 7, box["y"] + 3)
        page.mouse.up()
        page.wait_for_function("() => !decodeURIComponent(location.hash).includes('x=0')")
        typed = page.locator("signal-field input[type=text]").first.input_value()
        values = np.array([float(word) for word in typed.split()])
        assert values[0] > 1
        expected = np.convolve(values, np.array([1, 0.5, -1]))
        page.wait_for_function("() => document.querySelectorAll('signal-stage .result title').length === 9")
        page.wait_for_timeout(300)
        shown = page.eval_on_selector_all(
            "signal-stage .result title",
            "all => all.map(each => Number(each.textContent.split(': ')[1].replace(/\\u2212/, '-')))",
        )
        assert shown == pytest.approx(expected, rel=1e-3)


def test_places_are_played_stepped_and_reached_by_the_keyboard(browser: Browser, served: Served) -> None:
    with opened(browser, served.url, f"{LINE}&place=0") as page:
        page.wait_for_selector("signal-stage .result")
        page.click("button[aria-label='One place on']")
        page.wait_for_function("() => location.hash.includes('place=1')")
        page.focus("place-player input")
        page.keyboard.press("ArrowRight")
        page.wait_for_function("() => location.hash.includes('place=2')")
        assert "y(2) = 1 · 1 + 0 · 0.5" not in page.inner_text(".sum")
        assert page.inner_text(".sum").endswith("= 1")
        page.click("button[aria-label=Play]")
        page.wait_for_function("() => location.hash.includes('place=8')")
        page.wait_for_selector("button[aria-label=Play]")


def test_a_kernel_is_edited_and_the_result_follows(browser: Browser, served: Served) -> None:
    with opened(browser, served.url, f"{NUMBERS}&kernel=identity&place=0,0") as page:
        page.wait_for_selector("image-lab .total strong")
        assert page.inner_text("image-lab .total strong") == "1"
        page.fill("kernel-editor .cells input:nth-child(1)", "10")
        page.keyboard.press("Tab")
        page.wait_for_function("() => document.querySelector('image-lab .total strong').textContent === '11'")
        assert "kernel=10+0+0" in page.url.replace("%20", "+")
        page.select_option("select[aria-label=Kernel]", "sobel-x")
        page.wait_for_function("() => document.querySelector('image-lab .total strong').textContent === '2'")
        page.click("text=Transposed")
        page.wait_for_function("() => document.querySelector('image-lab h2').textContent.startsWith('The value')")


def test_a_press_on_the_result_and_arrow_keys_choose_the_place(browser: Browser, served: Served) -> None:
    with opened(browser, served.url, NUMBERS) as page:
        page.wait_for_selector("value-grid canvas")
        result = page.locator("value-grid canvas").nth(1)
        page.wait_for_selector("image-lab .total strong")
        box = result.bounding_box()
        assert box is not None
        page.mouse.click(box["x"] + box["width"] - 4, box["y"] + 4)
        page.wait_for_function("() => location.hash.includes('place=0%2C2')")
        result.focus()
        page.keyboard.press("ArrowDown")
        page.wait_for_function("() => location.hash.includes('place=1%2C2')")


def test_a_learned_kernel_slides_over_the_drawing(browser: Browser, served: Served) -> None:
    with opened(browser, served.url, "#/convolution?lab=images&model=recipe:small-cnn") as page:
        page.wait_for_selector("kernel-editor optgroup >> nth=1", state="attached")
        draw(page, "7")
        page.select_option("select[aria-label=Kernel]", "conv1:0,0")
        page.wait_for_function("() => document.querySelector('kernel-editor > .note')?.textContent.includes('conv1')")


def test_what_cannot_be_is_said_and_the_last_result_stays(browser: Browser, served: Served) -> None:
    with opened(browser, served.url, LINE) as page:
        page.wait_for_selector("signal-stage .result")
        before = results(page)
        page.locator("signal-field input[type=text]").first.fill("1 2 three")
        page.keyboard.press("Tab")
        page.wait_for_selector(".fault")
        assert "'three', value 3 of row 1 of the first signal, is no number" in page.inner_text(".fault")
        assert results(page) == before


def test_the_view_is_saved_as_a_picture(browser: Browser, served: Served, tmp_path: Path) -> None:
    with opened(browser, served.url, NUMBERS) as page:
        page.wait_for_selector("image-lab .total strong")
        with page.expect_download() as waiting:
            page.click("button[title='Save this view as a picture']")
        assert waiting.value.suggested_filename == "inkwise-convolution.png"
        assert Path(waiting.value.path()).stat().st_size > 20_000


def test_every_control_has_a_name(browser: Browser, served: Served) -> None:
    with opened(browser, served.url, LINE) as page:
        for lab in ("Signals", "Images"):
            page.click(f"text={lab}")
            page.wait_for_selector("place-player output")
            page.wait_for_timeout(300)
            nameless = page.evaluate(
                """[...document.querySelectorAll('main button, main input, main select, main textarea, main canvas')]
                    .filter(each => !each.getAttribute('aria-label') && !each.textContent.trim())
                    .filter(each => !each.labels?.length)
                    .map(each => each.outerHTML)"""
            )
            assert nameless == []
