import numpy as np
from tests.reading_cases import write_lines

from inkwise.reading.page import Digit, Line, Page
from inkwise.reading.stages import page_stages, smaller

# Where the font writes "1" of the first line and "7" of the second.
ONE = Digit("1", 1.0, True, (30, 40, 40, 60))
SEVEN = Digit("7", 1.0, True, (30, 130, 50, 60))


def test_every_stage_is_a_picture_of_the_page_turned_upright() -> None:
    picture = np.ascontiguousarray(np.rot90(write_lines("17", "71"), -1))
    found = page_stages(picture, Page(90, (148, 240), (Line("1", ONE.box, 1.0, (ONE,)),)))
    assert [stage.name for stage in found] == ["page", "light", "ink", "pieces", "lines"]
    assert {stage.picture.shape[:2] for stage in found} == {(240, 148)}
    assert found[0].text == "148 x 240 pixels, turned upright from 90 degrees"
    assert "4 pieces" in found[3].text


def test_pieces_of_a_line_share_a_colour_and_what_is_no_number_is_grey() -> None:
    page = Page(0, (148, 240), (Line("1", ONE.box, 1.0, (ONE,)), Line("7", SEVEN.box, 1.0, (SEVEN,))))
    drawn = page_stages(write_lines("17", "71"), page)[-1].picture.reshape(-1, 3)
    colours = {tuple(colour) for colour in np.unique(drawn, axis=0).tolist()}
    assert len(colours) == 4
    assert {(255, 255, 255), (205, 205, 205)} < colours


def test_a_page_without_ink_ends_with_its_ink() -> None:
    found = page_stages(np.full((60, 80), 240, np.uint8), Page(0, (80, 60), (), "no ink found"))
    assert [stage.name for stage in found] == ["page", "light", "ink"]
    assert (found[-1].picture == 255).all()


def test_a_picture_is_shown_no_larger_than_asked() -> None:
    assert smaller(np.zeros((10, 400, 3), np.uint8), 100).shape == (2, 100, 3)
    assert smaller(np.zeros((10, 40), np.uint8), 100).shape == (10, 40)
