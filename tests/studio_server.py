"""The Studio as it really runs: its server in a thread of this process, listening at a free port."""

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import uvicorn

from inkwise.studio.address import Address, listen
from inkwise.studio.app import create_app
from inkwise.studio.library import Library
from inkwise.studio.warmth import Warmth

LIMIT = 60  # seconds that a slow machine may take


@dataclass(frozen=True)
class Served:
    """A running Studio: where it is, and its application."""

    address: Address
    library: Library
    warmth: Warmth

    @property
    def url(self) -> str:
        """Its address without the token, and without a slash at the end."""
        return f"http://{self.address.host}:{self.address.port}"


@contextmanager
def serving(
    runs: Path, *, host: str = "127.0.0.1", port: int = 0, open_to_others: bool = False, max_body: int = 3_000_000
) -> Iterator[Served]:
    """Run a Studio until the block ends."""
    address, listening = listen(host, port, open_to_others=open_to_others)
    library = Library(runs)
    app = create_app(library, address, max_body=max_body)
    server = uvicorn.Server(uvicorn.Config(app, log_level="critical", ws="none", timeout_graceful_shutdown=1))
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]})
    thread.start()
    try:
        deadline = time.monotonic() + LIMIT
        while not server.started:
            assert time.monotonic() < deadline, "the server did not start"
            time.sleep(0.005)
        yield Served(address, library, app.state.warmth)
    finally:
        server.should_exit = True
        thread.join(LIMIT)
        listening.close()
