"""What was read from the pages that were given last, so that a page is read once for all that is asked about it."""

import hashlib
from collections import OrderedDict
from threading import Lock
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from inkwise.reading.ink import Grey
    from inkwise.reading.page import Page
    from inkwise.recognizer import Recognizer

_KEPT: Final = 6  # pages; their pictures are not kept


class Readings:
    """Reads pages, and keeps the last few readings; any number of threads may ask."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._kept: OrderedDict[tuple[int, int, bytes], tuple[Recognizer, Page]] = OrderedDict()

    def get(self, recognizer: "Recognizer", file: bytes, number: int, frame: "Grey") -> "Page":
        """Return what a model read from a page.

        Args:
            recognizer: The model.
            file: The bytes that the page came in, which tell one file from another.
            number: Of the page in its file, from 1.
            frame: Its pixels.

        Raises:
            UsageError: The model's classes are not the ten digits.
        """
        from inkwise.reading.reader import read_pages

        key = (id(recognizer), number, hashlib.sha256(file).digest())
        with self._lock:
            if key in self._kept:
                self._kept.move_to_end(key)
                return self._kept[key][1]
        page = next(iter(read_pages(frame, recognizer)))
        with self._lock:
            self._kept[key] = (recognizer, page)  # while it is kept its model is, and no other can have its id
            while len(self._kept) > _KEPT:
                self._kept.popitem(last=False)
        return page
