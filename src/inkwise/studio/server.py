"""The server: listens, says where, opens a browser, and ends with Ctrl-C.

It is up before torch is imported; see `warmth`.
"""

import os
import sys
import webbrowser
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from threading import Thread

import uvicorn

from inkwise.studio.address import HOST, PORT, listen
from inkwise.studio.app import create_app
from inkwise.studio.library import Library

_PATIENCE = 2  # seconds that requests under way have when the server is told to end
_LOADING = 20.0  # seconds that the first model has for the same


def serve(
    *,
    host: str = HOST,
    port: int = PORT,
    open_to_others: bool = False,
    browser: bool = True,
    runs: Path = Path("runs"),
    say: Callable[[str], None],
) -> None:
    """Run the Studio until it is interrupted.

    Args:
        host: 127.0.0.1 or another name of this machine.
        port: From 0, for any that is free. Where it is taken, the next one that is free.
        open_to_others: Whether addresses that other machines can reach are meant; they get a token.
        browser: Whether to open the page.
        runs: The folder with run folders, which need not exist.
        say: Receives sentences for people: the address, and another port than asked for.

    Raises:
        UsageError: As for `inkwise.studio.address.listen`.
    """
    address, listening = listen(host, port, open_to_others=open_to_others)
    app = create_app(Library(runs), address)
    if port and address.port != port:
        say(f"Port {port} is taken, so the Studio is at {address.port}.")
    if address.token is not None:
        say("Other machines can reach this Studio. Whoever has the address with its token can use it; keep it private.")
    say(f"Studio: {address.url}  (Ctrl-C ends it)")
    if browser and _has_screen():
        Thread(target=_open, args=(address.url,), daemon=True).start()  # the socket listens: who is early waits
    config = uvicorn.Config(
        app,
        log_level="error",  # the traceback of a defect, and nothing else
        access_log=False,
        ws="none",
        timeout_graceful_shutdown=_PATIENCE,
        server_header=False,
    )
    with suppress(KeyboardInterrupt):
        uvicorn.Server(config).run(sockets=[listening])
    app.state.warmth.wait(_LOADING)  # torch does not like to be interrupted while it is imported
    say("The Studio has ended.")


def _has_screen() -> bool:
    """Whether a browser could show something: without a screen a text browser would take over the terminal."""
    return sys.platform != "linux" or any(os.environ.get(name) for name in ("DISPLAY", "WAYLAND_DISPLAY"))


def _open(url: str) -> None:
    with suppress(webbrowser.Error):
        webbrowser.open(url)
