"""Files over HTTP, verified by hash: mirrors in turn, atomic, resumable by running again.

What arrives is kept in NAME.part beside the target and continued (HTTP Range) by the next mirror or the next run;
only a file with the right SHA-256 takes the target's name. A mirror that sends nothing for 20 seconds, or drips, is
left for the next. Plain urllib rather than pooch, because pooch has one URL per file and starts over after a break.
Nothing is fetched unless a caller asks.
"""

import contextlib
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from http.client import HTTPException, HTTPResponse
from io import FileIO
from pathlib import Path
from urllib.parse import urlsplit
from urllib.request import Request, build_opener

from inkwise.data.inflate import content_sha256, file_sha256
from inkwise.data.registry import Source, SourceFile
from inkwise.errors import DataError, FetchError

Say = Callable[[str], None]

STALL = 20.0  # seconds
MAX_BYTES = 1 << 26  # of one download; the largest listed has 26 MB
_MAX_CONTENT = 1 << 30
_DRIP = 1024  # bytes: less than this in STALL seconds counts as nothing
_CHUNK = 1 << 16


def say_on_stderr(message: str) -> None:
    """Print a message for people; standard output stays free for results."""
    print(message, file=sys.stderr, flush=True)


def fetch(source: Source, folder: Path, *, say: Say = say_on_stderr, stall: float = STALL) -> list[Path]:
    """Bring every file of `source` into `folder`; files already there and right are kept.

    Args:
        source: A dataset with mirrors.
        folder: Made where it does not exist.
        say: Receives one message per file and try.
        stall: Seconds without progress after which the next mirror is tried.

    Returns:
        The paths of the files, in the order of `source.files`.

    Raises:
        FetchError: No mirror delivered a file, or it cannot be written.
    """
    from filelock import FileLock, Timeout

    try:
        folder.mkdir(parents=True, exist_ok=True)
        lock = FileLock(folder / ".fetch.lock")
        try:
            held = lock.acquire(timeout=0)
        except Timeout:
            say(f"Another process is fetching into {folder}; waiting for it.")
            held = lock.acquire()
    except (OSError, NotImplementedError) as error:
        raise FetchError(
            f"{folder} cannot be written ({_reason(error)}); choose another folder with --data."
        ) from error
    with held:
        return [_fetch_listed(source, file, folder / file.name, say, stall) for file in source.files]


def fetch_file(
    urls: Sequence[str], target: Path, sha256: str, *, say: Say = say_on_stderr, stall: float = STALL
) -> Path:
    """Download one file from the first of `urls` that delivers it.

    Args:
        urls: http or https, tried in turn; all are to deliver the same bytes.
        target: Where the file goes; an existing one is replaced only by one with the right hash.
        sha256: What the file must hash to, in hexadecimal.
        say: Receives one message per try, and one per failure.
        stall: Seconds without progress after which a mirror is given up.

    Returns:
        `target`.

    Raises:
        FetchError: No URL delivered the file (what arrived is kept for the next run), or it cannot be written.
    """
    part = target.with_name(target.name + ".part")
    faults: list[str] = []
    for url in urls:
        try:
            _deliver(url, part, sha256, say, stall)
        except _MirrorError as fault:
            faults.append(f"{url}: {fault}")
            say(f"  {fault}")
            continue
        with _writing(target):
            part.replace(target)
        return target
    raise FetchError(
        f"{target.name} could not be fetched ({'; '.join(faults) or 'it has no mirrors'}). Check the network and run "
        f"the same again, which continues what arrived; or copy the file to {target.parent} by hand."
    )


class _MirrorError(Exception):
    """One mirror did not deliver; the next may. `worthless`: neither do the bytes kept belong to the file."""

    def __init__(self, message: str, *, worthless: bool = False) -> None:
        super().__init__(message)
        self.worthless = worthless


def _fetch_listed(source: Source, file: SourceFile, target: Path, say: Say, stall: float) -> Path:
    if target.exists():
        if _is_right(target, file):
            say(f"{target} is here and right.")
            return target
        say(f"{target} is not the published file; fetching it again.")
    return fetch_file([mirror + file.name for mirror in source.mirrors], target, file.published, say=say, stall=stall)


