"""`inkwise convolve` shows a convolution as a student would want it, and takes what a student would type."""

import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from inkwise.models.file import Card, write_model
from inkwise.models.network import build
from inkwise.recipes.recipe import Recipe

Call = Callable[..., Any]

GRID = "1 0 2 3; 4 1 0 2; 0 2 5 1; 3 1 0 2"


def test_a_signal_is_told_step_by_step(inkwise: Call) -> None:
    done = inkwise("convolve", "1 2 3", "--kernel", "0 1 0.5", "--mode", "full", "--algorithm", "direct")
    assert (done.code, done.err) == (0, "")
    assert done.out.startswith(
        """\
Convolution of 3 values with a kernel of 3 values, rotated by 180 degrees.
  input     1 2 3
  kernel      0   1 0.5
  rotated   0.5   1   0
  setting   mode full, padding 2 (zeros), stride 1, dilation 1
  output    floor((3 + 2*2 - 3) / 1) + 1 = 5
  algorithm direct, as asked
Note: without the rotation it is a cross-correlation, which is what networks
compute; --correlate does that.
"""
    )
    assert "output[2] = 2.5\n" in done.out
    assert done.out.endswith("\nResult, 5 values:\n    0   1 2.5   4 1.5\n")


def test_an_image_is_told_with_its_window_and_products(inkwise: Call) -> None:
    done = inkwise("convolve", GRID, "--kernel", "1 0; 0 -1", "--correlate", "--steps", "all")
    assert done.code == 0
    assert done.lines[0] == "Cross-correlation of 4 x 4 with a kernel of 2 x 2, as it is written."
    assert "  each axis floor((4 + 2*0 - 2) / 1) + 1 = 3" in done.lines
    at = done.lines.index("output[1, 1] = -4")
    assert done.lines[at + 1 : at + 6] == [
        "    input          kernel   products",
        "    1  0  2  3      1  0      1*1 +    0*0",
        "    4 [1  0] 2      0 -1    + 2*0 + 5*(-1)",
        "    0 [2  5] 1              = -4",
        "    3  1  0  2",
    ]
    assert done.lines[-4:] == ["Result, 3 x 3:", "   0  0  0", "   2 -4 -1", "  -1  2  3"]
    assert max(map(len, done.lines)) <= 80


def test_numbers_may_be_several_words_and_begin_with_a_minus(inkwise: Call) -> None:
    for words in (["-1", "2", "-3"], ["-1 2 -3"], ["-1,2,-3"]):
        done = inkwise("convolve", *words, "--kernel", "-1 1", "--correlate")
        assert (done.code, done.lines[-1]) == (0, "   3 -5")
    assert inkwise("convolve", "--kernel", "-2", "--steps", "0", "-1").lines[-1] == "Result: 2"


def test_of_many_places_the_first_are_shown_and_the_rest_counted(inkwise: Call) -> None:
    done = inkwise("convolve", "uci-digits:3", "--kernel", "sobel", "--correlate")
    assert re.findall(r"output\[(.*?)\]", done.out) == ["0, 0", "0, 1", "0, 2"]
    assert "... 673 more (--steps all, or --at ROW,COLUMN for one, or --save FILE.gif)." in done.lines
    assert done.lines[-1].startswith("Result: 26 x 26, from -")


@pytest.mark.parametrize(
    ("words", "places"),
    [
        ([], ["0", "1", "2"]),
        (["--steps", "0"], []),
        (["--steps", "2"], ["0", "1"]),
        (["--steps", "99"], [str(place) for place in range(10)]),
        (["--steps", "all"], [str(place) for place in range(10)]),
        (["--at", "7"], ["7"]),
        (["--at", "7", "--steps", "2"], ["7", "8"]),
        (["--at", "9", "--steps", "all"], ["9"]),
    ],
    ids=" ".join,
)
def test_the_steps_that_are_asked_for_are_shown(inkwise: Call, words: list[str], places: list[str]) -> None:
    done = inkwise("convolve", "1 2 3 4 5 6 7 8 9 10 11", "--kernel", "1 2", *words)
    assert done.code == 0
    assert re.findall(r"output\[(.*?)\]", done.out) == places


def test_json_has_everything(inkwise: Call) -> None:
    done = inkwise("convolve", "1 2 3", "--kernel", "1 0", "--json", "--stride", "1", "--pad", "1:0")
    assert done.err == ""
    said = json.loads(done.out)
    keys = ["operation", "input", "kernel", "setting", "formula", "output_size", "result", "notices", "steps"]
    assert list(said) == keys
    assert said["result"] == [1, 2, 3]
    assert said["setting"]["padding"] == [[1, 0]]
    assert [step["total"] for step in said["steps"]] == said["result"]


