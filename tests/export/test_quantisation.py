"""In int8 are the network's own layers and nothing else."""

from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from torch import Tensor

from inkwise.errors import ModelError
from inkwise.export.quantisation import quantise

if TYPE_CHECKING:
    from onnx import ModelProto


@pytest.fixture(scope="module")
def small(graph: "ModelProto", images: Tensor) -> "ModelProto":
    return quantise(graph, images[:100])


def test_every_layer_is_in_int8_and_the_moments_of_deskewing_are_not(graph: "ModelProto", small: "ModelProto") -> None:
    made = {output: node for node in small.graph.node for output in node.output}
    products = [node for node in small.graph.node if node.op_type in {"Conv", "Gemm", "MatMul"}]
    plain = [node for node in products if made.get(node.input[1]) is None]
    assert len(products) == sum(node.op_type in {"Conv", "Gemm", "MatMul"} for node in graph.graph.node) == 10
    assert len(plain) == 1
    assert "moments" in plain[0].input[1]
    stored = {value.name: value.data_type for value in small.graph.initializer}
    for node in products:
        if node not in plain:
            assert stored[made[node.input[1]].input[0]] == 3, node.name  # int8
            assert made[node.input[0]].op_type == "DequantizeLinear"


def test_weights_use_seven_bits_with_a_range_per_channel(small: "ModelProto") -> None:
    from onnx import numpy_helper

    stored = {value.name: numpy_helper.to_array(value) for value in small.graph.initializer}
    weights = [value for name, value in stored.items() if name.endswith("weight_quantized")]
    assert len(weights) == 9
    assert max(int(np.abs(value.astype(int)).max()) for value in weights) <= 64
    scales = [value for name, value in stored.items() if name.endswith("weight_scale")]
    assert sorted(value.size for value in scales) == [1, 4, 4, 6, 8, 12, 12, 12, 16]  # each layer's output channels


def test_it_answers_nearly_as_before(graph: "ModelProto", small: "ModelProto", images: Tensor, run: Any) -> None:
    before, after = (run(each.SerializeToString(), images[:100]) for each in (graph, small))
    assert np.abs(before["probabilities"] - after["probabilities"]).mean() < 0.01
    assert (before["label"] == after["label"]).mean() > 0.9
    assert not np.array_equal(before["probabilities"], after["probabilities"])


def test_a_network_without_layers_to_quantise_is_refused(images: Tensor) -> None:
    from onnx import TensorProto, helper

    ends = [helper.make_tensor_value_info(name, TensorProto.UINT8, ["n", 1, 28, 28]) for name in ("images", "same")]
    graph = helper.make_graph([helper.make_node("Identity", ["images"], ["same"])], "plain", ends[:1], ends[1:])
    with pytest.raises(ModelError, match="no convolution and no linear layer, so int8 changes nothing; leave --int8"):
        quantise(helper.make_model(graph), images)


def test_the_graph_given_is_left_as_it_was(graph: "ModelProto", small: "ModelProto") -> None:
    assert not any(node.op_type == "QuantizeLinear" for node in graph.graph.node)
    assert any(node.op_type == "QuantizeLinear" for node in small.graph.node)
