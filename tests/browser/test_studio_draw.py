"""The Studio's first view in a real browser: real strokes are drawn and read, nothing is asked of any other host."""

import io
import re
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from playwright.sync_api import Browser, Page
from tests.studio_pages import DIGITS, draw, keep, opened, read
from tests.studio_server import Served, serving

from inkwise.data.image import load_grey
from inkwise.data.load import load
from inkwise.data.normaliser import normalise
from inkwise.evaluation.phrases import chance
from inkwise.experiment.experiment import train
from inkwise.models.file import read_model, write_model
from inkwise.recipes.load import resolve

pytestmark = pytest.mark.browser

MODEL = "#/draw?model=run:digits"


@pytest.fixture(scope="module")
def runs(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A runs folder with a network that has learned the packaged digits, and one that is hard to please."""
    folder = tmp_path_factory.mktemp("studio") / "runs"
    outcome = train(resolve("small-cnn", {"dataset": "uci-digits", "epochs": "12"}), out=folder / "digits")
    strict = train(resolve("small-cnn", {"dataset": "uci-digits", "epochs": "1"}), out=folder / "strict").run
    weights, card = read_model(outcome.run.model_file)
    changes = {"rejection": {"digit": 0.0, "confidence": 1.0}, "calibration": {"temperature": 50.0}}
    write_model(strict.model_file, weights, card.model_copy(update=changes))
    return folder


@pytest.fixture(scope="module")
def served(runs: Path) -> Iterator[Served]:
    with serving(runs) as studio:
        studio.library.get("run:digits")
        yield studio


def photograph(tmp_path: Path, label: int) -> bytes:
    """A digit in colour on grey paper, 300 x 200, as a PNG file."""
    split = load("uci-digits").split("test")
    digit = split.images[split.labels == label][2, 0].numpy()
    large = np.asarray(Image.fromarray(digit).resize((180, 180), Image.Resampling.BICUBIC)) / 255.0
    paper = np.full((200, 300, 3), (205, 200, 190), np.float64)
    paper[10:190, 60:240] += large[..., None] * (np.array([30, 40, 130]) - paper[10:190, 60:240])
    file = io.BytesIO()
    Image.fromarray(paper.clip(0, 255).astype(np.uint8)).save(file, "png")
    return file.getvalue()


def paste(page: Page, data: bytes, kind: str = "image/png") -> None:
    """Paste a file as the browser tells a page of it."""
    page.evaluate(
        """([bytes, kind]) => {
            const data = new DataTransfer();
            data.items.add(new File([new Uint8Array(bytes)], "pasted.png", { type: kind }));
            document.dispatchEvent(new ClipboardEvent("paste", { clipboardData: data, bubbles: true }));
        }""",
        [list(data), kind],
    )


def hash_of(page: Page) -> str:
    return page.url.partition("#")[2]


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("width", [390, 1600])
def test_the_view_is_whole_at_both_widths_in_both_themes(
    browser: Browser, served: Served, width: int, theme: str
) -> None:
    viewport = {"width": width, "height": 900 if width > 800 else 844}
    with opened(browser, served.url, MODEL, viewport=viewport, color_scheme=theme) as page:
        page.wait_for_selector("model-chooser option", state="attached")
        keep(page, f"draw-empty-{width}-{theme}")
        draw(page, "3")
        read(page, "Read as 3")
        page.wait_for_selector(".stages li")
        page.wait_for_timeout(400)
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
        assert page.evaluate("[...document.images].every(image => image.naturalWidth > 0)")
        keep(page, f"draw-{width}-{theme}")


@pytest.mark.parametrize("digit", DIGITS)
def test_strokes_of_the_mouse_are_read(browser: Browser, served: Served, digit: str) -> None:
    with opened(browser, served.url, MODEL) as page:
        draw(page, digit)
        read(page, f"Read as {digit}")
        assert page.locator(".bars:not(.kinds) li").count() == 10
        assert page.locator(".bars [data-best] b").inner_text() == digit


def test_a_pen_and_a_finger_draw_and_the_page_stays_where_it_is(browser: Browser, served: Served) -> None:
    viewport = {"width": 390, "height": 844}
    with opened(browser, served.url, MODEL, viewport=viewport, has_touch=True, is_mobile=True) as page:
        box = page.locator("drawing-pad canvas").bounding_box()
        assert box is not None
        places = [(box["x"] + x * box["width"], box["y"] + y * box["height"]) for x, y in DIGITS["1"][0]]
        device = page.context.new_cdp_session(page)
        for kind, (x, y) in zip(("touchStart", "touchMove", "touchMove"), places, strict=True):
            device.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": [{"x": x, "y": y}]})
        device.send("Input.dispatchTouchEvent", {"type": "touchEnd", "touchPoints": []})
        read(page, "Read as 1")
        assert page.evaluate("scrollY") == 0
        page.click("button[title^=Clear]")
        for kind, (x, y) in zip(("mousePressed", "mouseMoved", "mouseMoved"), places, strict=True):
            pen = {"type": kind, "x": x, "y": y, "button": "left", "buttons": 1, "pointerType": "pen"}
            device.send("Input.dispatchMouseEvent", pen)
        device.send(
            "Input.dispatchMouseEvent",
            {"type": "mouseReleased", "x": x, "y": y, "button": "left", "pointerType": "pen"},
        )
        read(page, "Read as 1")


def test_the_keyboard_draws_undoes_and_clears(browser: Browser, served: Served) -> None:
    with opened(browser, served.url, MODEL) as page:
        page.focus("drawing-pad canvas")
        for _ in range(10):
            page.keyboard.press("ArrowUp")
        page.keyboard.press("Space")
        for _ in range(20):
            page.keyboard.press("ArrowDown")
        page.keyboard.press("Space")
        read(page, "Read as 1")
        page.wait_for_function("() => document.querySelector('#announcements').textContent.startsWith('Read as 1')")
        page.keyboard.press("Delete")
        read(page, "Nothing drawn yet")
        page.keyboard.press("Control+z")
        read(page, "Read as 1")
        page.keyboard.press("Control+z")
        read(page, "Nothing drawn yet")
        page.keyboard.press("Control+y")
        read(page, "Read as 1")


def test_every_control_is_reached_by_the_keyboard_and_has_a_name(browser: Browser, served: Served) -> None:
    with opened(browser, served.url, MODEL) as page:
        draw(page, "7")
        read(page, "Read as 7")
        page.evaluate("document.activeElement.blur()")
        reached: list[str] = []
        for _ in range(25):
            page.keyboard.press("Tab")
            reached.append(page.evaluate("document.activeElement.closest('[title], [aria-label], label, a')?.tagName"))
            if page.evaluate("document.activeElement.matches('pixel-map canvas')"):
                break
        assert None not in reached
        nameless = page.evaluate(
            """[...document.querySelectorAll('button, input, select, canvas[tabindex], a')].filter(each =>
                !(each.getAttribute('aria-label') || each.textContent.trim() || each.labels?.length)).length"""
        )
        assert nameless == 0


def test_the_width_of_the_pen_is_the_width_of_the_stroke(browser: Browser, served: Served) -> None:
    dark = """() => { const canvas = document.querySelector('drawing-pad canvas');
        const copy = new OffscreenCanvas(canvas.width, canvas.height);
        const context = copy.getContext('2d', {willReadFrequently: true});
        context.drawImage(canvas, 0, 0);
        const dots = context.getImageData(0, 0, canvas.width, canvas.height).data;
        let count = 0; for (let at = 0; at < dots.length; at += 4) count += dots[at] < 128; return count }"""
    with opened(browser, served.url, MODEL) as page:
        draw(page, "1")
        thin = page.evaluate(dark)
        page.click("button[title^=Clear]")
        page.locator("input[type=range]").fill("40")
        draw(page, "1")
        assert page.evaluate(dark) > 1.7 * thin


def test_a_pasted_picture_is_answered_as_the_library_does(browser: Browser, served: Served, tmp_path: Path) -> None:
    data = photograph(tmp_path, 4)
    expected = served.library.get("run:digits").predict(data)[0]
    with opened(browser, served.url, MODEL) as page:
        paste(page, data)
        read(page, f"Read as {expected.label}")
        shown = page.locator(".bars:not(.kinds) li span").all_inner_texts()
        assert shown == [chance(each) for each in expected.probabilities]
        page.wait_for_selector(".stages li")
        keep(page, "draw-pasted")
        page.keyboard.press("Control+z")
        read(page, "Nothing drawn yet")


def test_a_picture_that_cannot_be_read_is_told_and_the_drawing_stays(browser: Browser, served: Served) -> None:
    with opened(browser, served.url, MODEL) as page:
        draw(page, "7")
        read(page, "Read as 7")
        paste(page, b"no picture at all")
        page.wait_for_selector(".fault")
        assert "is not an image of a known format" in page.inner_text(".fault")
        read(page, "Read as 7")


def test_a_test_digit_says_where_it_is_from_and_is_in_the_address(browser: Browser, served: Served) -> None:
    with opened(browser, served.url, f"{MODEL}&digit=uci-digits:17") as page:
        split = load("uci-digits").split("test")
        page.wait_for_selector(".origin")
        assert page.inner_text(".origin") == f"Image 17 of uci-digits's test split, a {int(split.labels[17])}"
        page.get_by_role("button", name="Test digit").click()
        page.wait_for_function("() => !location.hash.includes('uci-digits:17')")
        assert re.search(r"digit=(mnist|uci-digits):\d+", hash_of(page))


def test_what_the_network_sees_can_be_read_pixel_by_pixel(browser: Browser, served: Served, tmp_path: Path) -> None:
    data = photograph(tmp_path, 4)
    image = normalise(load_grey(data)).image
    with opened(browser, served.url, MODEL) as page:
        paste(page, data)
        page.wait_for_selector(".stages li")
        page.focus("pixel-map canvas")
        page.keyboard.press("ArrowDown")
        assert page.inner_text(".reading") == f"row 15, column 14: {image[15, 14]}"
        box = page.locator("pixel-map canvas").bounding_box()
        assert box is not None
        page.mouse.move(box["x"] + box["width"] * 10.5 / 28, box["y"] + box["height"] * 12.5 / 28)
        page.wait_for_function(
            "text => document.querySelector('.reading').textContent === text",
            arg=(f"row 12, column 10: {image[12, 10]}"),
        )


def test_the_address_brings_the_drawing_back(browser: Browser, served: Served) -> None:
    with opened(browser, served.url, MODEL) as page:
        draw(page, "3")
        read(page, "Read as 3")
        page.wait_for_function("() => location.hash.includes('ink=')")
        shown = page.locator(".bars li span").all_inner_texts()
        address = hash_of(page)
    with opened(browser, served.url, f"#{address}") as page:
        read(page, "Read as 3")
        assert page.locator(".bars li span").all_inner_texts() == shown
        assert hash_of(page) == address


def test_another_model_answers_the_same_drawing_and_back_returns(browser: Browser, served: Served) -> None:
    with opened(browser, served.url, MODEL) as page:
        draw(page, "3")
        read(page, "Read as 3")
        page.wait_for_function("() => location.hash.includes('ink=')")
        page.select_option("model-chooser select", "recipe:small-cnn")
        page.wait_for_selector("answer-card .hint")
        assert "has learned nothing yet" in page.inner_text("answer-card .hint")
        assert "model=recipe:small-cnn" in hash_of(page)
        page.go_back()
        read(page, "Read as 3")
        assert page.locator("answer-card .hint").count() == 0


def test_an_unsure_answer_says_between_what_and_by_which_threshold(browser: Browser, served: Served) -> None:
    with opened(browser, served.url, "#/draw?model=run:strict") as page:
        draw(page, "3")
        page.wait_for_selector("[data-state=refused]")
        assert page.inner_text(".verdict strong").strip().startswith("Unsure between 3 and ")
        assert re.search(
            r"The likeliest digit has \d+ %; from .* on it would be answered\.", page.inner_text(".verdict")
        )
        page.wait_for_selector(".stages li")
        keep(page, "draw-unsure")


def test_the_theme_is_kept(browser: Browser, served: Served) -> None:
    with opened(browser, served.url, MODEL, color_scheme="light") as page:
        theme = "document.documentElement.dataset.theme"
        assert page.evaluate(theme) == "light"
        for expected in ("light", "dark"):
            page.click("[title^=Theme]")
            assert page.evaluate(theme) == expected
        page.reload()
        assert page.evaluate(theme) == "dark"


def test_the_view_is_saved_as_a_picture(browser: Browser, served: Served, tmp_path: Path) -> None:
    with opened(browser, served.url, MODEL) as page:
        draw(page, "7")
        read(page, "Read as 7")
        page.wait_for_selector(".stages li")
        box = page.locator("draw-view").bounding_box()
        assert box is not None
        with page.expect_download() as download:
            page.click("[title^='Save this view']")
        assert download.value.suggested_filename == "inkwise-draw.png"
        path = tmp_path / "saved.png"
        download.value.save_as(path)
        picture = Image.open(path)
        assert abs(picture.width - 2 * (box["width"] + 48)) <= 4
        assert len(picture.convert("RGB").getcolors(1 << 24) or []) > 100
        accent = np.abs(np.asarray(picture.convert("RGB")).astype(int) - (0, 106, 166)).sum(-1) < 12
        assert accent.sum() > 2000  # the bar of the answer, with the page's own colours
        picture.save(Path(path).with_name("look.png"))


def test_nothing_is_lost_when_the_server_goes_and_comes_back(browser: Browser, runs: Path) -> None:
    with serving(runs) as first:
        home, port = first.url, first.address.port
        context = browser.new_context(viewport={"width": 1280, "height": 900})
        page = context.new_page()
        page.goto(f"{home}/{MODEL}")
        draw(page, "7")
        read(page, "Read as 7")
    page.wait_for_selector(".banner.lost")
    assert "Nothing is lost" in page.inner_text(".banner")
    page.click("button[title^=Clear]")
    draw(page, "1")
    keep(page, "draw-lost")
    with serving(runs, port=port) as second:
        assert second.address.port == port
        read(page, "Read as 1")
        page.wait_for_selector(".banner.lost", state="detached")
    context.close()


def test_the_bars_keep_up_with_the_hand(browser: Browser, served: Served) -> None:
    """The figures are those of benchmarks/studio.py; here only what no machine may miss."""
    with opened(browser, served.url, MODEL) as page:
        draw(page, "3", steps=6)
        read(page, "Read as 3")
        taken = page.evaluate("performance.getEntriesByName('answer').map(each => each.duration)")
        assert len(taken) > 5
        assert sorted(taken)[len(taken) // 2] < 1000
