"""The page and its files, as the server gives them."""

import re
from pathlib import Path

import httpx
import pytest
from tests.studio_server import Served

from inkwise.studio.app import STATIC
from inkwise.studio.views import VIEWS

OURS = sorted(path for path in STATIC.rglob("*") if path.is_file() and "vendor" not in path.parts)
NAMESPACE = "http://www.w3.org/2000/svg"


def test_the_page_loads_files_from_here_alone(client: httpx.Client) -> None:
    page = client.get("/")
    assert page.headers["content-type"].startswith("text/html")
    named = re.findall(r'(?:src|href)="([^"]+)"', page.text)
    assert named
    assert all(name.startswith("/static/") and client.get(name).is_success for name in named)


@pytest.mark.parametrize("path", OURS, ids=lambda path: str(path.relative_to(STATIC)))
def test_a_file_of_the_page_is_short_and_names_no_other_host(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    assert len(text.splitlines()) <= (400 if path.suffix == ".css" else 300)
    assert not re.search(r"(?:https?:)?//[\w-]+\.", text.replace(NAMESPACE, ""))
    if path.suffix == ".js":
        assert text.startswith("//"), "a module opens with its purpose"
        assert not re.search(r"\bstyle=|innerHTML|\beval\(", text), "the policy of the page forbids it"


@pytest.mark.parametrize("path", [path for path in OURS if path.suffix == ".js"], ids=lambda path: path.name)
def test_what_a_module_imports_is_there(path: Path) -> None:
    for name in re.findall(r'(?:from|import) "([^"]+)"', path.read_text(encoding="utf-8")):
        assert name.startswith("."), f"{name} is not a file"
        assert (path.parent / name).is_file(), name


def test_every_view_has_its_module_and_style_sheet_and_routes() -> None:
    assert len({view.name for view in VIEWS}) == len(VIEWS)
    for view in VIEWS:
        module = (STATIC / "views" / f"{view.name}.js").read_text(encoding="utf-8")
        assert f'export default "{view.name}-view"' in module
        assert (STATIC / "views" / f"{view.name}.css").is_file()
        assert view.router.prefix == f"/api/{view.name}"


def test_it_gets_ready_by_itself(served: Served, client: httpx.Client) -> None:
    served.warmth.wait(60.0)
    assert client.get("/api/health").json()["ready"] is True


@pytest.mark.parametrize("path", ["/docs", "/redoc", "/openapi.json"])
def test_pages_that_would_load_from_elsewhere_are_off(client: httpx.Client, path: str) -> None:
    assert client.get(path).status_code == 404


@pytest.mark.parametrize(
    "path", ["/static/../app.py", "/static/%2e%2e/app.py", "/static/..%2fapp.py", "/static//etc/passwd", "/static/"]
)
def test_nothing_outside_the_static_folder_is_served(client: httpx.Client, path: str) -> None:
    answer = client.get(path)
    assert answer.status_code in {404, 405}
    assert "import" not in answer.text
