import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from inkwise.experiment.experiment import train
from inkwise.recognizer import Recognizer

Call = Callable[..., Any]


@pytest.fixture(scope="session")
def second(run: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of the same recipe's run with another seed."""
    recipe = Recognizer.load(run).recipe.model_copy(update={"seed": 1})
    return train(recipe, out=tmp_path_factory.mktemp("runs") / "tiny-2").run.folder


@pytest.fixture
def both(inkwise: Call, run: Path, second: Path) -> Path:
    """An ensemble of the two, in the folder that `inkwise` runs in."""
    assert inkwise("ensemble", run, second, "--out", "both.safetensors").code == 0
    return Path("both.safetensors")


def test_members_their_mean_and_the_ensemble_are_told(inkwise: Call, run: Path, second: Path) -> None:
    done = inkwise("ensemble", run, second, "--out", "both.safetensors")
    assert (done.code, done.err) == (0, "")
    assert max(map(len, done.lines)) <= 80
    errors = [json.loads((folder / "evaluation.json").read_text())["test"]["errors"] for folder in (run, second)]
    mean = 100 * (1 - sum(errors) / 1000)
    for shown in (*(f"{count} / 500" for count in errors), f"{mean:.2f} %", "their mean", "both.safetensors"):
        assert shown in done.out
    assert "95 % interval" in done.out


def test_the_file_is_a_model_as_any(inkwise: Call, both: Path, run: Path, seven: Path) -> None:
    assert "/ 500" in inkwise("evaluate", both).out
    found = json.loads(inkwise("predict", seven, "--model", both, "--json").out)
    assert (found["label"], len(found["probabilities"])) == ("7", 10)
    assert json.loads(inkwise("compare", both, run, "--json").out)["n"] == 500


def test_json_has_members_and_the_evaluation_that_evaluate_gives(inkwise: Call, run: Path, second: Path) -> None:
    done = inkwise("ensemble", run, second, "--out", "both.safetensors", "--json")
    (line,) = done.lines
    found = json.loads(line)
    assert found["model"] == "both.safetensors"
    assert [(each["model"], each["seed"], each["n"]) for each in found["members"]] == [
        (str(run), 0, 500),
        (str(second), 1, 500),
    ]
    assert found["evaluation"] == json.loads(inkwise("evaluate", "both.safetensors", "--json").out)


def test_what_is_refused_is_one_sentence(inkwise: Call, run: Path, second: Path, both: Path) -> None:
    refused: list[tuple[list[object], str]] = [
        ([run, second], "--out"),
        ([run, "--out", "x.safetensors"], "An ensemble has at least two members, and "),
        ([run, run, "--out", "x.safetensors"], "are the same network, which would count twice; name it once."),
        ([run, both, "--out", "x.safetensors"], "both.safetensors is an ensemble itself; name the models"),
        ([run, second, "--out", both], "both.safetensors exists and is not replaced"),
    ]
    for words, sentence in refused:
        done = inkwise("ensemble", *words)
        assert (done.code, done.out) == (2, "")
        assert sentence in done.err
        assert done.err.count("\n") == 1


def test_one_member_at_a_time_is_explained(inkwise: Call, both: Path, second: Path, seven: Path) -> None:
    done = inkwise("explain", seven, "--model", both)
    assert (done.code, done.out) == (2, "")
    assert done.err == (
        "inkwise: both.safetensors is an ensemble of 2 networks, and what is explained is one: give --member 0 to 1.\n"
    )
    assert (
        "there is no member 2; give --member 0 to 1." in inkwise("explain", seven, "--model", both, "--member", "2").err
    )
    alone = json.loads(inkwise("explain", seven, "--model", second, "--layer", "linear1", "--json").out)
    words = ("--model", both, "--member", "1", "--layer", "linear1", "--json")
    assert json.loads(inkwise("explain", seven, *words).out) == alone
    listed = inkwise("explain", seven, "--model", both, "--member", "1").lines[-1].split()
    assert inkwise(*listed[1:]).code == 0
    single = inkwise("explain", seven, "--model", second, "--member", "0")
    assert (single.code, single.out) == (2, "")
    assert "--member 0 names a network of an ensemble, and " in single.err
