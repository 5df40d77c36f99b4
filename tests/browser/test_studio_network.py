"""The Studio's second view in a real browser: maps follow the drawing, and a hovered sum is compared with torch's."""

from collections.abc import Iterator

import pytest
import torch
from playwright.sync_api import Browser, Page
from tests.studio_pages import draw, keep, opened
from tests.studio_server import Served, serving

from inkwise.explain.activations import record

pytestmark = pytest.mark.browser

VIEW = "#/network?model=recipe:small-cnn&digit=uci-digits:17"


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """A Studio without runs: every recipe's network has random weights, which are as good to add up."""
    with serving(tmp_path_factory.mktemp("studio")) as studio:
        studio.library.get("recipe:small-cnn")
        yield studio


def point(page: Page, layer: str, x: float, y: float, *, click: bool = False) -> None:
    """Point at a share of a layer's maps, across and down."""
    maps = page.locator(f"layer-maps[data-layer='{layer}'] canvas")
    maps.scroll_into_view_if_needed()
    box = maps.bounding_box()
    assert box is not None
    place = (box["x"] + x * box["width"], box["y"] + y * box["height"])
    page.mouse.move(*place)
    if click:
        page.mouse.click(*place)
    page.wait_for_function("layer => document.querySelector('.spot strong')?.textContent === layer", arg=layer)


def shown(page: Page, selector: str) -> float:
    return float(page.locator(selector).first.inner_text().replace("\u2212", "-"))


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("width", [390, 1600])
def test_the_view_is_whole_at_both_widths_in_both_themes(
    browser: Browser, served: Served, width: int, theme: str
) -> None:
    viewport = {"width": width, "height": 900 if width > 800 else 844}
    with opened(browser, served.url, VIEW, viewport=viewport, color_scheme=theme) as page:
        page.wait_for_selector("layer-maps[data-layer=linear1] canvas")
        point(page, "conv2", 0.6, 0.4, click=True)
        page.wait_for_selector(".held")
        page.evaluate("scrollTo(0, 0)")
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
        keep(page, f"network-{width}-{theme}")


def test_a_hovered_value_is_torchs_and_its_parts_add_up_to_it(browser: Browser, served: Served) -> None:
    with opened(browser, served.url, VIEW) as page:
        page.wait_for_selector("layer-maps[data-layer=linear1] canvas")
        page.wait_for_function("() => document.querySelector('.said').textContent.includes('Read as')")
        network = served.library.get("recipe:small-cnn").network
        pixels = page.evaluate("[...document.querySelector('layer-maps[data-layer=image]').layer.values]")
        found = record(network, torch.tensor(pixels).reshape(1, 28, 28))
        for layer, x, y in (("conv1", 0.2, 0.2), ("conv2", 0.55, 0.3), ("pool2", 0.4, 0.6), ("linear1", 0.35, 0.5)):
            point(page, layer, x, y)
            place = page.evaluate("document.querySelector('layer-maps .value').closest('layer-maps').at")
            assert shown(page, ".total") == pytest.approx(float(found.call(layer).output[0][tuple(place)]), abs=6e-5)
            assert page.locator(".check[data-agrees]").count() == 1
        texts = page.locator(".terms tr:not([data-last]) td:last-child").all_inner_texts()
        parts = [float(text.replace("\u2212", "-")) for text in texts if text != "product"]
        assert len(parts) == 18  # sixteen terms, the others together, the bias
        assert sum(parts) == pytest.approx(shown(page, ".total"), abs=1e-3)


def test_what_a_value_sees_is_framed_in_every_layer_before_it(browser: Browser, served: Served) -> None:
    with opened(browser, served.url, VIEW) as page:
        page.wait_for_selector("layer-maps[data-layer=linear1] canvas")
        point(page, "pool2", 0.4, 0.6, click=True)
        frames = {
            layer: page.locator(f"layer-maps[data-layer={layer}] rect").count()
            for layer in ("image", "conv1", "relu1", "pool1", "conv2", "relu2", "pool2", "linear1")
        }
        assert frames == {
            "image": 1, "conv1": 8, "relu1": 8, "pool1": 8, "conv2": 1, "relu2": 1, "pool2": 1, "linear1": 0,
        }  # fmt: skip
        assert "layer=pool2" in page.url
        page.keyboard.press("Escape")
        page.wait_for_selector(".empty")
        assert page.locator("layer-maps rect").count() == 0
        assert "layer=" not in page.url


def test_the_maps_follow_the_hand(browser: Browser, served: Served) -> None:
    dots = "() => document.querySelector('layer-maps[data-layer=conv1]').layer.values.reduce((a, b) => a + b)"
    with opened(browser, served.url, "#/network?model=recipe:small-cnn") as page:
        page.wait_for_selector("layer-maps[data-layer=linear1] canvas")
        page.wait_for_function(f"() => Number.isFinite(({dots})())")
        before = page.evaluate(dots)
        draw(page, "7")
        page.wait_for_function(f"before => ({dots})() !== before", arg=before)
        page.wait_for_function("() => performance.getEntriesByName('maps').length > 2")


def test_a_layer_is_enlarged_and_shows_its_kernels(browser: Browser, served: Served) -> None:
    with opened(browser, served.url, VIEW) as page:
        page.wait_for_selector("layer-maps[data-layer=linear1] canvas")
        page.click("button.open >> text=conv1")
        page.wait_for_selector("dialog[open] layer-maps[data-maps] canvas")
        page.click("dialog >> text=Kernels")
        page.wait_for_selector(".kernels canvas")
        assert page.locator(".kernels canvas").count() == 8
        weights = served.library.get("recipe:small-cnn").network.state_dict()["conv1.weight"]
        told = page.evaluate(
            "[...document.querySelectorAll('.kernels layer-maps')].flatMap(each => [...each.layer.values])"
        )
        assert torch.equal(torch.tensor(told), weights.flatten())
        keep(page, "network-kernels")
        page.keyboard.press("Escape")
        page.wait_for_selector("dialog[open]", state="detached")


def test_a_value_is_reached_with_the_keyboard(browser: Browser, served: Served) -> None:
    with opened(browser, served.url, VIEW) as page:
        page.wait_for_selector("layer-maps[data-layer=linear1] canvas")
        page.focus("layer-maps[data-layer=conv1] canvas")
        page.keyboard.press("ArrowRight")
        page.wait_for_function(
            "() => document.querySelector('.spot')?.textContent.includes('channel 4, row 14, column 15')"
        )
        page.keyboard.press("PageDown")
        page.wait_for_function(
            "() => document.querySelector('.spot')?.textContent.includes('channel 5, row 14, column 15')"
        )
        page.keyboard.press("Enter")
        page.wait_for_selector(".held")
