"""The picture of a place over one axis: each output below the middle of its window."""

from typing import Any

import numpy as np
import pytest
import torch

from inkwise.evaluation.canvas import LIGHT
from inkwise.explain.demonstration.board import Board
from inkwise.explain.demonstration.operation import operate
from inkwise.explain.demonstration.signal_scene import CurveScene, SignalScene


def marked(scene: SignalScene, place: int, row: int) -> tuple[float, float]:
    """Return from where to where a row of cells is framed, in cells of the input."""
    picture = np.asarray(scene.draw(place))
    top = round(scene.rows[row])
    line = picture[top + 8 : top + round(scene.cell) - 8]
    columns = np.nonzero((line == Board(1, 1).rgb(LIGHT.series[1])).all(-1).all(0))[0]
    return (columns.min() - scene.left) / scene.cell, (columns.max() - scene.left) / scene.cell


@pytest.mark.parametrize(
    ("setting", "start", "reach"),
    [({}, 2, 3), ({"stride": 2}, 4, 3), ({"dilation": 2}, 2, 5), ({"mode": "full"}, 2, 3), ({"mode": "causal"}, 2, 3)],
    ids=["plain", "stride", "dilation", "full", "causal"],
)
def test_the_output_stands_below_the_middle_of_its_window(setting: dict[str, Any], start: int, reach: int) -> None:
    scene = SignalScene(operate(torch.arange(10.0), torch.tensor([1.0, 0.0, 2.0]), **setting))
    window, here = marked(scene, 2, 0), marked(scene, 2, 3)
    assert window == pytest.approx((start, start + reach), abs=0.1)
    assert sum(here) / 2 == pytest.approx(start + reach / 2, abs=0.1)


def test_outputs_are_as_far_apart_as_the_stride() -> None:
    scene = SignalScene(operate(torch.ones(9), torch.ones(3), stride=2))
    picture = np.asarray(scene.draw(3))
    line = picture[round(scene.rows[3]) + 10, :, 1]
    middles = [int(line[round(scene.left + (column + 0.5) * scene.cell)]) for column in range(9)]
    assert [column for column, level in enumerate(middles) if level < 255] == [1, 3, 5, 7]


def test_many_values_are_bars_of_which_the_output_grows() -> None:
    scene = CurveScene(operate(torch.ones(500), torch.ones(20)))
    green = Board(1, 1).rgb(LIGHT.series[2])
    grown = [int((np.asarray(scene.draw(place)) == green).all(-1).sum()) for place in (0, 100, 300, 480)]
    assert grown == sorted(grown)
    assert grown[0] < 200
    assert grown[3] > 20_000


@pytest.mark.parametrize("count", [27, 4000], ids=str)
@pytest.mark.parametrize("values", ["zeros", "signed"])
def test_every_length_is_drawn(count: int, values: str) -> None:
    signal = torch.zeros(count) if values == "zeros" else torch.linspace(-1, 1, count)
    scene = CurveScene(operate(signal, torch.tensor([1.0, -1.0]), mode="same", stride=3), dark=True)
    assert scene.draw(1, scale=2).size == (1800, round(2 * scene.height))


def test_a_long_setting_widens_the_picture() -> None:
    short = SignalScene(operate(torch.ones(3), torch.tensor([1.0, 2.0])))
    long = SignalScene(
        operate(torch.ones(30), torch.tensor([1.0, 2.0]), mode="full", padding_mode="replicate", stride=3, dilation=4)
    )
    assert short.width == 600
    assert long.width > 600


def test_numbers_too_long_for_their_cells_are_left_out() -> None:
    operation = operate(torch.tensor([1000.0, 2.0, 0.1]), torch.tensor([-1000000.0, 0.1]))
    assert SignalScene(operation, [0, 1]).draw(1).width == 600
