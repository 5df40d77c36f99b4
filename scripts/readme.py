"""Bring the README's table and pictures up to date after `make reproduce`.

Takes the table from docs/results/tutorials.md, the layers of the first small-cnn run at work on a packaged digit, and
a screenshot of the report of the first batchnorm-cnn run, in chromium where that is installed.
"""

import re
import shutil
import sys
from pathlib import Path

from playwright.sync_api import sync_playwright

from inkwise.data.uci import read_uci_digits
from inkwise.explain.activations import record
from inkwise.explain.figure.figure import draw
from inkwise.recognizer import Recognizer

ROOT = Path(__file__).parent.parent
RUNS = ROOT / "runs" / "reproduce"
PICTURES = ROOT / "docs" / "pictures"


def table() -> None:
    """Copy the table of the last reproduction between the README's two marks."""
    results = (ROOT / "docs" / "results" / "tutorials.md").read_text(encoding="utf-8")
    rows = "\n".join(line for line in results.splitlines() if line.startswith("|"))
    page = ROOT / "README.md"
    text = page.read_text(encoding="utf-8")
    marked = re.compile(r"(<!-- table: \S+ -->\n).*?(<!-- end of table -->)", re.DOTALL)
    page.write_text(marked.sub(lambda found: f"{found[1]}{rows}\n{found[2]}", text), encoding="utf-8")


def layers(run: Path, target: Path) -> None:
    """Save the picture of every layer at work on a packaged digit, with one value and what it sees."""
    recognizer = Recognizer.load(run)
    image = read_uci_digits().split("test").images[3:4]
    answer = recognizer.answer(image)[0]
    activations = record(recognizer.network, image)
    picture = draw(activations, "conv2", (9, 6, 8), classes=recognizer.classes, probabilities=answer.probabilities)
    target.write_bytes(picture)


def screenshot(report: Path, target: Path) -> None:
    """Save the top of a report as a picture."""
    chromium = shutil.which("chromium")
    if chromium is None:
        sys.exit("chromium is not installed, so the report's picture stays as it is; `apt-get install chromium`.")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox", "--disable-gpu"])
        page = browser.new_page(viewport={"width": 1080, "height": 1240})
        page.goto(report.resolve().as_uri())
        page.screenshot(path=target)
        browser.close()


if __name__ == "__main__":
    PICTURES.mkdir(parents=True, exist_ok=True)
    table()
    layers(RUNS / "small-cnn-seed0", PICTURES / "layers.png")
    screenshot(RUNS / "batchnorm-cnn-seed0" / "report.html", PICTURES / "report.png")
