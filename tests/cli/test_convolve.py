"""`inkwise convolve` shows a convolution as a student would want it, and takes what a student would type."""

import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from inkwise.models import registry
from inkwise.models.file import Card, write_model
from inkwise.models.network import build
from inkwise.recipes.load import run_python
from inkwise.recipes.recipe import Recipe

Call = Callable[..., Any]

OWN = """
from torch import nn
from inkwise.models.registry import register
from inkwise.recipes.recipe import Recipe

class Own(nn.Module):
    def __init__(self, classes):
        super().__init__()
        self.second = nn.Conv2d(1, 1, 3, padding=1)
        self.first = nn.Conv2d(1, 1, 3, padding=1)
        self.head = nn.Linear(784, classes)

    def forward(self, x):
        return self.head(self.second(self.first(x)).flatten(1))

@register("own-of-convolve")
def own(classes, input_shape):
    return Own(classes)

recipe = Recipe(name="own", network="own-of-convolve")
"""

GRID = "1 0 2 3; 4 1 0 2; 0 2 5 1; 3 1 0 2"


@pytest.fixture
def model_of_own(tmp_path: Path) -> tuple[Path, Path]:
    """A model of a user's network, and the file that registers it; the first convolution is registered second."""
    code, model = tmp_path / "own.py", tmp_path / "own.safetensors"
    code.write_text(OWN)
    recipe = run_python(code)
    card = Card(recipe=recipe.model_dump(mode="json"), classes=tuple("0123456789"))
    write_model(model, build(recipe.network, classes=10, pixels="signed").state_dict(), card)
    return model, code


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


def test_of_many_places_the_strongest_are_shown_in_order_and_the_rest_counted(inkwise: Call) -> None:
    done = inkwise("convolve", "uci-digits:3", "--kernel", "sobel", "--correlate")
    shown = re.findall(r"output\[(.*?)\] = (.*)", done.out)
    result = np.abs(json.loads(inkwise("convolve", "uci-digits:3", "--kernel", "sobel", "--json").out)["result"])
    strongest = sorted(np.argsort(-result, axis=None, kind="stable")[:3].tolist())
    assert [place for place, _ in shown] == [f"{at // 26}, {at % 26}" for at in strongest]
    assert [float(value) for _, value in shown] == pytest.approx(result.flatten()[strongest], rel=1e-5)
    assert "The 3 strongest of 676 places, in order:" in done.lines
    assert "... 673 more (--steps all, or --at ROW,COLUMN for one, or --save FILE.gif)." in done.lines
    assert done.lines[-2].startswith("Result: 26 x 26, from -")
    assert done.lines[-1] == "All its numbers: --save FILE.csv or FILE.npy, or --json."


