import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from inkwise.data.uci import read_uci_digits
from inkwise.recipes.load import to_toml
from inkwise.recognizer import Recognizer
from inkwise.runs.run import Run

Call = Callable[..., Any]

FAST = ["--dataset", "uci-digits", "--validation", "200", "--network", "flatten, linear classes"]


@pytest.fixture
def tiny(tmp_path: Path, run: Path) -> Path:
    """A recipe file of one linear layer on the packaged digits."""
    path = tmp_path / "mine.toml"
    path.write_text(to_toml(Run.open(run).recipe()).replace('name = "tiny"', 'name = "mine"'))
    return path


def test_a_training_ends_with_table_model_and_report(inkwise: Call, tiny: Path) -> None:
    flags = ["--epochs=2", "--no-shuffle", "--seed", "1", "--augmentation.rotate", "10", "--optimizer.lr", "2e-3"]
    done = inkwise("train", tiny, *flags)
    assert done.code == 0
    run = Run.open(Path("runs/mine"))
    recipe = run.recipe()
    assert (recipe.epochs, recipe.shuffle, recipe.seed) == (2, False, 1)
    assert (recipe.augmentation.rotate, recipe.optimizer.lr) == (10, 2e-3)
    assert done.err.splitlines()[0] == "Run folder: runs/mine"
    assert "epoch   2  validation  loss" in done.err
    assert "uci-digits, test" in done.out
    assert done.lines[-2:] == ["Model:  runs/mine/best.safetensors", "Report: runs/mine/report.html"]
    assert max(map(len, done.lines)) <= 80
    for path in (run.best_file, run.last_file, run.report_file, run.metrics_file, run.evaluation_file):
        assert path.is_file()
    assert "\x1b" not in done.out + done.err


def test_json_is_one_object_and_a_python_recipe_is_a_recipe(inkwise: Call, tmp_path: Path) -> None:
    path = tmp_path / "mine.py"
    path.write_text(
        "from inkwise import Recipe\n"
        "recipe = Recipe(name='from-python', dataset='uci-digits', validation=200, epochs=1,\n"
        "                network=('flatten', 'linear classes'))\n"
    )
    out = tmp_path / "[a] folder" / "run"
    done = inkwise("train", path, "--json", "--quiet", "--out", out)
    assert done.code == 0
    assert done.err == ""
    (line,) = done.lines
    found = json.loads(line)
    assert (found["run"], found["model"]) == (str(out), str(out / "best.safetensors"))
    assert found["epochs"] == 1
    assert found["test"]["n"] == 500
    assert found["train_seconds"] > 0


# Nothing begins where something is wrong


def test_all_faults_are_told_at_once(inkwise: Call) -> None:
    faulty = ["--epoch", "2", "--optimizer.lr", "nan", "--loss", "foo", "--batch-size=-3", "--shuffle", "perhaps"]
    done = inkwise("train", "small-cnn", *faulty)
    assert done.code == 2
    head, *faults = done.err.splitlines()
    assert head == "inkwise: small-cnn has 5 faults:"
    assert len(faults) == 5
    for sentence in (
        "there is no setting 'epoch'. Did you mean 'epochs'?",
        "loss is 'foo'; it must be one of cross-entropy, binary-cross-entropy, mse.",
        "optimizer.lr is nan; it must be a finite number above 0.",
        "batch_size is -3; it must be a whole number of at least 1.",
        "shuffle is 'perhaps'; it must be true or false.",
    ):
        assert f"  - {sentence}" in faults


@pytest.mark.parametrize(
    ("words", "code", "sentence"),
    [
        (["smal-cnn"], 2, "There is no recipe 'smal-cnn'. Did you mean 'small-cnn'?"),
        ([""], 2, "There is no recipe ''. Accepted: accurate, batchnorm-cnn"),
        (["none.toml"], 2, "There is no recipe file none.toml; give an existing .toml or .py file, or a name"),
        (["none.py"], 2, "There is no recipe file none.py"),
        ([], 2, 'Command "train" parameter RECIPE requires an argument.'),
        (["small-cnn", "stray"], 2, "'stray' belongs to no flag; fields of the recipe are set as --field value."),
        (["small-cnn", "--epochs", "1", "--epochs=2"], 2, "--epochs is given twice; give it once."),
        (["small-cnn", "--epochs"], 2, "epochs is 'true'; it must be a whole number of at least 1."),
        (["small-cnn", "--seed", "-1"], 2, "seed is -1; it must be a whole number from 0 to"),
        (["small-cnn", "--quite"], 2, "There is no flag --quite. Did you mean --quiet?"),
        (["small-cnn", "--out"], 2, "--out requires an argument"),
        (["small-cnn", "--optimizer.lr", "nan"], 2, "optimizer.lr is nan; it must be a finite number above 0."),
        (["small-cnn", "--optimizer.lr", "inf"], 2, "optimizer.lr is inf; it must be a finite number above 0."),
        (["small-cnn", "--network", "conv 8 99x99, flatten, linear classes"], 2, "Layer 1, conv1"),
        (["small-cnn", "--dataset", "uci-digit"], 2, "There is no dataset 'uci-digit'. Did you mean 'uci-digits'?"),
        (["small-cnn", "--dataset", "mnist", "--offline"], 1, "mnist is not on this machine"),
        (["small-cnn", *FAST, "--device", "gpu"], 2, "--device gpu is not known; accepted are auto, cpu, cuda"),
    ],
)
def test_a_fault_is_told_and_leaves_no_run_folder(inkwise: Call, words: list[str], code: int, sentence: str) -> None:
    done = inkwise("train", *words)
    assert done.code == code
    assert sentence in done.err
    assert done.err.count("\n") == 1
    assert done.out == ""
    assert not list(Path().iterdir())


