"""The checkup looks at machine, folder and data, and says what to do where something is amiss."""

import os
import re
from pathlib import Path

import pytest

from inkwise.experiment.checkup import Finding, check
from inkwise.models import shipped
from inkwise.models.shipped import NAMES


@pytest.fixture
def findings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> dict[str, Finding]:
    """What is found in an empty folder, on a machine without any dataset but the packaged one."""
    monkeypatch.chdir(tmp_path)
    for name in ("INKWISE_DATA", "XDG_CACHE_HOME"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("HOME", str(tmp_path))
    return {finding.subject: finding for finding in check()}


def test_each_subject_is_looked_at_once(findings: dict[str, Finding]) -> None:
    assert list(findings) == ["machine", "python", "compute", "speed", "folder", *NAMES, "mnist", "uci-digits"]
    assert all(finding.text for finding in findings.values())


def test_shipped_models_are_listed_with_accuracy_and_size(findings: dict[str, Finding]) -> None:
    said = re.compile(r"a model that comes with Inkwise: 9\d\.\d\d % of MNIST's test split, [\d,]+ kB")
    assert all(findings[name].ok and said.fullmatch(findings[name].text) for name in NAMES)


def test_a_shipped_model_that_is_missing_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shipped, "FOLDER", tmp_path)
    found = {finding.subject: finding for finding in check()}["inkwise"]
    assert (found.ok, found.needed) == (False, True)
    assert "The shipped model inkwise is missing from this installation" in found.text


def test_a_missing_dataset_is_told_with_what_to_do_and_the_packaged_one_is_there(findings: dict[str, Finding]) -> None:
    assert not findings["mnist"].ok
    assert "inkwise data fetch mnist" in findings["mnist"].text
    assert findings["uci-digits"].ok
    assert findings["uci-digits"].text.startswith("1,297 train, 500 test.")


def test_a_writable_folder_is_told_and_left_empty(findings: dict[str, Finding], tmp_path: Path) -> None:
    assert findings["folder"] == Finding(True, "folder", f"{tmp_path} can be written")
    assert not any(tmp_path.iterdir())


def test_a_folder_that_went_away_cannot_be_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    if os.name != "posix":
        pytest.skip("a folder in use cannot be removed on Windows")
    gone = tmp_path / "gone"
    gone.mkdir()
    monkeypatch.chdir(gone)
    gone.rmdir()
    folder = {finding.subject: finding for finding in check()}["folder"]
    text = "the working folder cannot be written (No such file or directory); use --out for runs"
    assert folder == Finding(False, "folder", text)
