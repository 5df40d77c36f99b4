"""The report in a real browser: alone on the disk, at both widths, in both themes."""

import shutil
from pathlib import Path

import pytest
from playwright.sync_api import Browser

from inkwise.experiment.experiment import train
from inkwise.recipes.load import resolve

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def report(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A real report, moved away from everything it was made with."""
    folder = tmp_path_factory.mktemp("runs")
    recipe = resolve("small-cnn", {"dataset": "uci-digits", "epochs": "2"})
    outcome = train(recipe, out=folder / "run", offline=True)
    alone = tmp_path_factory.mktemp("alone") / "report.html"
    shutil.move(outcome.run.report_file, alone)
    return alone


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("width", [390, 1600])
def test_the_report_is_whole_by_itself(browser: Browser, report: Path, width: int, theme: str) -> None:
    page = browser.new_page(
        viewport={"width": width, "height": 900}, color_scheme="dark" if theme == "dark" else "light"
    )
    asked: list[str] = []
    faults: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.on("console", lambda message: faults.append(message.text))
    page.on("pageerror", lambda error: faults.append(str(error)))
    page.goto(report.as_uri())
    assert [url for url in asked if not url.startswith(("file:", "data:"))] == []
    assert [url for url in asked if url.startswith("file:")] == [report.as_uri()]
    assert faults == []
    assert "500 test" in page.inner_text("h1")
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
    assert page.evaluate("[...document.images].filter(i => i.offsetParent !== null && !i.naturalWidth).length") == 0
    assert page.evaluate("document.images.length") > 10
    page.close()


def test_the_settings_open_when_they_are_clicked(browser: Browser, report: Path) -> None:
    page = browser.new_page()
    page.goto(report.as_uri())
    assert not page.is_visible("text=batch_size")
    page.click("summary:has-text('Recipe')")
    assert page.is_visible("text=batch_size")
    page.close()