def test_a_faulty_recipe_file_is_named_with_its_faults(inkwise: Call, tmp_path: Path) -> None:
    path = tmp_path / "bad.toml"
    path.write_text('network = ["flatten", "linear classes"]\nepochs = -1\nbatchsize = 3\n')
    done = inkwise("train", path, "--keep", "worst")
    assert done.code == 2
    assert f"{path} has 3 faults:" in done.err
    path.write_text("epochs = = 1")
    assert "is not valid TOML" in inkwise("train", path).err


@pytest.mark.parametrize("out", ["/proc/inkwise", "file/run"])
def test_a_folder_that_cannot_be_made_is_one_sentence(inkwise: Call, out: str) -> None:
    Path("file").write_text("")
    done = inkwise("train", "small-cnn", *FAST, "--out", out)
    assert done.code == 1
    assert done.err.startswith("inkwise: Cannot create ")
    assert done.err.count("\n") == 1
    assert list(Path().iterdir()) == [Path("file")]


# Losses that explode


def test_a_loss_that_becomes_nan_stops_with_the_step_and_keeps_the_folder_readable(inkwise: Call, seven: Path) -> None:
    words = ["train", "small-cnn", *FAST, "--optimizer.name", "sgd", "--optimizer.lr", "1e38", "--out", "runs/x"]
    first = inkwise(*words)
    assert first.code == 1
    assert first.out == ""
    last = first.err.splitlines()[-1]
    assert last.startswith("inkwise: The ")
    assert "became nan or infinite at step " in last
    assert "Lower optimizer.lr (now 1e+38)" in last
    assert Run.open(Path("runs/x")).recipe().optimizer.lr == 1e38
    assert not Path("runs/x/best.safetensors").exists()
    done = inkwise("predict", seven, "--model", "runs/x")
    assert done.code == 1
    assert "The run runs/x has no model yet; finish it with `inkwise resume runs/x`." in done.err
    # A name that is taken by a run is never used again, and the new one is said first; a file in the way is kept.
    assert inkwise(*words).err.splitlines()[0] == "Run folder: runs/x-2 (x is taken)"
    Path("runs/file").write_text("precious")
    assert "Cannot create runs/file: a file of that name is in the way" in inkwise(*words[:-1], "runs/file").err
    assert Path("runs/file").read_text() == "precious"


# Stopping by hand


def test_ctrl_c_saves_the_state_says_how_to_go_on_and_leaves_a_model(inkwise: Call, tiny: Path, tmp_path: Path) -> None:
    process = subprocess.Popen(
        [sys.executable, "-m", "inkwise", "train", str(tiny), "--epochs", "100000", "--out", str(tmp_path / "long")],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env={key: value for key, value in os.environ.items() if key != "INKWISE_DATA"},
    )
    assert process.stderr is not None
    said: list[str] = []
    while not any(line.startswith("epoch   3  validation") for line in said):
        said.append(process.stderr.readline())
        assert said[-1], "".join(said)
    process.send_signal(signal.SIGINT)
    out, err = process.communicate(timeout=60)
    assert process.returncode == 130
    assert out == ""
    assert "Traceback" not in err
    assert "Stopping after this step; press Ctrl-C again to stop at once." in err
    assert err.splitlines()[-1] == (f"Stopped; the state is saved. Continue with: inkwise resume {tmp_path / 'long'}")
    run = Run.open(tmp_path / "long")
    assert not run.finished
    assert run.state_file.is_file()
    split = read_uci_digits().split("test")
    assert Recognizer.load(run.folder).probabilities(split.images).shape == (500, 10)


def test_help_tells_the_options_how_fields_are_set_and_an_example(inkwise: Call) -> None:
    text = inkwise("train", "--help").out
    for part in ("--out", "--data", "--device", "--offline", "--skip-unreadable", "--quiet", "--json"):
        assert part in text
    for part in ("--optimizer.lr 0.01", "inkwise recipes NAME --toml", "inkwise resume", "Example: inkwise train"):
        assert part in text
    assert inkwise("train", "small-cnn", "--epochs", "2", "--help").out == text
