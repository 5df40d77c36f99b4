"""The door of the room: anything that holds a picture of a page, and a model, to what the page says.

    for page in read_pages("scan.tiff", Recognizer.load("robust.safetensors")):
        print([line.text for line in page.lines])

A TIFF with several pages gives several. What is read is turned upright by its EXIF orientation first. A small copy of
the page tells print and pictures of something else: in both there is always something that looks like a digit.
"""

from collections.abc import Iterator
from dataclasses import replace

import numpy as np
import torch

from inkwise.data.frames import read_frames
from inkwise.data.image import MAX_PIXELS
from inkwise.errors import UsageError
from inkwise.evaluation.rejection import Rejection
from inkwise.reading.ink import Grey, Ink, find_ink, shrink
from inkwise.reading.page import ACCEPT, NO_INK, Page, read_page
from inkwise.reading.pieces import Piece, find_pieces, typical_size, without_dirt
from inkwise.reading.reasons import NO_PAGE, OTHER, PRINT, why_empty
from inkwise.reading.rules import without_rules
from inkwise.reading.scores import Judge, Scores
from inkwise.recognizer import Recognizer

_DIGITS = tuple("0123456789")
_KINDS = ("one digit", "not a digit", "two digits")
_GLANCE = 1_000_000  # pixels of the copy that tells what a page looks like
# Shares of a page's pieces that are digits, from which it is no print, and no picture of something else; of letters in
# print up to 0.68 were read as digits.
_ENOUGH = {PRINT: 0.75, NO_PAGE: 0.5}
_LARGER = 1.6  # times the usual piece from which digits are written among print


def read_pages(source: object, recognizer: Recognizer, *, max_pixels: int = MAX_PIXELS) -> Iterator[Page]:
    """Yield what each page of `source` says.

    Args:
        source: a path, bytes or an open file of a picture, a PIL image, an array or a tensor, as
            `inkwise.data.frames.read_frames` takes them.
        recognizer: a model whose classes are the ten digits.
        max_pixels: the largest page that is accepted.

    Raises:
        ImageError: a page cannot be read; the message names it.
        UsageError: the model does not read digits.
    """
    judge = judge_of(recognizer)
    for frame in read_frames(source, max_pixels=max_pixels):
        yield read_picture(frame, judge, recognizer.rejection or ACCEPT)


def read_picture(picture: Grey, judge: Judge, rejection: Rejection = ACCEPT) -> Page:
    """Return what a page says; where it says nothing, `reason` tells what it looks like instead.

    Args:
        picture: uint8 (H, W) grey or (H, W, 3) colour.
        judge: what scores pictures in MNIST's form.
        rejection: which digits are accepted.
    """
    page = read_page(picture, judge, rejection=rejection)
    if page.reason == NO_INK:
        return page
    seen = without_rules(find_ink(shrink(picture, _GLANCE)[0]))
    pieces, size = _pieces(seen)
    why = why_empty(seen, pieces, size)
    size *= picture.shape[1] / seen.mask.shape[1]
    if page.lines and (why == OTHER or _stands(page, len(pieces), size, _ENOUGH[why])):
        return page
    return replace(page, lines=(), reason=why)


def _stands(page: Page, pieces: int, size: float, enough: float) -> bool:
    """Whether what was read is not just what looks like digits among so many pieces of that usual size in pixels."""
    accepted = [digit for line in page.lines for digit in line.digits if digit.accepted]
    if len(accepted) >= enough * pieces:
        return True
    sizes = [max(digit.box[2:]) for digit in accepted]
    return bool(sizes) and float(np.median(sizes)) > _LARGER * size


def _pieces(ink: Ink) -> tuple[list[Piece], float]:
    """A page's pieces without dirt, and their usual size in pixels."""
    pieces = find_pieces(ink)
    size = typical_size(pieces) if pieces else 1.0
    return without_dirt(pieces, size), size


def judge_of(recognizer: Recognizer) -> Judge:
    """Return what scores pictures by a model.

    Raises:
        UsageError: the model's classes are not the ten digits.
    """
    if recognizer.classes != _DIGITS:
        raise UsageError(
            f"{recognizer.path or 'The model'} answers with {', '.join(recognizer.classes[:3])} ...; a page is read "
            "with a model of the ten digits 0 to 9: train one, or name another with --model."
        )

    def judge(images: Grey) -> Scores:
        if not len(images):
            return Scores(np.zeros((0, 10)), np.zeros((0, 3)))
        judgement = recognizer.judge(torch.from_numpy(images))
        kinds = np.zeros((len(images), len(_KINDS)))
        kinds[:, [0, *(_KINDS.index(reject) for reject in recognizer.rejects)]] = judgement.kinds.numpy()
        return Scores(judgement.probabilities.numpy().astype(np.float64), kinds)

    return judge
