"""Digits that exports are tried on, and what onnxruntime makes of them."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt
import pytest
from tests.export_cases import PLAIN, REJECTS, UPRIGHT, ensemble, model
from torch import Tensor, nn

from inkwise.data.uci import read_uci_digits
from inkwise.export.graph import convert
from inkwise.models.registry import register
from inkwise.recognizer import Recognizer

if TYPE_CHECKING:
    from onnx import ModelProto

Run = Callable[[bytes, Tensor], dict[str, npt.NDArray[Any]]]


@pytest.fixture(scope="session")
def images() -> Tensor:
    """A hundred packaged digits, a blank image and a full one: uint8 (102, 1, 28, 28)."""
    images = read_uci_digits().split("test").images[:102].clone()
    images[100], images[101] = 0, 255
    return images


@pytest.fixture(scope="session")
def run() -> Run:
    """Run the bytes of an ONNX file."""
    import onnxruntime

    def answer(content: bytes, images: Tensor) -> dict[str, npt.NDArray[Any]]:
        session = onnxruntime.InferenceSession(content, providers=["CPUExecutionProvider"])
        names = [output.name for output in session.get_outputs()]
        outputs = session.run(None, {"images": images.numpy()})
        return {name: np.asarray(value) for name, value in zip(names, outputs, strict=True)}

    return answer


@pytest.fixture(scope="session")
def several() -> Recognizer:
    """An ensemble that has every kind of layer and a registered network between its members, and knows no digits."""

    @register("short-cut")
    def short_cut(classes: int, _shape: tuple[int, ...]) -> nn.Module:
        class ShortCut(nn.Module):
            def __init__(self) -> None:
                super().__init__()
                self.conv, self.head = nn.Conv2d(1, 1, 3, padding=1), nn.Linear(784, classes)

            def forward(self, x: Tensor) -> Tensor:
                outputs: Tensor = self.head((x + self.conv(x)).flatten(1))
                return outputs

        return ShortCut()

    one = ensemble(
        model(UPRIGHT, gain=20.0, rejects=REJECTS),
        model(PLAIN, pixels="standard", gain=50.0, rejects=REJECTS),
        model("short-cut", gain=9.0, rejects=REJECTS),
    )
    changes = {"rejection": {"digit": 0.9, "confidence": 0.6}, "calibration": {"temperature": 0.8}}
    one.card = one.card.model_copy(update=changes)
    return one


@pytest.fixture(scope="session")
def graph(several: Recognizer) -> "ModelProto":
    return convert(several)
