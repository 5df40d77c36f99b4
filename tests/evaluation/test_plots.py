import io
from collections.abc import Callable

import numpy as np
import pytest
from PIL import Image

from inkwise.errors import DataError
from inkwise.evaluation.canvas import DARK, LIGHT
from inkwise.evaluation.evaluation import evaluate
from inkwise.evaluation.plots import accuracy_curves, confusion_plot, loss_curves, reliability_plot, roc_plot, series

Make = Callable[..., tuple[np.ndarray, np.ndarray]]
HISTORY: list[dict[str, object]] = [
    {"epoch": epoch, "step": round(100 * epoch), "split": split, "loss": 1 / epoch, "accuracy": 1 - 0.1 / epoch}
    for epoch in (0.5, 1, 1.5, 2)
    for split in ("validation", "train", "test")
]


def pixels(png: bytes) -> np.ndarray:
    assert png.startswith(b"\x89PNG")
    return np.asarray(Image.open(io.BytesIO(png)).convert("RGB"))


def share_of(png: bytes, colour: str) -> float:
    rgb = np.array([int(colour[i : i + 2], 16) for i in (1, 3, 5)])
    return float((np.abs(pixels(png).astype(int) - rgb).max(axis=-1) <= 2).mean())


@pytest.mark.parametrize("draw", [loss_curves, accuracy_curves])
def test_curves_draw_a_line_for_each_split_in_the_palette(draw: Callable[..., bytes]) -> None:
    for dark, look in ((False, LIGHT), (True, DARK)):
        png = draw(HISTORY, by="step", dark=dark)
        assert share_of(png, look.paper) > 0.5
        for colour in look.series[:3]:
            assert share_of(png, colour) > 0.0005


def test_series_come_in_the_order_of_the_splits_and_skip_what_is_missing() -> None:
    rows: list[dict[str, object]] = [
        *HISTORY,
        {"epoch": 3, "split": "train", "loss": None},
        {"epoch": 4, "split": "train", "loss": float("nan")},
    ]
    lines = series(rows, "loss", "epoch")
    assert list(lines) == ["train", "validation", "test"]
    assert lines["train"] == ([0.5, 1.0, 1.5, 2.0], [2.0, 1.0, 1 / 1.5, 0.5])


def test_a_history_without_the_figure_has_no_curve() -> None:
    with pytest.raises(DataError, match="The history holds no accuracy, so there is no curve"):
        accuracy_curves([{"epoch": 1, "split": "train", "loss": 0.5}])


def test_a_loss_that_falls_far_is_drawn_on_a_log_scale() -> None:
    far = [{"epoch": e, "step": e, "split": "validation", "loss": 10.0**-e} for e in range(1, 5)]
    line = np.argwhere(np.abs(pixels(loss_curves(far)).astype(int) - (0, 114, 178)).max(axis=-1) < 3)
    mean_height = [line[line[:, 1] == x, 0].mean() for x in np.quantile(line[:, 1], [0.2, 0.4, 0.6], method="nearest")]
    assert mean_height[2] - mean_height[1] == pytest.approx(mean_height[1] - mean_height[0], rel=0.25)  # straight


def test_the_same_data_give_the_same_bytes() -> None:
    assert loss_curves(HISTORY) == loss_curves(HISTORY)


def test_confusion_shows_right_answers_and_errors_in_their_own_colours(make: Make) -> None:
    made = evaluate(*make(0, 300, 4), "abcd", dataset="d", split="test")
    assert share_of(confusion_plot(made), LIGHT.bad[1]) > 0.005  # the most frequent confusion
    right = evaluate(np.eye(3)[[0, 1, 2]], np.arange(3), "abc", dataset="d", split="test")
    perfect = confusion_plot(right, dark=True)
    assert share_of(perfect, DARK.ramp[1]) > 0.05
    assert share_of(perfect, DARK.bad[1]) == 0


def test_reliability_draws_with_few_and_many_answers(make: Make) -> None:
    for n in (1, 500):
        made = evaluate(*make(0, n, 3), "abc", dataset="d", split="test")
        assert share_of(reliability_plot(made), LIGHT.series[0]) > 0.002


def test_the_legend_of_reliability_lies_above_every_bar(make: Make) -> None:
    made = evaluate(*make(0, 500, 3), "abc", dataset="d", split="test")
    rgb = pixels(reliability_plot(made)).astype(int)
    grid = np.abs(rgb - 0xE3).max(axis=-1) <= 8  # its topmost line is that of 100 %
    top = int(np.flatnonzero(grid.mean(axis=1) > 0.5)[0])
    dash = np.abs(rgb - np.array([0x5F, 0x66, 0x70])).max(axis=-1) <= 2  # of the legend's "as sure as right"
    assert dash[: top - 20].any()


def test_roc_draws_both_classes_or_says_why_not(make: Make) -> None:
    assert share_of(roc_plot(*make(0, 200, 1)), LIGHT.series[0]) > 0.002
    with pytest.raises(DataError, match="All 2 labels are 0, so there is no ROC curve"):
        roc_plot(np.array([0.1, 0.9]), np.array([0, 0]))
