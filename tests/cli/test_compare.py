import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch

from inkwise.cli.compare import _short
from inkwise.models.file import Card, read_model, write_model
from inkwise.recipes.load import resolve

Call = Callable[..., Any]


@pytest.fixture(scope="session")
def worse(model: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The model with the weights of one class lost."""
    weights, card = read_model(model)
    weights = {name: value.clone() for name, value in weights.items()}
    weights["linear1.weight"][7] = -1
    path = tmp_path_factory.mktemp("worse") / "worse.safetensors"
    write_model(path, weights, card)
    return path


def test_who_fixes_what_is_told_with_its_p(inkwise: Call, run: Path, worse: Path) -> None:
    done = inkwise("compare", worse, run)
    assert done.code == 0
    assert "fixes" in done.out
    assert "McNemar p" in done.out
    assert max(map(len, done.lines)) <= 80
    assert done.err == ""


def test_json_is_one_object_whose_counts_add_up(inkwise: Call, run: Path, worse: Path) -> None:
    done = inkwise("compare", worse, run, "--json")
    (line,) = done.lines
    found = json.loads(line)
    assert found["names"] == [str(worse), str(run)]
    assert found["n"] == 500
    assert found["both_right"] + found["both_wrong"] + found["only_a_wrong"] + found["only_b_wrong"] == 500
    assert found["only_a_wrong"] > found["only_b_wrong"]
    assert found["p"] < 0.01
    errors = [json.loads(inkwise("evaluate", name, "--json").out)["errors"] for name in (worse, run)]
    assert found["errors"] == errors


def test_a_model_is_no_better_than_itself(inkwise: Call, run: Path, model: Path) -> None:
    found = json.loads(inkwise("compare", run, model, "--json").out)
    assert (found["only_a_wrong"], found["only_b_wrong"], found["p"]) == (0, 0, 1)


def test_models_of_other_classes_are_refused(inkwise: Call, model: Path, tmp_path: Path) -> None:
    path = tmp_path / "three.safetensors"
    card = Card(recipe=resolve("matched-filter").model_dump(mode="json"), classes=("not 3", "3"))
    write_model(path, {"conv1.weight": torch.zeros(1, 1, 28, 28)}, card)
    done = inkwise("compare", model, path)
    assert done.code == 2
    assert "answer different questions (0, 1, 2, 3, 4, 5, 6, 7, 8, 9 and not 3, 3)" in done.err
    again = json.loads(inkwise("compare", path, path, "--dataset", "uci-digits", "--json").out)
    assert again["n"] == 500


def test_the_split_is_checked_and_used(inkwise: Call, run: Path) -> None:
    assert inkwise("compare", run, run, "--split", "tets").code == 2
    assert json.loads(inkwise("compare", run, run, "--split", "validation", "--json").out)["n"] == 200


def test_a_missing_model_is_named(inkwise: Call, run: Path) -> None:
    done = inkwise("compare", run, "none")
    assert done.code == 1
    assert "There is no model file or run folder none" in done.err


@pytest.mark.parametrize(
    ("given", "shown"),
    [
        (("runs/a", "runs/b"), ("a", "b")),
        (("runs/a/best.safetensors", "runs/b/best.safetensors"), ("a", "b")),
        (("runs/a/best.safetensors", "runs/a/last.safetensors"), ("best.safetensors", "last.safetensors")),
        (("/x/y/a", "/x/z/b"), ("y/a", "z/b")),
        (("a", "b.safetensors"), ("a", "b.safetensors")),
        (("runs/a", "runs/a"), ("A", "B")),
        (("runs/a", "runs/a/best.safetensors"), ("a", "a/best.safetensors")),
    ],
)
def test_the_table_calls_models_by_what_tells_them_apart(given: tuple[str, str], shown: tuple[str, str]) -> None:
    assert _short(*given) == shown
