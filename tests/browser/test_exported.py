"""An exported model in a page: the same answers as in Python, drawn digits read, and no other host asked."""

import json
import shutil
import threading
from collections.abc import Iterator
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from examples.browser.fetch import faults
from playwright.sync_api import Browser, Page

from inkwise.data.uci import read_uci_digits
from inkwise.experiment.experiment import train
from inkwise.export.export import export
from inkwise.recipes.load import resolve
from inkwise.recognizer import Recognizer

pytestmark = pytest.mark.browser

EXAMPLE = Path(__file__).parent.parent.parent / "examples" / "browser"
STROKES = {"1": [[(140, 50), (138, 130), (136, 230)]], "7": [[(70, 60), (140, 58), (210, 60), (160, 150), (130, 230)]]}


class Quiet(SimpleHTTPRequestHandler):
    """Serves files and says nothing."""

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 (the name it overrides)
        """Say nothing."""


@pytest.fixture(scope="module")
def recognizer(tmp_path_factory: pytest.TempPathFactory) -> Recognizer:
    outcome = train(
        resolve("small-cnn", {"dataset": "uci-digits", "epochs": "12"}), out=tmp_path_factory.mktemp("runs") / "digits"
    )
    return Recognizer.load(outcome.run.folder)


@pytest.fixture(scope="module", params=[False, True], ids=["float32", "int8"])
def site(
    request: pytest.FixtureRequest, recognizer: Recognizer, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[str, Path]]:
    """The address of the example with a model of its own, and the model's file."""
    missing = faults()
    if missing:
        pytest.skip(missing[0])
    folder = tmp_path_factory.mktemp("page") / "browser"
    shutil.copytree(EXAMPLE, folder, ignore=shutil.ignore_patterns("*.onnx"))
    export(recognizer, folder / "digits.onnx", int8=request.param)
    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(Quiet, directory=folder))
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}", folder / "digits.onnx"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


@pytest.fixture
def page(browser: Browser, site: tuple[str, Path]) -> Iterator[Page]:
    """The page, open and with its model loaded; whatever it asked for came from the same host without a fault."""
    url, _ = site
    page = browser.new_page(viewport={"width": 390, "height": 800})
    asked: list[str] = []
    said: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.on("console", lambda message: said.append(message.text))
    page.on("pageerror", lambda error: said.append(str(error)))
    page.set_default_timeout(300_000)  # a busy machine takes its time over 14 MB of WebAssembly
    page.goto(f"{url}/index.html")
    page.wait_for_selector("body[data-ready]")
    assert page.get_attribute("body", "data-ready") == "true", page.inner_text("output")
    yield page
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
    page.close()
    assert [each for each in asked if not each.startswith((url, "data:", "blob:"))] == []
    assert said == []


def test_it_answers_as_in_python(page: Page, site: tuple[str, Path]) -> None:
    import onnxruntime

    images = read_uci_digits().split("test").images[:50].numpy()
    session = onnxruntime.InferenceSession(site[1], providers=["CPUExecutionProvider"])
    names = [output.name for output in session.get_outputs()]
    wanted = dict(zip(names, session.run(None, {"images": images}), strict=True))
    found = json.loads(
        page.evaluate(
            """async ([bytes, count]) => {
                const { read } = await import("./page.js");
                return JSON.stringify(await read(new Uint8Array(bytes), count));
            }""",
            [images.reshape(-1).tolist(), len(images)],
        )
    )
    assert np.abs(np.array([each["probabilities"] for each in found]) - wanted["probabilities"]).max() < 1e-4
    assert [each["label"] for each in found] == wanted["label"].tolist()
    assert [each["reason"] is None for each in found] == wanted["accepted"].tolist()
    assert np.abs(np.array([each["confidence"] for each in found]) - wanted["confidence"]).max() < 1e-4


@pytest.mark.parametrize("digit", STROKES)
def test_what_is_drawn_is_read(page: Page, digit: str) -> None:
    box = page.locator("canvas").bounding_box()
    assert box
    for stroke in STROKES[digit]:
        for index, (x, y) in enumerate(stroke):
            page.mouse.move(box["x"] + x, box["y"] + y, steps=8 if index else 1)
            if not index:
                page.mouse.down()
        page.mouse.up()
    page.wait_for_function("document.querySelector('output').textContent !== 'Draw a digit.'")
    said = page.inner_text("output")
    assert said.startswith(f"{digit}, ") or digit in said, said
    bars = page.evaluate("[...document.querySelectorAll('meter')].map((bar) => bar.value)")
    assert max(range(10), key=bars.__getitem__) == int(digit)
    page.click("button")
    assert page.inner_text("output") == "Draw a digit."
