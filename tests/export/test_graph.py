"""The ONNX graph gives what the module gives, for any batch, and holds nothing of this machine."""

import logging
import warnings
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
import torch
from tests.export_cases import model, yes_or_no
from torch import Tensor, nn

from inkwise.errors import ModelError
from inkwise.export.answering import Answering
from inkwise.export.graph import _plain_spoken, convert
from inkwise.models.registry import register
from inkwise.recognizer import Recognizer

if TYPE_CHECKING:
    from onnx import ModelProto


def agree(recognizer: Recognizer, content: bytes, images: Tensor, run: Any) -> None:
    module = Answering(recognizer)
    with torch.inference_mode():
        wanted = dict(zip(module.outputs, module(images), strict=True))
    found = run(content, images)
    assert list(found) == list(wanted)
    for name, value in wanted.items():
        torch.testing.assert_close(torch.from_numpy(found[name]), value, atol=1e-5, rtol=0)


@pytest.mark.parametrize("count", [1, 3, 102])
def test_any_number_of_images_gets_the_module_s_answers(
    several: Recognizer, graph: "ModelProto", images: Tensor, run: Any, count: int
) -> None:
    agree(several, graph.SerializeToString(), images[:count], run)


def test_yes_or_no_is_exported_too(images: Tensor, run: Any) -> None:
    recognizer = yes_or_no(calibration={"temperature": 0.5}, threshold=0.55)
    agree(recognizer, convert(recognizer).SerializeToString(), images, run)


def test_nothing_of_this_machine_is_in_the_file(graph: "ModelProto") -> None:
    content = graph.SerializeToString()
    for trace in (b".py", b"torch", b"forward", str(Path.home()).encode(), str(Path(__file__).parents[2]).encode()):
        assert trace not in content
    assert [value.type.tensor_type.elem_type for value in graph.graph.input] == [2]  # uint8
    assert graph.graph.input[0].type.tensor_type.shape.dim[0].dim_param == "n"


def test_batch_norm_behind_a_layer_is_part_of_it(graph: "ModelProto") -> None:
    kinds = [node.op_type for node in graph.graph.node]
    # Of the three in the network one stands behind a ReLU, and cannot be folded.
    assert kinds.count("BatchNormalization") == 1


def test_only_the_remarks_on_torchvision_are_kept_quiet(caplog: pytest.LogCaptureFixture) -> None:
    logger = logging.getLogger("torch.onnx._internal.exporter._registration")
    logger.propagate, before = True, logger.propagate
    try:
        with caplog.at_level(logging.WARNING), _plain_spoken():
            logger.warning("torchvision is not installed. Skipping %s", "torchvision::nms")
            logger.warning("something else")
            with pytest.warns(UserWarning, match="another"):
                warnings.warn("another", UserWarning, stacklevel=1)
        assert caplog.messages == ["something else"]
        caplog.clear()
        logger.warning("torchvision is not installed. Skipping %s", "torchvision::nms")
        assert len(caplog.messages) == 1
    finally:
        logger.propagate = before


def test_a_network_that_looks_at_values_is_refused_in_one_sentence() -> None:
    @register("choosing")
    def choosing(classes: int, _shape: tuple[int, ...]) -> nn.Module:
        class Choosing(nn.Module):
            def __init__(self) -> None:
                super().__init__()
                self.head = nn.Linear(784, classes)

            def forward(self, x: Tensor) -> Tensor:
                outputs: Tensor = self.head(x.flatten(1))
                return outputs if outputs.sum() > 0 else -outputs

        return Choosing()

    with pytest.raises(ModelError, match=r"^The network 'choosing' cannot be written as ONNX, because .+\.$") as caught:
        convert(model("choosing"))
    assert "\n" not in str(caught.value)
