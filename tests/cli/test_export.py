"""`inkwise export`: a file that answers as its model does, or one sentence and no file."""

import json
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

Call = Callable[..., Any]


def test_both_sides_and_what_differs_are_told(inkwise: Call, run: Path) -> None:
    done = inkwise("export", run, "--format", "onnx", "--out", "out/tiny.onnx")
    assert (done.code, done.err) == (0, "")
    assert max(map(len, done.lines)) <= 80
    evaluation = json.loads((run / "evaluation.json").read_text())["test"]
    assert done.out.count(f"{evaluation['errors']} / 500") == 2
    for shown in ("original", "float32", "file, bytes", "one image, ms", "images a second", "uci-digits, test"):
        assert shown in done.out
    assert "0 answers differ" in done.out
    assert done.lines[-1] == "Written: out/tiny.onnx"
    assert Path("out/tiny.onnx").read_bytes()[:2] == b"\x08\n"


def test_json_of_int8_has_everything(inkwise: Call, model: Path) -> None:
    done = inkwise("export", model, "--int8", "--out", "tiny.onnx", "--json")
    assert (done.code, done.err) == (0, "")
    (line,) = done.lines
    found = json.loads(line)
    assert (found["out"], found["format"], found["precision"]) == ("tiny.onnx", "onnx", "int8")
    assert found["quantised_on"] == "1,000 train images of uci-digits"
    check = found["check"]
    assert (check["dataset"], check["split"], check["n"]) == ("uci-digits", "test", 500)
    assert check["exported"]["size"] == Path("tiny.onnx").stat().st_size
    assert set(check["exported"]) == {"size", "errors", "accuracy", "milliseconds", "images_per_second"}
    assert 0 < check["largest"] < 0.3


@pytest.mark.parametrize(
    ("words", "code", "sentence"),
    [
        (["--out", "x.pt"], 2, "The export is an ONNX file, so x.pt must end in .onnx."),
        (["--out", "x.onnx", "--format", "pickle"], 2, "pickle"),
        ([], 2, "--out"),
        (["--out", "there.onnx"], 2, "there.onnx exists and is not replaced"),
    ],
)
def test_what_is_refused_is_one_sentence(inkwise: Call, run: Path, words: list[str], code: int, sentence: str) -> None:
    Path("there.onnx").write_text("")
    done = inkwise("export", run, *words)
    assert (done.code, done.out) == (code, "")
    assert sentence in done.err
    assert done.err.count("\n") == 1
    assert not Path("x.onnx").exists()


def test_without_the_extra_it_is_said_what_to_install(
    inkwise: Call, run: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "onnxscript", None)
    done = inkwise("export", run, "--out", "x.onnx")
    assert (done.code, done.out) == (2, "")
    assert done.err == 'inkwise: An export needs onnxscript; install it with pip install "inkwise[export]".\n'
