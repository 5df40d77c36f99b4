"""Bring the README's tables and pictures up to date after `make reproduce`, `make bench` or `make models`.

Each table is the first of the page of docs/results that its mark names. The page is the packaged one as the shipped
model reads it. With runs of `make reproduce` at hand, also the layers of the first small-cnn run at work on a packaged
digit, and a screenshot of the report of the first batchnorm-cnn run, in chromium where that is installed.
"""

import io
import itertools
import re
import shutil
import sys
from pathlib import Path

from PIL import Image
from playwright.sync_api import sync_playwright

from inkwise.data.frames import read_frames
from inkwise.data.sample import PAGE
from inkwise.data.uci import read_uci_digits
from inkwise.explain.activations import record
from inkwise.explain.figure.figure import draw
from inkwise.reading.overlay import draw as draw_reading
from inkwise.reading.page import read_page
from inkwise.reading.reader import judge_of
from inkwise.recognizer import Recognizer

ROOT = Path(__file__).parent.parent
RUNS = ROOT / "runs" / "reproduce"
PICTURES = ROOT / "docs" / "pictures"


def tables() -> None:
    """Copy the first table of each page that a mark names between the mark and its end."""
    page = ROOT / "README.md"
    marked = re.compile(r"(<!-- table: (\S+) -->\n).*?(<!-- end of table -->)", re.DOTALL)
    text = page.read_text(encoding="utf-8")
    page.write_text(marked.sub(lambda found: f"{found[1]}{first_table(found[2])}\n{found[3]}", text), encoding="utf-8")


def first_table(page: str) -> str:
    """Return the lines of the first table of a page."""
    lines = (ROOT / page).read_text(encoding="utf-8").splitlines()
    start = next(at for at, line in enumerate(lines) if line.startswith("|"))
    return "\n".join(itertools.takewhile(lambda line: line.startswith("|"), lines[start:]))


def sample(target: Path) -> None:
    """Save the packaged page with what the shipped model read on it."""
    frame = next(iter(read_frames(PAGE)))
    drawn = draw_reading(frame, read_page(frame, judge_of(Recognizer.load())))
    Image.open(io.BytesIO(drawn)).convert("RGB").save(target, quality=85)


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
    tables()
    sample(PICTURES / "page.jpg")
    if RUNS.exists():
        layers(RUNS / "small-cnn-seed0", PICTURES / "layers.png")
        screenshot(RUNS / "batchnorm-cnn-seed0" / "report.html", PICTURES / "report.png")
