"""The libraries that an export takes and that nothing else of Inkwise needs."""

from importlib.util import find_spec
from typing import Final

from inkwise.errors import UsageError

LIBRARIES: Final = ("onnx", "onnxscript", "onnxruntime")


def require() -> None:
    """Raise UsageError, which says what to install, unless everything is here. Nothing is imported."""
    missing = [name for name in LIBRARIES if find_spec(name) is None]
    if missing:
        raise UsageError(f'An export needs {" and ".join(missing)}; install it with pip install "inkwise[export]".')
