import io

import numpy as np
import pytest
import torch
from PIL import Image
from tests.reading_cases import write_lines
from tests.recognizer_cases import DIGITS, LINEAR

from inkwise.errors import UsageError
from inkwise.evaluation.rejection import Rejection
from inkwise.models.file import Card
from inkwise.models.network import build
from inkwise.reading.reader import judge_of, read_pages, read_picture
from inkwise.reading.scores import Judge
from inkwise.recognizer import Recognizer


def recognizer(classes: tuple[str, ...] = DIGITS) -> Recognizer:
    torch.manual_seed(0)
    card = Card(recipe=LINEAR.model_dump(mode="json"), classes=classes)
    return Recognizer(build(LINEAR.network, classes=10), card, LINEAR)


def test_a_model_that_cannot_reject_takes_everything_for_a_digit() -> None:
    images = torch.randint(0, 256, (3, 1, 28, 28), dtype=torch.uint8, generator=torch.Generator().manual_seed(0))
    scores = judge_of(recognizer())(images.numpy())
    np.testing.assert_allclose(scores.digits, recognizer().probabilities(images), rtol=1e-6)
    np.testing.assert_array_equal(scores.kinds, [[1, 0, 0]] * 3)
    assert len(judge_of(recognizer())(images.numpy()[:0])) == 0


def test_a_file_of_several_pages_gives_several() -> None:
    file = io.BytesIO()
    blank = Image.new("L", (40, 30), 250)
    blank.save(file, "tiff", save_all=True, append_images=[blank.crop((0, 0, 20, 30))])
    pages = list(read_pages(file.getvalue(), recognizer()))
    assert [page.size for page in pages] == [(40, 30), (20, 30)]
    assert {page.reason for page in pages} == {"no ink found"}


def test_a_model_of_other_things_is_refused() -> None:
    shirts = recognizer(tuple(f"shirt {digit}" for digit in DIGITS))
    with pytest.raises(UsageError, match=r"answers with shirt 0, shirt 1, shirt 2 ...; a page is read with a model of"):
        next(read_pages(np.zeros((5, 5), np.uint8), shirts))


def test_digits_are_accepted_by_the_thresholds_that_are_given(judge: Judge) -> None:
    page = write_lines("27", "35")
    assert [line.text for line in read_picture(page, judge, Rejection(0.5, 0.5)).lines] == ["27", "35"]
    # Where none is accepted, nothing is read.
    assert read_picture(page, judge, Rejection(1.0, 1.0)).lines == ()