@pytest.mark.parametrize(
    ("words", "places"),
    [
        ([], ["7", "8", "9"]),
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
    assert (done.code, done.err) == (0, f"Saved {tmp_path}/A.PNG: 4 of 9 places, of each quarter the strongest.\n")
    with Image.open(tmp_path / "A.PNG") as picture:
        corner = picture.getpixel((0, 0))
        assert isinstance(corner, tuple)
        assert (max(corner) < 80) == bool(dark)


@pytest.mark.parametrize(
    ("words", "code", "sentence"),
    [
        ([], 2, "No input was given; type numbers such as '1 2 3', or name a file, or - for standard input."),
        (["1 2 3"], 2, "No kernel was given; add one, such as --kernel sobel or --kernel '1 0 -1'; --ke"),
        (["1 2 3", "--kernel", "1 2 3 4"], 2, "A kernel of length 4 does not fit into an input of length 3: floor("),
        (["1 2 3", "--kernel", "1", "--stride", "0"], 2, "The stride is 0; each must be a whole number of at least 1."),
        (["1 2 3", "--kernel", "1", "--stride", "-1"], 2, "The stride is -1; each must be a whole number"),
        (
            ["1 2 3", "--kernel", "1", "--stride", "a"],
            2,
            "--stride 'a' is not a whole number; give one, or one for each",
        ),
        (["1 2 3", "--kernel", "1", "--dilation", "0"], 2, "The dilation is 0; each must be"),
        (
            ["1 2 3", "--kernel", "1", "--pad", "1:x"],
            2,
            "--pad '1:x' is not a padding; give a whole number, one for each",
        ),
        (["1 2 3", "--kernel", "1", "--pad", "-1"], 2, "The padding is -1; each must be a whole number of at least 0."),
        (["1 2 3", "--kernel", "1", "--pad", "1", "--mode", "same"], 2, "Both mode 'same' and padding 1 were given"),
        (["1 2 3", "--kernel", "1", "--mode", "ful"], 2, "There is no mode 'ful'. Did you mean 'full'?"),
        (["1 2 3", "--kernel", "1", "--padding-mode", "x"], 2, "There is no padding mode 'x'."),
        (["1 2 3", "--kernel", "1", "--algorithm", "ft"], 2, "There is no algorithm 'ft'. Did you mean 'fft'?"),
        (["1 2 3", "--kernel", "1", "--steps", "-2"], 2, "--steps '-2' is neither a whole number from 0 on nor all."),
        (["1 2 3", "--kernel", "1", "--at", "3"], 2, "There is no output value 3; they go from 0 to 2."),
        (["1 2 3", "--kernel", "1", "--at", "x"], 2, "--at 'x' is not a whole number"),
        (["1 2 3", "--kernel", "sobel"], 2, "The input is over one axis (3), and the kernel is over two axes (3 x 3)"),
        (["1 2;3 4", "--kernel", "1"], 2, "The input is over two axes (2 x 2), and the kernel is over one axis (1)"),
        (["1 2 3", "--kernel", "sobell"], 2, "There is no kernel 'sobell'. Did you mean 'sobel'"),
        (["", "--kernel", "1"], 2, "The input is empty"),
        (["1 2; 3", "--kernel", "1 1;"], 2, "Row 2 of the input has 1 value and row 1 has 2"),
        (["1 two", "--kernel", "1"], 2, "'two', value 2 of row 1 of the input, is no number"),
        (["1 nan", "--kernel", "1"], 2, "The input has nan as value 2 of row 1"),
        (["no.png", "--kernel", "sobel"], 1, "There is no file no.png; check the path."),
        (["1 2 3", "--kernel", "1", "--save", "a.jpg"], 2, "--save 'a.jpg' is neither .gif (an animation), .png"),
        (["mnist:3", "--kernel", "blur"], 1, "mnist is not on this machine (looked in "),
        (["[1, 2", "--kernel", "1"], 2, "The input begins with a bracket and is no list of numbers"),
        (
            ["uci-digits:3", "--kernel", "blur", "--ink"],
            2,
            "--ink is for pictures, whose dark becomes 1, and a digit is",
        ),
        (
            ["uci-digits:3", "--kernel", "blur", "--save", "a.gif", "--steps", "all"],
            2,
            "A film has at most 60 places, and 676 were asked for by --steps; leave --steps out",
        ),
        (["1 2 3", "--kernel", "1", "--register", "no.py"], 2, "There is no recipe file no.py"),
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


def test_places_that_are_asked_for_steer_what_is_saved(inkwise: Call, tmp_path: Path) -> None:
    words = ["convolve", "uci-digits:3", "--kernel", "blur", "--json", "--at", "12,3"]
    done = inkwise(*words, "--steps", "5", "--save", tmp_path / "a.gif")
    assert done.err == f"Saved {tmp_path}/a.gif: 5 of 676 places.\n"
    with Image.open(tmp_path / "a.gif") as moving:
        assert getattr(moving, "n_frames", 1) == 5
    done = inkwise(*words, "--save", tmp_path / "a.png")
    assert done.err == f"Saved {tmp_path}/a.png: 1 of 676 places.\n"


def test_the_results_numbers_are_saved_in_a_folder_that_is_made(inkwise: Call, tmp_path: Path) -> None:
    words = ["convolve", "0.1 2; 3 4", "--kernel", "1 0.3;", "--mode", "full", "--json", "--save"]
    done = inkwise(*words, tmp_path / "new" / "r.csv")
    assert (done.code, done.err) == (0, f"Saved {tmp_path}/new/r.csv: the result, 2 x 3.\n")
    result = json.loads(done.out)["result"]
    assert inkwise(*words, tmp_path / "r.npy").code == 0
    assert np.load(tmp_path / "r.npy").tolist() == result
    again = inkwise("convolve", tmp_path / "new" / "r.csv", "--kernel", "1;", "--json")
    assert json.loads(again.out)["result"] == result


def test_the_named_kernels_are_listed_without_an_input(inkwise: Call) -> None:
    done = inkwise("convolve", "--kernels")
    assert (done.code, done.err) == (0, "")
    assert "  blur                3 x 3     the mean of 3 x 3 values; also box" in done.lines
    assert max(map(len, done.lines)) <= 80
    assert {"name", "size", "does"} < set(json.loads(inkwise("convolve", "--kernels", "--json").out)[0])


def test_lists_are_taken_as_python_writes_them(inkwise: Call) -> None:
    done = inkwise("convolve", "[[1, 2], [3, 4]]", "--kernel", "[[1, 0]]", "--correlate")
    assert done.lines[-3:] == ["Result, 2 x 1:", "  1", "  3"]
    assert inkwise("convolve", "[1,", "2,", "3]", "--kernel", "[2]").lines[-1] == "  2 4 6"


def test_a_line_is_true_of_what_was_done(inkwise: Call) -> None:
    done = inkwise("convolve", GRID, "--kernel", "sobel", "--steps", "0")
    assert any(line.startswith("  kernel    sobel-x (3 x 3), when correlated: how fast") for line in done.lines)


def test_a_picture_can_be_taken_as_ink_and_a_trained_kernel_asks_for_it(
    inkwise: Call, model_of_own: tuple[Path, Path], tmp_path: Path
) -> None:
    model, code = model_of_own
    Image.fromarray(np.array([[255] * 4] * 3 + [[0] * 4], np.uint8)).save(tmp_path / "a.png")
    words = ["convolve", tmp_path / "a.png", "--correlate", "--register", code, "--steps", "0", "--json"]
    grey = json.loads(inkwise(*words, "--kernel", f"{model}:body.first:0,0").out)
    ink = json.loads(inkwise(*words, "--kernel", f"{model}:body.first:0,0", "--ink").out)
    assert np.array_equal(np.array(ink["input"]), 1 - np.array(grey["input"]))
    assert grey["notices"] == [
        "the model was trained on ink, which is 1, and in this picture white is 1; --ink turns it round."
    ]
    assert ink["notices"] == []
    (deep,) = json.loads(inkwise(*words, "--kernel", f"{model}:body.second:0,0", "--ink").out)["notices"]
    assert deep.startswith("in the model body.second is given the feature maps of the layers before it; here its")
    numbers = inkwise("convolve", GRID, *words[2:], "--kernel", f"{model}:body.second:0,0")
    assert json.loads(numbers.out)["notices"] == []


def test_a_kernel_of_a_users_network_asks_for_the_file_that_registers_it(
    inkwise: Call, model_of_own: tuple[Path, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    model, code = model_of_own
    words = ["convolve", GRID, "--kernel", f"{model}:body.first:0,0"]
    monkeypatch.setattr(registry, "_BUILDERS", {})
    done = inkwise(*words)
    assert done.code == 1
    assert "There is no registered network 'own-of-convolve'." in done.err
    assert done.err.endswith("Name the .py file that registers it with --register FILE.py.\n")
    assert inkwise(*words, "--register", code).code == 0
