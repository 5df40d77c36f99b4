"""Where the Studio listens, and under which names a browser may ask for it.

On this machine alone unless someone means otherwise; then a token keeps strangers out. A web site that makes its own
name point to this machine (DNS rebinding) still asks under that name, so names are accepted from a short list; an
address in figures cannot be made to point elsewhere.
"""

import errno
import ipaddress
import secrets
import socket
from dataclasses import dataclass

from inkwise.errors import UsageError

HOST = "127.0.0.1"
PORT = 8628
_TRIED = 50  # ports after the one that is taken
_HIGHEST = 65535
_TAKEN = (errno.EADDRINUSE, errno.EACCES)


@dataclass(frozen=True)
class Address:
    """A host and port that the Studio listens at; `token` is None where only this machine can reach it."""

    host: str
    port: int
    token: str | None = None

    @property
    def names(self) -> frozenset[str]:
        """The names, not in figures, under which it may be asked for."""
        own = {"localhost"}
        if self.token is not None:
            own |= {self.host.lower(), socket.gethostname().lower()}
        return frozenset(own)

    @property
    def url(self) -> str:
        """The address to open; where there is a token it is part of it."""
        host = {"0.0.0.0": socket.gethostname(), "::": socket.gethostname()}.get(self.host, self.host)  # noqa: S104
        place = f"http://{f'[{host}]' if ':' in host else host}:{self.port}/"
        return place if self.token is None else f"{place}?token={self.token}"

    def accepts(self, host: str) -> bool:
        """Return whether a request whose Host header is `host` is for the Studio."""
        name = _without_port(host).lower()
        figures = _figures(name)
        if figures is None:
            return name in self.names
        return figures.is_loopback if self.token is None else True


def listen(host: str = HOST, port: int = PORT, *, open_to_others: bool = False) -> tuple[Address, socket.socket]:
    """Return the address that the Studio has, and the socket that listens there.

    Args:
        host: 127.0.0.1 or another name of this machine.
        port: From 0, for any that is free, to 65535. Where it is taken, the first free one after it.
        open_to_others: Whether addresses that other machines can reach are meant; they get a token.

    Raises:
        UsageError: `host` is no address of this machine, or is one that others can reach and that is not meant; or
            `port` is out of range or taken with all that follow.
    """
    if not 0 <= port <= _HIGHEST:
        raise UsageError(f"--port is {port}; give one from 0, for any that is free, to {_HIGHEST}.")
    if not is_loopback(host) and not open_to_others:
        raise UsageError(
            f"--host {host} lets other machines look at the models and runs here and start trainings; add "
            "--open-to-others if that is meant, and a token in the address keeps strangers out. Without --host the "
            "Studio answers to this machine alone."
        )
    made = _bind(host, port)
    token = None if is_loopback(host) else secrets.token_urlsafe(24)
    return Address(host, int(made.getsockname()[1]), token), made


def is_loopback(host: str) -> bool:
    """Return whether only this machine can reach `host`."""
    figures = _figures(host)
    return host.lower() == "localhost" if figures is None else figures.is_loopback


def _bind(host: str, port: int) -> socket.socket:
    """Return a listening socket at the first free port from `port` on."""
    try:
        family, _, _, _, place = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
    except OSError as error:
        raise _no_address(host, error) from error
    for candidate in range(port, min(port + _TRIED, _HIGHEST) + 1):
        made = socket.socket(family, socket.SOCK_STREAM)
        made.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            made.bind((place[0], candidate))
            made.listen(128)
        except OSError as error:
            made.close()
            if error.errno not in _TAKEN:
                raise _no_address(host, error) from error
        else:
            return made
    raise UsageError(f"The ports {port} to {candidate} of {host} are all taken or not allowed; give another --port.")


def _no_address(host: str, error: OSError) -> UsageError:
    reason = error.strerror or str(error)
    return UsageError(f"The Studio cannot listen at {host} ({reason}); --host takes an address of this machine.")


def _without_port(host: str) -> str:
    if host.startswith("["):
        return host[1:].partition("]")[0]
    return host.partition(":")[0] if host.count(":") == 1 else host


def _figures(host: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    try:
        return ipaddress.ip_address(host)
    except ValueError:
        return None
