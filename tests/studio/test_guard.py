from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from tests.studio_server import Served, serving


@pytest.fixture(scope="module")
def shared(runs: Path) -> Iterator[Served]:
    """A Studio that other machines could reach."""
    with serving(runs, host="0.0.0.0", open_to_others=True) as studio:  # noqa: S104
        yield studio


def refused(answer: httpx.Response) -> tuple[int, str]:
    return answer.status_code, answer.json()["error"]["message"]


@pytest.mark.parametrize("path", ["/", "/static/app.js", "/api/health", "/api/none", "/static/none.js"])
def test_every_answer_forbids_what_is_not_from_here(client: httpx.Client, path: str) -> None:
    headers = client.get(path).headers
    policy = headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "script-src 'self'" in policy
    assert "style-src 'self'" in policy
    assert "unsafe" not in policy
    assert "http" not in policy
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["x-frame-options"] == "DENY"
    assert headers["referrer-policy"] == "no-referrer"
    assert headers["cross-origin-resource-policy"] == "same-origin"
    assert headers["cache-control"] in {"no-cache", "no-store"}


def test_another_name_for_this_machine_is_refused(client: httpx.Client) -> None:
    status, message = refused(client.get("/api/health", headers={"Host": "evil.example"}))
    assert status == 403
    assert message == "The Studio is not known as 'evil.example'; open the address that the terminal shows."


@pytest.mark.parametrize(
    "headers",
    [
        {"Origin": "http://evil.example"},
        {"Origin": "null"},
        {"Origin": "https://127.0.0.1"},
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
    ],
)
def test_the_page_of_another_site_may_ask_nothing(client: httpx.Client, headers: dict[str, str]) -> None:
    for answer in (client.get("/api/health", headers=headers), client.post("/api/draw/answer", headers=headers)):
        assert refused(answer) == (403, "Pages of other sites may not use the Studio.")


def test_another_port_of_this_machine_is_another_site(client: httpx.Client) -> None:
    assert client.get("/api/health", headers={"Origin": "http://127.0.0.1:1"}).status_code == 403


def test_the_own_page_may_ask_and_a_link_may_open_it(client: httpx.Client, served: Served) -> None:
    assert client.get("/api/health", headers={"Origin": served.url, "Sec-Fetch-Site": "same-origin"}).is_success
    followed = {"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "navigate"}
    assert client.get("/", headers=followed).is_success
    assert client.get("/api/health", headers=followed).status_code == 403


def test_a_body_is_counted_before_it_is_decoded(client: httpx.Client) -> None:
    def in_parts() -> Iterator[bytes]:
        for _ in range(4):
            yield b"\x89PNG\r\n\x1a\n" * 131_072  # 1 MB each

    whole = client.post("/api/draw/answer", content=b"\x89PNG" * 1_000_000)
    assert refused(whole) == (413, "What was sent is larger than 3 MB, the most that is accepted.")
    assert refused(client.post("/api/draw/answer", content=in_parts()))[0] == 413


def test_without_the_token_nothing_is_answered(shared: Served) -> None:
    with httpx.Client(base_url=f"http://127.0.0.1:{shared.address.port}", timeout=60) as client:
        for path in ("/", "/static/app.js", "/api/health", "/?token=wrong", "/api/health?token=", "/?token="):
            status, message = refused(client.get(path))
            assert status == 401
            assert "This needs the token; open the whole address that the terminal shows" in message
        assert client.get("/api/health", headers={"Cookie": "inkwise=wrong; bad[name"}).status_code == 401


def test_the_token_opens_the_page_once_and_then_a_cookie_does(shared: Served) -> None:
    with httpx.Client(base_url=f"http://127.0.0.1:{shared.address.port}", timeout=60) as client:
        answer = client.get("/", params={"token": str(shared.address.token)})
        assert (answer.status_code, answer.headers["location"]) == (303, "/")
        cookie = answer.headers["set-cookie"].lower()
        assert "httponly" in cookie
        assert "samesite=strict" in cookie
        assert client.get("/api/health").is_success
        assert client.get("/").is_success
