"""A deskewed value is computed anew from the ink's moments: by hand, and as the network has it."""

from collections.abc import Callable

import pytest
import torch
from torch import Tensor, nn

from inkwise.data.uci import read_uci_digits
from inkwise.explain.activations import Activations, record
from inkwise.explain.arithmetic.arithmetic import Explanation, explain_value
from inkwise.explain.arithmetic.ledger import to_dict
from inkwise.explain.arithmetic.table import render
from inkwise.explain.arithmetic.terms import Sheared
from inkwise.models.deskewing import Deskewing

Layer = Callable[[nn.Module, Tensor], Activations]


def explained(image: Tensor, row: int, column: int) -> tuple[Explanation, Sheared]:
    """The explanation of one value of a deskewing of `image`, (H, W)."""
    activations = record(nn.Sequential(Deskewing(*image.shape)), image)
    explanation = explain_value(activations, "0", (0, row, column))
    assert isinstance(explanation, Explanation)
    (step,) = explanation.steps
    assert isinstance(step, Sheared)
    return explanation, step


@pytest.mark.parametrize("index", [3, 17, 40])
def test_every_value_of_a_digit_is_the_networks_own(index: int) -> None:
    activations = record(nn.Sequential(Deskewing(28, 28)), read_uci_digits().split("test").images[index])
    for row in range(28):
        for column in range(0, 28, 3):
            explanation = explain_value(activations, "0", (0, row, column))
            assert isinstance(explanation, Explanation)
            assert explanation.agrees
            assert abs(explanation.difference) < 1e-5


def test_the_terms_are_those_worked_out_by_hand() -> None:
    # Ink of 1 at row 0, column 1 and at row 4, columns 2 and 3, half of it each: the centre is row 2, column 1.75.
    image = torch.zeros(5, 6)
    image[0, 1], image[4, 2], image[4, 3] = 1.0, 0.5, 0.5
    explanation, step = explained(image, 4, 1)
    assert (step.mass, step.centre) == (2.0, (2.0, 1.75))
    # s_xy = -2 * -0.75 + 2 * 0.5 * (0.25 + 1.25), s_yy = 2 * 4
    assert (step.s_xy, step.s_yy, step.slope, step.shift) == (3.0, 8.0, 0.375, 0.75)
    assert (step.columns, step.pair, step.weight) == ((1, 2), (0.0, 0.5), 0.75)
    assert step.computed == 0.375
    assert explanation.agrees
    assert explanation.kind == "deskewing"


def test_a_slope_beyond_the_limit_is_held_there_and_said_to_be() -> None:
    image = torch.zeros(4, 9)
    image[0, 1] = image[1, 3] = image[2, 5] = image[3, 7] = 1.0  # two columns a row
    explanation, step = explained(image, 3, 5)
    assert (step.steep, step.slope, step.shift) == (2.0, 1.0, 1.5)
    assert (step.columns, step.pair, step.computed) == ((6, 7), (0.0, 1.0), 0.5)
    assert explanation.agrees
    assert "held at 1.0000, the steepest that is set upright" in render(explanation)


@pytest.mark.parametrize("row", [0, 5, 27])
def test_ink_without_height_is_not_moved(row: int) -> None:
    image = torch.zeros(28, 28)
    image[row] = torch.rand(28, generator=torch.Generator().manual_seed(row))
    explanation, step = explained(image, row, 7)
    assert (step.steep, step.shift, step.weight) == (None, 0.0, 0.0)
    assert step.computed == explanation.value
    assert "slope = 0: there is no ink with a height that could lean" in render(explanation)


def test_a_blank_image_is_said_to_have_no_ink() -> None:
    explanation, _ = explained(torch.zeros(6, 6), 2, 2)
    assert explanation.difference == 0
    assert "the image has no ink" in render(explanation)


def test_what_is_read_beyond_the_side_is_background() -> None:
    image = torch.zeros(4, 4)
    image[0, 3] = image[1, 2] = image[2, 1] = image[3, 0] = 1.0  # slope -1
    explanation, step = explained(image, 3, 0)
    assert (step.shift, step.columns, step.pair) == (-1.5, (-2, -1), (0.0, 0.0))
    assert explanation.difference == 0
    assert "a = 0, row 3, column -2, beyond the side, where there is background" in render(explanation)


def test_at_a_whole_column_the_pair_may_be_the_next_one_and_the_value_is_the_same() -> None:
    # The same to the left as to the right: the slope is 0 but for rounding, which says from which side it comes.
    differ = 0
    for seed in range(8):
        half = torch.rand(28, 14, generator=torch.Generator().manual_seed(seed))
        image = torch.cat([half, half.flip(1)], dim=1)
        module = Deskewing(28, 28)
        slope, centre = module.slopes(image[None, None])
        for row in (0, 6, 27):
            explanation, step = explained(image, row, 9)
            differ += step.columns[0] != 9 + int((slope * (module.y[row] - centre)).floor())
            assert explanation.agrees
            assert abs(explanation.difference) < 1e-5
    assert differ


def test_a_value_that_was_changed_does_not_agree(alone: Layer) -> None:
    image = read_uci_digits().split("test").images[17:18].float() / 255
    activations = alone(Deskewing(28, 28), image)
    activations.calls[0].output[0, 0, 8, 12] += 1e-3
    explanation = explain_value(activations, "layer", (0, 8, 12))
    assert isinstance(explanation, Explanation)
    assert not explanation.agrees


def test_the_ledger_has_every_term() -> None:
    image = torch.zeros(5, 6)
    image[0, 1], image[4, 2], image[4, 3] = 1.0, 0.5, 0.5
    (step,) = to_dict(explained(image, 4, 1)[0])["steps"]
    assert step["form"] == "Sheared"
    assert {name: step[name] for name in ("slope", "shift", "columns", "pair", "weight", "computed")} == {
        "slope": 0.375,
        "shift": 0.75,
        "columns": [1, 2],
        "pair": [0.0, 0.5],
        "weight": 0.75,
        "computed": 0.375,
    }


def test_the_table_has_slope_shift_and_weight_in_numbers() -> None:
    image = torch.zeros(5, 6)
    image[0, 1], image[4, 2], image[4, 3] = 1.0, 0.5, 0.5
    assert render(explained(image, 4, 1)[0]).splitlines()[:8] == [
        "1. 0 (deskewing) at channel 0, row 4, column 1",
        "  the ink of the image is 2.0000 in all, centred on row 2.0000, column 1.7500",
        "  at m rows, n columns from there: slope = sum(ink * m * n) / sum(ink * m^2)",
        "  = 3.0000 / 8.0000 = 0.3750 columns a row",
        "  shift = slope * (row - centre) = 0.3750 * (4 - 2.0000) = 0.7500",
        "  it is read at column 1 + 0.7500 = 1.7500: w = 0.7500 from a to b",
        "  a = 0, row 4, column 1",
        "  b = 0.5000, row 4, column 2",
    ]
