"""The door in front of every route: who may ask, how much may be sent, and what a browser may do with the answer.

A request must be for a name of the Studio (Host), and not be made by another site's page (Origin, Sec-Fetch-Site).
Where others can reach it, it also needs the token: first in the address, then in a cookie that no script can read. A
body is counted as it comes in, before anything decodes it. Answers carry a Content-Security-Policy that allows what is
from here alone.
"""

from http.cookies import CookieError, SimpleCookie
from secrets import compare_digest
from typing import Final
from urllib.parse import parse_qs

from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import RedirectResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from inkwise.studio.address import Address
from inkwise.studio.faults import fault

MAX_BODY: Final = 32_000_000  # bytes; a photograph of 30 megapixels has about 15

HEADERS: Final = {
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self' data: blob:; "
        "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    ),
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
}


class _TooLarge(Exception):
    """The body has more bytes than are accepted."""


class Guard:
    """Wraps an application.

    Args:
        app: What answers those who are let in.
        address: Where it listens.
        max_body: Bytes that a request may bring.
    """

    def __init__(self, app: ASGIApp, address: Address, *, max_body: int = MAX_BODY) -> None:
        self.app, self.address, self.max_body = app, address, max_body

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request, or refuse it."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)  # the start and end of the server; there are no websockets
            return

        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                headers.update(HEADERS)
                headers.setdefault("Cache-Control", "no-cache" if scope["path"].startswith("/static/") else "no-store")
            await send(message)

        try:
            answer = self._refusal(scope) or self._pass(scope)
            body = None if answer is not None else await self._body(scope, receive)
        except _TooLarge:
            most = f"{self.max_body / 1e6:g} MB"
            answer = fault(413, "TooLarge", f"What was sent is larger than {most}, the most that is accepted.")
        if answer is not None:
            await answer(scope, receive, send_with_headers)
        else:
            await self.app(scope, receive if body is None else _replay(body, receive), send_with_headers)

    def _refusal(self, scope: Scope) -> Response | None:
        """Return why a request is turned away whoever asks, None where it is not."""
        headers = Headers(scope=scope)
        host = headers.get("host", "")
        if not self.address.accepts(host):
            return fault(
                403, "Forbidden", f"The Studio is not known as {host!r}; open the address that the terminal shows."
            )
        origin, site = headers.get("origin"), headers.get("sec-fetch-site", "none")
        opened = scope["path"] == "/" and scope["method"] == "GET" and headers.get("sec-fetch-mode") == "navigate"
        if (origin is not None and origin != f"http://{host}") or (site not in {"none", "same-origin"} and not opened):
            return fault(403, "Forbidden", "Pages of other sites may not use the Studio.")
        return None

    def _pass(self, scope: Scope) -> Response | None:
        """Return None for who has the token where one is needed; a redirect without it for who brings it."""
        if self.address.token is None:
            return None
        headers = Headers(scope=scope)
        name = f"inkwise-{self.address.port}"  # cookies are shared by the ports of a host
        if _same(_cookie(headers.get("cookie", ""), name), self.address.token):
            return None
        brought = parse_qs(scope["query_string"].decode("latin-1")).get("token", [""])[0]
        if scope["path"] == "/" and _same(brought, self.address.token):
            answer = RedirectResponse("/", 303)
            answer.set_cookie(name, self.address.token, httponly=True, samesite="strict")
            return answer
        return fault(
            401, "Unauthorized", "This needs the token; open the whole address that the terminal shows, ?token=... too."
        )

    async def _body(self, scope: Scope, receive: Receive) -> bytes | None:
        """Return the body, all of it; None where a request has none by its method."""
        if scope["method"] in {"GET", "HEAD"}:
            return None
        told = Headers(scope=scope).get("content-length", "0")
        if told.isdecimal() and int(told) > self.max_body:
            raise _TooLarge
        parts: list[bytes] = []
        size = 0
        while True:
            message = await receive()
            part = message.get("body", b"")
            parts.append(part)
            size += len(part)
            if size > self.max_body:
                raise _TooLarge
            if not message.get("more_body", False):
                return b"".join(parts)


def _replay(body: bytes, receive: Receive) -> Receive:
    """Return what gives the body that was read, and after it what `receive` has to say."""
    given = False

    async def again() -> Message:
        nonlocal given
        if given:
            return await receive()
        given = True
        return {"type": "http.request", "body": body, "more_body": False}

    return again


def _cookie(header: str, name: str) -> str:
    try:
        found = SimpleCookie(header).get(name)
    except CookieError:
        return ""
    return "" if found is None else found.value


def _same(given: str, wanted: str) -> bool:
    return compare_digest(given.encode(), wanted.encode())
