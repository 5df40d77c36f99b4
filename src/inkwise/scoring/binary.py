"""What the readers of archives ask of a file: to go to a place, and to give some bytes."""

from typing import Protocol, runtime_checkable


@runtime_checkable
class Binary(Protocol):
    """A file that is open for reading in binary mode, whatever lies behind it."""

    def read(self, size: int = -1, /) -> bytes:
        """Return at most `size` bytes, fewer at the end alone."""
        ...

    def seek(self, offset: int, whence: int = 0, /) -> int:
        """Go to a place, and return it."""
        ...
