"""Every verb that takes a model takes the name of a shipped one, and says what such a name hides."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from inkwise.models import shipped

Call = Callable[..., Any]

HIDDEN = "inkwise is the model that comes with Inkwise; the file inkwise in this folder is ./inkwise.\n"


@pytest.fixture
def small_installation(model: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An installation that ships a network of one layer under both names."""
    place = tmp_path / "packaged"
    place.mkdir()
    monkeypatch.setattr(shipped, "FOLDER", place)
    for name in shipped.NAMES:
        (place / f"{name}.safetensors").write_bytes(model.read_bytes())
    return place


@pytest.mark.usefixtures("small_installation")
@pytest.mark.parametrize(
    "words",
    [
        ("predict", "SEVEN", "--model", "inkwise"),
        ("read", "SEVEN", "--model", "inkwise"),
        ("explain", "SEVEN", "--model", "inkwise", "--layer", "linear1"),
        ("evaluate", "inkwise"),
        ("compare", "inkwise", "inkwise-small"),
    ],
)
def test_a_verb_takes_its_name(inkwise: Call, seven: Path, words: tuple[str, ...]) -> None:
    given = [str(seven) if word == "SEVEN" else word for word in words]
    quiet = inkwise(*given)
    assert quiet.code == 0, quiet.err
    assert "comes with Inkwise" not in quiet.err
    Path("inkwise").write_bytes(b"something else")
    said = inkwise(*given)
    assert (said.code, said.out) == (0, quiet.out)
    assert HIDDEN in said.err


@pytest.mark.usefixtures("small_installation")
def test_an_ensemble_takes_its_name_and_a_run_of_the_same_by_its_path(inkwise: Call, model: Path) -> None:
    Path("inkwise").write_bytes(model.read_bytes())
    done = inkwise("ensemble", "inkwise", "./inkwise", "--out", "both.safetensors")
    assert done.code == 2
    assert "inkwise and ./inkwise are the same network" in done.err
    assert HIDDEN in done.err


@pytest.mark.usefixtures("small_installation")
def test_a_run_folder_of_its_name_is_not_taken_for_it(inkwise: Call, run: Path) -> None:
    unfinished = Path("inkwise")
    unfinished.mkdir()
    for name in ("recipe.toml", "best.safetensors"):
        (unfinished / name).write_bytes((run / name).read_bytes())
    assert "finished" not in json.loads(inkwise("evaluate", "inkwise", "--json").out)
    assert json.loads(inkwise("evaluate", "./inkwise", "--json").out)["finished"] is False


def test_a_kernel_of_it_can_be_slid(inkwise: Call, small_installation: Path) -> None:
    Image.new("L", (28, 28), 255).save("digit.png")
    done = inkwise("convolve", "digit.png", "--kernel", "inkwise:conv1:0,0")
    assert done.code != 0
    assert "inkwise has no convolution, so it has no kernels" in done.err