def _is_right(path: Path, file: SourceFile) -> bool:
    try:
        return file_sha256(path) == file.published or (
            file.content is not None and content_sha256(path, _MAX_CONTENT) == file.content
        )
    except DataError:
        return False


def _deliver(url: str, part: Path, sha256: str, say: Say, stall: float) -> None:
    """Complete `part` from one URL; leave it for the next where the connection breaks."""
    resumed = _size(part)
    if resumed and file_sha256(part) == sha256:
        return
    note = f", continuing after {resumed / 1e6:.1f} MB" if resumed else ""
    say(f"Fetching {url}{note}")
    try:
        _download(url, part, resumed, stall)
        found = file_sha256(part)
        if found != sha256:
            raise _MirrorError(f"sent a file with SHA-256 {found}, expected {sha256}", worthless=True)
    except _MirrorError as fault:
        if fault.worthless:
            with _writing(part):
                part.unlink(missing_ok=True)
            if resumed:  # the wrong bytes may be those from before: this mirror gets a fair try from the start
                _deliver(url, part, sha256, say, stall)
                return
        raise


def _download(url: str, part: Path, resumed: int, stall: float) -> None:
    headers = {"User-Agent": "inkwise", "Accept-Encoding": "identity"}
    if resumed:
        headers["Range"] = f"bytes={resumed}-"
    try:
        if urlsplit(url).scheme not in {"http", "https"}:
            raise _MirrorError("is neither http nor https")
        with build_opener().open(Request(url, headers=headers), timeout=stall) as response:  # noqa: S310 - checked above
            start = _start(response, resumed)
            with _writing(part):
                # Unbuffered: a full disk shows at the write and not at the close, and a kill loses nothing.
                stream = part.open("r+b" if start else "wb", buffering=0)
            with stream:
                _receive(response, stream, part, start, stall)
    except (OSError, HTTPException, ValueError) as error:
        status = getattr(error, "code", None)
        # 416: what is kept is as long as the file or longer, and so no part of it.
        raise _MirrorError(f"answered HTTP {status}" if status else _reason(error), worthless=status == 416) from error


def _start(response: HTTPResponse, resumed: int) -> int:
    """Return the offset at which the server begins: 0 where it ignores Range."""
    if response.status != 206:
        return 0
    if not (response.headers.get("Content-Range") or "").startswith(f"bytes {resumed}-"):
        raise _MirrorError("answered with another range than was asked for")
    return resumed


def _receive(response: HTTPResponse, stream: FileIO, part: Path, start: int, stall: float) -> None:
    promised = response.headers.get("Content-Length", "")
    received = recent = 0
    since = time.monotonic()
    stream.seek(start)
    while chunk := response.read1(_CHUNK):
        received, recent = received + len(chunk), recent + len(chunk)
        if start + received > MAX_BYTES:
            raise _MirrorError(f"sends more than {MAX_BYTES:,} bytes", worthless=True)
        with _writing(part):
            rest = memoryview(chunk)
            while rest:
                rest = rest[stream.write(rest) :]
        if time.monotonic() - since > stall:
            if recent < _DRIP:
                raise _MirrorError(f"stalled: {recent} bytes in {stall:g} seconds")
            since, recent = time.monotonic(), 0
    if promised.isdigit() and received < int(promised):
        raise _MirrorError(f"broke off after {received:,} of {int(promised):,} bytes")


@contextlib.contextmanager
def _writing(path: Path) -> Iterator[None]:
    """Turn a failure to write into a FetchError: no other mirror can help."""
    try:
        yield
    except OSError as error:
        raise FetchError(
            f"{path} cannot be written ({_reason(error)}); make room, or choose another folder with --data."
        ) from error


def _size(path: Path) -> int:
    try:
        return path.stat().st_size
    except OSError:
        return 0


def _reason(error: BaseException) -> str:
    """Say in words what a library's error means: urllib keeps the cause in `reason`."""
    cause = getattr(error, "reason", error)
    if isinstance(cause, TimeoutError):
        return "stalled"
    return str(getattr(cause, "strerror", None) or cause or type(cause).__name__)
