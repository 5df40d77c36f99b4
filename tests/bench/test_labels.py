"""Names beside points lie neither on each other, nor on points, nor outside."""

from itertools import combinations

import numpy as np
import pytest
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.text import Annotation

from inkwise.bench.labels import Label, place


@pytest.mark.parametrize("seed", range(5))
def test_names_find_places_of_their_own(seed: int) -> None:
    figure = Figure(figsize=(7, 4.4), dpi=100)
    canvas = FigureCanvasAgg(figure)
    axes = figure.add_subplot()
    axes.set_xscale("log")
    axes.set_xlim(0.5, 2000)
    axes.set_ylim(0, 1)
    draw = np.random.default_rng(seed)
    # As a benchmark has them: some far apart, and two pairs close together.
    xs = [1.0, 10.0, 12.0, 100.0, 110.0, 900.0, 1500.0]
    ys = [float(y) for y in (*draw.uniform(0.1, 0.4, 3), *draw.uniform(0.68, 0.72, 2), *draw.uniform(0.1, 0.9, 2))]
    names = [f"contender {index}" for index in range(len(xs))]
    labels: list[Label] = [(name, x, y, 0.0, "#000000", False) for name, x, y in zip(names, xs, ys, strict=True)]
    place(axes, labels, [0.5])
    assert {text.get_text() for text in axes.texts} == set(names)
    boxes = [text.get_window_extent(canvas.get_renderer()) for text in axes.texts]  # type: ignore[no-untyped-call]
    assert not any(one.overlaps(other) for one, other in combinations(boxes, 2))
    inside = axes.get_window_extent()
    for box in boxes:
        assert inside.x0 <= box.x0
        assert box.x1 <= inside.x1
        assert inside.y0 <= box.y0
        assert box.y1 <= inside.y1
        assert not any(box.contains(*axes.transData.transform((x, y))) for x, y in zip(xs, ys, strict=True))


def test_a_line_leads_to_a_name_that_stands_further_off() -> None:
    figure = Figure(figsize=(7, 4.4), dpi=100)
    FigureCanvasAgg(figure)
    axes = figure.add_subplot()
    axes.set_xlim(0, 1)
    axes.set_ylim(0, 1)
    crowd: list[Label] = [(f"contender {index}", 0.5 + 0.01 * index, 0.5, 0.0, "#000000", False) for index in range(12)]
    place(axes, crowd)
    notes = [text for text in axes.texts if isinstance(text, Annotation)]
    far = [note for note in notes if max(map(abs, note.xyann)) > 10]
    assert far
    assert all((note.arrow_patch is not None) == (note in far) for note in notes)


def test_names_keep_clear_of_a_text_that_is_there_already() -> None:
    figure = Figure(figsize=(7, 4.4), dpi=100)
    canvas = FigureCanvasAgg(figure)
    axes = figure.add_subplot()
    there = axes.annotate("a text that is there", (0.52, 0.5), va="center")
    place(axes, [("contender", 0.5, 0.5, 0.0, "#000000", False)], notes=[there])
    boxes = [text.get_window_extent(canvas.get_renderer()) for text in axes.texts]  # type: ignore[no-untyped-call]
    assert not boxes[0].overlaps(boxes[1])
