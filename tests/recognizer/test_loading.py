"""What a recogniser is loaded from, and what is no model."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch
from tests.forked import python
from tests.recognizer_cases import DIGITS, LINEAR, Forms, Pixels, Weights, Write, png

from inkwise.errors import ModelError, RunError, UsageError
from inkwise.models.file import Card, write_model
from inkwise.models.network import build
from inkwise.recipes.recipe import Recipe
from inkwise.recognizer import Recognizer
from inkwise.runs.run import Run


def test_the_file_alone_gives_the_same_in_another_process_and_folder(
    model: Path, recognizer: Recognizer, digit: Pixels, tmp_path: Path
) -> None:
    elsewhere = tmp_path / "another place"
    elsewhere.mkdir()
    (elsewhere / "m.safetensors").write_bytes(model.read_bytes())
    (elsewhere / "seven.png").write_bytes(png(digit))
    (elsewhere / "answer.py").write_text(
        "import json; from inkwise import Recognizer; "
        "print(json.dumps(Recognizer.load('m.safetensors').predict('seven.png')[0].probabilities))"
    )
    done = python("answer.py", folder=elsewhere)
    assert (done.code, done.err) == (0, "")
    assert tuple(json.loads(done.out)) == recognizer.predict(digit)[0].probabilities


def test_a_run_folder_is_its_model(tmp_path: Path, weights: Weights, digit: Pixels, recognizer: Recognizer) -> None:
    run = Run.create(tmp_path / "run", LINEAR)
    with pytest.raises(ModelError, match=r"The run .*run has no model yet; finish it with `inkwise resume .*run`\."):
        Recognizer.load(run.folder)
    write_model(run.best_file, weights, Card(recipe=LINEAR.model_dump(mode="json"), classes=DIGITS))
    loaded = Recognizer.load(run.folder)
    assert loaded.path == run.best_file
    assert loaded.predict(digit) == recognizer.predict(digit)


def test_a_folder_that_is_no_run_is_refused(tmp_path: Path) -> None:
    with pytest.raises(RunError, match="is not a run folder"):
        Recognizer.load(tmp_path)


@pytest.mark.parametrize(
    ("name", "message"),
    [("none.safetensors", "There is no model file or run folder"), ("x" * 300, "Cannot read the model file")],
)
def test_a_path_without_a_model_is_refused(tmp_path: Path, name: str, message: str) -> None:
    with pytest.raises(ModelError, match=message):
        Recognizer.load(tmp_path / name)


@pytest.mark.parametrize("device", ["gpu", "", "cuda:x", "meta", "CPU"])
def test_an_unknown_device_is_refused(model: Path, device: str) -> None:
    with pytest.raises(UsageError, match="is not known; accepted are auto, cpu, cuda"):
        Recognizer.load(model, device=device)


def test_a_device_that_is_not_here_is_refused(model: Path) -> None:
    with pytest.raises(UsageError, match="is not on this machine"):
        Recognizer.load(model, device="cuda:99")


def test_cpu_and_auto_are_devices(model: Path) -> None:
    for device in ("cpu", "auto"):
        assert Recognizer.load(model, device=device).classes == DIGITS


# Files whose card and weights do not belong together


@pytest.mark.parametrize(
    "change",
    [
        lambda w: {"linear1.weight": w["linear1.weight"]},
        lambda w: {**w, "linear2.bias": torch.zeros(10)},
        lambda w: {"linear1.weight": w["linear1.weight"][:, :100], "linear1.bias": w["linear1.bias"]},
        lambda w: {"linear1.weight": w["linear1.weight"].T, "linear1.bias": w["linear1.bias"]},
        lambda w: {name: value.to(torch.complex64) for name, value in w.items()},
        lambda w: {name: value.double() for name, value in w.items()},
        lambda _: {},
    ],
    ids=["missing", "too many", "smaller", "transposed", "complex", "double", "none"],
)
def test_weights_of_another_network_are_refused(
    write: Write, weights: Weights, change: Callable[[Weights], Weights]
) -> None:
    path = write(LINEAR.model_dump(mode="json"), change(weights))
    with pytest.raises(ModelError, match="is damaged: its weights do not fit the network that its card names"):
        Recognizer.load(path)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"network": ["flatten", "linear 7"]}, "The network of .* cannot be built: .*gives 7 values"),
        ({"network": ["flaten", "linear classes"]}, "The network of .* cannot be built: .*flaten"),
        ({"network": ["conv 8 99x99", "flatten", "linear classes"]}, "The network of .* cannot be built"),
        ({"network": "somebodys-own"}, "There is no registered network 'somebodys-own'"),
        (
            {"network": ["flatten", "linear 99999", "linear 99999", "linear classes"]},
            "is damaged: its weights do not fit",
        ),
        ({"from the future": 1}, "holds a recipe that this Inkwise does not know; it was written by Inkwise 9.9"),
        ({"epochs": -1}, "holds a recipe that this Inkwise does not know"),
        ({"positive": 3, "loss": "mse", "decision": "threshold"}, "has a yes-or-no recipe and 10 classes"),
    ],
)
def test_a_card_that_describes_no_such_network_is_refused(
    write: Write, weights: Weights, changes: dict[str, Any], message: str
) -> None:
    path = write({**LINEAR.model_dump(mode="json"), **changes}, weights, versions={"inkwise": "9.9"})
    with pytest.raises(ModelError, match=message):
        Recognizer.load(path)


@pytest.mark.parametrize("value", [float("nan"), 3e38])
def test_weights_that_give_nan_give_no_answer(write: Write, weights: Weights, digit: Pixels, value: float) -> None:
    path = write(LINEAR.model_dump(mode="json"), {**weights, "linear1.weight": torch.full((10, 784), value)})
    with pytest.raises(ModelError, match="gives probabilities that are nan: its weights are damaged or"):
        Recognizer.load(path).predict(digit)


def test_a_loaded_network_does_not_depend_on_the_batch_or_on_chance(write: Write, forms: Forms) -> None:
    """Dropout and batch statistics are off, whatever the network's mode was when it was written."""
    lines = ("conv 4 3x3", "batchnorm", "relu", "maxpool 2", "dropout 0.5", "flatten", "linear classes")
    recipe = Recipe(name="deep", network=lines, pixels="standard")
    weights = build(lines, classes=10, pixels="standard").state_dict()
    loaded = Recognizer.load(write(recipe.model_dump(mode="json"), dict(weights)))
    assert not loaded.network.training
    wanted = loaded.probabilities(forms[0][:64])
    assert torch.equal(loaded.probabilities(forms[0][:64]), wanted)
    for size in (1, 5, 64):
        assert (loaded.probabilities(forms[0][:64], batch_size=size) - wanted).abs().max() <= 1e-6
