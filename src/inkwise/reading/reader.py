"""The door of the room: anything that holds a picture of a page, and a model, to what the page says.

    for page in read_pages("scan.tiff", Recognizer.load("robust.safetensors")):
        print([line.text for line in page.lines])

A TIFF with several pages gives several. What is read is turned upright by its EXIF orientation first.
"""

from collections.abc import Iterator

import numpy as np
import torch

from inkwise.data.frames import read_frames
from inkwise.data.image import MAX_PIXELS
from inkwise.errors import UsageError
from inkwise.reading.ink import Grey
from inkwise.reading.page import Page, read_page
from inkwise.reading.scores import Judge, Scores
from inkwise.recognizer import Recognizer

_DIGITS = tuple("0123456789")
_KINDS = ("one digit", "not a digit", "two digits")


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
        yield read_page(frame, judge)


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
