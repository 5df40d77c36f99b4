"""A trained model is tested like the others, and has the training time that its run folder knows."""

import json
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from inkwise.bench.contender import of_recipe
from inkwise.bench.identity import fingerprint
from inkwise.bench.trained import learn
from inkwise.bench.trial import make_task, try_out
from inkwise.data.uci import read_uci_digits
from inkwise.errors import DataError
from inkwise.experiment.ensemble import combine
from inkwise.runs.run import Run


def test_a_run_folder_has_its_errors_and_its_seconds(tiny_run: Run) -> None:
    values = try_out(lambda task: learn(task, str(tiny_run.folder)), make_task(read_uci_digits(), 4))
    known = tiny_run.evaluation()
    assert (values["errors"], values["n"]) == (known["test"]["errors"], known["test"]["n"])
    assert (values["seconds"], values["epochs"]) == (known["train_seconds"], 2)
    assert (values["train_images"], values["parameters"], values["precision"]) == (1200, 7850, "float32")
    assert values["peak_mb"] is None
    assert values["members"] == []


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("threads", 99),
        ("processor", "another"),
        ("device", "cuda"),
        ("versions", {"torch": "1.0"}),
        ("onednn", "an abacus"),
        ("variables", {"OMP_NUM_THREADS": "99"}),
        ("onednn", None),  # a run from before it was recorded
    ],
)
def test_seconds_of_another_machine_are_not_taken(tiny_run: Run, tmp_path: Path, name: str, value: object) -> None:
    folder = tmp_path / "run"
    shutil.copytree(tiny_run.folder, folder)
    environment = folder / "environment.json"
    values = json.loads(environment.read_text(encoding="utf-8"))
    environment.write_text(json.dumps(values | {name: value}), encoding="utf-8")
    assert learn(make_task(read_uci_digits(), 0), str(folder)).seconds is None


def test_a_model_file_alone_knows_no_seconds(tiny_run: Run) -> None:
    trained = learn(make_task(read_uci_digits(), 0), str(tiny_run.model_file))
    assert (trained.seconds, trained.epochs) == (None, None)


def test_an_ensemble_tells_the_seeds_of_its_members(
    tiny_run: Run, model_of: Callable[..., Path], tmp_path: Path
) -> None:
    combined = combine([tiny_run.folder, model_of(seed=7)], tmp_path / "both.safetensors")
    trained = learn(make_task(read_uci_digits(), 0), str(combined.path))
    assert trained.parameters == 2 * 7850
    parts = fingerprint(of_recipe("tiny"))
    known = {"recipe": "tiny", "settings": parts["settings"], "versions": parts["versions"]}
    assert trained.members == ({**known, "seed": 4}, {**known, "seed": 7})
    test = read_uci_digits().split("test")
    assert int((trained.predict(test.images) != test.labels).sum()) == combined.evaluation.errors


def test_a_model_of_other_data_is_refused(tiny_run: Run) -> None:
    digits = read_uci_digits()
    other = type(digits)("kmnist", digits.classes, digits.splits, "", "", {})
    with pytest.raises(DataError, match="learned from uci-digits, and the others learn from kmnist"):
        learn(make_task(other, 0), str(tiny_run.folder))
