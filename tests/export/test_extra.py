"""What is missing is said with what to install."""

import sys

import pytest

from inkwise.errors import UsageError
from inkwise.export.extra import require


def test_with_everything_installed_nothing_is_said() -> None:
    require()


@pytest.mark.parametrize(
    ("missing", "said"),
    [(["onnx"], "onnx"), (["onnxscript", "onnxruntime"], "onnxscript and onnxruntime")],
)
def test_what_to_install_is_said(missing: list[str], said: str, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in missing:
        monkeypatch.setitem(sys.modules, name, None)  # as Python marks what cannot be imported
    with pytest.raises(UsageError, match=f'^An export needs {said}; install it with pip install "inkwise\\[export\\]"'):
        require()
