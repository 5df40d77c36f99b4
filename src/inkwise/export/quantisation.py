"""The same graph in int8: onnxruntime's static quantisation of the network's own layers.

Convolutions and linear layers compute on 8-bit values, whose ranges are those seen on real digits; everything around
them, deskewing, calibration and thresholds, stays in float32. Weights have a range per channel and use seven bits: on
processors without VNNI a sum of two products of eight bits overflows, and a file must answer alike everywhere.
Jacob et al. 2018, arXiv:1712.05877.
"""

import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import numpy.typing as npt
from jaxtyping import UInt8
from torch import Tensor

from inkwise.errors import ModelError
from inkwise.export.answering import INPUT

if TYPE_CHECKING:
    from onnx import GraphProto, ModelProto

IMAGES: Final = 1_000  # that ranges are taken from
_BATCH = 100
_WEIGHTED = ("Conv", "Gemm", "MatMul")
# What keeps to the 8-bit values of what comes before it, so that they are not widened in between.
_FOLLOWING = ("Relu", "MaxPool", "AveragePool", "GlobalAveragePool")


def quantise(model: "ModelProto", images: UInt8[Tensor, "n 1 h w"]) -> "ModelProto":
    """Return `model` in int8, with ranges from `images`.

    Args:
        model: What `convert` gave; not changed.
        images: Real digits in MNIST's form, ink high, that nothing is tested on.

    Raises:
        ModelError: The network has no layer that int8 could compute.
    """
    import onnx
    from onnxruntime.quantization import QuantFormat, QuantType, quantize_static
    from onnxruntime.quantization.shape_inference import quant_pre_process

    own, others = _layers(model.graph)
    if not own:
        raise ModelError(
            "The network has no convolution and no linear layer, so int8 changes nothing; leave --int8 out."
        )
    with tempfile.TemporaryDirectory() as folder:
        shaped, small = Path(folder, "shaped.onnx"), Path(folder, "int8.onnx")
        quant_pre_process(model, str(shaped), skip_optimization=True, skip_symbolic_shape=True)
        quantize_static(
            shaped,
            small,
            _Reader(images.numpy()),
            quant_format=QuantFormat.QDQ,
            op_types_to_quantize=[*_WEIGHTED, *_FOLLOWING],
            nodes_to_exclude=others,
            per_channel=True,
            reduce_range=True,
            activation_type=QuantType.QUInt8,
            weight_type=QuantType.QInt8,
            # Logits stay as fine as the sums are: 8 bits would be steps of a tenth.
            extra_options={"OpTypesToExcludeOutputQuantization": ["Gemm", "MatMul"]},
        )
        return onnx.load(small)


def _layers(graph: "GraphProto") -> tuple[list[str], list[str]]:
    """Return the names of the nodes that are layers of the network, and of the other products: moments of ink, say."""
    weights = {value.name for value in graph.initializer if value.name.endswith("weight")}
    products = [node for node in graph.node if node.op_type in _WEIGHTED]
    own = [node.name for node in products if weights & set(node.input)]
    return own, [node.name for node in products if node.name not in own]


class _Reader:
    """Hands out images batch by batch, as onnxruntime asks for them."""

    def __init__(self, images: npt.NDArray[np.uint8]) -> None:
        self._batches: Iterator[npt.NDArray[np.uint8]] = (
            images[start : start + _BATCH] for start in range(0, len(images), _BATCH)
        )

    def get_next(self) -> dict[str, Any] | None:
        """Return the next batch by the input's name, None behind the last."""
        batch = next(self._batches, None)
        return None if batch is None else {INPUT: batch}
