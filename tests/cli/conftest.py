"""The command line in this process and in another, a folder of its own, and one small trained run."""

import io
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import chdir
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pytest
import torch
from PIL import Image

from inkwise.cli.app import main
from inkwise.data.uci import read_uci_digits
from inkwise.experiment.experiment import train
from inkwise.models.file import read_model, write_model
from inkwise.recipes.recipe import Optimizer, Recipe
from inkwise.recognizer import Recognizer

TINY = Recipe(
    name="tiny",
    dataset="uci-digits",
    network=("flatten", "linear classes"),
    validation=200,
    epochs=3,
    batch_size=64,
    optimizer=Optimizer(lr=0.01),
)


@dataclass(frozen=True)
class Done:
    """What one call of the command line came to."""

    code: int
    out: str
    err: str

    @property
    def lines(self) -> list[str]:
        """What was printed on stdout, line by line."""
        return self.out.splitlines()


Call = Callable[..., Done]


@pytest.fixture
def inkwise(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Iterator[Call]:
    """Run `inkwise ...` in this process, in an empty folder, 80 columns wide, with nothing in the user's cache."""
    monkeypatch.setenv("COLUMNS", "80")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.delenv("INKWISE_DATA", raising=False)
    work = tmp_path / "work"
    work.mkdir()

    def call(*words: object, stdin: bytes | None = None) -> Done:
        if stdin is not None:
            monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(stdin)))
        capsys.readouterr()
        code = main([str(word) for word in words])
        captured = capsys.readouterr()
        return Done(code, captured.out, captured.err)

    with chdir(work):
        yield call


@pytest.fixture
def shell(tmp_path: Path) -> Call:
    """Run a command of bash, in which `inkwise` is the real one, in an empty folder and a process of its own."""
    work = tmp_path / "shell"
    work.mkdir()
    programs = tmp_path / "bin"
    programs.mkdir()
    for name, words in (("inkwise", "-m inkwise"), ("python", "")):
        (programs / name).write_text(f'#!/bin/sh\nexec "{sys.executable}" {words} "$@"\n')
        (programs / name).chmod(0o755)
    environment = {key: value for key, value in os.environ.items() if key not in {"INKWISE_DATA", "NO_COLOR"}}
    environment |= {
        "PATH": f"{programs}{os.pathsep}{os.environ['PATH']}",
        "COLUMNS": "80",
        "XDG_CACHE_HOME": str(tmp_path / "cache"),
    }

    def call(command: str) -> Done:
        done = subprocess.run(
            ["bash", "-o", "pipefail", "-c", command],
            cwd=work,
            env=environment,
            capture_output=True,
            text=True,
            check=False,
            timeout=120,
        )
        return Done(done.returncode, done.stdout, done.stderr)

    return call


@pytest.fixture(scope="session")
def run(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a finished run of one linear layer on the packaged digits."""
    return train(TINY, out=tmp_path_factory.mktemp("runs") / "tiny").run.folder


@pytest.fixture(scope="session")
def model(run: Path) -> Path:
    return run / "best.safetensors"


@pytest.fixture(scope="session")
def wary(model: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The same with outputs for what is no digit: it takes what has more ink than nine tenths of digits for none."""
    weights, card = read_model(model)
    ink = read_uci_digits().split("test").images.sum((1, 2, 3)) / 255
    most = float(ink.quantile(0.9)) - 10
    weights["linear1.weight"] = torch.cat([weights["linear1.weight"], torch.ones(1, 784), torch.zeros(1, 784)])
    weights["linear1.bias"] = torch.cat([weights["linear1.bias"], torch.tensor([-most, -30.0])])
    changes = {
        "recipe": {**card.recipe, "negatives": 5},
        "rejects": ("not a digit", "two digits"),
        "rejection": {"digit": 0.5, "confidence": 0.0},
    }
    path = tmp_path_factory.mktemp("wary") / "wary.safetensors"
    write_model(path, weights, card.model_copy(update=changes))
    return path


@pytest.fixture(scope="session")
def digit(model: Path) -> npt.NDArray[np.uint8]:
    """A 28x28 seven, ink high, that the model is sure of."""
    split = read_uci_digits().split("test")
    sevens = split.images[split.labels == 7]
    answers = Recognizer.load(model).predict(sevens)
    best = max(range(len(sevens)), key=lambda index: answers[index].probabilities[7])
    assert answers[best].probabilities[7] > 0.9
    return sevens[best, 0].numpy()


@pytest.fixture(scope="session")
def seven(digit: npt.NDArray[np.uint8], tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The same as a picture on disk, dark on white and of 112x112 pixels."""
    path = tmp_path_factory.mktemp("images") / "seven.png"
    Image.fromarray(255 - digit).resize((112, 112), Image.Resampling.BICUBIC).save(path)
    return path
