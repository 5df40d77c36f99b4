"""Downloads from a real server on this machine, which fails in the ways that servers do."""

import contextlib
import hashlib
import random
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from filelock import FileLock, Timeout

from inkwise.data.fetch import fetch, fetch_file
from inkwise.data.registry import Source, SourceFile, SourceSplit
from inkwise.errors import FetchError

CONTENT = random.Random(0).randbytes(200_000)  # noqa: S311 - no secret
SHA256 = hashlib.sha256(CONTENT).hexdigest()


@dataclass
class Server:
    """What the paths of the server answer, and what was asked of it."""

    url: str = ""
    asked: list[tuple[str, str | None]] = field(default_factory=list)  # path and Range
    files: dict[str, bytes] = field(default_factory=dict)
    released: threading.Event = field(default_factory=threading.Event)


class Handler(BaseHTTPRequestHandler):
    """Answers /WAY/NAME with the file NAME, in the way that WAY says."""

    state: Server

    def log_message(self, *_: object) -> None:
        pass

    def do_GET(self) -> None:
        way, _, name = self.path.strip("/").partition("/")
        wanted = self.headers.get("Range")
        self.state.asked.append((self.path, wanted))
        content = self.state.files.get(name, CONTENT)
        if way == "corrupt":
            content = content[::-1]
        start = int(wanted.removeprefix("bytes=").removesuffix("-")) if wanted and way != "rangeless" else 0
        if way.isdigit():
            self.send_error(int(way))
        elif start >= len(content):
            self.send_error(416)
        else:
            self.answer(way, content, start)

    def answer(self, way: str, content: bytes, start: int) -> None:
        self.send_response(206 if start else 200)
        if start:
            first = start + 1 if way == "shifted" else start
            self.send_header("Content-Range", f"bytes {first}-{len(content) - 1}/{len(content)}")
        if way != "endless":
            self.send_header("Content-Length", str(len(content) - start))
        self.end_headers()
        with contextlib.suppress(OSError):  # the client leaves, as it should
            self.send(way, content[start:])

    def send(self, way: str, body: bytes) -> None:
        if way == "endless":
            for _ in range(70):
                self.wfile.write(bytes(1 << 20))
        elif way in {"truncate", "stall", "drip"}:
            self.wfile.write(body[: len(body) // 2])
            if way == "stall":
                self.state.released.wait(20)
            while way == "drip" and not self.state.released.wait(0.02):
                self.wfile.write(b"x")
        else:
            self.wfile.write(body)


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[Server]:
    monkeypatch.setenv("no_proxy", "127.0.0.1")
    state = Server()
    with ThreadingHTTPServer(("127.0.0.1", 0), type("Bound", (Handler,), {"state": state})) as http:
        http.daemon_threads = True
        state.url = f"http://127.0.0.1:{http.server_port}"
        thread = threading.Thread(target=http.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield state
        state.released.set()
        http.shutdown()
        thread.join()


@pytest.fixture
def said() -> list[str]:
    return []


@pytest.fixture
def target(tmp_path: Path) -> Path:
    return tmp_path / "file.gz"


def part_of(target: Path) -> Path:
    return target.with_name(target.name + ".part")


def test_a_file_arrives_whole_and_nothing_else_is_left(server: Server, target: Path, said: list[str]) -> None:
    assert fetch_file([f"{server.url}/good/file.gz"], target, SHA256, say=said.append) == target
    assert target.read_bytes() == CONTENT
    assert list(target.parent.iterdir()) == [target]
    assert said == [f"Fetching {server.url}/good/file.gz"]


@pytest.mark.parametrize(
    ("way", "fault"),
    [
        ("404", "answered HTTP 404"),
        ("500", "answered HTTP 500"),
        ("truncate", "broke off after 100,000 of 200,000 bytes"),
        ("corrupt", f"sent a file with SHA-256 {hashlib.sha256(CONTENT[::-1]).hexdigest()}, expected {SHA256}"),
        ("stall", "stalled"),
        ("drip", "stalled"),
        ("endless", "sends more than 67,108,864 bytes"),
    ],
)
def test_when_a_mirror_fails_the_next_one_delivers(
    server: Server, target: Path, said: list[str], way: str, fault: str
) -> None:
    urls = [f"{server.url}/{way}/file.gz", f"{server.url}/good/file.gz"]
    fetch_file(urls, target, SHA256, say=said.append, stall=0.3)
    assert target.read_bytes() == CONTENT
    assert said[0] == f"Fetching {urls[0]}"
    assert fault in said[1]
    assert said[2].startswith(f"Fetching {urls[1]}")
    assert list(target.parent.iterdir()) == [target]


def test_when_every_mirror_fails_the_error_has_each_reason_and_the_target_is_untouched(
    server: Server, target: Path, said: list[str]
) -> None:
    target.write_bytes(b"old")
    urls = [
        f"{server.url}/404/file.gz",
        f"{server.url}/corrupt/file.gz",
        "http://127.0.0.1:1/file.gz",
        "file:///etc",
        "http://[",
    ]
    with pytest.raises(FetchError, match=r"^file\.gz could not be fetched .*copy the file to .* by hand\.$") as caught:
        fetch_file(urls, target, SHA256, say=said.append)
    for reason in (
        "answered HTTP 404",
        "sent a file with SHA-256",
        "Connection refused",
        "neither http nor https",
        "Invalid IPv6 URL",
    ):
        assert reason in str(caught.value)
    assert target.read_bytes() == b"old"


def test_the_next_mirror_continues_where_the_last_broke_off(server: Server, target: Path, said: list[str]) -> None:
    fetch_file([f"{server.url}/truncate/a", f"{server.url}/good/a"], target, SHA256, say=said.append)
    assert server.asked == [("/truncate/a", None), ("/good/a", "bytes=100000-")]
    assert said[-1] == f"Fetching {server.url}/good/a, continuing after 0.1 MB"


def test_the_next_run_continues_where_the_last_broke_off(server: Server, target: Path, said: list[str]) -> None:
    with pytest.raises(FetchError, match="broke off"):
        fetch_file([f"{server.url}/truncate/a"], target, SHA256, say=said.append)
    assert part_of(target).read_bytes() == CONTENT[:100_000]
    fetch_file([f"{server.url}/good/a"], target, SHA256, say=said.append)
    assert target.read_bytes() == CONTENT
    assert server.asked[-1] == ("/good/a", "bytes=100000-")


@pytest.mark.parametrize("way", ["good", "rangeless"])
@pytest.mark.parametrize("kept", [b"wrong bytes", bytes(len(CONTENT)), bytes(len(CONTENT) + 5)])
def test_wrong_bytes_kept_from_before_do_not_spoil_the_file(
    server: Server, target: Path, said: list[str], way: str, kept: bytes
) -> None:
    part_of(target).write_bytes(kept)
    fetch_file([f"{server.url}/{way}/a"], target, SHA256, say=said.append)
    assert target.read_bytes() == CONTENT


def test_a_server_that_sends_another_range_than_asked_for_is_left(
    server: Server, target: Path, said: list[str]
) -> None:
    part_of(target).write_bytes(CONTENT[:1000])
    fetch_file([f"{server.url}/shifted/a", f"{server.url}/good/a"], target, SHA256, say=said.append)
    assert "answered with another range than was asked for" in said[1]
    assert target.read_bytes() == CONTENT


def test_a_whole_part_is_taken_without_asking_anyone(server: Server, target: Path, said: list[str]) -> None:
    part_of(target).write_bytes(CONTENT)
    fetch_file([f"{server.url}/good/a"], target, SHA256, say=said.append)
    assert target.read_bytes() == CONTENT
    assert server.asked == []


def test_a_place_that_cannot_be_written_is_said_at_once(server: Server, tmp_path: Path, said: list[str]) -> None:
    urls = [f"{server.url}/good/a", f"{server.url}/good/b"]
    with pytest.raises(FetchError, match=r"cannot be written .*choose another folder with --data"):
        fetch_file(urls, tmp_path / "missing" / "a", SHA256, say=said.append)
    assert len(server.asked) == 1


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="no /dev/full on this system")
@pytest.mark.parametrize("length", [100, 200_000])
def test_a_full_disk_is_said_at_once(server: Server, target: Path, said: list[str], length: int) -> None:
    server.files["a"] = CONTENT[:length]
    part_of(target).symlink_to("/dev/full")
    with pytest.raises(FetchError, match=r"No space left on device.*make room, or choose another folder"):
        fetch_file([f"{server.url}/good/a", f"{server.url}/good/b"], target, SHA256, say=said.append)
    assert len(server.asked) == 1
    assert not target.exists()


def test_a_fetch_killed_midway_leaves_no_target_and_is_continued_by_the_next(
    server: Server, target: Path, said: list[str]
) -> None:
    program = (
        "import sys; from pathlib import Path; from inkwise.data.fetch import fetch_file; "
        "fetch_file([sys.argv[1]], Path(sys.argv[2]), sys.argv[3])"
    )
    command = [sys.executable, "-c", program, f"{server.url}/stall/a", str(target), SHA256]
    with subprocess.Popen(command, stderr=subprocess.DEVNULL) as process:
        deadline = time.monotonic() + 20
        while not (part_of(target).exists() and part_of(target).stat().st_size == 100_000):
            assert time.monotonic() < deadline
            time.sleep(0.01)
        process.send_signal(signal.SIGKILL)
    assert not target.exists()
    fetch_file([f"{server.url}/good/a"], target, SHA256, say=said.append)
    assert target.read_bytes() == CONTENT
    assert server.asked[-1] == ("/good/a", "bytes=100000-")


def tiny_source(server: Server, *ways: str) -> Source:
    names = ["one.gz", "two.gz"]
    server.files = {name: name.encode() * 100 for name in names}
    files = [SourceFile(name, hashlib.sha256(server.files[name]).hexdigest()) for name in names]
    mirrors = tuple(f"{server.url}/{way}/" for way in ways)
    return Source("tiny", "Tiny", (SourceSplit("train", files[0], files[1], 1),), mirrors, "CC0", "http://127.0.0.1/")


def test_every_file_of_a_source_is_fetched_from_mirrors_in_turn(
    server: Server, tmp_path: Path, said: list[str]
) -> None:
    source = tiny_source(server, "500", "good")
    paths = fetch(source, tmp_path / "new" / "tiny", say=said.append)
    assert [path.read_bytes() for path in paths] == list(server.files.values())
    assert [path for path, _ in server.asked] == ["/500/one.gz", "/good/one.gz", "/500/two.gz", "/good/two.gz"]


def test_running_again_keeps_what_is_right_and_mends_what_is_not(
    server: Server, tmp_path: Path, said: list[str]
) -> None:
    source = tiny_source(server, "good")
    first, second = fetch(source, tmp_path, say=said.append)
    second.write_bytes(b"damaged")
    server.asked.clear()
    said.clear()
    fetch(source, tmp_path, say=said.append)
    assert [path for path, _ in server.asked] == ["/good/two.gz"]
    assert second.read_bytes() == server.files["two.gz"]
    assert said[0] == f"{first} is here and right."
    assert said[1] == f"{second} is not the published file; fetching it again."


def test_a_recompressed_file_with_the_right_content_is_kept(mnist_root: Path, tmp_path: Path, said: list[str]) -> None:
    from inkwise.data.registry import SOURCES

    for file in SOURCES["mnist"].files:
        (tmp_path / file.name).symlink_to(mnist_root / file.name)
    fetch(SOURCES["mnist"], tmp_path, say=said.append)
    assert all(message.endswith("is here and right.") for message in said)


def test_a_folder_that_cannot_be_made_is_refused(tmp_path: Path, server: Server, said: list[str]) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(FetchError, match=r"cannot be written .*choose another folder with --data"):
        fetch(tiny_source(server, "good"), tmp_path / "file" / "tiny", say=said.append)


def test_two_fetches_into_one_folder_take_turns(server: Server, tmp_path: Path, said: list[str]) -> None:
    source = tiny_source(server, "good")
    threads = [threading.Thread(target=fetch, args=(source, tmp_path), kwargs={"say": said.append}) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(server.asked) == 2
    assert sum("is here and right" in message for message in said) == 4


def test_the_lock_is_held_while_fetching_and_given_back_after(server: Server, tmp_path: Path, said: list[str]) -> None:
    source = tiny_source(server, "good")
    free: list[bool] = []

    def say(message: str) -> None:
        try:
            FileLock(tmp_path / ".fetch.lock").acquire(timeout=0).lock.release()
            free.append(True)
        except Timeout:
            free.append(False)

    fetch(source, tmp_path, say=say)
    say("after")
    assert free == [False, False, True]