@pytest.mark.parametrize(
    ("words", "note"),
    [
        (["--kernel", "sobel"], "Note: this kernel is meant to be correlated, as networks do; --correlate leaves it"),
        (["--kernel", "1 2; 3 4"], "Note: without the rotation it is a cross-correlation, which is what networks"),
        (["--kernel", "sobel", "--correlate"], "Note: a convolution would rotate the kernel first; what networks call"),
        (["--kernel", "blur", "--correlate"], "Note: the kernel is symmetric, so a convolution is the same."),
        (["--kernel", "blur"], "rotated   the same: this kernel is symmetric"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else "",
)
def test_it_is_said_which_of_the_two_operations_was_done(inkwise: Call, words: list[str], note: str) -> None:
    assert note in " ".join(inkwise("convolve", GRID, *words, "--steps", "0").out.split("\n"))


def test_convolution_and_correlation_differ_by_the_rotation(inkwise: Call) -> None:
    turned = inkwise("convolve", GRID, "--kernel", "1 2; 3 4", "--json", "--steps", "0")
    plain = inkwise("convolve", GRID, "--kernel", "4 3; 2 1", "--json", "--steps", "0", "--correlate")
    assert json.loads(turned.out)["result"] == json.loads(plain.out)["result"]


def test_an_overflow_is_a_sentence_and_no_warning(inkwise: Call, tmp_path: Path) -> None:
    np.save(tmp_path / "a.npy", np.full((4,), 100, np.int8))
    done = inkwise("convolve", tmp_path / "a.npy", "--kernel", tmp_path / "a.npy")
    assert (done.code, done.err) == (0, "")
    assert "Note: The result goes from 40000 to 40000, and int8 holds -128 to 127: it was" in done.lines
    assert done.lines[-1] == "Result: 40000"


def test_standard_input_holds_numbers_or_a_picture(inkwise: Call, tmp_path: Path) -> None:
    done = inkwise("convolve", "-", "--kernel", "difference", "--correlate", stdin=b"1\n4\n9\n")
    assert done.lines[-1] == "  3 5"
    Image.new("L", (3, 3), 255).save(tmp_path / "a.png")
    done = inkwise("convolve", "-", "--kernel", "blur", stdin=(tmp_path / "a.png").read_bytes())
    assert done.lines[-1] == "Result: 1"


@pytest.mark.parametrize("dark", [[], ["--dark"]], ids=["light", "dark"])
def test_a_film_and_a_strip_are_saved(inkwise: Call, tmp_path: Path, dark: list[str]) -> None:
    done = inkwise("convolve", GRID, "--kernel", "roberts", "--save", tmp_path / "a.gif", "--steps", "0", *dark)
    assert (done.code, done.err) == (0, f"Saved {tmp_path}/a.gif: every place.\n")
    with Image.open(tmp_path / "a.gif") as moving:
        assert getattr(moving, "n_frames", 1) == 9
    done = inkwise("convolve", GRID, "--kernel", "roberts", "--save", tmp_path / "A.PNG", "--json", *dark)
    assert (done.code, done.err) == (0, f"Saved {tmp_path}/A.PNG: 4 of 9 places.\n")
    with Image.open(tmp_path / "A.PNG") as picture:
        corner = picture.getpixel((0, 0))
        assert isinstance(corner, tuple)
        assert (max(corner) < 80) == bool(dark)


@pytest.mark.parametrize(
    ("words", "code", "sentence"),
    [
        ([], 2, "No input was given; type numbers such as '1 2 3', or name a file, or - for standard input."),
        (["1 2 3"], 2, "No kernel was given; add one, such as --kernel sobel or --kernel '1 0 -1'."),
        (["1 2 3", "--kernel", "1 2 3 4"], 2, "A kernel of length 4 does not fit into an input of length 3: floor("),
        (["1 2 3", "--kernel", "1", "--stride", "0"], 2, "The stride is 0; each must be a whole number of at least 1."),
        (["1 2 3", "--kernel", "1", "--stride", "-1"], 2, "The stride is -1; each must be a whole number"),
        (["1 2 3", "--kernel", "1", "--stride", "a"], 2, "--stride a is not a whole number; give one, or one for each"),
        (["1 2 3", "--kernel", "1", "--dilation", "0"], 2, "The dilation is 0; each must be"),
        (
            ["1 2 3", "--kernel", "1", "--pad", "1:x"],
            2,
            "--pad 1:x is not a padding; give a whole number, one for each",
        ),
        (["1 2 3", "--kernel", "1", "--pad", "-1"], 2, "The padding is -1; each must be a whole number of at least 0."),
        (["1 2 3", "--kernel", "1", "--pad", "1", "--mode", "same"], 2, "Both mode 'same' and padding 1 were given"),
        (["1 2 3", "--kernel", "1", "--mode", "ful"], 2, "There is no mode 'ful'. Did you mean 'full'?"),
        (["1 2 3", "--kernel", "1", "--padding-mode", "x"], 2, "There is no padding mode 'x'."),
        (["1 2 3", "--kernel", "1", "--algorithm", "ft"], 2, "There is no algorithm 'ft'. Did you mean 'fft'?"),
        (["1 2 3", "--kernel", "1", "--steps", "-2"], 2, "--steps -2 is neither a whole number from 0 on nor all."),
        (["1 2 3", "--kernel", "1", "--at", "3"], 2, "There is no output value 3; they go from 0 to 2."),
        (["1 2 3", "--kernel", "1", "--at", "x"], 2, "--at x is not a whole number"),
        (["1 2 3", "--kernel", "sobel"], 2, "The input is over one axis (3), and the kernel is over two axes (3 x 3)"),
        (["1 2;3 4", "--kernel", "1"], 2, "The input is over two axes (2 x 2), and the kernel is over one axis (1)"),
        (["1 2 3", "--kernel", "sobell"], 2, "There is no kernel 'sobell'. Did you mean 'sobel'"),
        (["", "--kernel", "1"], 2, "The input is empty"),
        (["1 2; 3", "--kernel", "1 1;"], 2, "Row 2 of the input has 1 value and row 1 has 2"),
        (["1 two", "--kernel", "1"], 2, "'two', value 2 of row 1 of the input, is no number"),
        (["1 nan", "--kernel", "1"], 2, "The input has nan as value 2 of row 1"),
        (["no.png", "--kernel", "sobel"], 1, "There is no file no.png; check the path."),
        (["1 2 3", "--kernel", "1", "--save", "a.jpg"], 2, "--save a.jpg is neither .gif (an animation) nor .png"),
        (["1 2 3", "--kernel", "1", "--save", "no/a.gif"], 2, "There is no folder no to save a.gif in; make it first"),
        (["1 2 3", "--kernel", "1", "--jsno"], 2, "There is no option '--jsno'. Did you mean '--json'?"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else "",
)
def test_bad_input_is_one_sentence(inkwise: Call, words: list[str], code: int, sentence: str) -> None:
    done = inkwise("convolve", *words)
    assert (done.code, done.out) == (code, "")
    assert done.err.startswith(f"inkwise: {sentence}")
    assert done.err.count("\n") == 1


def test_a_trained_models_kernel_is_slid_over_a_digit(inkwise: Call, tmp_path: Path) -> None:
    recipe = Recipe(name="tiny", dataset="uci-digits", network=("conv 2 3x3", "flatten", "linear classes"))
    card = Card(recipe=recipe.model_dump(mode="json"), classes=tuple("0123456789"))
    write_model(tmp_path / "work" / "m.safetensors", build(recipe.network, classes=10).state_dict(), card)
    done = inkwise("convolve", "uci-digits:3", "--kernel", "m.safetensors:conv1:1,0", "--correlate", "--at", "12,12")
    assert done.code == 0
    assert "  kernel    kernel 1 of conv1 in m.safetensors, for its input channel 0" in done.lines
    wrong = inkwise("convolve", "uci-digits:3", "--kernel", "m.safetensors:conv2:0,0")
    assert wrong.code == 2
    assert wrong.err == ("inkwise: m.safetensors has no convolution 'conv2'; it has conv1 (2 x 1 kernels of 3 x 3).\n")


@pytest.mark.parametrize(
    ("pad", "pads"),
    [("1", [[1, 1], [1, 1]]), ("1,2", [[1, 1], [2, 2]]), ("1:0,2", [[1, 0], [2, 2]]), ("0:1,2:3", [[0, 1], [2, 3]])],
)
def test_padding_is_one_number_one_for_each_axis_or_before_and_after(
    inkwise: Call, pad: str, pads: list[list[int]]
) -> None:
    done = inkwise("convolve", GRID, "--kernel", "1 2; 3 4", "--pad", pad, "--json", "--steps", "0")
    assert json.loads(done.out)["setting"]["padding"] == pads
