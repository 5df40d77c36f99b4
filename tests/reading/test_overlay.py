import io

import numpy as np
import pytest
from PIL import Image

from inkwise.reading.overlay import draw
from inkwise.reading.page import Digit, Line, Page


@pytest.mark.parametrize("shape", [(60, 100), (60, 100, 3)])
def test_boxes_are_drawn_on_the_page_turned_upright(shape: tuple[int, ...]) -> None:
    digits = (Digit("3", 0.9, True, (10, 40, 8, 20)), Digit("4", 0.3, False, (30, 40, 8, 20), "unsure"))
    page = Page(90, (60, 100), (Line("3?", (10, 40, 28, 20), 0.27, digits),))
    drawn = np.asarray(Image.open(io.BytesIO(draw(np.full(shape, 255, np.uint8), page))))
    assert drawn.shape == (100, 60, 3)
    np.testing.assert_array_equal(drawn[50, 10], (0, 140, 0))
    np.testing.assert_array_equal(drawn[50, 30], (230, 110, 0))
    np.testing.assert_array_equal(drawn[90:], 255)


def test_a_large_page_is_drawn_smaller() -> None:
    page = Page(0, (4000, 500), (Line("3", (0, 0, 2000, 400), 1.0, ()),))
    drawn = np.asarray(Image.open(io.BytesIO(draw(np.full((500, 4000), 255, np.uint8), page))))
    assert drawn.shape == (375, 3000, 3)
    assert (drawn[100, 1500] != 255).any()
