"""What a worker does: a shard's items to rows of JSON and their counts. It knows nothing of other shards.

The same shard gives the same bytes wherever it is computed: one thread, the same images in the same batches. An image
that cannot be read, for whatever reason, is a row with its error.
"""

import hashlib
import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from io import BytesIO
from pathlib import Path
from typing import Any, NamedTuple

import cv2
import numpy as np
import torch

from inkwise.data.image import load_grey
from inkwise.data.normaliser import normalise
from inkwise.errors import ImageError, InkwiseError, ModelError
from inkwise.reading.reader import read_pages
from inkwise.recipes.load import run_python
from inkwise.recognizer import Recognizer
from inkwise.scoring.content import Payload, content
from inkwise.scoring.counts import Counts, count_answers
from inkwise.scoring.item import Item

DIGIT_COLUMNS = ("image", "truth", "label", "confidence", "accepted", "reason", "probabilities", "error")
PAGE_COLUMNS = ("image", "page", "truth", "text", "rotation", "width", "height", "reason", "lines", "error")


@dataclass(frozen=True)
class Task:
    """What to do with every shard: `model` as the user named it, or absolute; `sha256` is of its file."""

    model: str
    sha256: str
    pages: bool = False
    register: str | None = None


class Result(NamedTuple):
    """A shard's rows, a line of JSON each, with their counts, and the first error for a person to see."""

    rows: bytes
    counts: Counts
    first_error: str | None


class Shard(NamedTuple):
    """What is computed at once: the shard's number in the plan, its items, and what was carried for them."""

    number: int
    items: Sequence[Item]
    payloads: Sequence[Payload]


class Worker:
    """A model that is loaded, and what it makes of shards."""

    def __init__(self, task: Task) -> None:
        if task.register is not None:
            run_python(Path(task.register))
        self.recognizer = Recognizer.load(task.model)
        self.pages = task.pages
        assert self.recognizer.path is not None
        if hash_of(self.recognizer.path) != task.sha256:
            raise ModelError(f"{task.model} is not the model that scoring began with; leave it as it is meanwhile.")

    def score(self, shard: Shard) -> Result:
        """Return a shard's rows.

        Raises:
            ModelError: The model's weights are such that some probability is nan.
        """
        with one_thread():
            return self._pages(shard) if self.pages else self._digits(shard)

    def _digits(self, shard: Shard) -> Result:
        errors: dict[int, str] = {}
        forms, reasons, places = [], [], []
        for place, (item, payload) in enumerate(zip(shard.items, shard.payloads, strict=True)):
            try:
                form = normalise(load_grey(_named(item, payload)))
            except Exception as error:  # a decoder may raise anything on a file made to harm
                errors[place] = _sentence(item, error)
                continue
            forms.append(form.image)
            reasons.append(form.reason)
            places.append(place)
        images = torch.from_numpy(np.stack(forms)[:, None]) if forms else torch.zeros(0, 1, 28, 28, dtype=torch.uint8)
        answers = self.recognizer.answer(images)  # (N, 1, 28, 28)
        answers = [
            answer if reason is None else replace(answer, accepted=False, reason=reason)
            for answer, reason in zip(answers, reasons, strict=True)
        ]
        by_place = dict(zip(places, answers, strict=True))
        rows = []
        for place, item in enumerate(shard.items):
            answer = by_place.get(place)
            values = [None] * 5 if answer is None else list(vars(answer).values())
            rows.append((item.name, item.truth, *values, errors.get(place)))
        counts = count_answers(answers, [shard.items[place].truth for place in places], self.recognizer)
        counts += Counts(len(shard.items), len(rows), len(errors))
        return Result(_lines(DIGIT_COLUMNS, rows), counts, next(iter(errors.values()), None))

    def _pages(self, shard: Shard) -> Result:
        rows: list[tuple[Any, ...]] = []
        errors: list[str] = []
        for item, payload in zip(shard.items, shard.payloads, strict=True):
            try:
                for number, page in enumerate(read_pages(_named(item, payload), self.recognizer), start=1):
                    read = page.to_dict()
                    text = "\n".join(line.text for line in page.lines)
                    told = (text, page.rotation, *page.size, page.reason, read["lines"], None)
                    rows.append((item.name, number, item.truth, *told))
            except Exception as error:  # as above
                errors.append(_sentence(item, error))
                rows.append((item.name, None, item.truth, *[None] * 6, errors[-1]))
        counts = Counts(len(shard.items), len(rows), len(errors))
        return Result(_lines(PAGE_COLUMNS, rows), counts, errors[0] if errors else None)


def hash_of(path: Path) -> str:
    """Return the SHA-256 of a file; OSError where it cannot be read."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


@contextmanager
def one_thread() -> Iterator[None]:
    """Compute on one thread, whatever was set before: sums in another order would differ in their last bits."""
    before, before_cv2 = torch.get_num_threads(), cv2.getNumThreads()
    torch.set_num_threads(1)
    cv2.setNumThreads(1)
    try:
        yield
    finally:
        torch.set_num_threads(before)
        cv2.setNumThreads(before_cv2)


class _Named(BytesIO):
    """Bytes that messages call by their image's name."""

    name: str


def _named(item: Item, payload: Payload) -> _Named:
    try:
        file = _Named(content(item, payload))
    except ImageError as error:
        raise ImageError(f"{item.name}: {error}") from error
    file.name = item.name
    return file


def _sentence(item: Item, error: Exception) -> str:
    """What the row says; what is no fault of the image is raised again."""
    if isinstance(error, ImageError):
        return str(error)
    if isinstance(error, InkwiseError):
        raise error
    if isinstance(error, MemoryError):
        return f"{item.name}: there is not enough memory to read it; make it smaller."
    detail = " ".join(str(error).split())[:200]
    return f"{item.name}: it cannot be read ({type(error).__name__}: {detail}); save it again."


def _lines(columns: tuple[str, ...], rows: Sequence[tuple[Any, ...]]) -> bytes:
    """Rows as lines of JSON in UTF-8."""
    dump = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode
    return "".join(dump(dict(zip(columns, row, strict=True))) + "\n" for row in rows).encode(errors="backslashreplace")
