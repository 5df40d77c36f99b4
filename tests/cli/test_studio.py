"""The verb in a process of its own, as a person starts and ends it."""

import os
import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx

Call = Callable[..., Any]


@contextmanager
def started(folder: Path, *words: object) -> Iterator[tuple[subprocess.Popen[str], str]]:
    """Run `inkwise studio --no-browser WORDS`, and give the process and what it says up to its address."""
    command = [sys.executable, "-m", "inkwise", "studio", "--no-browser", *map(str, words)]
    environment = {key: value for key, value in os.environ.items() if key not in {"INKWISE_DATA", "COLUMNS"}}
    with subprocess.Popen(command, cwd=folder, env=environment, stderr=subprocess.PIPE, text=True) as process:
        try:
            assert process.stderr is not None
            said = ""
            while "Studio: " not in said:
                line = process.stderr.readline()
                assert line, said
                said += line
            yield process, said
        finally:
            if process.poll() is None:
                process.kill()


def ask(url: str) -> httpx.Response:
    """Ask until the server is up."""
    deadline = time.monotonic() + 60
    while True:
        try:
            return httpx.get(url, timeout=60)
        except httpx.TransportError:
            assert time.monotonic() < deadline
            time.sleep(0.05)


def test_it_says_where_it_is_answers_there_and_ends_with_ctrl_c(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with started(tmp_path, "--port", port, "--runs", "none") as (process, said):
            found = re.search(r"Studio: http://127\.0\.0\.1:(\d+)/", said)
            assert found is not None
            assert int(found[1]) > port
            assert f"Port {port} is taken, so the Studio is at {found[1]}." in said
            told = ask(f"http://127.0.0.1:{found[1]}/api/studio").json()
            assert told["runs"] == "none"
            process.send_signal(signal.SIGINT)
            assert process.wait(60) == 0
            assert process.stderr is not None
            assert process.stderr.read() == "The Studio has ended.\n"


def test_it_starts_without_torch() -> None:
    program = "import sys, inkwise.studio.server; sys.exit(bool({'torch', 'cv2', 'matplotlib'} & set(sys.modules)))"
    assert subprocess.run([sys.executable, "-c", program], check=False, timeout=120).returncode == 0


def test_another_address_must_be_meant(inkwise: Call) -> None:
    done = inkwise("studio", "--host", "0.0.0.0", "--no-browser")  # noqa: S104
    assert done.code == 2
    assert done.err.startswith("inkwise: --host 0.0.0.0 lets other machines look at the models and runs here")
    assert "--open-to-others" in done.err
    assert done.err.count("\n") == 1


def test_help_says_what_the_flag_means(inkwise: Call) -> None:
    assert "--open-to-others" in inkwise("studio", "--help").out
