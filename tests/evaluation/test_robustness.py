import io
import json
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
import torch
from PIL import Image
from rich.console import Console
from torch import Tensor

from inkwise.errors import DataError, UnknownName
from inkwise.evaluation.canvas import DARK, LIGHT
from inkwise.evaluation.corruptions import CORRUPTIONS
from inkwise.evaluation.robustness import Robustness, measure
from inkwise.evaluation.robustness_plot import robustness_plot
from inkwise.evaluation.table import robustness_table


def judge(images: Tensor) -> tuple[Tensor, int]:
    """A model that tells a bar at the left from one at the right by their ink, and is unsure of pale ones."""
    ink = images[:, 0].double() / 255
    left, right = ink[:, :, :14].sum((1, 2)), ink[:, :, 14:].sum((1, 2))
    probabilities = torch.stack([left, right], dim=1).softmax(1).float()
    return probabilities, int((left + right < 20).sum())


@pytest.fixture(scope="module")
def bars() -> tuple[Tensor, Tensor]:
    labels = torch.arange(60) % 2
    images = torch.zeros(60, 1, 28, 28, dtype=torch.uint8)
    images[labels == 0, :, 5:23, 10:12] = 255
    images[labels == 1, :, 5:23, 16:18] = 255
    return images, labels


@pytest.fixture(scope="module")
def table(bars: tuple[Tensor, Tensor]) -> Robustness:
    return measure(judge, *bars, dataset="bars", split="test", corruptions=("contrast", "shift", "occlusion"))


def test_every_corruption_is_measured_at_every_strength(bars: tuple[Tensor, Tensor]) -> None:
    told: list[str] = []
    images, labels = bars[0][:4], bars[1][:4]
    found = measure(judge, images, labels, dataset="bars", split="test", say=told.append)
    assert found.corruptions == tuple(CORRUPTIONS)
    assert {name: tuple(level.strength for level in found.of(name)) for name in found.corruptions} == {
        name: kind.strengths for name, kind in CORRUPTIONS.items()
    }
    assert told[0] == "Measuring noise ..."
    assert len(told) == len(CORRUPTIONS)


def test_the_figures_are_those_of_the_corrupted_images(table: Robustness) -> None:
    assert (table.n, table.clean.errors, table.clean.accuracy, table.clean.abstained) == (60, 0, 1.0, 0)
    assert table.clean.ece < 1e-6
    shift = table.of("shift")
    assert shift[0].accuracy == 1.0
    assert shift[-1].errors > 0  # five pixels bring one bar to the other's place
    assert shift[-1].accuracy == pytest.approx(1 - shift[-1].errors / 60)
    assert shift[-1].ece == pytest.approx(1 - shift[-1].accuracy, abs=0.05)  # it stays sure of itself
    contrast = table.of("contrast")
    assert {level.errors for level in contrast} == {0}
    assert [level.ece for level in contrast] == sorted(level.ece for level in contrast)
    assert [level.abstained for level in contrast] == [0, 60, 60, 60, 60]  # 36 pixels at 0.5 of full ink are 18
    assert all(level.interval[0] <= level.accuracy <= level.interval[1] for level in table.levels)
    assert table.accuracy == pytest.approx(sum(level.accuracy for level in table.levels) / 15)
    assert table.ece == pytest.approx(sum(level.ece for level in table.levels) / 15)


def test_a_yes_or_no_model_is_judged_by_its_threshold(bars: tuple[Tensor, Tensor]) -> None:
    def yes(images: Tensor) -> tuple[Tensor, int]:
        return judge(images)[0][:, 1:] * 0.3, 0

    for threshold, errors in ((0.5, 30), (0.2, 0)):
        found = measure(yes, *bars, dataset="bars", split="test", threshold=threshold, corruptions=("noise",))
        assert found.clean.errors == errors


def test_the_table_goes_through_json_unchanged(table: Robustness) -> None:
    written: dict[str, Any] = json.loads(json.dumps(table.to_dict()))
    assert Robustness.from_dict(written) == table
    assert written["accuracy"] == table.accuracy
    with pytest.raises(DataError, match=r"This is not a robustness table \('levels'\); what Robustness.to_dict wrote"):
        Robustness.from_dict({name: value for name, value in written.items() if name != "levels"})


def test_the_markdown_has_a_row_for_each_corruption(table: Robustness) -> None:
    lines = table.markdown().splitlines()
    assert lines[0].startswith("100.00 % of 60 test images are read as they are, ")
    assert lines[2] == "| corruption, unit | right % |  |  |  |  | ECE |"
    assert lines[4].startswith("| contrast, lost | 0.3: 100 | 0.5: 100 | 0.7: 100 | 0.8: 100 | 0.9: 100 |")
    assert len(lines) == 7


def test_the_printed_table_fits_the_terminal(table: Robustness) -> None:
    console = Console(width=80, record=True, file=io.StringIO())
    console.print(robustness_table(table))
    text = console.export_text()
    assert "shift, pixels" in text
    assert len(text.splitlines()) < 12  # a line for each corruption
    assert max(map(len, text.splitlines())) <= 80


@pytest.mark.parametrize("dark", [False, True])
def test_the_plot_draws_accuracy_calibration_and_abstention(table: Robustness, dark: bool) -> None:
    look = DARK if dark else LIGHT
    only = replace(table, levels=table.of("contrast"))
    pixels = np.asarray(Image.open(io.BytesIO(robustness_plot(only, dark=dark))).convert("RGB")).astype(int)
    for colour in look.series[:3]:
        rgb = [int(colour[i : i + 2], 16) for i in (1, 3, 5)]
        assert (np.abs(pixels - rgb).max(axis=-1) <= 2).sum() > 500


def test_the_plot_has_a_panel_for_each_corruption(table: Robustness) -> None:
    one, two = (replace(table, levels=table.levels[: 5 * count]) for count in (1, 2))
    sizes = [Image.open(io.BytesIO(robustness_plot(each))).size for each in (one, two)]
    assert sizes[1][0] - sizes[0][0] == 3 * 200  # inches and dots an inch
    assert sizes[0][1] == sizes[1][1]


def test_what_cannot_be_measured_is_refused(bars: tuple[Tensor, Tensor]) -> None:
    with pytest.raises(DataError, match="Robustness needs at least one image and one corruption"):
        measure(judge, bars[0][:0], bars[1][:0], dataset="bars", split="test")
    with pytest.raises(DataError, match="Robustness needs at least one image and one corruption"):
        measure(judge, *bars, dataset="bars", split="test", corruptions=())
    with pytest.raises(UnknownName, match="There is no corruption 'fog'"):
        measure(judge, *bars, dataset="bars", split="test", corruptions=("noise", "fog"))
