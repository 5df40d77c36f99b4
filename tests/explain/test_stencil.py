"""Along one axis: which inputs one output takes, and which positions several of them reach."""

import pytest

from inkwise.explain.stencil import Adaptive, Sliding, Transposed


@pytest.mark.parametrize(
    ("axis", "at", "positions", "sources", "start"),
    [
        (Sliding(6, 3, 1, 1, 0, 0), 2, [2, 3, 4], [2, 3, 4], ""),
        (Sliding(6, 3, 2, 1, 1, 1), 0, [-1, 0, 1], [-1, 0, 1], "0*2 - 1 = -1"),
        (Sliding(6, 3, 2, 1, 0, 0), 1, [2, 3, 4], [2, 3, 4], "1*2 = 2"),
        (Sliding(6, 2, 1, 3, 2, 2), 4, [2, 5], [2, 5], "4*1 - 2 = 2"),
        (Sliding(4, 3, 1, 1, 2, 2, "reflect"), 0, [-2, -1, 0], [2, 1, 0], "0*1 - 2 = -2"),
        (Sliding(4, 3, 1, 1, 1, 1, "replicate"), 3, [2, 3, 4], [2, 3, 3], "3*1 - 1 = 2"),
        (Sliding(4, 3, 1, 1, 1, 1, "wrap"), 3, [2, 3, 4], [2, 3, 0], "3*1 - 1 = 2"),
        (Adaptive(7, 3), 1, [2, 3, 4], [2, 3, 4], ""),
        (Transposed(3, 3, 2, 1, 0), 2, [1, 0, 0], [1, -1, 0], ""),
        (Transposed(3, 3, 2, 1, 0), 6, [3, 2, 2], [-1, -1, 2], ""),
    ],
)
def test_one_output_takes_these_inputs(
    axis: Sliding | Adaptive | Transposed, at: int, positions: list[int], sources: list[int], start: str
) -> None:
    taps = axis.taps(at)
    assert taps.positions.tolist() == positions
    assert taps.sources.tolist() == sources
    assert axis.start(at) == start


@pytest.mark.parametrize(
    ("axis", "reach"),
    [
        (Sliding(6, 3, 2, 1, 1, 1), (-1, 3)),
        (Sliding(6, 3, 1, 2, 0, 0), (0, 5)),
        (Adaptive(7, 3), (0, 4)),
        (Transposed(3, 3, 2, 1, 0), (-1, 0)),
    ],
)
def test_the_first_two_outputs_reach_from_here_to_there(
    axis: Sliding | Adaptive | Transposed, reach: tuple[int, int]
) -> None:
    assert axis.reach(0, 1) == reach
