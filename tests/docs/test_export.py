"""The page of exports is run: its file made, and read from Python where torch and Inkwise cannot be imported."""

import re
import shlex
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image
from tests.export_cases import DIGITS, REJECTS
from tests.recognizer_cases import LINEAR, least_squares
from torch import nn

from inkwise.cli.app import main
from inkwise.data.uci import read_uci_digits
from inkwise.export.answering import Answering
from inkwise.models.file import Card, write_model
from inkwise.recognizer import Recognizer

ROOT = Path(__file__).parent.parent.parent
PAGE = (ROOT / "docs" / "export.md").read_text(encoding="utf-8")
BLOCKS = re.findall(r"```(\w+)\n(.*?)```", PAGE, re.DOTALL)


def commands(program: str) -> list[list[str]]:
    lines = [shlex.split(line) for language, text in BLOCKS if language == "bash" for line in text.splitlines()]
    return [line for line in lines if line[0] == program]


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A model that reads the packaged digits, and takes what has much ink for two of them."""
    dataset = read_uci_digits()
    images = torch.cat([dataset.split(name).images for name in ("train", "test")])
    labels = torch.cat([dataset.split(name).labels for name in ("train", "test")])
    digits = 12 * least_squares(images, nn.functional.one_hot(labels, 10))
    path = tmp_path_factory.mktemp("model") / "wary.safetensors"
    weights = {
        "linear1.weight": torch.cat([digits, torch.zeros(1, 784), torch.full((1, 784), 0.2)]),
        "linear1.bias": torch.tensor([0.0] * 10 + [-90.0, -45.0]),
    }
    recipe = LINEAR.model_dump(mode="json") | {"negatives": 5}
    rejection = {"digit": 0.5, "confidence": 0.6}
    write_model(path, weights, Card(recipe=recipe, classes=DIGITS, rejects=REJECTS, rejection=rejection))
    return path


@pytest.fixture(scope="module")
def folder(model: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the page's file and program, in which torch and Inkwise cannot be imported."""
    folder = tmp_path_factory.mktemp("page")
    (program,) = (text for language, text in BLOCKS if language == "python")
    (folder / program.splitlines()[0].removeprefix("# ")).write_text(program, encoding="utf-8")
    verb, shipped, option, out = commands("inkwise")[0][1:]
    assert (verb, shipped, option) == ("export", "inkwise", "--out")
    assert main([verb, str(model), option, str(folder / out)]) == 0
    for name in ("torch", "inkwise"):
        (folder / f"{name}.py").write_text(f"raise ImportError('there is no {name} here')\n")
    return folder


def read(folder: Path, *pictures: str) -> list[str]:
    _, program, *_ = commands("python")[0]
    words = [sys.executable, "-W", "error", program, *pictures]
    done = subprocess.run(words, cwd=folder, capture_output=True, text=True, check=False, timeout=300)
    assert (done.returncode, done.stderr) == (0, "")
    return done.stdout.splitlines()


def test_torch_cannot_be_imported_where_the_program_runs(folder: Path) -> None:
    words = [sys.executable, "-c", "import torch"]
    done = subprocess.run(words, cwd=folder, capture_output=True, text=True, check=False, timeout=60)
    assert "there is no torch here" in done.stderr


def test_digits_of_any_size_and_polarity_are_read(folder: Path) -> None:
    test = read_uci_digits().split("test")
    for index, digit in enumerate(test.images[:40, 0].numpy()):
        paper = np.zeros((60, 50), np.uint8)
        paper[20:48, 4:32] = digit
        large = Image.fromarray(paper if index % 2 else 235 - (paper * 0.8).astype(np.uint8))
        large.resize((175, 210), Image.Resampling.BICUBIC).save(folder / f"{index}.png")
    lines = read(folder, *(f"{index}.png" for index in range(40)))
    right = sum(
        re.fullmatch(rf"\d+\.png {label}  \d+%", line) is not None
        for line, label in zip(lines, test.labels[:40].tolist(), strict=True)
    )
    assert right >= 36, lines


def test_why_there_is_no_answer_is_said(folder: Path) -> None:
    Image.new("L", (90, 90), 240).save(folder / "blank.png")
    full = np.full((90, 90), 240, np.uint8)
    full[20:70, 20:70] = 20
    Image.fromarray(full).save(folder / "full.png")
    assert read(folder, "blank.png", "full.png") == ["blank.png ?  (no ink found)", "full.png ?  (two digits)"]


def test_the_table_of_outputs_is_that_of_the_file(model: Path) -> None:
    listed = re.findall(r"^\| `(\w+)` \|", PAGE, re.MULTILINE)
    assert listed == list(Answering(Recognizer.load(model)).outputs)


def test_what_the_page_names_is_there() -> None:
    fields = re.search(r"as JSON: (.+?) and the others", PAGE, re.DOTALL)
    assert fields
    assert set(re.findall(r"`(\w+)`", fields[1])) <= set(Card.model_fields)
    assert (ROOT / "examples" / "browser" / "fetch.py").is_file()
