"""What is handed out has the packaged digits, the sample page and the models in it."""

import subprocess
import sys
import tarfile
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
PACKAGED = {
    "inkwise/data/packaged/README.md",
    "inkwise/data/packaged/uci-digits.npz",
    "inkwise/data/packaged/sample-page.jpg",
    "inkwise/data/packaged/sample-page.json",
    "inkwise/models/packaged/README.md",
    "inkwise/models/packaged/inkwise.safetensors",
    "inkwise/models/packaged/inkwise-small.safetensors",
}


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with wheel and source archive, built with the backend itself: a front end would fetch it."""
    pytest.importorskip("hatchling", reason="the backend that builds the package comes with pip install -e '.[dev]'")
    folder = tmp_path_factory.mktemp("dist")
    words = [sys.executable, "-m", "hatchling", "build", "-d", str(folder)]
    done = subprocess.run(words, cwd=ROOT, capture_output=True, text=True, check=False, timeout=240)
    assert done.returncode == 0, done.stderr
    return folder


@pytest.mark.slow
def test_the_wheel_has_every_packaged_file_and_the_recipes_code(built: Path) -> None:
    (wheel,) = built.glob("*.whl")
    names = set(zipfile.ZipFile(wheel).namelist())
    assert names >= PACKAGED
    assert "inkwise/recognizer.py" in names
    assert not any(name.startswith(("tests/", "docs/")) for name in names)


@pytest.mark.slow
def test_the_source_archive_has_them_too(built: Path) -> None:
    (archive,) = built.glob("*.tar.gz")
    with tarfile.open(archive) as file:
        names = {name.partition("/")[2] for name in file.getnames()}
    assert names >= {f"src/{name}" for name in PACKAGED}
