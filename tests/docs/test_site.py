"""The built pages: no warning, and nothing from another host."""

import re
import subprocess
import sys
from html import unescape
from html.parser import HTMLParser
from importlib import import_module
from pathlib import Path

import pytest

DOCS = Path(__file__).parent.parent.parent / "docs"


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """All pages, built as `make docs` does."""
    folder = tmp_path_factory.mktemp("site") / "html"
    command: list[str | Path] = [sys.executable, "-m", "sphinx", "-W", "--keep-going", "-q", "-b", "html", DOCS, folder]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=240)
    assert done.returncode == 0, done.stderr
    return folder


class Resources(HTMLParser):
    """Collects what a page would load, and how many formulas it has."""

    def __init__(self) -> None:
        super().__init__()
        self.loaded: list[str] = []
        self.formulas = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.formulas += tag == "math"
        if tag != "a":
            self.loaded += [value or "" for name, value in attrs if name in {"src", "href", "srcset", "data"}]


def read(page: Path) -> Resources:
    found = Resources()
    found.feed(page.read_text(encoding="utf-8"))
    return found


@pytest.mark.slow
def test_no_page_loads_anything_from_another_host(site: Path) -> None:
    pages = sorted(site.rglob("*.html"))
    assert len(pages) > 8
    for page in pages:
        for loaded in read(page).loaded:
            assert not re.match(r"(https?:)?//", loaded), f"{page.name}: {loaded}"
            if not loaded.startswith(("#", "data:")):
                assert (page.parent / loaded.split("?")[0].split("#")[0]).exists(), f"{page.name}: {loaded}"
    for sheet in site.rglob("*.css"):
        assert not re.search(r"(url\(|@import)\s*[\"']?(https?:)?//", sheet.read_text(encoding="utf-8")), sheet.name


@pytest.mark.slow
def test_formulas_are_in_the_page_when_it_is_built(site: Path) -> None:
    page = read(site / "guide" / "01-correlation.html")
    assert page.formulas > 3
    assert not any("math" in loaded.lower() for loaded in page.loaded)


@pytest.mark.slow
@pytest.mark.parametrize("room", ["convolution", "explain"])
def test_the_reference_has_every_name_of_a_shelf(site: Path, room: str) -> None:
    shelf = import_module(f"inkwise.{room}")
    page = (site / "api" / f"{room}.html").read_text(encoding="utf-8")
    homes = {name: getattr(shelf, name).__module__ for name in shelf.__all__}
    missing = [name for name, home in homes.items() if f'id="{home}.{name}"' not in page]
    assert missing == []


@pytest.mark.slow
def test_formulas_and_signs_of_a_docstring_stand_as_written(site: Path) -> None:
    page = unescape(re.sub(r"<[^>]+>", "", (site / "api" / "convolution.html").read_text(encoding="utf-8")))
    assert "\ny[n, o, i] = b[o] + sum_c sum_k kernel[o, c, k] * image[n, g(o) C + c, s i + d k - before]\n" in page
    assert "(C_out, C_in / groups, *kernel) over the same axes" in page


@pytest.mark.slow
def test_a_formula_that_cannot_be_drawn_stops_the_build(tmp_path: Path) -> None:
    (tmp_path / "index.md").write_text("# Page\n\n$\\nosuchcommand x$\n", encoding="utf-8")
    command: list[str | Path] = [
        sys.executable,
        "-m",
        "sphinx",
        "-W",
        "-q",
        "-c",
        DOCS,
        "-b",
        "html",
        tmp_path,
        tmp_path / "html",
    ]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=240)
    assert done.returncode != 0
    assert r'Unknown LaTeX command "\nosuchcommand"' in done.stderr
