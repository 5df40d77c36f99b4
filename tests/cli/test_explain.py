import json
import re
import shlex
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch
from PIL import Image

from inkwise.data.uci import read_uci_digits
from inkwise.models.file import Card, write_model
from inkwise.models.network import build
from inkwise.recipes.load import resolve, run_python
from inkwise.recognizer import Recognizer

Call = Callable[..., Any]

OWN = """
import torch
from torch import nn
from inkwise.models.registry import register
from inkwise.recipes.recipe import Recipe

class Own(nn.Module):
    def __init__(self, classes):
        super().__init__()
        self.conv = nn.Conv2d(1, 2, 3, padding=1)
        self.lstm = nn.LSTM(28, 4, batch_first=True)
        self.head = nn.Linear(4, classes)

    def forward(self, x):
        values, _ = self.lstm((x + self.conv(x)).mean(1))
        return self.head(values[:, -1])

@register("own-of-explain")
def own(classes, input_shape):
    return Own(classes)

recipe = Recipe(name="own", network="own-of-explain")
"""


@pytest.fixture(scope="session")
def cnn(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A model file of batchnorm-cnn with random weights."""
    recipe = resolve("batchnorm-cnn")
    torch.manual_seed(0)
    network = build(recipe.network, classes=10, pixels=recipe.pixels)
    path = tmp_path_factory.mktemp("models") / "cnn.safetensors"
    card = Card(recipe=recipe.model_dump(mode="json"), classes=tuple("0123456789"))
    write_model(path, network.state_dict(), card)
    return path


def test_the_arithmetic_of_a_value_is_printed(inkwise: Call, cnn: Path, seven: Path) -> None:
    done = inkwise("explain", seven, "--model", cnn, "--layer", "relu1", "--at", "2,10,12")
    assert (done.code, done.err) == (0, "")
    assert done.lines[0].startswith(f"{seven}, as 28 x 28 pixels, is read as ")
    assert done.lines[2:4] == [
        "relu1 is 16 x 28 x 28. Shown is channel 2, row 10, column 12.",
        "It depends on 5 x 5 pixels of the image, rows 8 to 12, columns 10 to 14.",
    ]
    titles = [line for line in done.lines if re.match(r"\d\. ", line)]
    assert titles == [
        "1. conv1 (convolution) at channel 2, row 10, column 12",
        "2. batchnorm1 (batch norm) at channel 2, row 10, column 12",
        "3. relu1 (ReLU) at channel 2, row 10, column 12",
    ]
    assert "the same" in done.lines[-1]


def test_without_a_layer_they_are_listed_with_what_to_type_next(inkwise: Call, cnn: Path, seven: Path) -> None:
    done = inkwise("explain", seven, "--model", cnn)
    assert (done.code, done.err) == (0, "")
    assert done.lines[2].split() == ["layer", "kind", "shape", "largest", "value", "at"]
    assert done.lines[3].startswith("conv1       conv       16 x 28 x 28  ")
    assert [line.split()[0] for line in done.lines[3:13]] == [
        "conv1", "batchnorm1", "relu1", "pool1", "conv2", "batchnorm2", "relu2", "pool2", "flatten1", "linear1",
    ]  # fmt: skip
    command = done.lines[-1].split()
    assert command[0] == "inkwise"
    assert inkwise(*command[1:]).code == 0


def test_without_a_position_the_largest_value_is_shown(inkwise: Call, cnn: Path, seven: Path) -> None:
    row = json.loads(inkwise("explain", seven, "--model", cnn, "--layer", "pool2", "--json").out)
    done = inkwise("explain", seven, "--model", cnn, "--layer", "pool2")
    where = ",".join(map(str, row["at"]))
    assert f"pool2 is 32 x 7 x 7. Its largest value is at {where}: channel {row['at'][0]}, row " in done.out


def test_the_last_layer_names_the_class(inkwise: Call, model: Path, seven: Path) -> None:
    done = inkwise("explain", seven, "--model", model, "--layer", "linear1")
    assert "linear1 is 10. Its largest value is at 7: feature 7, the class 7." in done.lines
    assert "It depends on the whole image." in done.lines


def test_what_is_turned_away_is_said_and_outputs_for_it_have_their_names(
    inkwise: Call, wary: Path, seven: Path, tmp_path: Path
) -> None:
    blot = tmp_path / "blot.png"
    Image.new("L", (60, 60), 255).save(blot)
    with Image.open(blot) as paper:
        paper.paste(0, (15, 15, 45, 45))
        paper.save(blot)
    done = inkwise("explain", blot, "--model", wary, "--layer", "linear1", "--figure", tmp_path / "f.png")
    assert done.code == 0
    assert "It is not accepted: not a digit." in done.lines
    assert "linear1 is 12. Its largest value is at 10: feature 10, the class not a digit." in done.lines
    assert (tmp_path / "f.png").stat().st_size > 1000
    assert "not accepted" not in inkwise("explain", seven, "--model", wary).out


def test_folding_and_every_term_can_be_asked_for(inkwise: Call, cnn: Path, seven: Path) -> None:
    words = ["explain", seven, "--model", cnn, "--layer", "relu2", "--at", "3,0,13"]
    plain, folded, every = inkwise(*words), inkwise(*words, "--folded"), inkwise(*words, "--all")
    assert "1. conv2 (convolution with batchnorm2 folded in) at channel 3, row 0, column 13" in folded.lines
    assert plain.lines[-1].split()[2] == folded.lines[-1].split()[2]
    assert "  the 4 strongest of 16 input channels (--all shows every one)" in plain.lines
    assert sum(line.startswith("  channel ") and line.endswith(" of pool1") for line in every.lines) == 16


def test_json_has_every_term(inkwise: Call, cnn: Path, seven: Path) -> None:
    done = inkwise("explain", seven, "--model", cnn, "--layer", "relu1", "--at", "2,10,12", "--json")
    row = json.loads(done.out)
    assert list(row) == [
        "image", "label", "confidence", "accepted", "reason", "probabilities", "layer", "kind", "shape", "at", "value",
        "computed", "difference", "agrees", "notes", "steps", "field", "figure",
    ]  # fmt: skip
    assert (row["layer"], row["at"], row["shape"]) == ("relu1", [2, 10, 12], [16, 28, 28])
    assert row["field"]["image"] == {"box": [10, 8, 5, 5], "whole": [10, 8, 5, 5]}
    assert len(row["steps"][0]["products"][0]) == 5
    assert row["figure"] is None


def test_json_without_a_layer_has_the_layers(inkwise: Call, cnn: Path, seven: Path) -> None:
    row = json.loads(inkwise("explain", seven, "--model", cnn, "--json").out)
    assert list(row) == ["image", "label", "confidence", "accepted", "reason", "probabilities", "layers", "figure"]
    assert set(row["layers"][0]) == {"name", "kind", "shape", "largest", "at", "explained"}


def test_the_answer_is_that_of_predict(inkwise: Call, model: Path, seven: Path) -> None:
    row = json.loads(inkwise("explain", seven, "--model", model, "--json").out)
    answer = json.loads(inkwise("predict", seven, "--model", model, "--json").out)
    assert (row["label"], row["confidence"]) == (answer["label"], answer["confidence"])
    assert row["probabilities"] == answer["probabilities"]


def test_an_image_of_a_dataset_is_taken_as_it_is(inkwise: Call, model: Path) -> None:
    row = json.loads(inkwise("explain", "uci-digits:17", "--model", model, "--json").out)
    image = read_uci_digits().split("test").images[17:18]
    assert row["probabilities"] == Recognizer.load(model).probabilities(image)[0].tolist()
    done = inkwise("explain", "uci-digits:100000", "--model", model)
    assert done.code == 2
    assert re.fullmatch(
        r"inkwise: The test split of uci-digits has the images 0 to [\d,]+; there is no 100,000\.\n", done.err
    )


def test_a_dataset_that_is_not_here_is_told_without_flags_of_other_verbs(inkwise: Call, model: Path) -> None:
    done = inkwise("explain", "mnist:3", "--model", model)
    assert done.code == 1
    assert "run `inkwise data fetch mnist`, put its files into $INKWISE_DATA/mnist, or take uci-digits:3" in done.err
    assert "--data" not in done.err


def test_a_hyphen_reads_standard_input(inkwise: Call, model: Path, seven: Path) -> None:
    row = json.loads(inkwise("explain", "-", "--model", model, "--json", stdin=seven.read_bytes()).out)
    assert (row["image"], row["label"]) == ("-", "7")
    done = inkwise("explain", "-", "--model", model, stdin=b"")
    assert (done.code, done.err) == (1, "inkwise: Standard input is empty; pipe an image file into it.\n")


def test_the_newest_finished_run_is_used_and_named(inkwise: Call, run: Path, seven: Path, tmp_path: Path) -> None:
    (tmp_path / "work" / "runs").symlink_to(run.parent)
    done = inkwise("explain", seven)
    assert done.err == "Model: runs/tiny/best.safetensors, of the newest finished run.\n"
    assert "--model runs/tiny/best.safetensors --layer linear1 --at 7" in done.out


def test_without_a_run_it_says_how_to_get_a_model(inkwise: Call, seven: Path) -> None:
    done = inkwise("explain", seven)
    assert done.code == 1
    assert done.err == (
        "inkwise: There is no finished run in runs/; train one (`inkwise train small-cnn`), "
        "or name a model with --model.\n"
    )


def test_a_yes_or_no_model_answers_in_its_own_words(inkwise: Call, seven: Path, tmp_path: Path) -> None:
    path = tmp_path / "never.safetensors"
    card = Card(recipe=resolve("matched-filter").model_dump(mode="json"), classes=("not 3", "3"), threshold=0.75)
    write_model(path, {"conv1.weight": torch.zeros(1, 1, 28, 28)}, card)
    done = inkwise("explain", seven, "--model", path, "--layer", "conv1")
    assert done.lines[0] == f"{seven}, as 28 x 28 pixels, is read as not 3: 50 %."
    assert "  the strongest of 784 products first" in done.lines


def test_the_picture_of_every_layer_is_saved(inkwise: Call, cnn: Path, seven: Path) -> None:
    words = ["explain", seven, "--model", cnn]
    done = inkwise(*words, "--layer", "conv1", "--at", "2,10,12", "--figure", "new/layers.png")
    assert done.code == 0
    assert done.lines[-1] == "The picture of every layer is in new/layers.png."
    with Image.open("new/layers.png") as picture:
        assert picture.format == "PNG"
        assert min(picture.size) > 300
    row = json.loads(inkwise(*words, "--figure", "other.png", "--json").out)
    assert row["figure"] == "other.png"
    assert Path("other.png").is_file()


def test_a_users_network_is_explained_where_it_can_be(inkwise: Call, seven: Path, tmp_path: Path) -> None:
    code = tmp_path / "own.py"
    code.write_text(OWN)
    recipe = run_python(code)
    path = tmp_path / "own.safetensors"
    network = build("own-of-explain", classes=10)
    write_model(path, network.state_dict(), Card(recipe=recipe.model_dump(mode="json"), classes=tuple("0123456789")))
    words = ["explain", seven, "--model", path, "--register", code]
    done = inkwise(*words)
    assert "The arithmetic of body.lstm is not known here; that of the others is." in done.lines
    command = shlex.split(done.lines[-1])
    assert command[command.index("--register") + 1] == str(code)
    assert inkwise(*command[1:]).code == 0
    done = inkwise(*words, "--layer", "body.lstm")
    assert done.code == 0
    assert "body.lstm (LSTM) is a layer whose arithmetic is not known here." in " ".join(done.out.split())
    assert "Which pixels it depends on is not known: what body.lstm (LSTM) takes from where is not known." in done.lines
    done = inkwise(*words, "--layer", "body.head")
    assert "the same" in done.lines[-1]


@pytest.mark.parametrize("verb", ["explain", "predict"])
def test_a_model_whose_network_is_not_registered_says_how_to(
    verb: str, inkwise: Call, seven: Path, tmp_path: Path, model: Path
) -> None:
    path, other = tmp_path / "mine.safetensors", tmp_path / "other.py"
    other.write_text(OWN.replace("own-of-explain", f"another-of-{verb}"))
    recipe = {**resolve("small-cnn").model_dump(mode="json"), "network": "mine"}
    write_model(path, {"weight": torch.zeros(1)}, Card(recipe=recipe, classes=tuple("0123456789")))
    done = inkwise(verb, seven, "--model", path)
    assert (done.code, done.out) == (1, "")
    assert done.err == (
        f"inkwise: The network of {path}, 'mine', is not one of Inkwise's own; give the .py file that registers it "
        "with --register FILE.py.\n"
    )
    done = inkwise(verb, seven, "--model", path, "--register", other)
    assert done.err.endswith(f"{other} does not register it, so give the .py file that does with --register.\n")
    assert inkwise(verb, seven, "--model", model, "--register", other).code == 0


def test_where_there_is_nothing_to_fold_it_is_said(inkwise: Call, model: Path, seven: Path) -> None:
    done = inkwise("explain", seven, "--model", model, "--layer", "linear1", "--folded")
    assert "There is no batch norm on the way, so there is nothing to fold." in done.lines


@pytest.mark.parametrize(
    ("words", "code", "sentence"),
    [
        (["--layer", "relu3"], 2, "There is no layer 'relu3'. Did you mean 'relu2' or 'relu1'?"),
        (
            ["--layer", "relu1", "--at", "16,0,0"],
            2,
            "relu1 is 16 x 28 x 28: channels 0 to 15, rows 0 to 27, columns 0 to 27; there is no position 16,0,0.",
        ),
        (["--layer", "relu1", "--at", "-1,0,0"], 2, "there is no position -1,0,0."),
        (["--layer", "linear1", "--at", "1,2"], 2, "linear1 is 10: features 0 to 9; there is no position 1,2; give 1"),
        (["--layer", "relu1", "--at", "a,b"], 2, "--at is 'a,b'; give whole numbers with commas between them, such as"),
        (["--at", "1,2,3"], 2, "--at 1,2,3 is a position in a layer; name the layer too, such as --layer conv1."),
        (["--folded"], 2, "--folded writes batch norms into weights of one value's arithmetic; name its layer too"),
        (["--all"], 2, "--all shows terms of one value's arithmetic; name its layer too, such as --layer conv1."),
        (["--figure", "layers.jpg"], 2, "--figure is layers.jpg; the picture is a PNG, so give a name that ends in"),
        (["--model", "no.safetensors"], 1, "There is no model file or run folder no.safetensors"),
    ],
)
def test_wrong_use_is_one_sentence(
    inkwise: Call, cnn: Path, seven: Path, words: list[str], code: int, sentence: str
) -> None:
    model = [] if "--model" in words else ["--model", cnn]
    done = inkwise("explain", seven, *model, *words)
    assert (done.code, done.out) == (code, "")
    assert sentence in done.err
    assert done.err.count("\n") == 1


def test_what_is_no_image_is_told(inkwise: Call, cnn: Path, tmp_path: Path) -> None:
    Image.new("L", (60, 40), 255).save("blank.png")
    done = inkwise("explain", "blank.png", "--model", cnn)
    assert (done.code, done.err) == (1, "inkwise: blank.png: no ink found, so there is no digit to explain.\n")
    done = inkwise("explain", "missing.png", "--model", cnn)
    assert (done.code, done.err) == (1, "inkwise: There is no file missing.png; check the path.\n")
    done = inkwise("explain", "digits:3", "--model", cnn)
    assert done.code == 2
    assert done.err.startswith("inkwise: There is no dataset 'digits'.")
    done = inkwise("explain", "--modle", cnn)
    assert done.code == 2
    assert "Traceback" not in done.err


def test_a_folder_that_cannot_be_written_is_told(inkwise: Call, cnn: Path, seven: Path) -> None:
    Path("taken").write_text("")
    done = inkwise("explain", seven, "--model", cnn, "--figure", "taken/layers.png")
    assert done.code == 1
    assert done.err.startswith("inkwise: Cannot create taken: ")
