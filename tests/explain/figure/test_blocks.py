import numpy as np
import pytest

from inkwise.explain.figure.blocks import Block, answer_of, block_of
from inkwise.explain.figure.page import text_width
from inkwise.explain.figure.panels import Kind, Panel
from inkwise.explain.figure.tiles import SMALL, Bars, Maps, Strip


def panel(kind: Kind, *shape: int, choice: str = "", title: str = "layer", note: str = "") -> Panel:
    values = np.linspace(-1, 2, int(np.prod(shape))).reshape(shape)[: 20 if choice else None]
    return Panel("layer", title, note, kind, values, tuple(range(len(values))), shape, -1.0, 2.0, choice)


@pytest.mark.parametrize(
    ("given", "drawn", "beneath"),
    [
        (panel("maps", 8, 5, 5), Maps, ("8 x 5 x 5", "\N{MINUS SIGN}1.00 to 2.00")),
        (panel("maps", 64, 5, 5, choice="the 20"), Maps, ("64 x 5 x 5", "\N{MINUS SIGN}1.00 to 2.00", "the 20")),
        (panel("strip", 100), Strip, ("100", "\N{MINUS SIGN}1.00 to 2.00")),
        (panel("bars", 3), Bars, ("3",)),
    ],
    ids=["maps", "some maps", "strip", "bars"],
)
def test_shape_range_and_what_is_left_out_stand_beneath(given: Panel, drawn: type, beneath: tuple[str, ...]) -> None:
    block = block_of(given)
    assert isinstance(block.drawn, drawn)
    assert block.beneath == beneath


def test_bars_have_the_classes_names_where_they_are_as_many() -> None:
    def bars(block: Block) -> Bars:
        assert isinstance(block.drawn, Bars)
        return block.drawn

    assert bars(block_of(panel("bars", 3), ("a", "b", "c"))).names == ("a", "b", "c")
    assert bars(block_of(panel("bars", 3), ("a", "b", "c"))).strong == 2
    assert bars(block_of(panel("bars", 3), ("a", "b"))).names == ("0", "1", "2")
    assert bars(block_of(panel("bars", 3))).strong is None
    assert bars(block_of(panel("bars", 1))).names == ("",)


def test_the_answer_is_among_the_classes_shown_even_where_others_are_more_probable() -> None:
    chances = [0.1] * 9 + [0.01] * 10
    block = answer_of([f"class {n}" for n in range(19)], chances, 18)
    assert isinstance(block.drawn, Bars)
    assert block.panel.note == "class 18, 1 %"
    assert block.drawn.names[-1] == "class 18"
    assert block.drawn.strong == len(block.drawn.names) - 1 == 11
    assert block.beneath == ("the likeliest 12 of 19",)


def test_the_probabilities_of_an_answer_have_the_same_decimals() -> None:
    block = answer_of("abcd", [0.9, 0.0999, 0.0001, 0.000001], 0)
    assert isinstance(block.drawn, Bars)
    assert block.drawn.words == ("90.00 %", "9.99 %", "0.01 %", "<0.01 %")


def test_notes_are_wrapped_to_the_width() -> None:
    block = block_of(panel("strip", 20, note="then batchnorm1, relu1, dropout1"))
    assert len(block.notes) > 1
    assert "".join(block.notes).replace(" ", "") == "thenbatchnorm1,relu1,dropout1"
    assert all(text_width(line, SMALL) <= block.width for line in block.notes)


def test_a_long_title_widens_the_block_up_to_a_limit() -> None:
    short, long, endless = (block_of(panel("strip", 20, title="x" * count)).width for count in (2, 15, 80))
    assert short < long < endless
    assert endless == 330
