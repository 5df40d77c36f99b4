import io
import json
from base64 import b64decode
from typing import Any

import httpx
import pytest
from PIL import Image
from tests.studio_server import Served
from tests.studio_sheets import bare, sheet

from inkwise.evaluation.phrases import chance
from inkwise.reading.reader import read_pages

TINY = {"model": "run:tiny"}


def plain(value: object) -> Any:
    return json.loads(json.dumps(value))


def picture_of(told: dict[str, Any]) -> Image.Image:
    return Image.open(io.BytesIO(b64decode(told["source"].partition(",")[2])))


@pytest.fixture(scope="module")
def told(client: httpx.Client) -> Any:
    """What the route says of a page."""
    return client.post("/api/read/page", params=TINY, content=sheet("30 71", "902 45")).json()


def test_a_page_is_read_as_the_library_reads_it(told: Any, served: Served) -> None:
    expected = next(read_pages(sheet("30 71", "902 45"), served.library.get("run:tiny")))
    assert told["page"] == plain(expected.to_dict())
    assert len(expected.lines) == 2
    assert [each["line"] for each in told["said"]] == [chance(line.confidence) for line in expected.lines]
    assert told["said"][0]["digits"] == [chance(digit.confidence) for digit in expected.lines[0].digits]
    assert (told["number"], told["pages"]) == (1, 1)


def test_the_picture_is_the_page_turned_upright(told: Any) -> None:
    picture = picture_of(told["picture"])
    assert picture.size == (560, 190) == tuple(told["page"]["size"])


def test_the_stages_are_pictures_of_the_same_size(client: httpx.Client) -> None:
    stages = client.post("/api/read/stages", params=TINY, content=sheet("30 71", "902 45")).json()["stages"]
    assert [each["name"] for each in stages] == ["page", "light", "ink", "pieces", "lines"]
    assert {picture_of(each).size for each in stages} == {(560, 190)}
    assert stages[-1]["text"].startswith("2 lines of writing")


def test_a_page_without_digits_says_the_reason(client: httpx.Client) -> None:
    told = client.post("/api/read/page", params=TINY, content=bare()).json()
    assert told["page"]["lines"] == []
    assert told["page"]["reason"] == "no ink found"


def test_each_page_of_a_tiff_is_read_by_its_number(client: httpx.Client) -> None:
    file = io.BytesIO()
    pages = [Image.open(io.BytesIO(data)) for data in (bare(), sheet("30 71"))]
    pages[0].save(file, "tiff", save_all=True, append_images=pages[1:])
    told = client.post("/api/read/page", params={**TINY, "number": 2}, content=file.getvalue()).json()
    assert (told["number"], told["pages"], len(told["page"]["lines"])) == (2, 2, 1)
    missing = client.post("/api/read/page", params={**TINY, "number": 3}, content=file.getvalue()).json()
    assert missing["error"]["message"] == "There is no page 3; this file has 2."


@pytest.mark.parametrize("body", [b"", b"no picture", b"P5 20000 20000 255\n"])
def test_what_is_no_picture_is_refused_in_the_librarys_words(client: httpx.Client, body: bytes) -> None:
    assert client.post("/api/read/page", params=TINY, content=body).json()["error"]["kind"] == "ImageError"


def test_a_correction_changes_the_files_that_are_given(client: httpx.Client, told: Any) -> None:
    given = {"image": "folder/page.png", "number": 1, "page": told["page"], "labels": {"0": "5"}}
    answer = client.post("/api/read/corrected", json=given).json()
    assert answer["page"]["lines"][0]["text"][0] == "5"
    assert answer["csv"].splitlines()[1].startswith(f"page.png,1,1,1,{answer['page']['lines'][0]['text'].split()[0]},")
    assert json.loads(answer["json"]) == {"image": "page.png", "page": 1, **answer["page"]}


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"labels": {"99": "5"}}, "There is no digit 99"),
        ({"page": {"lines": "all"}}, "This is no page as the Studio gives it"),
    ],
)
def test_a_correction_that_cannot_be_is_told(
    client: httpx.Client, told: Any, change: dict[str, Any], sentence: str
) -> None:
    given = {"image": "page.png", "number": 1, "page": told["page"], "labels": {}, **change}
    assert sentence in client.post("/api/read/corrected", json=given).json()["error"]["message"]


def test_without_corrections_the_files_are_those_of_the_command_line(
    client: httpx.Client, told: Any, served: Served, tmp_path: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    from inkwise.cli.read import read

    path = tmp_path / "page.png"
    path.write_bytes(sheet("30 71", "902 45"))
    read(str(path), model=str(served.library.get("run:tiny").path), json=True)
    shown = json.loads(capsys.readouterr().out)
    given = {"image": "page.png", "number": 1, "page": told["page"], "labels": {}}
    assert json.loads(client.post("/api/read/corrected", json=given).json()["json"]) == {**shown, "image": "page.png"}
