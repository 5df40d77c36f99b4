import io
import re

import numpy as np
from PIL import Image

from inkwise.evaluation import sections
from inkwise.evaluation.evaluation import evaluate
from inkwise.evaluation.markup import tag


def test_nested_settings_get_dotted_names() -> None:
    nested: dict[str, object] = {"a": {"b": {"c": 1}}, "d": (1, 2), "e": None, "f": [], "g": False, "h": 0}
    assert sections.flatten(nested) == [
        ("a.b.c", "1"), ("d", "1, 2"), ("e", "none"), ("f", "none"), ("g", "False"), ("h", "0"),
    ]  # fmt: skip


def test_an_empty_section_is_left_out() -> None:
    assert sections.section("Title", None, None) is None
    assert sections.section("Title", None, tag("p", "text")) is not None
    for made in (
        sections.layers([]),
        sections.settings("Recipe", {}),
        sections.notes("Notes", []),
        sections.splits({}),
    ):
        assert made is None


def test_layers_keep_every_column_that_any_layer_has() -> None:
    written = sections.layers([{"layer": "conv"}, {"layer": "relu", "output": "8 x 8"}]) or ""
    assert re.findall("<th>(.*?)</th>", written) == ["layer", "output", "conv", "relu"]
    assert written.count("<td>") == 2


def test_ink_becomes_dark_on_white_paper_pixel_by_pixel() -> None:
    pixels = np.array([[0, 255, 7]], dtype=np.uint8)
    picture = Image.open(io.BytesIO(sections.paper_png(pixels)))
    assert np.asarray(picture).tolist() == [[255, 0, 248]]


def test_confusion_shades_right_answers_by_their_row_and_errors_by_the_most_frequent_one() -> None:
    truth = np.array([0] * 10 + [1] * 10)
    said = np.array([0] * 8 + [1] * 2 + [1] * 9 + [0])
    written = sections.confusion(evaluate(np.eye(2)[said], truth, "ab", dataset="d", split="test"))
    assert re.findall(r'class="(\w+)[^"]*" style="--share: (\d+)%"', written) == [
        ("right", "80"), ("wrong", "100"), ("wrong", "50"), ("right", "90"),
    ]  # fmt: skip
    assert "2 of class a answered b" in written
