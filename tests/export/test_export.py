"""A file is written where it answers as its original does, and nothing is written otherwise."""

from pathlib import Path
from typing import Any

import pytest
import torch
from tests.export_cases import DIGITS, REJECTS, model
from tests.recognizer_cases import LINEAR, least_squares
from torch import Tensor, nn

from inkwise.data.uci import read_uci_digits
from inkwise.errors import ModelError, UsageError
from inkwise.export.export import export, refusal
from inkwise.models.file import Card, write_model
from inkwise.models.registry import register
from inkwise.recognizer import Recognizer

LINES = ("flatten", "linear classes")


@pytest.fixture(scope="module")
def linear(tmp_path_factory: pytest.TempPathFactory) -> Recognizer:
    """A model file of one linear layer that reads most packaged digits."""
    train = read_uci_digits().split("train")
    found = 12 * least_squares(train.images, nn.functional.one_hot(train.labels, 10))
    path = tmp_path_factory.mktemp("linear") / "linear.safetensors"
    weights = {"linear1.weight": found, "linear1.bias": torch.zeros(10)}
    rejection = {"digit": 0.0, "confidence": 0.9}
    write_model(path, weights, Card(recipe=LINEAR.model_dump(mode="json"), classes=DIGITS, rejection=rejection))
    return Recognizer.load(path)


def test_the_file_is_what_was_checked(linear: Recognizer, tmp_path: Path, images: Tensor, run: Any) -> None:
    path = tmp_path / "new folder" / "linear.onnx"
    done = export(linear, path)
    assert [each.name for each in path.parent.iterdir()] == ["linear.onnx"]
    check = done.check
    assert (done.precision, done.quantised_on, check.differ) == ("float32", None, 0)
    assert check.exported.size == path.stat().st_size
    assert linear.path is not None
    assert check.original.size == linear.path.stat().st_size
    assert check.original.errors is not None
    assert check.original.errors < 50
    answers = linear.answer(images)
    found = run(path.read_bytes(), images)
    assert [str(label) for label in found["label"]] == [answer.label for answer in answers]
    assert found["accepted"].tolist() == [answer.accepted for answer in answers]
    assert 0 < found["accepted"].sum() < len(images)


def test_int8_is_a_quarter_of_the_size_and_says_whose_ranges_it_has(linear: Recognizer, tmp_path: Path) -> None:
    done = export(linear, tmp_path / "small.onnx", int8=True)
    assert done.quantised_on == "1,000 train images of uci-digits"
    assert done.check.exported.size < done.check.original.size / 2
    assert 0 < done.check.largest < 0.5
    assert done.to_dict()["precision"] == "int8"
    assert done.to_dict()["check"]["n"] == 500


def test_a_failed_check_leaves_no_file(tmp_path: Path) -> None:
    @register("two-faced")
    def two_faced(classes: int, _shape: tuple[int, ...]) -> nn.Module:
        class TwoFaced(nn.Module):
            def __init__(self) -> None:
                super().__init__()
                self.head = nn.Linear(784, classes)

            def forward(self, x: Tensor) -> Tensor:
                outputs: Tensor = self.head(x.flatten(1))
                return outputs * 1.1 if torch.compiler.is_exporting() else outputs

        return TwoFaced()

    wanted = (
        r"^The export does not answer like its original, so it is not written: a probability differs by .*; report it"
    )
    with pytest.raises(ModelError, match=wanted):
        export(model("two-faced", gain=9.0), tmp_path / "new" / "x.onnx")
    assert list(tmp_path.iterdir()) == []


def test_of_int8_it_is_said_how_to_do_without() -> None:
    error = refusal("3 of 4 answers differ, and 0 are allowed", "int8")
    assert str(error).endswith(
        "so it is not written: 3 of 4 answers differ, and 0 are allowed; export it without --int8."
    )


def test_what_is_refused_is_refused_at_once(tmp_path: Path) -> None:
    made = model(LINES, rejects=REJECTS)
    taken = tmp_path / "taken.onnx"
    taken.write_text("mine")
    with pytest.raises(UsageError, match=r"taken\.onnx exists and is not replaced; give the export another name\."):
        export(made, taken)
    assert taken.read_text() == "mine"
    with pytest.raises(UsageError, match=r"The export is an ONNX file, so .*x\.pt must end in \.onnx\."):
        export(made, tmp_path / "x.pt")
