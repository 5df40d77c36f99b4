"""`inkwise recipes`: the list, one recipe, JSON and TOML."""

import json
import re
import tomllib
from pathlib import Path

import pytest

from inkwise.cli.recipes import recipes
from inkwise.errors import UnknownName, UsageError
from inkwise.models import registry as networks
from inkwise.recipes.load import resolve
from inkwise.recipes.registry import get, names


@pytest.fixture(params=["80", "120"])
def columns(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> int:
    monkeypatch.setenv("COLUMNS", request.param)
    monkeypatch.setenv("TERM", "dumb")
    return int(request.param)


def test_the_list_names_every_recipe_within_the_terminal(capsys: pytest.CaptureFixture[str], columns: int) -> None:
    recipes()
    text = capsys.readouterr().out
    assert all(name in text for name in names())
    assert max(map(len, text.splitlines())) <= columns
    small = next(line for line in text.splitlines() if line.startswith("small-cnn "))
    assert all(part in small for part in ("9,098", "290,080", "98.73 %", "10"))


def test_a_recipe_is_shown_layer_by_layer_within_the_terminal(capsys: pytest.CaptureFixture[str], columns: int) -> None:
    recipes("small-cnn")
    text = capsys.readouterr().out
    lines = text.splitlines()
    assert max(map(len, lines)) <= columns
    conv2 = next(line for line in lines if line.startswith("conv2"))
    assert all(part in conv2 for part in ("conv 16 3x3 pad 1", "16 x 14 x 14", "1,168", "225,792", "8x8"))
    assert "floor((14 + 2*1 - 3) / 1) + 1 = 14" in text
    assert "9,098 parameters, 290,080 multiply-adds" in text
    assert "seed = 3" in text
    assert "epochs = " not in text  # the default
    assert "Defects" not in text
    assert "98.58 %" in text


def test_negatives_show_in_the_setting_and_in_the_last_layer(
    capsys: pytest.CaptureFixture[str], columns: int, tmp_path: Path
) -> None:
    path = tmp_path / "wary.toml"
    path.write_text('base = "small-cnn"\nnegatives = 500\n')
    recipes(str(path))
    text = capsys.readouterr().out
    assert "negatives = 500" in text
    linear = next(line for line in text.splitlines() if line.startswith("linear1"))
    assert all(part in linear for part in ("12", "9,420"))  # 784 weights and a bias for each of twelve


def test_a_published_recipe_shows_its_defects(capsys: pytest.CaptureFixture[str], columns: int) -> None:
    recipes("matched-filter@published")
    text = " ".join(capsys.readouterr().out.split())
    assert "argmax over a single column" in text
    assert 'optimizer.name = "sgd"' in text
    assert 'decision = "argmax-of-one-column"' in text
    assert "its own code gave 89.891 %" in text


def test_json_has_the_same_figures(capsys: pytest.CaptureFixture[str]) -> None:
    recipes(json=True)
    listed = json.loads(capsys.readouterr().out)
    assert [entry["name"] for entry in listed] == list(names())
    small = next(entry for entry in listed if entry["name"] == "small-cnn")
    assert (small["parameters"], small["multiply_adds"], small["claimed"]) == (9098, 290_080, "98.73 %")
    recipes("small-cnn", json=True)
    shown = json.loads(capsys.readouterr().out)
    assert shown.items() >= small.items()
    assert shown["recipe"]["epochs"] == 10
    conv2, linear = shown["layers"][3], shown["layers"][-1]
    assert (conv2["output_shape"], conv2["sees"], conv2["sight"]["jump"]) == ([16, 14, 14], [8, 8], [2, 2])
    assert linear["sees"] == [28, 28]


def test_toml_is_the_start_of_ones_own(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    recipes("deep-cnn", toml=True)
    text = capsys.readouterr().out
    assert tomllib.loads(text)["epochs"] == 10
    path = tmp_path / "mine.toml"
    path.write_text(text, encoding="utf-8")
    assert resolve(str(path)) == get("deep-cnn")


def test_ones_own_network_is_measured(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(networks, "_BUILDERS", {})
    monkeypatch.setenv("COLUMNS", "80")
    path = tmp_path / "mine.py"
    path.write_text(
        "from torch import nn\nfrom inkwise.models.registry import register\n"
        "from inkwise.recipes.recipe import Recipe\n"
        "@register('dense')\ndef dense(classes, input_shape):\n"
        "    return nn.Sequential(nn.Flatten(), nn.Linear(784, classes))\n"
        "mine = Recipe(name='mine', network='dense')\n",
        encoding="utf-8",
    )
    recipes(str(path))
    text = capsys.readouterr().out
    assert "7,850 parameters, 7,840 multiply-adds for an image, measured by a run." in " ".join(text.split())
    assert re.search(r"body\.1 +Linear\(in_features=784", text)


def test_a_network_for_more_classes_than_ten_can_be_looked_at(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    path = tmp_path / "letters.toml"
    path.write_text('dataset = "folder:letters"\nnetwork = ["flatten", "linear 26"]', encoding="utf-8")
    recipes(str(path), json=True)
    assert json.loads(capsys.readouterr().out)["parameters"] == 785 * 26


def test_what_does_not_exist_is_refused() -> None:
    with pytest.raises(UnknownName, match="There is no recipe 'smal-cnn'"):
        recipes("smal-cnn")
    for wrong in ({"toml": True}, {"toml": True, "json": True}):
        with pytest.raises(
            UsageError, match="--toml prints one recipe, and not as JSON: write `inkwise recipes NAME --to"
        ):
            recipes(**wrong)
