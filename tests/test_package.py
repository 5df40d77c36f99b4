"""The package's shelf: light to import, and exactly the names that are promised."""

import importlib
import subprocess
import sys
from importlib.metadata import version

import pytest

import inkwise

NAMES = ["InkwiseError", "Recipe", "Recognizer", "load_dataset", "resume", "train"]


def loaded_after(code: str) -> set[str]:
    """The modules that a fresh interpreter has after running `code`."""
    program = f"{code}\nimport sys\nprint(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, timeout=300, check=True)
    return set(done.stdout.split())


@pytest.mark.parametrize(
    "code",
    ["import inkwise", "import inkwise; dir(inkwise); inkwise.__version__", "from inkwise import InkwiseError"],
)
def test_importing_it_loads_nothing_heavy(code: str) -> None:
    heavy = {"torch", "numpy", "pydantic", "PIL", "cv2", "matplotlib", "rich", "cyclopts", "safetensors", "pooch"}
    assert not heavy & loaded_after(code)


def test_the_public_names_are_exactly_these() -> None:
    assert sorted(inkwise.__all__) == list(inkwise.__all__) == NAMES
    assert dir(inkwise) == sorted([*NAMES, "__version__"])


def test_each_name_is_what_its_home_holds() -> None:
    for name, (module, attribute) in inkwise._HOMES.items():
        assert getattr(inkwise, name) is getattr(importlib.import_module(module), attribute)
    assert sorted(inkwise._HOMES) == NAMES


def test_the_version_is_that_of_the_installed_package() -> None:
    assert inkwise.__version__ == version("inkwise")


def test_another_name_is_an_attribute_error() -> None:
    with pytest.raises(AttributeError, match="module 'inkwise' has no attribute 'nonsense'"):
        inkwise.nonsense  # noqa: B018


def test_the_rooms_can_be_imported_each_on_its_own() -> None:
    for room in ("data", "models", "recipes", "training", "runs", "evaluation", "experiment", "bench", "export", "cli"):
        assert "torch" not in loaded_after(f"import inkwise.{room}")
