"""How fast the Studio is, in a real browser and with its server in a process of its own, as people start it.

`python -m benchmarks.studio [--runs FOLDER] [--model ID]` writes docs/results/studio.json and .md: the server up, the
first page usable after that, pointer movement to updated bars while digits are drawn at a hand's pace, and all feature
maps of the largest tutorial network. It needs chromium, on a machine that should do nothing else meanwhile.
"""

import argparse
import itertools
import json
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
import numpy as np
from playwright.sync_api import Browser, Page, sync_playwright
from tests.studio_pages import DIGITS

from inkwise import files
from inkwise.experiment.environment import machine

RESULTS = Path(__file__).parent.parent / "docs" / "results"
STEP = 1 / 60  # seconds between two movements of the pointer
LARGEST = "recipe:dropout-cnn"  # of the tutorials' networks the one with most values
HEAD = ["| what | goal | median | 95th percentile | of |", "|---|---|---|---|---|"]


@contextmanager
def started(runs: Path) -> Iterator[tuple[str, float]]:
    """Start the Studio, and give its address and the seconds until it answered."""
    command = [sys.executable, "-m", "inkwise", "studio", "--no-browser", "--port", "0", "--runs", str(runs)]
    begun = time.perf_counter()
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True) as process:
        assert process.stderr is not None
        try:
            line = next(line for line in process.stderr if line.startswith("Studio: "))
            home = line.split()[1].rstrip("/")
            httpx.get(f"{home}/api/health", timeout=60)
            yield home, time.perf_counter() - begun
        finally:
            process.terminate()


def usable(page: Page, home: str) -> float:
    """Open the page, and return the seconds until its paper can be drawn on and its models are listed."""
    begun = time.perf_counter()
    page.goto(f"{home}/#/draw")
    page.wait_for_selector("drawing-pad canvas")
    page.wait_for_selector("model-chooser option", state="attached")
    return time.perf_counter() - begun


def drawn(page: Page, home: str, model: str) -> list[float]:
    """Draw every digit at a hand's pace; return the milliseconds by which the bars were behind the pointer."""
    page.goto(f"{home}/#/draw{f'?model={model}' if model else ''}")
    page.wait_for_selector("drawing-pad canvas")
    box = page.locator("drawing-pad canvas").bounding_box()
    assert box is not None
    for strokes in DIGITS.values():
        for stroke in strokes:
            places = [(box["x"] + x * box["width"], box["y"] + y * box["height"]) for x, y in stroke]
            page.mouse.move(*places[0])
            page.mouse.down()
            for start, end in itertools.pairwise(places):
                for part in (0.5, 1.0):
                    page.mouse.move(*(a + part * (b - a) for a, b in zip(start, end, strict=True)))
                    time.sleep(STEP)
            page.mouse.up()
        page.wait_for_timeout(300)
        page.click("button[title^=Clear]")
    taken: list[float] = page.evaluate("performance.getEntriesByName('answer').map(each => each.duration)")
    return taken


def mapped(page: Page, home: str, repeats: int) -> list[float]:
    """Return the milliseconds until all maps of the largest network were painted, the picture a new one each time."""
    page.goto(f"{home}/#/network?model={LARGEST}")
    page.wait_for_selector("layer-maps[data-layer=linear1] canvas")
    page.wait_for_timeout(1000)
    page.evaluate("performance.clearMeasures()")
    box = page.locator("drawing-pad canvas").bounding_box()
    assert box is not None
    for index in range(repeats):
        page.mouse.click(box["x"] + box["width"] * (0.3 + 0.4 * index / repeats), box["y"] + box["height"] / 2)
        page.wait_for_function("count => performance.getEntriesByName('maps').length > count", arg=index)
    taken: list[float] = page.evaluate("performance.getEntriesByName('maps').map(each => each.duration)")
    return taken


def measure(browser: Browser, runs: Path, model: str, repeats: int) -> dict[str, list[float]]:
    """Return every time that was taken, by what it is of: seconds for the server and the page, else milliseconds."""
    found: dict[str, list[float]] = {"up": [], "page": [], "bars": [], "maps": []}
    for turn in range(repeats):
        with started(runs) as (home, seconds):
            found["up"].append(seconds)
            with browser.new_context(viewport={"width": 1280, "height": 900}) as context:
                found["page"].append(usable(context.new_page(), home))
            if turn == repeats - 1:
                with browser.new_context(viewport={"width": 1280, "height": 900}) as context:
                    found["bars"] = drawn(context.new_page(), home, model)
                    found["maps"] = mapped(context.new_page(), home, 30)
    return found


def page_of(result: dict[str, Any]) -> str:
    """Return the figures as Markdown."""
    here = result["machine"]
    told = {
        "up": ("server up, s", "3"),
        "page": ("first page usable after that, s", "1"),
        "bars": ("pointer movement to updated bars, ms", "50, 95th percentile 120"),
        "maps": (f"all maps of {LARGEST.partition(':')[2]} for a new picture, ms", "150"),
    }
    rows = []
    for name, taken in result["taken"].items():
        what, goal = told[name]
        rows.append(f"| {what} | {goal} | {np.median(taken):.3g} | {np.percentile(taken, 95):.3g} | {len(taken)} |")
    return "\n".join(
        [
            "# The Studio's speed",
            "",
            *HEAD,
            *rows,
            "",
            f"Model of the bars: {result['model'] or 'the default'}. Times of the browser are from the event to the",
            "frame after the page changed.",
            "",
            f"Command: `python -m benchmarks.studio`. Machine: {here['processor']}, {here['cores']} cores; Python",
            f"{here['python']}, torch {here['torch']}.",
            "",
        ]
    )


def main() -> None:
    """Measure and write the page."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=Path, default=Path("runs"))
    parser.add_argument("--model", default="")
    parser.add_argument("--repeats", type=int, default=5)
    parser.add_argument("--out", type=Path, default=RESULTS)
    given = parser.parse_args()
    chromium = shutil.which("chromium")
    if chromium is None:
        sys.exit("chromium is not installed; `apt-get install chromium`.")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox", "--disable-gpu"])
        taken = measure(browser, given.runs, given.model, given.repeats)
        browser.close()
    result = {"machine": machine(), "model": given.model, "taken": taken}
    files.write(given.out / "studio.json", json.dumps(result, indent=1) + "\n")
    files.write(given.out / "studio.md", page_of(result))
    print(page_of(result))


if __name__ == "__main__":
    main()
